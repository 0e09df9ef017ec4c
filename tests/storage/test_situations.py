"""What stands beside sealed rows: it holds, also for what an earlier release has written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from safety.groups import Group, GroupKind
from safety.languages import Language
from safety.people import EventId, PersonId, Presence, Standing, TeamId
from safety.registration import Person
from safety.venues import Hold, Place, Stage, StageTimes, Venue, VenueState
from storage import disclosure, groups, people
from storage.database import Database
from storage.people import PEOPLE
from storage.transaction import Transaction
from storage.vault.keys import KeyKind, KeyName, keys_of_new_event
from storage.vault.keyslots import KeySlots
from storage.vault.sealing import seal
from tests.storage.versions import connect, step_to

EVENT = EventId(7)
NOW = datetime(2027, 5, 26, 5, 0, tzinfo=UTC)
DANA = Person(
    PersonId(1), EVENT, Standing.APPROVED, Presence.HERE, 5, 3, Language.KK,
    name="Dana", last_seen_at=NOW, needs_help=True, is_unverified=True,
)  # fmt: skip
VENUE = Venue(
    id=9,
    event_id=EVENT,
    number=1,
    state=VenueState.CONFIRMED,
    area="The old park",
    meeting_point=Place("The fountain"),
    address=None,
    times=StageTimes(timedelta(hours=24), timedelta(hours=3), timedelta(hours=1)),
    entered_by=TeamId(4),
    entered_at=NOW,
    released=(Stage.AREA,),
)
BUS = Group(5, EVENT, 1, GroupKind.BUS, NOW, "123 ABC 02")
EARLIER = 4  # the last shape without these columns
BEFORE_MARKS = 5  # how things are stood beside, and nothing said since when


async def test_how_things_are_is_changed_and_read_without_the_key(
    tmp_path: Path, slots: KeySlots
) -> None:
    """The row that nobody can open says the new state when it is opened again."""
    secret_free = keys_of_new_event(EVENT)
    slots.store(secret_free)
    async with Database(tmp_path / "aman.db", slots) as database:
        await database.write(lambda tx: PEOPLE.put(tx, DANA))
        slots.lock()

        def change(tx: Transaction) -> None:
            now = people.situation(tx, DANA.id)
            assert now is not None
            assert not isinstance(now, Person)
            assert (now.needs_help, now.last_seen_at, now.invitation_id) == (True, NOW, 3)
            people.change(
                tx, replace(now, presence=Presence.HOME, needs_help=False, group_id=None)
            )

        await database.write(change)
        slots.sight = slots.sight.changed(secret_free, ())  # opened again, without half a second
        opened = await database.read(lambda tx: PEOPLE.get(tx, DANA.id))
    assert opened == replace(DANA, presence=Presence.HOME, needs_help=False, group_id=None)


async def test_a_hold_that_was_set_while_locked_is_in_the_opened_venue(
    tmp_path: Path, slots: KeySlots
) -> None:
    """And one that ended is not brought back by what stood beside it."""
    keys = keys_of_new_event(EVENT)
    slots.store(keys)
    async with Database(tmp_path / "aman.db", slots) as database:
        await database.write(lambda tx: disclosure.put(tx, VENUE))
        slots.lock()
        await database.write(lambda tx: disclosure.hold(tx, EVENT, TeamId(8), NOW))
        slots.sight = slots.sight.changed(keys, ())
        held = await database.read(lambda tx: disclosure.get(tx, VENUE.id))
        assert held == replace(VENUE, hold=Hold(NOW, TeamId(8)), holds=1)
        ended = replace(held, hold=None)
        await database.write(lambda tx: disclosure.put(tx, ended))
        assert await database.read(lambda tx: disclosure.get(tx, VENUE.id)) == ended
        assert await database.read(lambda tx: disclosure.confirmed(tx, EVENT)) == ended


async def test_what_an_earlier_release_has_written_is_completed(
    tmp_path: Path, slots: KeySlots
) -> None:
    """Rows of the shape before keep what they say, and say it beside them from then on."""
    slots.store(keys_of_new_event(EVENT))
    held = replace(VENUE, hold=Hold(NOW, TeamId(8)), holds=1)
    path = tmp_path / "aman.db"
    write_as_before(path, slots, held)
    async with Database(path, slots) as database:
        assert await database.read(lambda tx: PEOPLE.get(tx, DANA.id)) == DANA

        def complete(tx: Transaction) -> None:
            for kept in (people, disclosure, groups):
                kept.complete(tx)

        for _ in range(2):
            await database.write(complete)
            assert await database.read(lambda tx: PEOPLE.get(tx, DANA.id)) == DANA
        slots.lock()
        now = await database.read(lambda tx: people.situation(tx, DANA.id))
        assert now is not None
        assert (now.needs_help, now.is_unverified, now.last_seen_at) == (True, True, NOW)
        assert now.invitation_id == DANA.invitation_id
        outline = await database.read(lambda tx: disclosure.outline(tx, VENUE.id))
        assert outline is not None
        assert outline.hold == Hold(NOW, TeamId(8))
        assert await database.read(lambda tx: groups.get(tx, BUS.id)) == BUS


def write_as_before(path: Path, slots: KeySlots, venue: Venue) -> None:
    """Make a database of the shape before, with one row of each kind, as that release did."""
    connection = connect(path, slots)
    step_to(connection, EARLIER)
    key = slots.keys[KeyName(KeyKind.PEOPLE, EVENT)]

    def sealed(table: str, row: Person | Venue | Group) -> bytes:
        return seal(key, msgspec.msgpack.encode(row), table=table, row=row.id)

    connection.execute(
        "INSERT INTO people VALUES (?, ?, 'approved', 'here', 5, ?)",
        (DANA.id, EVENT, sealed("people", DANA)),
    )
    connection.execute(
        "INSERT INTO venues VALUES (?, ?, 1, 'confirmed', ?)",
        (venue.id, EVENT, sealed("venues", venue)),
    )
    connection.execute(
        "INSERT INTO groups VALUES (?, ?, ?)", (BUS.id, EVENT, sealed("groups", BUS))
    )
    connection.close()


async def test_what_was_said_before_there_was_a_mark_still_holds(
    tmp_path: Path, slots: KeySlots
) -> None:
    """A release that did not mark changes may have made some: none of them is overlooked."""
    slots.store(keys_of_new_event(EVENT))
    path = tmp_path / "aman.db"
    write_before_marks(path, slots)
    said = replace(
        DANA, presence=Presence.HOME, group_id=None, last_seen_at=None, needs_help=False,
        is_unverified=False,
    )  # fmt: skip
    async with Database(path, slots) as database:
        assert await database.read(lambda tx: PEOPLE.get(tx, DANA.id)) == said
        taken = replace(said, presence=Presence.TAKEN, last_seen_at=NOW)
        await database.write(lambda tx: PEOPLE.put(tx, taken))
        assert await database.read(lambda tx: PEOPLE.get(tx, DANA.id)) == taken
        assert await database.read(_count_marked) == 0
        await database.write(lambda tx: people.change(tx, replace(taken, presence=Presence.HOME)))
        assert await database.read(lambda tx: PEOPLE.get(tx, DANA.id)) == replace(
            taken, presence=Presence.HOME
        )


def write_before_marks(path: Path, slots: KeySlots) -> None:
    """Make a database of the shape before there were marks, with somebody who came home since."""
    connection = connect(path, slots)
    step_to(connection, BEFORE_MARKS)
    key = slots.keys[KeyName(KeyKind.PEOPLE, EVENT)]
    blob = seal(key, msgspec.msgpack.encode(DANA), table="people", row=DANA.id)
    connection.execute(
        "INSERT INTO people VALUES (?, ?, 'approved', 'home', NULL, ?, 3, NULL, 0, 0)",
        (DANA.id, EVENT, blob),
    )
    connection.close()


def _count_marked(tx: Transaction) -> int:
    return tx.number("SELECT COUNT(*) FROM people WHERE is_changed = 1")
