"""One update, one transaction, once: in a chat's order, alarms first, faults alone."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import pytest

from bot.clock import MovableClock, SystemClock
from bot.handling import HEAD_START, LOOK_AT, STRANGERS, Handling
from handlers.incoming import UnreadableError
from safety.languages import Language
from safety.people import ChatId, Recipient
from storage import counters, inbox, routes
from storage.database import Database
from storage.inbox import Received
from storage.transaction import Transaction
from tests.bot.conftest import EVENING, STANDING


@dataclass(slots=True)
class Desk:
    """A handling at work; what it handles is only noted."""

    database: Database
    clock: MovableClock
    handled: list[bytes] = field(default_factory=list)
    woken: list[bytes] = field(default_factory=list)
    breaks_on: Callable[[bytes], Exception | None] = lambda _raw: None
    cannot_apologize: bool = False
    tried_to_apologize: set[bytes] = field(default_factory=set)
    last_id: int = 0
    tries: dict[tuple[int, int], Exception | None] = field(default_factory=dict)

    async def receives(self, *raws: bytes, chat: int = 17, is_alarm: bool = False) -> None:
        """Put updates into the inbox, in one commit."""
        updates = []
        for raw in raws:
            self.last_id += 1
            updates.append(Received(self.last_id, ChatId(chat), is_alarm, raw))
        now = self.clock.now()
        await self.database.write(lambda tx: inbox.receive(tx, now, updates))

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Handling]:
        """Let it handle while the block lasts."""
        handling = Handling(
            self.database, self.clock, self._handle, self._give_up, self._note_urgent
        )
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(handling.run())
            yield handling
            running.cancel()

    async def empties(self) -> None:
        """Wait until nothing waits any more."""
        async with asyncio.timeout(20):
            while await self.database.read(inbox.count_waiting):
                await SystemClock().sleep(0.01)

    def _handle(self, tx: Transaction, now: datetime, seq: int, raw: bytes) -> None:
        del now
        counters.next_number(tx, f"handled {raw.decode()}")
        tried = (seq, tx.number("SELECT attempts FROM inbox WHERE seq = ?", seq))
        if tried not in self.tries:  # else its group is played again: it ends as it did
            self.handled.append(raw)
            error = self.breaks_on(raw)
            if isinstance(error, OSError):
                raise error  # the disk's trouble counts as no try
            self.tries[tried] = error
        found = self.tries[tried]
        if found is not None:
            raise found

    def _give_up(self, tx: Transaction, now: datetime, raw: bytes, is_first: bool) -> None:  # noqa: FBT001 - as the product calls it
        del now
        counters.next_number(tx, f"let go {raw.decode()}")
        if is_first:
            counters.next_number(tx, f"apology {raw.decode()}")
        self.tried_to_apologize.add(raw)
        if self.breaks_on(raw) and self.cannot_apologize:
            raise ValueError

    async def _note_urgent(self, raw: bytes) -> None:
        self.woken.append(raw)

    async def apologies(self) -> dict[str, int]:
        """Count how often a chat was told of each update, as committed."""
        return await self._committed("apology ")

    async def let_go(self) -> dict[str, int]:
        """Count how often each update was let go of, as committed."""
        return await self._committed("let go ")

    async def _committed(self, kind: str) -> dict[str, int]:
        sql = "SELECT name, value FROM meta WHERE name LIKE ? ORDER BY name"
        found = await self.database.read(lambda tx: tx.all(tuple[str, int], sql, kind + "%"))
        return {name.removeprefix(kind): value for name, value in found}

    async def effects_of(self, raw: bytes) -> int:
        """Count how often handling this has taken effect."""
        name = f"handled {raw.decode()}"
        return await self.database.read(lambda tx: counters.value(tx, name))


@pytest.fixture
def desk(database: Database, clock: MovableClock) -> Desk:
    """Give a handling that can be set to work."""
    return Desk(database, clock)


async def test_every_update_is_handled_once_in_its_order(desk: Desk) -> None:
    """Each effect is there exactly once."""
    raws = [f"{number}".encode() for number in range(100)]
    await desk.receives(*raws)
    async with desk.working():
        await desk.empties()
    assert desk.handled == raws
    assert [await desk.effects_of(raw) for raw in raws] == [1] * 100


async def test_what_arrives_meanwhile_is_handled_at_once(desk: Desk) -> None:
    """A ring is enough; nobody waits for the next look."""
    async with desk.working() as handling:
        await SystemClock().sleep(0.05)
        await desk.receives(b"later")
        handling.arrived()
        async with asyncio.timeout(2):
            await desk.empties()
    assert desk.handled == [b"later"]


async def test_an_alarm_overtakes_what_came_before_it(desk: Desk) -> None:
    """A call for help does not wait behind a crowd."""
    known = Recipient(ChatId(17), Language.EN)
    await desk.database.write(lambda tx: routes.put(tx, None, 1, known))
    await desk.receives(*(f"{number}".encode() for number in range(300)), chat=18)
    await desk.receives(b"sos", chat=17, is_alarm=True)
    async with desk.working():
        await desk.empties()
    assert desk.handled.index(b"sos") <= 64


async def test_strangers_are_handled_one_at_a_time_beside_a_call_for_help(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are; when it is on its way, a few of them at a time again."""
    clock = MovableClock(EVENING, STANDING)
    desk = Desk(database, clock)
    known = Recipient(ChatId(17), Language.EN)
    await database.write(lambda tx: routes.put(tx, None, 1, known))
    handled_at_once = _count_ordinary(database, monkeypatch)
    async with desk.working() as handling:
        await desk.receives(b"sos", chat=17, is_alarm=True)
        handling.arrived()
        await desk.empties()
        for moved, most in ((timedelta(), 1), (timedelta(seconds=HEAD_START), STRANGERS)):
            clock.move(moved)
            for chat in range(100, 150):
                await desk.receives(b"hello", chat=chat)
            handled_at_once.clear()
            handling.arrived()
            await desk.empties()
            assert max(handled_at_once) == most


