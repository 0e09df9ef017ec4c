"""What sealing costs where there is much of it: a roster read, a look-up, a purge, a start.

The plain read is the same people from a bare, unencrypted database, found by the same index: from
a table with a column for each field, as people are kept where nothing is sealed, and besides from
one that packs each person as ours does, so that only what sealing adds is between the two.
"""

import statistics
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.clock import SystemClock
from safety.incidents import Entry, EntryKind, IncidentKind
from safety.languages import Language
from safety.people import ChatId, EventId, PersonId, Presence, Recipient
from safety.registration import Person
from storage import incidents, proofs, routes
from storage.database import Database
from storage.people import PEOPLE, change
from storage.transaction import Transaction
from storage.vault import derivation, keyslots
from storage.vault.keys import PER_EVENT, keys_of_new_event
from storage.vault.keyslots import KeySlots
from tests.bench import plainrosters
from tests.bench.figures import Figure, in_turn, inside, median_seconds
from tests.bench.updates import UPDATES, handling
from tests.bench.writes import BARE, WRITES, bare_writer
from tests.harness import World
from tests.made import somebody

EVENT = EventId(7_000)
NOW = datetime(2027, 5, 28, 14, 0, tzinfo=UTC)
ROSTERS = ((1_000, 51), (100_000, 5))  # people, and how often they are read
FEW, MANY = 1_000, 1_000_000  # places in the routing index
LOOK_UPS = 500
STRANGERS = 1_000_000_000  # chats beyond those of the team
LIVE_EVENTS = 5  # with four keys each
ROUNDS = 15  # of each in turn: the machine is now quick, now slow
PURGES = 20
INCIDENTS = 100_000
CHUNK = 1_000  # rows stored in one transaction
COLUMNS, PACKED = "the same, plain columns", "the same, plain but packed alike"

PERSON = replace(
    somebody(EVENT, 1, NOW, "Snow leopard"),
    needs="a ramp; no nuts",
    contact="a sister, by phone",
    contact_sentence="She is late.",
)


async def rosters(folder: Path) -> list[Figure]:
    """Read and open a small and a very large roster; at last as after an evening of check-ins."""
    return [figure for size, rounds in ROSTERS for figure in await _roster(folder, size, rounds)]


async def _roster(folder: Path, size: int, rounds: int) -> list[Figure]:
    """Read and open everybody of an event, against the same people read from a plain file."""
    people = [replace(PERSON, id=PersonId(number)) for number in range(1, size + 1)]

    async def read_sealed() -> None:
        assert len(await database.read(_everybody)) == size

    with _slots(folder / f"keys-{size}") as slots:
        async with (
            Database(folder / f"roster-{size}.db", slots) as database,
            plainrosters.columns(folder / f"columns-{size}.db", people) as read_columns,
            plainrosters.packed(folder / f"packed-{size}.db", people) as read_packed,
        ):
            await _fill(database, 0, size, lambda tx, at: PEOPLE.put(tx, people[at]))
            runs = (read_columns, read_packed, read_sealed)
            plain, packed, ours = await in_turn(size, *runs, rounds=rounds)
            await _fill(database, 0, size, lambda tx, at: change(tx, _seen(people[at])))
            changed = await median_seconds(size, read_sealed, rounds)
    read = f"roster of {size:,} read and opened, a person"
    later = f"the same, {size:,} checked in since"
    return [
        Figure(what, seconds, baseline, theirs)
        for baseline, theirs in ((COLUMNS, plain), (PACKED, packed))
        for what, seconds in ((read, ours), (later, changed))
    ]


def _seen(person: Person) -> Person:
    return replace(person, presence=Presence.HERE, last_seen_at=NOW)


def _everybody(tx: Transaction) -> list[Person]:
    return list(PEOPLE.find(tx, "event_id = ?", EVENT))


async def index(folder: Path) -> list[Figure]:
    """Find out who writes, and handle what they write, among few places and among very many."""
    looks: list[Callable[[], Awaitable[None]]] = []
    handles: list[Callable[[], Awaitable[None]]] = []
    async with AsyncExitStack() as worlds:
        for size in (FEW, MANY):
            world = await worlds.enter_async_context(World(inside(folder, f"{size}")))
            aigul, event = await world.has_organizer(), await world.has_event()
            await _fill(world.database, 0, size, partial(_place, event.id))
            look = partial(_look_up, size // LOOK_UPS)
            looks.append(partial(world.database.read, look))
            handles.append(handling(world, aigul.chat_id))
        few_looked, many_looked = await in_turn(LOOK_UPS, *looks, rounds=ROUNDS)
        few_handled, many_handled = await in_turn(UPDATES, *handles, rounds=ROUNDS)
    return [
        Figure(f"look-up among {MANY:,} places", many_looked, f"among {FEW:,}", few_looked),
        Figure(f"whole update among {MANY:,}", many_handled, f"among {FEW:,}", few_handled),
    ]


def _look_up(step: int, tx: Transaction) -> None:
    for number in range(LOOK_UPS):
        assert len(routes.of_chat(tx, ChatId(STRANGERS + number * step))) == 1


def _place(event_id: EventId, tx: Transaction, number: int) -> None:
    routes.put(tx, event_id, number + 1, Recipient(ChatId(STRANGERS + number), Language.KK))


async def purge(folder: Path) -> list[Figure]:
    """Destroy an event's keys while twenty others live, against one bare commit."""
    clock, taken = SystemClock(), []
    with _slots(folder / "keys-purge") as slots:
        for number in range(1, LIVE_EVENTS + 1):
            slots.store(keys_of_new_event(EventId(number)))
        for _ in range(PURGES):
            doomed = keys_of_new_event(EventId(100))
            slots.store(doomed)
            begun = clock.monotonic()
            slots.destroy(doomed)
            taken.append(clock.monotonic() - begun)
    async with bare_writer(folder / "bare-purge.db") as insert_and_commit:
        bare = await median_seconds(WRITES, insert_and_commit)
    what = f"keys destroyed beside {LIVE_EVENTS * len(PER_EVENT)} others"
    return [Figure(what, statistics.median(taken), BARE, bare)]


async def start(folder: Path) -> list[Figure]:
    """Open a database with very many incidents, against one with none."""
    clock, taken = SystemClock(), []
    with _slots(folder / "keys-start") as slots:
        for size in (0, INCIDENTS):
            path = folder / f"start-{size}.db"
            async with Database(path, slots) as database:
                await _fill(database, 0, size, _record)
            begun = clock.monotonic()
            async with Database(path, slots) as database:
                await database.read(proofs.latest_note)
                taken.append(clock.monotonic() - begun)
    none, many = taken
    return [Figure(f"start with {INCIDENTS:,} incidents", many, "start with none", none)]


def _record(tx: Transaction, number: int) -> None:
    incident = incidents.open_new(tx, NOW, EVENT, IncidentKind.REPORT, number)
    said = Entry(incident.number, EntryKind.CONFIRMED, NOW, details=(("words", "x" * 100),))
    incidents.add_entry(tx, NOW, incident, said)


def _slots(path: Path) -> KeySlots:
    slots, _ = keyslots.create(path, derivation.FLOOR)
    slots.store(keys_of_new_event(EVENT))
    return slots


async def _fill(
    database: Database, begin: int, size: int, put: Callable[[Transaction, int], None]
) -> None:
    """Store the rows from `begin` up to `size`, a thousand in each transaction."""
    for start in range(begin, size, CHUNK):

        def store(tx: Transaction, start: int = start) -> None:
            for number in range(start, min(start + CHUNK, size)):
                put(tx, number)

        await database.write(store)
