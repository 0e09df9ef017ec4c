"""What an escrow holds, and what of it never enters the key slots of a restored installation."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from safety.keyholders import KEY_ROLES, Keyholder
from safety.people import EventId, Role
from storage import escrows
from storage.database import Database
from storage.escrows import Draft
from storage.keyholders import KEYHOLDERS
from storage.transaction import Transaction
from storage.vault.keys import (
    COMMUNITY_WIDE,
    CasePair,
    KeyKind,
    KeyName,
    keys_of_new_event,
    new_case_pair,
    new_key,
)
from storage.vault.keyslots import KeySlots

EVENT = EventId(7)
NOW = datetime(2027, 5, 28, 18, tzinfo=UTC)
PEOPLE = KeyName(KeyKind.PEOPLE, EVENT)
OWN = new_case_pair()


def test_keys_of_what_was_purged_are_left_out() -> None:
    """Not even for the moment until the restored copy destroys them itself."""
    keys = {KeyName(kind): new_key() for kind in COMMUNITY_WIDE}
    for event in (1, 2):
        keys |= keys_of_new_event(event)
    assert escrows.without(keys, ()) == keys
    left_out = keys.keys() - escrows.without(keys, {1}).keys()
    assert left_out == {KeyName(KeyKind.PEOPLE, 1), KeyName(KeyKind.ROUTING, 1)}


async def test_it_holds_all_keys_but_the_transit_key(database: Database, slots: KeySlots) -> None:
    """What is on its way is in no copy, so nothing that leaves may open it."""
    await database.write(lambda tx: tx.create_event_keys(EVENT))
    draft = await database.read(lambda tx: escrows.draft(tx, NOW))
    expected = {name for name in slots.names if name.kind is not KeyKind.TRANSIT}
    assert draft.kept == draft.held.keys() == expected
    assert len(expected) == len(slots.names) - 1


async def test_a_key_that_is_doomed_is_in_none_that_a_command_makes(
    database: Database, slots: KeySlots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks between the commit of a purge and the key's end, and sees the key still there."""

    def refuses(_names: object) -> None:
        raise OSError(5, "Input/output error")

    await database.write(lambda tx: tx.create_event_keys(EVENT))
    monkeypatch.setattr(slots, "destroy", refuses)
    await database.write(lambda tx: tx.destroy_keys(EVENT, KeyKind.PEOPLE))
    doomed = KeyName(KeyKind.PEOPLE, EVENT)
    assert doomed in slots.names
    async with Database(tmp_path / "aman.db", slots, is_guest=True) as guest:
        draft = await guest.read(lambda tx: escrows.draft(tx, NOW))
    assert doomed not in draft.kept | draft.held.keys()
    monkeypatch.undo()


async def test_only_organizers_and_deputies_may_restore(database: Database) -> None:
    """Whatever else a lawyer's key opens, it opens no roster."""
    enrolled = {role: new_case_pair().public for role in KEY_ROLES}

    def enrol(tx: Transaction) -> None:
        for role, public in enrolled.items():
            holder = Keyholder(tx.new_id(), role, "", public.reveal(), "", NOW)
            KEYHOLDERS.put(tx, holder)

    await database.write(enrol)
    found = await database.read(escrows.holders)
    assert set(found) == {enrolled[role] for role in (Role.ORGANIZER, Role.DEPUTY)}
    assert Role.LAWYER in enrolled


def _draft(*holders: CasePair, is_locked: bool = False) -> Draft:
    held = {} if is_locked else {PEOPLE: new_key()}
    publics = tuple(holder.public for holder in holders)
    return Draft(NOW, 0, publics, OWN, held, frozenset({PEOPLE}))


@pytest.mark.parametrize("name", ["escrow", "escrow.new"])
def test_while_locked_keys_are_taken_over_for_those_who_are_left(
    tmp_path: Path, name: str
) -> None:
    """From the one that is there, or that a crash has left beside its place."""
    nora, omar = new_case_pair(), new_case_pair()
    first = _draft(nora, omar)
    escrows.write(tmp_path / "escrow", first)
    (tmp_path / "escrow").rename(tmp_path / name)
    escrows.write(tmp_path / "escrow", _draft(nora, is_locked=True))
    assert dict(escrows.read(tmp_path / "escrow", nora.private).keys) == first.held
    (entry,) = escrows._read(tmp_path / "escrow", nora.private).entries  # noqa: SLF001 - its shares
    assert entry.wraps.keys() == {nora.public.reveal()}


@pytest.mark.parametrize("name", ["escrow.new", "escrow.new.part"])
def test_what_a_crash_has_left_is_overwritten_by_the_next(tmp_path: Path, name: str) -> None:
    """It may be of before a purge."""
    (tmp_path / name).write_bytes(b"keys of yesterday")
    same = tmp_path / "the same blocks"
    same.hardlink_to(tmp_path / name)
    escrows.write(tmp_path / "escrow", _draft(new_case_pair()))
    assert set(same.read_bytes()) == {0}


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
