"""What was destroyed is on the raw disk in no copy either: the escrow, and copies of the database.

The disk is searched as in `test_remnants.py`. Each search is seen to find what is there, and each
copy is once deleted as files usually are: then it is still there.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import backup
from bot.backup import Copied, Made, Seen, Wanted
from bot.clock import MovableClock
from bot.custody import NAME, Custody
from coordination import retention
from coordination.retention import By
from safety.people import TeamId
from safety.purges import Purged
from safety.secondaddresses import AddressKind, SecondAddress
from storage import copies, purges, secondaddresses
from storage.database import Database
from storage.secondaddresses import SECOND_ADDRESSES
from storage.transaction import Transaction
from storage.vault import derivation, keyslots, streams
from storage.vault.keys import KeyKind
from storage.vault.keyslots import KeySlots
from tests.copies import back_up, config_of, has_keyholder, set_of
from tests.faults.blockdevices import BlockDevice, make_block_device
from tests.harness import World
from tests.made import new_keys
from tests.storage.versions import EVENT, connect, make_version_1

pytestmark = [pytest.mark.torture, pytest.mark.timeout(120)]

NOW = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)
ADDRESS = SecondAddress(TeamId(41), AddressKind.MAIL, "saule.k@example.org", NOW)
MEGABYTES = 32
PIECE = 128  # bytes: a copy that was overwritten in part is a remnant as well
MANY = 50  # pieces that are looked for

WAYS = pytest.mark.parametrize("is_overwritten", [True, False], ids=["overwritten", "deleted"])


@pytest.fixture
def disk(tmp_path: Path) -> BlockDevice:
    """Give an empty disk."""
    return make_block_device(tmp_path, MEGABYTES)


def _pieces(content: bytes) -> list[bytes]:
    """Cut pieces out of all of a file; what such files begin with is left out."""
    places = range(PIECE, len(content) - PIECE + 1, PIECE)
    return [content[at : at + PIECE] for at in places[:: len(places) // MANY + 1]]


def _only_deletes(path: Path) -> None:
    path.unlink(missing_ok=True)


# ---------------------------------------------------------------- the escrow


@WAYS
async def test_nothing_of_an_escrow_from_before_a_purge_is_left_on_the_disk(
    disk: BlockDevice, monkeypatch: pytest.MonkeyPatch, *, is_overwritten: bool
) -> None:
    """It held the purged keys, wrapped for people whose phones may be taken."""
    if not is_overwritten:
        monkeypatch.setattr(streams, "wipe", _only_deletes)
    with disk.mounted() as folder:
        async with World(folder, keys=new_keys(folder / "keys")) as world:
            await world.has_team()
            event = await world.has_event()
            await has_keyholder(world)
            slots = world._slots  # noqa: SLF001 - the keys of this world
            clock = MovableClock(world.now, 1.0)
            keeper = Custody(config_of(folder), world.database, slots, clock)
            await keeper.keep_here()
            pieces = _pieces(set_of(folder / "escrow" / NAME).escrow.read_bytes())
            os.sync()
            assert disk.count(pieces) >= len(pieces) > 5, "the search finds them"
            await world.change(lambda work: retention.purge_event(work, event, By()))
            await keeper.keep_here()
            os.sync()  # before anything else takes the freed blocks
            assert (disk.count(pieces) == 0) is is_overwritten


# ---------------------------------------------------------------- the copy that a backup comes of


@WAYS
async def test_nothing_of_the_copy_that_a_backup_is_made_from_is_left_on_the_disk(
    disk: BlockDevice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_overwritten: bool
) -> None:
    """It opens with the database's own key, which no purge destroys."""
    if not is_overwritten:
        monkeypatch.setattr(backup, "take_away", _only_deletes)
    seen: list[bytes] = []
    write = backup._write  # noqa: SLF001 - the moment at which the copy is whole

    def writes(directory: Path, what: Seen, wanted: Wanted, copied: Copied) -> Made:
        seen.extend(_pieces(copied.path.read_bytes()))
        os.sync()
        assert disk.count(seen) >= len(seen) > MANY // 2, "the search finds them"
        return write(directory, what, wanted, copied)

    monkeypatch.setattr(backup, "_write", writes)
    with disk.mounted() as folder:
        async with World(folder, keys=new_keys(folder / "keys")) as world:
            await world.has_team()
            await world.has_participant(await world.has_event(), "Dana")
            await has_keyholder(world)
            await back_up(world, folder, tmp_path / "set")
            os.sync()  # before anything else takes the freed blocks
            assert (disk.count(seen) == 0) is is_overwritten


# ---------------------------------------------------------------- the copy of an earlier version


def _purge(tx: Transaction) -> None:
    tx.destroy_keys(EVENT, KeyKind.PEOPLE, KeyKind.ROUTING)


def _take_back(tx: Transaction) -> None:
    assert secondaddresses.remove(tx, ADDRESS.id)
    purges.note(tx, NOW, Purged.ADDRESS, ADDRESS.id)


@WAYS
@pytest.mark.parametrize("act", [_purge, _take_back])
async def test_nothing_of_the_copy_from_before_an_update_is_left_on_the_disk(
    disk: BlockDevice,
    act: Callable[[Transaction], None],
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_overwritten: bool,
) -> None:
    """Neither after a purge nor after a row went whose key stays: it shows both."""
    if not is_overwritten:
        monkeypatch.setattr(copies, "remove", _only_deletes_copies)
    with disk.mounted() as folder:
        slots, _ = keyslots.create(folder / "keys", derivation.FLOOR)
        path = folder / "aman.db"
        with slots:
            _have_an_earlier_version(path, slots)
            async with Database(path, slots) as database:
                await database.write(lambda tx: SECOND_ADDRESSES.put(tx, ADDRESS))
                pieces = _pieces((folder / "aman.db.version-1").read_bytes())
                os.sync()
                assert disk.count(pieces) >= len(pieces) > MANY // 2, "the search finds them"
                await database.write(act)
                os.sync()
                assert (disk.count(pieces) == 0) is is_overwritten


def _have_an_earlier_version(path: Path, slots: KeySlots) -> None:
    """Have a database of the first release, in which no purge was cut off."""
    make_version_1(path, slots)
    connection = connect(path, slots)
    connection.execute("DELETE FROM key_destructions")
    connection.close()


def _only_deletes_copies(path: Path) -> None:
    for copy in path.parent.glob(f"{path.name}.version-*"):
        copy.unlink()


@WAYS
def test_nothing_of_a_copy_that_could_not_be_kept_is_left_on_the_disk(
    disk: BlockDevice, monkeypatch: pytest.MonkeyPatch, *, is_overwritten: bool
) -> None:
    """Where there was no room for it, or the start was cut off, it shows the same rows."""
    if not is_overwritten:
        monkeypatch.setattr(copies, "take_away", _only_deletes)
    seen: list[bytes] = []

    def fails(path: Path) -> None:
        seen.extend(_pieces(path.read_bytes()))
        os.sync()
        assert disk.count(seen) >= len(seen) > MANY // 2, "the search finds them"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copies, "flush_file", fails)
    with disk.mounted() as folder:
        slots, _ = keyslots.create(folder / "keys", derivation.FLOOR)
        path = folder / "aman.db"
        with slots:
            _have_an_earlier_version(path, slots)
            connection = connect(path, slots)
            with pytest.raises(OSError, match="No space"):
                copies.keep(connection, path, 1)
            os.sync()
            assert (disk.count(seen) == 0) is is_overwritten
            connection.close()
