"""Whether rows are what was stored, asked of rows that nobody has altered."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from safety.people import PersonId, Presence, TeamId
from safety.venues import Hold
from storage import disclosure, groups, people, soundness
from storage.database import Database
from storage.groups import GROUPS
from storage.people import PEOPLE
from storage.places import PLACES
from storage.transaction import Transaction
from storage.vault.keys import KeyKind, keys_of_new_event
from storage.vault.keyslots import KeySlots
from tests.storage.test_situations import (
    DANA,
    EVENT,
    NOW,
    VENUE,
    write_as_before,
    write_before_marks,
)
from tests.storage.versions import make_version_1

BY = TeamId(8)


def _altered(tx: Transaction) -> int:
    compared = (*soundness.OF_THE_TEAM, *soundness.OF_EVENTS)
    return sum(shelf.count_altered(tx) for shelf in compared)


def _altered_but_groups(tx: Transaction) -> int:
    """Count without what is sealed under another key until it is completed."""
    return _altered(tx) - GROUPS.count_altered(tx)


def test_every_shelf_of_an_event_is_compared() -> None:
    """One that is missing would still be opened, and its columns believed."""
    shelves = {place.table for kind in (KeyKind.PEOPLE, KeyKind.ROUTING) for place in PLACES[kind]}
    assert {shelf.table for shelf in soundness.OF_EVENTS} == shelves - {"routes"}


async def test_what_is_said_while_locked_is_no_alteration_locked_or_opened_again(
    tmp_path: Path, slots: KeySlots
) -> None:
    """Rows that are locked are left out; opened again, they are older than what stands beside."""
    keys = keys_of_new_event(EVENT)
    slots.store(keys)
    async with Database(tmp_path / "aman.db", slots) as database:
        await database.write(lambda tx: PEOPLE.put(tx, DANA))
        await database.write(lambda tx: disclosure.put(tx, VENUE))
        assert await database.read(_altered) == 0
        slots.lock()

        def change(tx: Transaction) -> None:
            now = people.situation(tx, DANA.id)
            assert now is not None
            people.change(tx, replace(now, presence=Presence.HOME, last_seen_at=None))
            disclosure.hold(tx, EVENT, BY, NOW)

        await database.write(change)
        assert await database.read(_altered) == 0
        slots.sight = slots.sight.changed(keys, ())  # opened again, without half a second
        assert await database.read(_altered) == 0


def _version_1(path: Path, slots: KeySlots) -> None:
    make_version_1(path, slots)


def _as_before(path: Path, slots: KeySlots) -> None:
    slots.store(keys_of_new_event(EVENT))
    write_as_before(path, slots, replace(VENUE, hold=Hold(NOW, BY), holds=1))


def _before_marks(path: Path, slots: KeySlots) -> None:
    slots.store(keys_of_new_event(EVENT))
    write_before_marks(path, slots)


@pytest.mark.parametrize("write", [_version_1, _as_before, _before_marks])
async def test_what_an_earlier_release_has_written_is_no_alteration(
    tmp_path: Path, slots: KeySlots, write: Callable[[Path, KeySlots], None]
) -> None:
    """Before it is completed, when somebody says something first, and afterwards."""
    path = tmp_path / "aman.db"
    write(path, slots)

    def say_something(tx: Transaction) -> None:
        for (row_id,) in tx.all(tuple[PersonId], "SELECT id FROM people"):
            now = people.situation(tx, row_id)
            assert now is not None
            people.change(tx, replace(now, presence=Presence.HOME))

    def complete(tx: Transaction) -> None:
        for kept in (people, disclosure, groups):
            kept.complete(tx)

    async with Database(path, slots) as database:
        assert await database.read(_altered_but_groups) == 0
        await database.write(say_something)
        assert await database.read(_altered_but_groups) == 0
        await database.write(complete)
        assert await database.read(_altered) == 0
