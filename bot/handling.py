"""From the inbox to what it causes: one update, one transaction, once.

Urgent updates overtake all others; those of one chat are handled in the order they came. What
fails is rolled back and tried again, and after three times set aside alone, with one apology to
its chat; what cannot be read, at once. Meanwhile its chat waits, and nobody else.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from bot import logs
from bot.clock import Clock
from bot.lineup import Lineup, Run
from bot.setaside import GiveUp, let_go
from bot.waiting import Bell
from handlers.incoming import UnreadableError
from storage import inbox
from storage.database import Database
from storage.transaction import Transaction
from storage.trouble import is_disk_trouble

IN_FLIGHT = 48  # updates of one lane handled at once: together they share a commit
STRANGERS = 24  # of them from people we do not know …
STRANGERS_BESIDE_ALARM = 1  # … and beside a call for help, which is on its way for so long:
HEAD_START = 1.0  # seconds
LOOK_AT = 200  # updates taken into the line at once: who has to look for less waits no longer
LONGEST_LINE = 20_000  # updates known by their places; the others wait in the inbox alone
RETRY_PAUSE = 0.2  # seconds that a chat waits after a failure
DISK_PAUSE = 1.0  # seconds
LONGEST_WAIT = 30.0  # seconds without looking

Handle = Callable[[Transaction, datetime, int, bytes], None]
OnUrgentFailure = Callable[[bytes], Awaitable[None]]


@dataclass(slots=True)
class _Lane:
    """One way through: who waits on it, and how many are under way."""

    is_urgent: bool
    bell: Bell
    lineup: Lineup = field(default_factory=Lineup)
    seen: int = 0  # the last place that was put into the line
    has_come: bool = True  # something may be there that was not looked at
    in_flight: int = 0
    holds_until: float = 0.0  # monotonic seconds: the machine takes nothing until then


class Handling:
    """Handles what waits, for as long as `run` runs."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        handle: Handle,
        give_up: GiveUp,
        on_urgent_failure: OnUrgentFailure,
    ) -> None:
        self._database = database
        self._clock = clock
        self._handle = handle
        self._give_up = give_up
        self._on_urgent_failure = on_urgent_failure
        self._lanes = self._new_lanes()
        self._alarm_until = 0.0  # monotonic seconds: until then a call for help is on its way

    def arrived(self) -> None:
        """Say that something new waits."""
        for lane in self._lanes:
            lane.has_come = True
            lane.bell.ring()

    async def run(self) -> None:
        """Handle until cancelled; urgent updates have a way of their own.

        Run again after it broke, it begins anew with all that waits.
        """
        self._lanes = self._new_lanes()
        async with asyncio.TaskGroup() as ways:
            for lane in self._lanes:
                ways.create_task(self._work_off(lane))

    def _new_lanes(self) -> tuple[_Lane, ...]:
        return tuple(_Lane(is_urgent, Bell(self._clock)) for is_urgent in (True, False))

    async def _work_off(self, lane: _Lane) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                while lane.has_come and len(lane.lineup) <= LONGEST_LINE:
                    await self._look(lane)
                    self._begin(lane, tasks)
                self._begin(lane, tasks)
                if not await lane.bell.wait(self._pause(lane)):
                    lane.has_come = True  # nobody has said so: it is looked all the same

    async def _look(self, lane: _Lane) -> None:
        """Put what has come into the line."""
        lane.has_come = False
        found = await self._database.read(
            lambda tx: inbox.coming(tx, lane.seen, LOOK_AT, is_urgent=lane.is_urgent)
        )
        for one in found:
            lane.lineup.join(one.chat, one.seq, is_known=one.is_known)
            lane.seen = one.seq
        lane.has_come = lane.has_come or len(found) == LOOK_AT

    def _begin(self, lane: _Lane, tasks: asyncio.TaskGroup) -> None:
        now = self._clock.monotonic()
        if now < lane.holds_until:
            return
        strangers = STRANGERS_BESIDE_ALARM if now < self._alarm_until else STRANGERS
        for run in lane.lineup.take(IN_FLIGHT - lane.in_flight, now, strangers):
            if lane.is_urgent:
                self._alarm_until = now + HEAD_START
            lane.in_flight += len(run.seqs)
            tasks.create_task(self._handle_run(lane, run))

    def _pause(self, lane: _Lane) -> float:
        """Say how long nothing can begin, unless something comes or ends."""
        now, rested = self._clock.monotonic(), lane.lineup.next_change()
        if now < lane.holds_until:
            return lane.holds_until - now
        return LONGEST_WAIT if rested is None else min(max(rested - now, 0.0), LONGEST_WAIT)

    async def _handle_run(self, lane: _Lane, run: Run) -> None:
        """Handle a chat's updates in order; after one that failed the others stay for later."""
        before = (None, *run.seqs)
        results = await asyncio.gather(
            *(
                self._handle_one(lane, seq, earlier)
                for earlier, seq in zip(before, run.seqs, strict=False)
            )
        )
        left = [seq for seq, is_over in zip(run.seqs, results, strict=True) if not is_over]
        rests = self._clock.monotonic() + RETRY_PAUSE if left else None
        lane.lineup.ends(run, left, rests)
        lane.in_flight -= len(run.seqs)
        lane.bell.ring()

    async def _handle_one(self, lane: _Lane, seq: int, earlier: int | None) -> bool:
        """Handle one update; say whether it is over: handled, set aside, or gone meanwhile."""
        now = self._clock.now()

        def work(tx: Transaction) -> bool:
            if earlier is not None and inbox.is_waiting(tx, earlier):
                return False  # it has failed just now: this one waits for it
            raw = inbox.words(tx, seq)
            if raw is not None:
                self._handle(tx, now, seq, raw)
                inbox.done(tx, seq)
            return True

        try:
            return await self._database.write(work, urgent=lane.is_urgent)
        except Exception as error:  # noqa: BLE001 - a border: one update never stops the others
            if not isinstance(error, UnreadableError):
                logs.fault("update-fault", error, seq=seq)
            return await self._after_failure(lane, seq, error)

    async def _after_failure(self, lane: _Lane, seq: int, error: Exception) -> bool:
        raw, is_over = b"", False
        try:
            raw = await self._database.read(lambda tx: inbox.words(tx, seq) or b"")
            if not is_disk_trouble(error):
                is_hopeless = isinstance(error, UnreadableError)
                fail = partial(self._fail, seq=seq, is_hopeless=is_hopeless)
                is_over = await self._database.write(fail, urgent=lane.is_urgent)
        except Exception as second:  # noqa: BLE001 - as above
            logs.fault("update-not-set-aside", second, seq=seq)
            error = second
        is_disk = is_disk_trouble(error)
        if is_disk:  # not the update's fault: everything on this way waits
            lane.holds_until = self._clock.monotonic() + DISK_PAUSE
        if lane.is_urgent and (is_disk or is_over):  # no trouble of ours keeps a call for help
            await self._on_urgent_failure(raw)
        return is_over

    def _fail(self, tx: Transaction, seq: int, *, is_hopeless: bool) -> bool:
        """Count a failure; where it was the last one, set the update aside and let go of it."""
        raw = inbox.words(tx, seq) or b""
        if not inbox.fail(tx, seq, for_good=is_hopeless):
            return False
        let_go(tx, self._clock.now(), seq, raw, self._give_up)
        return True
