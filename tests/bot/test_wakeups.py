"""What falls due is run: at its time, late rather than never, and each thing once."""

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from typing_extensions import override

from bot.clock import MovableClock, SystemClock
from bot.wakeups import Sweep, Wakeups
from coordination.turns import Work
from safety.languages import Language
from safety.notices import Removal
from safety.people import ChatId, Recipient
from safety.policy import Policy
from safety.timers import Timer, timer
from storage import messages, outbox, resealing, tickets, timers
from storage.database import Database
from storage.messages import NewMessage
from storage.timers import Due
from storage.transaction import Transaction
from storage.vault.keys import KeyKind


@timer
@dataclass(frozen=True, slots=True, repr=False)
class Egg(Timer):
    """A timer of these tests."""

    name: str

    @override
    def key(self) -> str:
        return f"egg:{self.name}"


@dataclass(slots=True)
class Kitchen:
    """Wake-ups at work."""

    database: Database
    clock: MovableClock
    done: list[str] = field(default_factory=list)
    breaks: list[str] = field(default_factory=list)
    sweeps: list[Sweep] = field(default_factory=list)

    async def sets(self, name: str, after: timedelta) -> None:
        """Set a timer."""
        due_at = self.clock.now() + after
        await self.database.write(lambda tx: timers.put(tx, due_at, Egg(name)))

    def wakeups(self) -> Wakeups:
        """Make wake-ups on what is stored."""
        return Wakeups(self.database, self.clock, self._run, self._remove, self.sweeps)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Wakeups]:
        """Let them work while the block lasts."""
        wakeups = self.wakeups()
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(wakeups.run())
            yield wakeups
            running.cancel()

    async def has_done(self, *names: str) -> None:
        """Wait until exactly these have been run."""
        async with asyncio.timeout(5):
            while len(self.done) < len(names):
                await SystemClock().sleep(0.01)
        assert self.done == list(names)

    def _run(self, tx: Transaction, now: datetime, due: Due) -> None:
        del tx, now
        assert isinstance(due.timer, Egg)
        if due.timer.name in self.breaks:
            self.breaks.remove(due.timer.name)
            raise ValueError(due.timer.name)
        self.done.append(due.timer.name)

    def _remove(self, tx: Transaction, now: datetime) -> None:
        Work(tx, now, Policy()).remove(messages.take_due(tx, now))


@pytest.fixture
def kitchen(database: Database, clock: MovableClock) -> Kitchen:
    """Give wake-ups that can be set to work."""
    return Kitchen(database, clock)


async def test_a_timer_runs_when_its_time_has_come(kitchen: Kitchen) -> None:
    """Neither before nor much later."""
    await kitchen.sets("soon", timedelta(seconds=0.3))
    async with kitchen.working():
        await SystemClock().sleep(0.1)
        assert kitchen.done == []
        await kitchen.has_done("soon")


async def test_a_timer_set_while_all_sleep_is_not_overslept(kitchen: Kitchen) -> None:
    """A commit that sets a timer moves the next wake."""
    async with kitchen.working():
        await SystemClock().sleep(0.1)
        await kitchen.sets("new", timedelta(seconds=0.2))
        await kitchen.has_done("new")


