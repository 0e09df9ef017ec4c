"""Updates on their way from the service to what is owed for them, and what each costs more.

They wait in a service in another process. Intake and handling run as the application has joined
them; delivery does not, for its pace is the service's.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from telegram import Update
from telegram.ext import Application as BareApplication
from telegram.ext import ContextTypes, MessageHandler, filters

from bot.app import Application
from bot.clock import SystemClock
from bot.config import load
from bot.setup import set_up
from safety.languages import Language
from safety.people import ChatId, EventId, PersonId, Presence, Recipient, Standing
from safety.registration import Person
from storage import counters, inbox, routes
from storage.people import PEOPLE
from storage.transaction import Transaction
from storage.vault import derivation, keyslots, words
from tests.bench.figures import Figure, in_turn, inside, median_seconds
from tests.bench.updates import UPDATES as UPDATES_OF_ONE
from tests.bench.updates import handling, raw_updates
from tests.faults.program import TOKEN
from tests.harness import START, World

UPDATES = 5_000
PEOPLE_THERE = 100  # whose updates these are
FIRST = 700_000  # their chats follow it, as the harness numbers them
MANY = 100_000  # registered
AT_ONCE = 5_000  # stored in one transaction
EVENTS = 32  # the most that can be live
ROUNDS = 15  # of each in turn: the machine is now quick, now slow
GLANCE = 0.01  # seconds between two looks, which cost what one number costs


async def measure(folder: Path) -> list[Figure]:
    """Measure from the first poll until everything is handled and its answer owed."""
    made = await asyncio.to_thread(set_up, folder / "home", {}, derivation.FLOOR)
    secret = words.parse(made.words)
    with keyslots.unlock(made.directory / "keys", secret) as slots:
        async with World(made.directory, keys=(slots, secret)) as world:
            event = await world.has_event()
            await world.has_participants(event, *(f"{number}" for number in range(PEOPLE_THERE)))
    async with _prefilled() as url:
        surroundings = {"AMAN_TELEGRAM_TOKEN": TOKEN, "AMAN_TELEGRAM_API_URL": url}
        with keyslots.unlock(made.directory / "keys", secret) as slots:
            config = load(made.config_path, surroundings)
            ours = await _take_all(Application(config, slots, SystemClock()))
        theirs = await _bare(url)
    return [Figure("update: received, handled, owed", ours, "bare PTB parse + dispatch", theirs)]


async def measure_growth(folder: Path) -> list[Figure]:
    """Measure what an update costs among many people, and with many events."""
    async with (
        _world(inside(folder, "few"), PEOPLE_THERE) as few,
        _world(inside(folder, "crowd"), MANY) as crowd,
        _world(inside(folder, "events"), PEOPLE_THERE, EVENTS) as events,
    ):
        runs = [handling(*of) for of in (few, crowd, events)]
        plain, crowded, eventful = await in_turn(UPDATES_OF_ONE, *runs, rounds=ROUNDS)
    return [
        Figure(f"update, {MANY} registered", crowded, f"with {PEOPLE_THERE}", plain),
        Figure(f"update, {EVENTS} live events", eventful, "with 1", plain),
    ]


@asynccontextmanager
async def _world(
    folder: Path, registered: int, events: int = 1
) -> AsyncIterator[tuple[World, ChatId]]:
    """Give a world with so many people at its first event, and the chat of one of them."""
    async with World(folder) as world:
        event = await world.has_event()
        (dana,) = await world.has_participants(event, "Dana")
        await _register(world, event.id, registered)
        for number in range(events - 1):
            await world.has_event(capacity=number + 1)
        yield world, dana.chat_id


@asynccontextmanager
async def _prefilled() -> AsyncIterator[str]:
    service = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.prefilled"),
        *(str(number) for number in (UPDATES, FIRST, PEOPLE_THERE)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert service.stdout is not None
    try:
        yield (await service.stdout.readline()).decode().strip()
    finally:
        service.kill()
        await service.wait()


async def _take_all(application: Application) -> float:
    """Give the seconds of one update, all of them waiting at the service at the beginning."""
    clock = SystemClock()
    parts = (application._receiving.run, application._handling.run)  # noqa: SLF001 - these two alone
    async with application, asyncio.TaskGroup() as tasks:
        begun = clock.monotonic()
        running = [tasks.create_task(part()) for part in parts]
        while await application.database.read(_answers_owed) < UPDATES:
            await clock.sleep(GLANCE)
        taken = clock.monotonic() - begun
        assert await application.database.read(_is_all_done)
        for task in running:
            task.cancel()
    return taken / UPDATES


def _answers_owed(tx: Transaction) -> int:
    """Count what was ever owed: one answer to each update."""
    return counters.value(tx, "outbox")


def _is_all_done(tx: Transaction) -> bool:
    count = tx.number("SELECT COUNT(*) FROM inbox")
    return count == UPDATES and not inbox.count_waiting(tx)


async def _bare(url: str) -> float:
    """Give the seconds that python-telegram-bot alone takes to read and dispatch one of these."""
    bare = BareApplication.builder().token(TOKEN).base_url(f"{url}/bot").updater(None)
    application = bare.job_queue(None).build()
    application.add_handler(MessageHandler(filters.ALL, _nothing))
    raws = raw_updates(ChatId(FIRST))
    async with application:

        async def dispatch_all() -> None:
            for raw in raws:
                update = Update.de_json(json.loads(raw), application.bot)
                await application.process_update(update)

        return await median_seconds(len(raws), dispatch_all)


async def _nothing(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    del update, context


async def _register(world: World, event_id: EventId, count: int) -> None:
    """Have so many people at an event, whom nobody writes to."""

    def register(start: int) -> Callable[[Transaction], None]:
        return lambda tx: _put_people(tx, event_id, range(start, min(start + AT_ONCE, count)))

    for start in range(0, count, AT_ONCE):
        await world.database.write(register(start))


def _put_people(tx: Transaction, event_id: EventId, numbers: range) -> None:
    for number in numbers:
        person = Person(
            id=PersonId(tx.new_id()),
            event_id=event_id,
            standing=Standing.APPROVED,
            presence=Presence.UNANSWERED,
            group_id=None,
            invitation_id=0,
            language=Language.RU,
            name=f"{number}",
            registered_at=START,
        )
        PEOPLE.put(tx, person)
        routes.put(tx, event_id, person.id, Recipient(ChatId(10**9 + number), Language.RU))
