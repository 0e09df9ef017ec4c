"""Watches whether the chat works at all: what it gives the second channel to act on.

It is down while the service halts everything, or when no poll has gone well for a minute. Seconds
count only while we look: a machine that slept for an hour has not waited for an answer that long.
It is not ours alone while somebody else takes updates in turn with us: polls go well then, and
calls for help are lost all the same. A disk that takes nothing ends no watch: what was found is
stored at a later look, and organizers are told of a silent line past the disk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot import logs
from bot.bareletters import BareLetters
from bot.clock import Clock
from bot.hearing import Hearing
from coordination import secondchannel
from coordination.turns import Work
from safety.intake import DEAD_AFTER
from storage.database import Database
from storage.transaction import Transaction
from storage.trouble import is_disk_trouble

LOOK_EVERY = 1.0  # seconds
LONGEST_STEP = 2 * LOOK_EVERY  # that one look can add


@dataclass(frozen=True, slots=True)
class _Found:
    """Since when the line is down, silent, shared with somebody else; None: it is not."""

    down: datetime | None = None
    silent: datetime | None = None
    shared: datetime | None = None


class LineWatch:
    """Looks each second; stores what it finds when that has changed.

    `is_halted` says whether everything is halted.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what it is joined to
        self,
        database: Database,
        clock: Clock,
        work: Callable[[Transaction, datetime], Work],
        hearing: Hearing,
        is_halted: Callable[[], bool],
        letters: BareLetters,
    ) -> None:
        self._database = database
        self._clock = clock
        self._work = work
        self._hearing = hearing
        self._is_halted = is_halted
        self._letters = letters
        self._began = clock.now()
        self._good: datetime | None = None
        self._silent = 0.0  # seconds
        self._halted_since: datetime | None = None
        self._told: _Found | None = None  # nothing yet

    async def run(self) -> None:
        """Look until cancelled."""
        self._began, looked = self._clock.now(), self._clock.monotonic()
        while True:
            await self._letters.keep_fresh()
            await self._clock.sleep(LOOK_EVERY)
            now = self._clock.monotonic()
            await self._look(min(now - looked, LONGEST_STEP))
            looked = now

    async def _look(self, step: float) -> None:
        good = self._hearing.heard_at
        self._silent = self._silent + step if good == self._good else 0.0
        self._good = good
        if not self._is_halted():
            self._halted_since = None
        elif self._halted_since is None:
            self._halted_since = self._clock.now()
        is_silent = self._silent >= DEAD_AFTER.total_seconds()
        silent_since = (good or self._began) if is_silent else None
        found = _Found(
            silent_since or self._halted_since, silent_since, self._hearing.shared_since
        )
        is_known = good is not None or found != _Found()  # else the last worker's word stands
        if is_known and found != self._told and await self._keep(found):
            self._told = found

    async def _keep(self, found: _Found) -> bool:
        """Store it, if that can be; else organizers hear of a silent line past the disk."""
        try:
            await self._store(found)
        except Exception as error:
            if not is_disk_trouble(error):
                raise
            logs.fault("line-not-stored", error)
            if found.silent is not None:
                await self._letters.tell()
            return False
        self._letters.forget_told()
        return True

    async def _store(self, found: _Found) -> None:
        def note(tx: Transaction) -> None:
            work = self._work(tx, self._clock.now())
            secondchannel.note_line(work, found.down)
            secondchannel.note_silence(work, found.silent)
            secondchannel.note_sharing(work, found.shared)

        await self._database.write(note, urgent=True)
        if found.silent is not None:
            logs.warn("line-silent")
        if found.shared is not None:
            logs.warn("line-shared")
