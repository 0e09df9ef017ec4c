"""Watches whether the chat works at all: what it gives the second channel to act on.

It is down while the service halts everything, or when no poll has gone well for a minute. Seconds
count only while we look: a machine that slept for an hour has not waited for an answer that long.
"""

from collections.abc import Callable
from datetime import datetime

from bot import logs
from bot.clock import Clock
from coordination import secondchannel
from coordination.turns import Work
from safety.intake import DEAD_AFTER
from storage.database import Database
from storage.transaction import Transaction

LOOK_EVERY = 1.0  # seconds
LONGEST_STEP = 2 * LOOK_EVERY  # that one look can add


class LineWatch:
    """Looks each second; stores what it finds when that has changed.

    `last_good` gives when a poll last went well, `is_halted` says whether everything is halted.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        work: Callable[[Transaction, datetime], Work],
        last_good: Callable[[], datetime | None],
        is_halted: Callable[[], bool],
    ) -> None:
        self._database = database
        self._clock = clock
        self._work = work
        self._last_good = last_good
        self._is_halted = is_halted
        self._began = clock.now()
        self._good: datetime | None = None
        self._silent = 0.0  # seconds
        self._halted_since: datetime | None = None
        self._told: tuple[datetime | None, datetime | None] | None = None  # nothing yet

    async def run(self) -> None:
        """Look until cancelled."""
        self._began, looked = self._clock.now(), self._clock.monotonic()
        while True:
            await self._clock.sleep(LOOK_EVERY)
            now = self._clock.monotonic()
            await self._look(min(now - looked, LONGEST_STEP))
            looked = now

    async def _look(self, step: float) -> None:
        good = self._last_good()
        self._silent = self._silent + step if good == self._good else 0.0
        self._good = good
        if not self._is_halted():
            self._halted_since = None
        elif self._halted_since is None:
            self._halted_since = self._clock.now()
        is_silent = self._silent >= DEAD_AFTER.total_seconds()
        silent_since = (good or self._began) if is_silent else None
        found = (silent_since or self._halted_since, silent_since)
        is_known = good is not None or found != (None, None)  # else the last worker's word stands
        if is_known and found != self._told:
            await self._tell(*found)
            self._told = found

    async def _tell(self, down_since: datetime | None, silent_since: datetime | None) -> None:
        if silent_since is not None:
            logs.warn("line-silent")

        def note(tx: Transaction) -> None:
            work = self._work(tx, self._clock.now())
            secondchannel.note_line(work, down_since)
            secondchannel.note_silence(work, silent_since)

        await self._database.write(note, urgent=True)