def _count_ordinary(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note with each ordinary write how many of them are under way."""
    counts: list[int] = []
    write, under_way = database.write, 0

    async def counted(work: Callable[[Transaction], bool], *, urgent: bool = False) -> bool:
        nonlocal under_way
        under_way += not urgent
        counts.append(under_way)
        try:
            return await write(work, urgent=urgent)
        finally:
            under_way -= not urgent

    monkeypatch.setattr(database, "write", counted)
    return counts


async def test_an_update_that_fails_three_times_is_set_aside_with_one_apology(desk: Desk) -> None:
    """It leaves nothing behind and stops nobody."""
    desk.breaks_on = lambda raw: ValueError("words") if raw == b"bad" else None
    await desk.receives(b"bad", b"good")
    async with desk.working():
        await desk.empties()
    assert await desk.apologies() == {"bad": 1}
    assert desk.handled.count(b"bad") == 3
    assert await desk.effects_of(b"bad") == 0
    assert await desk.effects_of(b"good") == 1


async def test_what_cannot_be_read_is_set_aside_at_once(desk: Desk) -> None:
    """It will be no update the next time either: nobody waits for it, and it is no fault.

    Its chat is told once, as of any other that is set aside.
    """
    desk.breaks_on = lambda raw: UnreadableError() if raw.startswith(b"bad") else None
    await desk.receives(b"bad", b"bad too", b"good")
    async with desk.working():
        await desk.empties()
    assert desk.handled == [b"bad", b"bad too", b"good"]
    assert await desk.let_go() == {"bad": 1, "bad too": 1}
    assert await desk.apologies() == {"bad": 1}
    assert await desk.effects_of(b"bad") == 0


async def test_a_chats_later_update_waits_for_the_one_that_failed(desk: Desk) -> None:
    """Even a fault that passes does not turn one person's words around."""
    failures = [ValueError(), ValueError()]
    desk.breaks_on = lambda raw: failures.pop() if raw == b"first" and failures else None
    await desk.receives(b"first", b"second")
    async with desk.working():
        await desk.empties()
    assert desk.handled == [b"first", b"first", b"first", b"second"]


async def test_other_chats_do_not_wait_for_one_that_fails(desk: Desk) -> None:
    """A fault is that chat's alone."""
    desk.breaks_on = lambda raw: ValueError() if raw == b"bad" else None
    await desk.receives(b"bad", chat=17)
    await desk.receives(b"good", chat=18)
    async with desk.working():
        await desk.empties()
    assert desk.handled.index(b"good") == 1


async def test_a_chat_gets_one_apology_however_much_of_it_fails(desk: Desk) -> None:
    """Somebody whose every word breaks something is not answered for every word.

    Each is let go of all the same, so that no button waits.
    """
    desk.breaks_on = lambda raw: ValueError() if raw.startswith(b"bad") else None
    await desk.receives(*(f"bad {number}".encode() for number in range(5)), chat=17)
    await desk.receives(b"bad of another", chat=18)
    async with desk.working():
        await _passes(desk)
    assert await desk.apologies() == {"bad 0": 1, "bad of another": 1}
    bad = [*(f"bad {number}" for number in range(5)), "bad of another"]
    assert await desk.let_go() == dict.fromkeys(bad, 1)
    assert await desk.database.read(inbox.count_set_aside) == 6


async def test_an_apology_that_fails_leaves_nothing_and_is_not_tried_again(desk: Desk) -> None:
    """What broke the handling may break the apology too: it is set aside all the same."""
    desk.breaks_on = lambda raw: ValueError() if raw.startswith(b"bad") else None
    desk.cannot_apologize = True
    await desk.receives(b"bad", b"bad again", b"good")
    async with desk.working():
        await _passes(desk)
    assert desk.tried_to_apologize == {b"bad", b"bad again"}
    assert await desk.apologies() == {}
    assert await desk.database.read(inbox.count_set_aside) == 2
    assert await desk.effects_of(b"good") == 1


async def test_a_chat_full_of_faults_holds_back_nobody_else(desk: Desk) -> None:
    """Forty updates that fail are a chat's own trouble: others do not even wait for its pauses."""
    desk.clock = MovableClock(EVENING, speed=STANDING)
    desk.breaks_on = lambda raw: ValueError() if raw.startswith(b"bad") else None
    await desk.receives(*(f"bad {number}".encode() for number in range(40)), chat=17)
    await desk.receives(*(f"{number}".encode() for number in range(100)), chat=18)
    async with desk.working():
        async with asyncio.timeout(20):
            while await desk.effects_of(b"99") == 0:
                await SystemClock().sleep(0.01)
        assert sum(raw.startswith(b"bad") for raw in desk.handled) == 1
        assert await desk.database.read(inbox.count_set_aside) == 0
        await _passes(desk)
    assert await desk.database.read(inbox.count_set_aside) == 40


async def test_strangers_full_of_faults_hold_back_nobody_else(desk: Desk) -> None:
    """Two hundred chats that fail at once do not stop the one that does not."""
    desk.clock = MovableClock(EVENING, speed=STANDING)
    desk.breaks_on = lambda raw: ValueError() if raw == b"bad" else None
    for chat in range(200):
        await desk.receives(b"bad", chat=1000 + chat)
    await desk.receives(b"good", chat=18)
    async with desk.working():
        async with asyncio.timeout(20):
            while await desk.effects_of(b"good") == 0:
                await SystemClock().sleep(0.01)
        assert await desk.database.read(inbox.count_set_aside) == 0
        await _passes(desk)


async def test_one_chat_that_writes_without_end_delays_others_by_its_turn_alone(
    desk: Desk,
) -> None:
    """A thousand updates of one chat are not a thousand turns before the next one's.

    They are taken into the line in parts, and some are handled before the last part is seen.
    """
    await desk.receives(*(f"flood {number}".encode() for number in range(1000)), chat=17)
    await desk.receives(b"hello", chat=18)
    async with desk.working():
        await desk.empties()
    assert desk.handled.index(b"hello") <= LOOK_AT
    flood = [raw for raw in desk.handled if raw.startswith(b"flood")]
    assert flood == [f"flood {number}".encode() for number in range(1000)]


async def test_somebody_we_know_does_not_wait_for_a_crowd_of_strangers(desk: Desk) -> None:
    """Five thousand strangers first; the organizer's Hold is among the first to be handled."""
    known = Recipient(ChatId(17), Language.EN)
    await desk.database.write(lambda tx: routes.put(tx, None, 1, known))
    for block in range(10):
        await desk.database.write(partial(_crowd, desk=desk, block=block))
    desk.last_id = 5000
    await desk.receives(b"hold", chat=17)
    async with desk.working():
        async with asyncio.timeout(20):
            while await desk.effects_of(b"hold") == 0:
                await SystemClock().sleep(0.01)
    assert desk.handled.index(b"hold") <= 500


async def test_a_full_disk_sets_nothing_aside(desk: Desk) -> None:
    """It is not the update's fault: it is handled when there is room again."""
    failures: list[Exception] = [OSError(28, "No space left on device") for _ in range(5)]
    desk.breaks_on = lambda _raw: failures.pop() if failures else None
    known = Recipient(ChatId(17), Language.EN)
    await desk.database.write(lambda tx: routes.put(tx, None, 1, known))
    await desk.receives(b"sos", is_alarm=True)
    async with desk.working():
        for _ in range(10):
            await SystemClock().sleep(0.05)
            desk.clock.move(timedelta(seconds=1))
        await desk.empties()
    assert await desk.apologies() == {}
    assert await desk.effects_of(b"sos") == 1
    assert b"sos" in desk.woken


async def test_a_call_for_help_that_cannot_be_handled_still_wakes_the_team(desk: Desk) -> None:
    """Set aside for a fault of ours, it goes out in bare words, once; others go on."""
    desk.breaks_on = lambda raw: ValueError() if raw == b"sos" else None
    known = Recipient(ChatId(17), Language.EN)
    await desk.database.write(lambda tx: routes.put(tx, None, 1, known))
    await desk.receives(b"sos", is_alarm=True)
    await desk.receives(b"hello")
    async with desk.working():
        await desk.empties()
        await SystemClock().sleep(0.05)
    assert desk.woken == [b"sos"]
    assert await desk.effects_of(b"hello") == 1


async def test_a_fault_is_logged_by_kind_and_place_alone(desk: Desk, log: io.StringIO) -> None:
    """What the update said is in no log."""
    desk.breaks_on = lambda raw: ValueError(f"Aigul said {raw.decode()}")
    await desk.receives(b"secret")
    async with desk.working():
        await desk.empties()
    written = log.getvalue()
    assert "error=ValueError" in written
    assert "test_handling.py:" in written
    assert "Aigul" not in written
    assert "secret" not in written


def _crowd(tx: Transaction, desk: Desk, block: int) -> None:
    """Five hundred strangers, each with one update."""
    first = block * 500 + 1
    updates = [
        Received(number, ChatId(100_000 + number), is_alarm_like=True, raw=b"stranger")
        for number in range(first, first + 500)
    ]
    inbox.receive(tx, desk.clock.now(), updates)


async def _passes(desk: Desk) -> None:
    """Let time pass quickly until nothing waits."""
    async with asyncio.timeout(20):
        while await desk.database.read(inbox.count_waiting):
            desk.clock.move(timedelta(seconds=1))
            await SystemClock().sleep(0.002)
