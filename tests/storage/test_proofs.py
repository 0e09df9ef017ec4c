"""The proof log in the database: leaves are kept in order, and each commit that adds is signed."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import proofs
from storage.database import Database
from storage.transaction import Transaction
from storage.vault import derivation, keyslots, prooflog

NOW = datetime(2027, 5, 28, 13, 0, tzinfo=UTC)


def _adds(*leaves: bytes) -> Callable[[Transaction], list[int]]:
    def job(tx: Transaction) -> list[int]:
        return [proofs.append(tx, NOW, leaf) for leaf in leaves]

    return job


def _count_checkpoints(tx: Transaction) -> int:
    return tx.number("SELECT COUNT(*) FROM checkpoints")


def _fails(tx: Transaction) -> None:
    proofs.append(tx, NOW, b"never")
    raise RuntimeError


async def test_the_newest_checkpoint_is_signed_and_holds_every_leaf(tmp_path: Path) -> None:
    """Whoever has the public key can check the log as it stands, leaf by leaf."""
    slots, _ = keyslots.create(tmp_path / "keys", derivation.FLOOR)
    with slots:
        async with Database(tmp_path / "aman.db", slots) as database:
            assert await database.write(_adds(b"a", b"b", b"c")) == [0, 1, 2]
            note = await database.read(proofs.latest_note)
            key = await database.read(proofs.verifier_key)
            tree = await database.read(proofs.tree)
    assert note is not None
    checkpoint = prooflog.verify(note, key)
    assert (checkpoint.size, checkpoint.root) == (3, tree.root(3))
    for number, leaf in enumerate((b"a", b"b", b"c")):
        path = tree.inclusion(number, 3)
        hashed = prooflog.leaf_hash(leaf)
        assert prooflog.is_included(hashed, number, 3, path, checkpoint.root)


async def test_many_jobs_of_one_group_cost_one_signature(tmp_path: Path) -> None:
    """The signature is made once for a commit, however many transactions are in it."""
    slots, _ = keyslots.create(tmp_path / "keys", derivation.FLOOR)
    with slots:
        async with Database(tmp_path / "aman.db", slots) as database:
            await asyncio.gather(*(database.write(_adds(bytes([n]))) for n in range(20)))
            assert await database.read(proofs.size) == 20
            assert await database.read(_count_checkpoints) < 20


async def test_a_transaction_that_failed_leaves_no_leaf(tmp_path: Path) -> None:
    """What was not stored was not recorded either."""
    slots, _ = keyslots.create(tmp_path / "keys", derivation.FLOOR)
    with slots:
        async with Database(tmp_path / "aman.db", slots) as database:
            await database.write(_adds(b"a"))
            before = await database.read(proofs.latest_note)
            with pytest.raises(RuntimeError):
                await database.write(_fails)
            assert await database.read(proofs.size) == 1
            assert await database.read(proofs.latest_note) == before
            assert await database.write(_adds(b"b")) == [1]
