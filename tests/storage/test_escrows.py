"""What an escrow holds, and what of it never enters the key slots of a restored installation."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import escrows
from storage.vault.keys import (
    COMMUNITY_WIDE,
    KeyKind,
    KeyName,
    keys_of_new_event,
    new_case_pair,
    new_key,
)


def test_keys_of_what_was_purged_are_left_out() -> None:
    """Not even for the moment until the restored copy destroys them itself."""
    keys = {KeyName(kind): new_key() for kind in COMMUNITY_WIDE}
    for event in (1, 2):
        keys |= keys_of_new_event(event)
    assert escrows.without(keys, ()) == keys
    left_out = keys.keys() - escrows.without(keys, {1}).keys()
    assert left_out == {KeyName(KeyKind.PEOPLE, 1), KeyName(KeyKind.ROUTING, 1)}


def test_one_that_does_not_come_to_its_end_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full at the flush: the keys it holds are left in no block of the disk."""
    kept = tmp_path / "the same blocks"
    flush = os.fsync

    def fails(descriptor: int) -> None:
        if not kept.exists():
            (part,) = tmp_path.glob("*.part")
            kept.hardlink_to(part)
            assert kept.stat().st_size > 0
            raise OSError(28, "No space left on device")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", fails)
    name = KeyName(KeyKind.COMMUNITY)
    with pytest.raises(OSError, match="No space"):
        escrows.write(
            tmp_path / "escrow",
            escrows.Draft(
                made_at=datetime(2027, 5, 28, 18, tzinfo=UTC),
                purges=0,
                holders=(new_case_pair().public,),
                own=new_case_pair(),
                held={name: new_key()},
                kept=frozenset({name}),
            ),
        )
    assert set(kept.read_bytes()) == {0}
    assert [path.name for path in tmp_path.iterdir()] == [kept.name]