async def test_a_ring_that_is_not_over_yet_keeps_back_no_other(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the next is due before the loop has come to the first."""
    rung: list[None] = []

    async def rings_for_long(_: Wakeups) -> None:
        rung.append(None)
        await SystemClock().sleep(5)

    monkeypatch.setattr(Wakeups, "_ring", rings_for_long)
    await kitchen.sets("first", timedelta(seconds=0.2))
    await kitchen.sets("second", timedelta(seconds=0.4))
    async with kitchen.working():
        await kitchen.has_done("first", "second")
        async with asyncio.timeout(3):
            while len(rung) < 2:
                await SystemClock().sleep(0.01)


async def test_what_is_set_for_later_wakes_nobody(kitchen: Kitchen) -> None:
    """Each message that comes has its hours to stay: nothing is looked for because of it."""
    async with kitchen.working() as wakeups:
        await SystemClock().sleep(0.2)
        looks = _count_looks(wakeups)
        await kitchen.sets("later", timedelta(hours=5))
        await SystemClock().sleep(0.2)
        assert looks == []
        await kitchen.sets("soon", timedelta(seconds=0.1))
        await kitchen.has_done("soon")
        assert looks


async def test_a_timer_set_after_the_clock_was_set_forward_is_not_overslept(
    kitchen: Kitchen, clock: MovableClock
) -> None:
    """Whoever sleeps a minute sleeps it to its end, though the clock shows an hour more."""
    async with kitchen.working():
        await SystemClock().sleep(0.1)
        clock.set_wall(timedelta(hours=1))  # and nobody has seen it yet
        await kitchen.sets("new", timedelta(seconds=0.2))
        await kitchen.has_done("new")


async def test_a_sleep_ends_by_its_seconds_where_the_machines_clock_was_set_back(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scheduler goes by what that clock shows, and then rings an hour late."""
    monkeypatch.setattr(AsyncIOScheduler, "add_job", lambda *_, **__: None)
    await kitchen.sets("soon", timedelta(seconds=0.3))
    async with kitchen.working():
        await kitchen.has_done("soon")


def _count_looks(wakeups: Wakeups) -> list[None]:
    """Note each time that something due is looked for."""
    looks: list[None] = []
    sweep = wakeups.sweep

    async def noted() -> None:
        looks.append(None)
        await sweep()

    wakeups.sweep = noted  # type: ignore[method-assign] # it is what wakes
    return looks


async def test_hours_that_pass_at_once_run_everything_in_its_order(
    kitchen: Kitchen, clock: MovableClock
) -> None:
    """A moved clock rings, and what was due first runs first."""
    await kitchen.sets("second", timedelta(hours=5))
    await kitchen.sets("first", timedelta(hours=1))
    await kitchen.sets("never", timedelta(hours=9))
    async with kitchen.working():
        clock.move(timedelta(hours=6))
        await kitchen.has_done("first", "second")


async def test_what_fell_due_while_the_bot_was_down_runs_at_the_start(
    kitchen: Kitchen, clock: MovableClock
) -> None:
    """Late work is run, never skipped."""
    await kitchen.sets("late", timedelta(minutes=1))
    clock.move(timedelta(days=2))
    async with kitchen.working():
        await kitchen.has_done("late")


async def test_a_timer_that_fails_is_tried_again_and_holds_up_no_other(
    kitchen: Kitchen, clock: MovableClock
) -> None:
    """A fault costs a delay, never the timer."""
    kitchen.breaks = ["bad", "bad"]
    await kitchen.sets("bad", timedelta())
    await kitchen.sets("good", timedelta(seconds=0.1))
    async with kitchen.working() as wakeups:
        await kitchen.has_done("good")
        assert await kitchen.database.read(wakeups.has_due)
        async with asyncio.timeout(10):
            while "bad" not in kitchen.done:  # a busy machine takes its time over each attempt
                clock.move(timedelta(seconds=6))
                await SystemClock().sleep(0.05)
        await kitchen.has_done("good", "bad")
        async with asyncio.timeout(5):  # done in a transaction that is still to be committed
            while await kitchen.database.read(wakeups.has_due):
                await SystemClock().sleep(0.01)


async def test_a_timer_that_a_full_disk_keeps_runs_soon_after_there_is_room(
    kitchen: Kitchen, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the disk was full: an escalation waits no ten minutes for its next try."""
    await kitchen.sets("escalation", timedelta())
    wakeups = kitchen.wakeups()
    monkeypatch.setattr(kitchen.database, "write", _takes_nothing)
    for _ in range(20):
        clock.move(timedelta(minutes=10))
        await wakeups.sweep()
    monkeypatch.undo()
    clock.move(timedelta(seconds=2))
    await wakeups.sweep()
    assert kitchen.done == ["escalation"]


async def _takes_nothing(work: object, *, urgent: bool = False) -> None:
    del work, urgent
    raise OSError(errno.ENOSPC, "No space left on device")


async def test_a_timer_that_fails_is_not_tried_without_a_pause(kitchen: Kitchen) -> None:
    """A fault must not keep the machine busy."""
    kitchen.breaks = ["bad", "bad"]
    await kitchen.sets("bad", timedelta())
    wakeups = kitchen.wakeups()
    await wakeups.sweep()
    await wakeups.sweep()
    assert kitchen.breaks == ["bad"]


async def test_a_timer_that_failed_and_was_called_off_wakes_nobody_any_more(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing spins on the moment at which it was to be tried again."""
    looks: list[datetime] = []
    look = timers.due

    def counting(tx: Transaction, now: datetime, limit: int) -> list[Due]:
        looks.append(now)
        return look(tx, now, limit)

    monkeypatch.setattr(timers, "due", counting)
    kitchen.breaks += ["bad"] * 99
    await kitchen.sets("bad", timedelta())
    async with kitchen.working():
        while len(kitchen.breaks) == 99:
            await SystemClock().sleep(0.01)
        await kitchen.database.write(lambda tx: timers.cancel(tx, Egg("bad").key()))
        kitchen.clock.move(timedelta(minutes=1))
        await SystemClock().sleep(0.1)
        before = len(looks)
        await SystemClock().sleep(0.1)
        assert len(looks) <= before + 1


async def test_a_sweep_runs_a_timer_once_even_when_it_is_made_twice(kitchen: Kitchen) -> None:
    """Whoever takes the row runs it."""
    await kitchen.sets("once", timedelta())
    one, two = kitchen.wakeups(), kitchen.wakeups()
    await asyncio.gather(one.sweep(), two.sweep())
    assert kitchen.done == ["once"]


async def test_many_timers_due_at_once_all_run(kitchen: Kitchen) -> None:
    """More than one look's worth is no limit."""
    for number in range(250):
        await kitchen.sets(f"{number}", timedelta())
    await kitchen.wakeups().sweep()
    assert len(kitchen.done) == 250


async def test_messages_whose_time_is_over_are_owed_a_removal(
    kitchen: Kitchen, clock: MovableClock
) -> None:
    """A place leaves the phone on time, at most 100 ids in one request."""
    dana = Recipient(ChatId(17), Language.EN)
    now = clock.now()

    def remember(tx: Transaction) -> None:
        for number in range(250):
            messages.add(tx, NewMessage(dana, number, now + timedelta(hours=1)))
        messages.add(tx, NewMessage(dana, 999, None))

    await kitchen.database.write(remember)
    async with kitchen.working():
        clock.move(timedelta(hours=2))
        async with asyncio.timeout(5):
            while await kitchen.database.read(outbox.waiting) < 3:
                await SystemClock().sleep(0.01)
    now = clock.now()
    found = await kitchen.database.write(
        lambda tx: outbox.claim(tx, [ticket.id for ticket in tickets.ready(tx, now, 10)])
    )
    ids = [owed.notice.message_ids for owed in found if isinstance(owed.notice, Removal)]
    assert [len(part) for part in ids] == [100, 100, 50]
    assert sorted(number for part in ids for number in part) == list(range(250))


async def test_the_transit_key_is_replaced_each_day_and_any_key_as_soon_as_it_is_owed(
    kitchen: Kitchen, clock: MovableClock
) -> None:
    """What was said yesterday opens with nothing that is left; an erasure does not wait."""

    async def comes_to(version: int) -> None:
        async with asyncio.timeout(5):
            while await _transit(kitchen.database) < version:
                await SystemClock().sleep(0.01)

    async with kitchen.working():
        async with asyncio.timeout(5):
            while await kitchen.database.read(lambda tx: resealing.is_day_over(tx, clock.now())):
                await SystemClock().sleep(0.01)
        clock.move(timedelta(hours=23))
        await SystemClock().sleep(0.1)
        assert await _transit(kitchen.database) == 1
        clock.move(timedelta(hours=2))
        await comes_to(2)
        await kitchen.database.write(lambda tx: resealing.ask(tx, KeyKind.TRANSIT))
        await comes_to(3)


async def _transit(database: Database) -> int:
    """Give the version under which everything is sealed now."""
    sql = "SELECT version FROM kept_keys WHERE kind = ?"
    return await database.read(lambda tx: tx.number(sql, KeyKind.TRANSIT.value))


async def test_a_key_that_cannot_be_replaced_now_holds_up_no_timer(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key slot file may be on a broken disk; what is due is run all the same."""

    def refuses(_tx: Transaction) -> bool:
        raise OSError(5, "Input/output error")

    await kitchen.database.write(lambda tx: resealing.ask(tx, KeyKind.TRANSIT))
    monkeypatch.setattr(resealing, "step", refuses)
    await kitchen.sets("due", timedelta())
    await kitchen.wakeups().sweep()
    assert kitchen.done == ["due"]
    assert await kitchen.database.read(resealing.count_owed) == 1


async def test_the_sweep_comes_every_hour_and_one_that_breaks_stops_no_other(
    kitchen: Kitchen, clock: MovableClock
) -> None:
    """A kind that cannot be swept keeps no other kind alive."""
    swept: list[datetime] = []

    async def breaks(now: datetime) -> None:
        del now
        raise ValueError

    async def sweeps(now: datetime) -> None:
        swept.append(now)

    kitchen.sweeps += [breaks, sweeps]
    wakeups = kitchen.wakeups()
    for minutes in (0, 59, 2, 60 * 24 * 40):
        clock.move(timedelta(minutes=minutes))
        await wakeups.sweep()
    assert len(swept) == 3


# ---------------------------------------------------------------- a clock that somebody sets

LOOKS_WITHIN = timedelta(seconds=61)  # nobody wakes it when the machine's clock is set


async def test_a_clock_that_is_set_forward_skips_nothing(
    kitchen: Kitchen, clock: MovableClock
) -> None:
    """All that it jumped over runs, in its order, a minute later at most."""
    await kitchen.sets("second", timedelta(hours=2))
    await kitchen.sets("first", timedelta(hours=1))
    await kitchen.sets("later", timedelta(hours=5))
    async with kitchen.working():
        await SystemClock().sleep(0.1)
        clock.set_wall(timedelta(hours=3))
        clock.move(LOOKS_WITHIN)
        await kitchen.has_done("first", "second")


async def test_a_clock_that_is_set_back_runs_nothing_twice(
    kitchen: Kitchen, clock: MovableClock
) -> None:
    """It was wrong by hours, and is put right: what has run has run, what has not comes once."""
    await kitchen.sets("over", timedelta(minutes=10))
    await kitchen.sets("coming", timedelta(hours=4))
    async with kitchen.working():
        clock.move(timedelta(minutes=11))
        await kitchen.has_done("over")
        clock.set_wall(timedelta(hours=-1))
        for _ in range(3):
            clock.move(timedelta(minutes=40))
            await SystemClock().sleep(0.1)
        assert kitchen.done == ["over"]
        clock.move(timedelta(hours=3))
        await kitchen.has_done("over", "coming")


async def test_a_clock_that_swings_runs_each_timer_once(
    kitchen: Kitchen, clock: MovableClock
) -> None:
    """Forward and back again, several times, around the moment itself."""
    await kitchen.sets("egg", timedelta(hours=1))
    async with kitchen.working():
        for hours in (2, -2, 2, -2, 2):
            clock.set_wall(timedelta(hours=hours))
            clock.move(LOOKS_WITHIN)
            await SystemClock().sleep(0.1)
        await kitchen.has_done("egg")


async def test_a_timer_that_failed_is_tried_again_though_the_clock_was_set_back(
    kitchen: Kitchen, clock: MovableClock
) -> None:
    """Its pause is counted in seconds that pass, not in what the clock shows."""
    kitchen.breaks = ["escalation"]
    await kitchen.sets("escalation", timedelta(hours=-3))
    wakeups = kitchen.wakeups()
    await wakeups.sweep()
    assert kitchen.done == []
    clock.set_wall(timedelta(hours=-2))
    clock.move(timedelta(seconds=6))
    await wakeups.sweep()
    assert kitchen.done == ["escalation"]


async def test_the_hourly_sweep_comes_though_the_clock_was_set_back(
    kitchen: Kitchen, clock: MovableClock
) -> None:
    """A clock that was a month ahead must not keep what is over for a month."""
    swept: list[datetime] = []

    async def sweeps(now: datetime) -> None:
        swept.append(now)

    kitchen.sweeps.append(sweeps)
    wakeups = kitchen.wakeups()
    await wakeups.sweep()
    clock.set_wall(timedelta(days=-30))
    await wakeups.sweep()
    assert len(swept) == 2
