"""Updates are stored before they are confirmed, in order, once, whatever happens to the line."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from telegram import Bot

from bot.app import make_bot
from bot.clock import MovableClock, SystemClock
from bot.config import Config
from bot.intake import LAST_POLL, Intake, chat_of
from bot.rehearsal.botapi import BotApiServer, Fault, FaultKind
from handlers.incoming import is_alarm_like
from safety.languages import Language
from safety.people import ChatId, Recipient
from storage import counters, inbox, routes
from storage.database import Database
from storage.inbox import Received
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Stored:
    """One update that waits to be handled."""

    seq: int
    is_urgent: bool
    raw: bytes


@dataclass(slots=True)
class Door:
    """An intake at work, and what it says of itself."""

    service: BotApiServer
    database: Database
    bot: Bot
    clock: MovableClock
    arrivals: int = 0
    unstored: list[Received] = field(default_factory=list)

    def intake(self) -> Intake:
        """Make an intake that starts from what is stored."""
        return Intake(
            self.database, self.bot, self.clock, is_alarm_like, self._arrived, self._unstored
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Intake]:
        """Let it poll while the block lasts."""
        intake = self.intake()
        async with asyncio.TaskGroup() as tasks:
            polling = tasks.create_task(intake.run())
            yield intake
            polling.cancel()

    async def stored(self) -> list[Stored]:
        """Give everything that waits to be handled, in the order it came."""
        return await self.database.read(_stored)

    async def has_stored(self, count: int) -> list[Stored]:
        """Wait until so many updates are stored."""
        async with asyncio.timeout(20):
            while len(found := await self.stored()) < count:
                await SystemClock().sleep(0.01)
        return found

    def _arrived(self) -> None:
        self.arrivals += 1

    async def _unstored(self, updates: Sequence[Received]) -> None:
        self.unstored.extend(updates)


@pytest.fixture
def door(service: BotApiServer, database: Database, bot: Bot, clock: MovableClock) -> Door:
    """Give an intake that can be opened."""
    return Door(service, database, bot, clock)


async def test_what_a_person_writes_is_stored_and_then_confirmed(door: Door) -> None:
    """The service lets go of an update only after the commit."""
    dana = door.service.person(17, "Dana")
    await dana.opens()
    await dana.writes("hello")
    async with door.open():
        rows = await door.has_stored(2)
        await door.service.settles()
    assert b"hello" in rows[1].raw
    assert door.arrivals >= 1


async def test_updates_that_come_again_are_stored_once(door: Door) -> None:
    """A lost confirmation repeats updates; their effect is not repeated."""
    dana = door.service.person(17, "Dana")
    async with door.open():
        await dana.opens()
        await door.has_stored(1)
        door.service.faults.add(Fault(FaultKind.REPEAT_UPDATES, method="getUpdates"))
        await dana.writes("once")
        await door.has_stored(2)
        await dana.writes("twice")
        await door.has_stored(3)
        await door.service.settles()
    assert len(await door.stored()) == 3


async def test_a_new_start_goes_on_where_the_last_commit_was(door: Door) -> None:
    """The offset is stored with the updates."""
    dana = door.service.person(17, "Dana")
    await dana.opens()
    async with door.open():
        await door.has_stored(1)
    await dana.writes("while it was down")
    async with door.open():
        await door.has_stored(2)
    assert len(await door.stored()) == 2


async def test_ids_that_start_again_lower_are_not_taken_for_repeats(door: Door) -> None:
    """After an idle week the service numbers anew."""
    dana = door.service.person(17, "Dana")
    async with door.open():
        await dana.opens()
        await door.has_stored(1)
        await door.service.settles()
        door.clock.move(timedelta(days=8))
        door.service.messenger.updates._next_id = 5  # noqa: SLF001 - lower than before
        await dana.writes("a week later")
        await door.has_stored(2)


@pytest.mark.parametrize(
    ("kind", "trouble"),
    [
        (FaultKind.SERVER_ERROR, "no-line"),
        (FaultKind.CUT_BEFORE, "no-line"),
        (FaultKind.CUT_AFTER, "no-line"),
        (FaultKind.UNAUTHORIZED, "token-refused"),
        (FaultKind.TOO_MANY, "halted"),
    ],
)
async def test_trouble_with_polling_is_shown_and_outlived(
    door: Door, kind: FaultKind, trouble: str
) -> None:
    """Nothing ends polling silently."""
    door.service.faults.add(Fault(kind, method="getUpdates"))
    dana = door.service.person(17, "Dana")
    async with door.open() as intake:
        await _until(
            lambda: door.service.in_flight == 0 and bool(intake.state.trouble), door.clock
        )
        assert intake.state.trouble == trouble
        await dana.opens()
        await _until(lambda: intake.state.trouble is None, door.clock)
        await door.has_stored(1)
    assert intake.state.last_good is not None


async def test_a_second_poller_is_noticed(door: Door, config: Config) -> None:
    """Somebody else with the token shows at once."""
    async with make_bot(config) as other, door.open() as intake:
        while intake.state.trouble is None:
            await other.get_updates(timeout=0)
            await SystemClock().sleep(0.02)
        assert intake.state.trouble == "conflict"


async def test_only_a_known_persons_call_for_help_is_urgent(door: Door) -> None:
    """Strangers who write SOS do not get in anybody's way."""
    known = Recipient(ChatId(17), Language.EN)
    await door.database.write(lambda tx: routes.put(tx, None, 1, known))
    dana, stranger = door.service.person(17, "Dana"), door.service.person(18, "Somebody")
    await dana.opens()
    await stranger.writes("sos")
    await dana.writes("sos")
    async with door.open():
        rows = await door.has_stored(3)
    assert [row.is_urgent for row in rows] == [False, False, True]


