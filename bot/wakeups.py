"""What falls due: timers, and messages whose time is over. Late work is run, never skipped.

APScheduler only rings the bell: what is due stands in the database, so nothing is lost with it.
It reads the machine's clock; ours rings the same bell when it is moved.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from bot import logs
from bot.clock import Clock, SystemClock
from bot.waiting import Bell
from storage import messages, resealing, timers
from storage.database import Database
from storage.moments import EPOCH
from storage.timers import Due
from storage.transaction import Effects, Transaction
from storage.trouble import is_disk_trouble

LONGEST_WAIT = 60.0  # seconds without looking
RINGS = 100  # of the bell under way: on a busy machine the next may come before one is over
AT_ONCE = 100  # timers, or messages, in one look
FORGET_EVERY = timedelta(hours=1)
RETRY_STEP = timedelta(seconds=5)  # after a timer's failure, times its failures
RETRY_LONGEST = timedelta(minutes=10)
DISK_RETRY = timedelta(seconds=1)

RunTimer = Callable[[Transaction, datetime, Due], None]
Sweep = Callable[[datetime], Awaitable[None]]  # ends the lives of one kind that are over


class RemoveDue(Protocol):
    """Owes the removal of messages whose time is over; what it may do in one go, it does."""

    def __call__(self, tx: Transaction, now: datetime) -> None:
        """Owe the removals."""
        ...


@dataclass(frozen=True, slots=True)
class _Failing:
    count: int
    retry_at: float  # by the clock that nobody can set


class Wakeups:
    """Runs what is due, for as long as `run` runs."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        run_timer: RunTimer,
        remove_due: RemoveDue,
        sweeps: Sequence[Sweep],
    ) -> None:
        self._database = database
        self._sweeps = sweeps
        self._clock = clock
        self._run_timer = run_timer
        self._remove_due = remove_due
        self._bell = Bell(clock)
        self._failing: dict[tuple[str, datetime], _Failing] = {}
        self._forgotten_at: datetime | None = None
        self._wakes_at: float | None = None  # monotonic, unless woken sooner; None while it looks
        database.on_commit(self._note_commit)

    async def run(self) -> None:
        """Sweep, then sleep until something is due; until cancelled."""
        scheduler = AsyncIOScheduler(
            job_defaults={
                "misfire_grace_time": None,
                "coalesce": True,
                "max_instances": RINGS,
            },
            timezone="UTC",
        )
        scheduler.start()
        try:
            while True:
                self._wakes_at = None
                swept_at = self._clock.now()
                await self.sweep()
                seconds = await self._seconds_to_next(swept_at)
                self._wakes_at = self._clock.monotonic() + seconds
                at = SystemClock().now() + timedelta(seconds=self._clock.real_seconds(seconds))
                scheduler.add_job(
                    self._ring, DateTrigger(run_date=at), id="wake", replace_existing=True
                )
                await self._bell.wait(seconds)  # the scheduler's clock may be set back meanwhile
        finally:
            scheduler.shutdown(wait=False)

    async def sweep(self) -> None:
        """Run everything that is due now."""
        await self._run_due()
        await self._remove_messages()
        await self._forget_old()
        await self._replace_keys()

    def has_due(self, tx: Transaction) -> bool:
        """Say whether something is due that has not been run."""
        moment = _next_moment(tx)
        return moment is not None and moment <= self._clock.now()

    async def _ring(self) -> None:
        self._bell.ring()

    def _note_commit(self, effects: Effects) -> None:
        """Wake for what falls due before the sleep ends; most messages have hours.

        A sleep ends when its seconds have passed, whatever the clock was set to meanwhile.
        """
        if effects.due_at is None:
            return
        until, wait = self._wakes_at, (effects.due_at - self._clock.now()).total_seconds()
        if until is None or wait < until - self._clock.monotonic():
            self._bell.ring()

    async def _run_due(self) -> None:
        while True:
            now = self._clock.now()
            limit = AT_ONCE + len(self._failing)
            found = await self._database.read(partial(timers.due, now=now, limit=limit))
            names = {(due.key, due.due_at) for due in found}  # what was called off fails no more
            self._failing = {name: one for name, one in self._failing.items() if name in names}
            ready = [due for due in found if self._may_run(due)]
            for due in ready:
                await self._run_one(due)
            if len(found) < limit:
                return

    async def _run_one(self, due: Due) -> None:
        now = self._clock.now()

        def work(tx: Transaction) -> None:
            if timers.take(tx, due):
                self._run_timer(tx, now, due)

        name = (due.key, due.due_at)
        try:
            await self._database.write(work, urgent=True)
        except Exception as error:  # noqa: BLE001 - a border: one timer never stops the others
            count = self._failing[name].count + 1 if name in self._failing else 1
            logs.fault("timer-fault", error, kind=type(due.timer).__name__, attempts=count)
            is_disk = is_disk_trouble(error)  # then an escalation must not wait longer than that
            pause = DISK_RETRY if is_disk else min(RETRY_STEP * count, RETRY_LONGEST)
            retry_at = self._clock.monotonic() + pause.total_seconds()
            self._failing[name] = _Failing(0 if is_disk else count, retry_at)
        else:
            self._failing.pop(name, None)

    def _may_run(self, due: Due) -> bool:
        failing = self._failing.get((due.key, due.due_at))
        return failing is None or failing.retry_at <= self._clock.monotonic()

    async def _remove_messages(self) -> None:
        while True:
            now = self._clock.now()
            moment = await self._database.read(messages.next_due)
            if moment is None or moment > now:
                return
            try:
                await self._database.write(partial(self._remove_due, now=now))
            except Exception as error:  # noqa: BLE001 - a border: timers must go on
                logs.fault("removal-fault", error)
                return

    async def _forget_old(self) -> None:
        now = self._clock.now()
        if self._forgotten_at is not None and abs(now - self._forgotten_at) < FORGET_EVERY:
            return
        self._forgotten_at = now
        for sweep in self._sweeps:
            try:
                await sweep(now)
            except Exception as error:  # noqa: BLE001 - a border: the others, and timers, go on
                logs.fault("forgetting-fault", error)

    async def _replace_keys(self) -> None:
        """Seal anew what is owed to be, a part at a time: an alarm comes between any two."""
        now = self._clock.now()
        try:
            while await self._database.read(lambda tx: _has_to_replace(tx, now)):
                await self._database.write(lambda tx: _replace(tx, now))
        except Exception as error:  # noqa: BLE001 - a border: timers must go on
            logs.fault("resealing-fault", error)

    async def _seconds_to_next(self, swept_at: datetime) -> float:
        """What was due at `swept_at` has been run, or is failing and has its own time."""
        moment = await self._database.read(lambda tx: _next_moment(tx, swept_at))
        steady = self._clock.monotonic()
        waits = [failing.retry_at - steady for failing in self._failing.values()]
        if moment is not None:
            waits.append((moment - self._clock.now()).total_seconds())
        return max(min([LONGEST_WAIT, *waits]), 0.0)


def _next_moment(tx: Transaction, after: datetime = EPOCH) -> datetime | None:
    moments = (timers.next_due(tx, after), messages.next_due(tx, after))
    return min((moment for moment in moments if moment is not None), default=None)


def _has_to_replace(tx: Transaction, now: datetime) -> bool:
    return resealing.is_day_over(tx, now) or resealing.is_due(tx)


def _replace(tx: Transaction, now: datetime) -> None:
    resealing.ask_daily(tx, now)
    resealing.step(tx)
