"""Updates are stored before they are confirmed, in order, once, whatever happens to the line."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from telegram import Bot
from telegram.error import Conflict

from bot import polling
from bot.app import make_bot
from bot.clock import MovableClock, SystemClock
from bot.config import Config
from bot.hearing import Hearing
from bot.intake import Intake
from bot.polling import Polling
from bot.rehearsal.botapi import BotApiServer, Fault, FaultKind
from handlers.incoming import is_alarm_like
from handlers.remains import chat_of
from safety.intake import Trouble
from safety.languages import Language
from safety.people import ChatId, Recipient
from storage import inbox, routes
from storage import intake as store
from storage.database import Database
from storage.inbox import Received
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Stored:
    """One update that waits to be handled."""

    seq: int
    is_urgent: bool
    raw: bytes


POLL = "getUpdates"


@dataclass(slots=True)
class Door:
    """An intake at work, and what it says of itself."""

    service: BotApiServer
    database: Database
    bot: Bot
    clock: MovableClock
    arrivals: int = 0
    unstored: list[Received] = field(default_factory=list)
    given_up: list[tuple[bytes, bool]] = field(default_factory=list)

    former_webhook: str = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Hearing]:
        """Let it poll while the block lasts, from what is stored."""
        hearing = Hearing(self.clock)
        intake = Intake(
            self.database,
            self.clock,
            hearing,
            is_alarm_like,
            self._arrived,
            self._unstored,
            self._gives_up,
        )
        polling = Polling(intake, self.bot, self.former_webhook)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(polling.run())
            yield hearing
            running.cancel()

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

    def _gives_up(self, tx: Transaction, now: datetime, raw: bytes, is_first: bool) -> None:  # noqa: FBT001 - of one meaning
        del tx, now
        self.given_up.append((raw, is_first))

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
    ("fault", "trouble"),
    [
        (Fault(FaultKind.SERVER_ERROR, POLL), Trouble.NO_LINE),
        (Fault(FaultKind.CUT_BEFORE, POLL), Trouble.NO_LINE),
        (Fault(FaultKind.CUT_AFTER, POLL), Trouble.NO_LINE),
        (Fault(FaultKind.UNAUTHORIZED, POLL), Trouble.TOKEN_REFUSED),
        (Fault(FaultKind.TOO_MANY, POLL), Trouble.HALTED),
        (Fault(FaultKind.TOO_MANY, POLL, retry_after=10**9), Trouble.HALTED),
        (Fault(FaultKind.ELSEWHERE, POLL, code=404), Trouble.NO_LINE),
        (Fault(FaultKind.NONSENSE, POLL, body=b"[]"), Trouble.NO_SENSE),
    ],
)
async def test_trouble_with_polling_is_shown_and_outlived(
    door: Door, fault: Fault, trouble: Trouble
) -> None:
    """Nothing ends polling silently, nor for longer than a minute."""
    door.service.faults.add(fault)
    dana = door.service.person(17, "Dana")
    async with door.open() as hearing:
        await _until(lambda: door.service.in_flight == 0 and bool(hearing.trouble), door.clock)
        assert hearing.trouble is trouble
        await dana.opens()
        await _until(lambda: hearing.trouble is None, door.clock)
        await door.has_stored(1)
    assert hearing.heard_at is not None


async def test_it_shows_at_once_that_the_service_answers(door: Door) -> None:
    """Nobody has written: whoever was told of an outage need not wait for a whole poll to end."""
    async with door.open() as hearing:
        await _until(lambda: hearing.heard_at is not None)
        door.service.faults.add(Fault(FaultKind.SERVER_ERROR, POLL))
        await _until(lambda: hearing.trouble is not None, door.clock)
        began = door.clock.monotonic()
        await _until(lambda: hearing.trouble is None, door.clock)
        assert door.clock.monotonic() - began < polling.POLL


async def test_a_second_poller_is_noticed_and_suspected_when_it_stays(
    door: Door, config: Config
) -> None:
    """Somebody else with the token shows at once; a single conflict accuses nobody."""
    async with make_bot(config) as other, door.open() as hearing:
        while hearing.trouble is None:
            await _polls_too(other)
        assert hearing.trouble is Trouble.CONFLICT
        is_accused = hearing.is_foreign
        assert not is_accused
        async with asyncio.timeout(20):
            while not hearing.is_foreign:
                door.clock.move(timedelta(seconds=2))
                await _polls_too(other)
        await _until(lambda: hearing.trouble is None, door.clock)


async def _polls_too(other: Bot) -> None:
    """Poll as somebody else does; the newer poll wins, and that may be ours."""
    with contextlib.suppress(Conflict):
        await other.get_updates(timeout=0)
    await SystemClock().sleep(0.02)


async def test_good_polls_in_between_do_not_end_a_foreign_pollers_trouble(
    clock: MovableClock,
) -> None:
    """Two pollers win in turn: that is one trouble, not many small ones."""
    hearing = Hearing(clock)
    hearing.note_trouble(Trouble.CONFLICT)
    clock.move(timedelta(seconds=59))
    hearing.note_heard()
    assert hearing.trouble is Trouble.CONFLICT
    clock.move(timedelta(seconds=2))
    hearing.note_heard()
    assert hearing.trouble is None


async def test_a_foreign_webhook_is_shown_and_left_alone(door: Door) -> None:
    """It is not taken away silently: somebody set it, and whoever did holds the token."""
    await door.bot.set_webhook("https://example.org/hook")
    async with door.open() as hearing:
        await _until(lambda: hearing.failures >= 2, door.clock)
        assert hearing.trouble is Trouble.FOREIGN_WEBHOOK
        assert hearing.is_foreign
    assert "deleteWebhook" not in {call.method for call in door.service.calls}


async def test_a_webhook_of_our_own_goes_when_we_are_told_which_and_nothing_is_lost(
    door: Door,
) -> None:
    """Going back to polling takes what waits there along; another address is left alone."""
    dana = door.service.person(17, "Dana")
    await door.bot.set_webhook("https://ours.example/hook")
    await dana.opens()
    door.former_webhook = "https://other.example/hook"
    async with door.open() as hearing:
        await _until(lambda: hearing.failures >= 1, door.clock)
    assert (await door.bot.get_webhook_info()).url
    door.former_webhook = "https://ours.example/hook"
    async with door.open() as hearing:
        await door.has_stored(1)
        await _until(lambda: hearing.trouble is None, door.clock)
        assert hearing.was_own
    assert not (await door.bot.get_webhook_info()).url


async def test_a_webhook_accuses_nobody_before_it_is_known_whose_it_is(door: Door) -> None:
    """The line breaks while the bot asks: what may be our own is called a bad line, no more."""
    await door.bot.set_webhook("https://ours.example/hook")
    door.former_webhook = "https://ours.example/hook"
    door.service.faults.add(Fault(FaultKind.SERVER_ERROR, method="getWebhookInfo"))
    async with door.open() as hearing:
        await _until(lambda: hearing.failures >= 1, door.clock)
        assert hearing.trouble is Trouble.NO_LINE
        await _until(lambda: hearing.trouble is None, door.clock)
    assert hearing.foreign_at is None
    assert not (await door.bot.get_webhook_info()).url


@pytest.mark.parametrize("answer", [True, {}, {"update_id": "7"}, [None], [{"update_id": True}]])
async def test_answers_without_an_update_in_them_are_asked_for_again_and_not_at_once(
    door: Door, answer: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has no number can be neither stored nor confirmed: shown, and no hurry."""
    asked = 0

    async def answers(*_: object, **__: object) -> object:
        nonlocal asked
        asked += 1
        await SystemClock().sleep(0)
        return answer

    monkeypatch.setattr(type(door.bot), "do_api_request", answers)
    async with door.open() as hearing:
        await SystemClock().sleep(0.3)
        assert asked <= 2
        await _until(lambda: asked >= 3, door.clock)
        assert hearing.trouble is Trouble.NO_SENSE