async def test_an_alarm_that_cannot_be_stored_is_not_lost(door: Door) -> None:
    """The team is woken past the disk, and the update stays unconfirmed until it is stored."""
    dana = door.service.person(17, "Dana")
    write = door.database.write
    full = _Full(door.database)
    async with door.open():
        await door.has_stored(0)
        await SystemClock().sleep(0.1)
        object.__setattr__(door.database, "write", full.write)
        await dana.writes("sos")
        await dana.writes("hello")
        await _until(lambda: len(door.unstored) >= 1)
        assert door.service.pending_updates == 2
        object.__setattr__(door.database, "write", write)
        door.clock.move(timedelta(seconds=5))
        await door.has_stored(2)
        await door.service.settles()
    assert [b"sos" in update.raw for update in door.unstored] == [True] * len(door.unstored)


async def test_one_update_that_cannot_be_stored_keeps_no_others_out(door: Door) -> None:
    """What breaks the commit again and again is set aside alone."""
    dana = door.service.person(17, "Dana")
    await dana.opens()
    await dana.writes("poison")
    await dana.writes("hello")
    poisoned = _Poisoned(door.database)
    object.__setattr__(door.database, "write", poisoned.write)
    async with door.open():
        rows = await door.has_stored(2)
        await door.service.settles()
    assert b"hello" in rows[1].raw


async def test_a_good_poll_is_remembered_for_the_operator(door: Door) -> None:
    """`aman status` can say when polling last went well."""
    dana = door.service.person(17, "Dana")
    async with door.open():
        await dana.opens()
        await door.has_stored(1)
    assert await door.database.read(lambda tx: counters.value(tx, LAST_POLL)) > 0


@pytest.mark.parametrize(
    ("update", "chat"),
    [
        ({"message": {"chat": {"id": 5, "type": "private"}}}, 5),
        ({"edited_message": {"chat": {"id": 5, "type": "private"}}}, 5),
        ({"my_chat_member": {"chat": {"id": 5, "type": "private"}}}, 5),
        ({"callback_query": {"from": {"id": 5}}}, 5),
        ({"message": {"chat": {"id": -5, "type": "group"}, "from": {"id": 5}}}, None),
        ({"message": {"chat": {"id": "5", "type": "private"}}}, None),
        ({"message": {"chat": {"id": 2**70, "type": "private"}}}, None),
        ({"message": "hello"}, None),
        ({"poll": {}}, None),
        (["not", "an", "update"], None),
        (None, None),
    ],
)
def test_the_private_chat_is_found_in_any_update(update: object, chat: int | None) -> None:
    """Whatever comes in, looking for its chat never fails."""
    assert chat_of(update) == chat


def _stored(tx: Transaction) -> list[Stored]:
    rows = [
        Stored(one.seq, is_urgent, inbox.words(tx, one.seq) or b"")
        for is_urgent in (True, False)
        for one in inbox.coming(tx, 0, 100, is_urgent=is_urgent)
    ]
    return sorted(rows, key=lambda row: row.seq)


class _Full:
    """A disk that takes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, work: object, *, urgent: bool = False) -> None:
        """Refuse, as a full disk does."""
        del work, urgent
        raise OSError(28, "No space left on device")


class _Poisoned:
    """A store that breaks on any batch with a certain word."""

    def __init__(self, database: Database) -> None:
        self._write = database.write

    async def write(
        self, work: Callable[[Transaction], object], *, urgent: bool = False
    ) -> object:
        """Refuse a batch with the word in it."""

        def poisoned(tx: Transaction) -> object:
            result = work(tx)
            if any(b"poison" in row.raw for row in _stored(tx)):
                raise ValueError
            return result

        return await self._write(poisoned, urgent=urgent)


async def _until(is_so: Callable[[], bool], clock: MovableClock | None = None) -> None:
    """Wait for something; with a clock, its time passes quickly meanwhile."""
    async with asyncio.timeout(10):
        while not is_so():
            await SystemClock().sleep(0.01)
            if clock is not None:
                clock.move(timedelta(seconds=1))