async def test_what_has_no_number_does_not_keep_its_neighbours_out(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One piece of nonsense in a batch costs nobody else anything."""
    request = type(door.bot).do_api_request
    answers: list[object] = [[None, {"update_id": 7, "message": 5}, "x"]]

    async def first(*arguments: object, **options: object) -> object:
        return answers.pop() if answers else await request(*arguments, **options)  # type: ignore[arg-type] # as it came

    monkeypatch.setattr(type(door.bot), "do_api_request", first)
    async with door.open():
        (row,) = await door.has_stored(1)
    assert json.loads(row.raw) == {"update_id": 7, "message": 5}


async def test_whoever_waits_gets_a_turn_while_what_came_is_read(door: Door) -> None:
    """A hundred long texts take a while; what is under way for an alarm comes in between."""
    turns = 0

    def is_slow(_: object) -> bool:
        time.sleep(0.004)  # a busy machine
        return False

    async def takes_turns() -> None:
        nonlocal turns
        while True:
            await SystemClock().sleep(0)
            turns += 1

    reading = Intake(
        door.database,
        door.clock,
        Hearing(door.clock),
        is_slow,
        lambda: None,
        door._unstored,  # noqa: SLF001 - our own
        door._gives_up,  # noqa: SLF001 - our own
    )
    async with asyncio.TaskGroup() as tasks:
        other = tasks.create_task(takes_turns())
        found = await reading.read_all([{"update_id": number} for number in range(20)])
        other.cancel()
    assert len(found) == 20
    assert turns >= 10


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
    await dana.writes("poison again")
    await dana.writes("hello")
    poisoned = _Poisoned(door.database)
    object.__setattr__(door.database, "write", poisoned.write)
    async with door.open():
        rows = await door.has_stored(2)
        await door.service.settles()
    assert b"hello" in rows[1].raw
    assert await door.database.read(inbox.count_set_aside) == 2
    told = [(b"poison again" in raw, is_first) for raw, is_first in door.given_up]
    assert told == [(False, True), (True, False)]  # the chat's first one alone brings an apology


async def test_where_nothing_at_all_is_stored_nothing_is_acknowledged(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the reason: an update that left no trace here stays with the service."""
    dana = door.service.person(17, "Dana")
    monkeypatch.setattr(door.database, "write", _breaks)
    async with door.open() as hearing:
        await dana.opens()
        await dana.writes("hello")
        await _until(lambda: hearing.trouble is Trouble.NOT_STORED)
        await SystemClock().sleep(0.1)
        assert door.service.pending_updates == 2
        monkeypatch.undo()
        door.clock.move(timedelta(seconds=5))
        await door.has_stored(2)
        await _until(lambda: hearing.trouble is None, door.clock)


async def test_a_good_poll_is_remembered_for_the_operator(door: Door) -> None:
    """`aman status` can say when polling last went well."""
    dana = door.service.person(17, "Dana")
    async with door.open():
        await dana.opens()
        await door.has_stored(1)
    assert await door.database.read(store.heard_at) is not None


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


async def _breaks(work: object, *, urgent: bool = False) -> None:
    del work, urgent
    raise ValueError


class _Full:
    """A disk that takes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, work: object, *, ahead: bool = False) -> None:
        """Refuse, as a full disk does."""
        del work, ahead
        raise OSError(28, "No space left on device")


class _Poisoned:
    """A store that breaks on any batch with a certain word."""

    def __init__(self, database: Database) -> None:
        self._write = database.write

    async def write(self, work: Callable[[Transaction], object], *, ahead: bool = False) -> object:
        """Refuse a batch with the word in it."""

        def poisoned(tx: Transaction) -> object:
            result = work(tx)
            if any(b"poison" in row.raw for row in _stored(tx)):
                raise ValueError
            return result

        return await self._write(poisoned, ahead=ahead)


async def _until(is_so: Callable[[], bool], clock: MovableClock | None = None) -> None:
    """Wait for something; with a clock, its time passes quickly meanwhile."""
    async with asyncio.timeout(10):
        while not is_so():
            await SystemClock().sleep(0.01)
            if clock is not None:
                clock.move(timedelta(seconds=1))
