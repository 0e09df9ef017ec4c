"""Watching the line and the clock: what is wrong is kept for whoever looks, and told once.

The clock is watched here because nobody else can tell: what the machine calls now is compared with
the seconds that have passed. After a jump everything that waits for a moment looks anew. At the
start it is compared with what it showed last: it may have been set back while nobody looked.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot import logs
from bot.clock import Clock
from bot.hearing import Hearing
from coordination import clockjumps, intake
from coordination.turns import Work
from safety.intake import FOREIGN, Outage, must_be_told
from storage.database import Database
from storage.intake import seen_at
from storage.transaction import Transaction

LOOK_EVERY = 5.0  # seconds
KEEP_EVERY = 30.0  # seconds between two moments of one kind that are kept
JUMP = 5.0  # real seconds of the clock against those that passed


class Watch:
    """Looks again and again, and at once when a trouble begins or ends."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        hearing: Hearing,
        work: Callable[[Transaction, datetime], Work],
        token: int,
    ) -> None:
        """Watch for the token with this mark."""
        self._database = database
        self._clock = clock
        self._hearing = hearing
        self._work = work
        self._token: int | None = token  # until its mark is kept
        self._kept: tuple[Outage | None, bool] | None = None  # None: nothing was kept yet
        self._foreign: datetime | None = None  # what was kept last
        self._heard: float | None = None  # when hearing was kept last, in monotonic seconds
        self._seen: float | None = None  # when the clock was kept last, likewise
        self._jumped = timedelta()  # by how much, as far as it is not kept yet

    async def run(self) -> None:
        """Look until cancelled."""
        wall, steady = self._clock.now(), self._clock.monotonic()
        last = await self._database.read(seen_at)
        if last is not None and last > wall:  # however long it was off, at least by that
            self._find_jump(wall - last)
        while True:
            now, then = self._clock.now(), self._clock.monotonic()
            self._find_jump(now - wall - timedelta(seconds=then - steady))
            wall, steady = now, then
            await self._note_clock()
            await self._note_token()
            await self._note_own()
            await self._note_outage()
            await self._note_foreign()
            await self._note_heard()
            await self._hearing.changed.wait(LOOK_EVERY)

    def _find_jump(self, jump: timedelta) -> None:
        if abs(self._clock.real_seconds(jump.total_seconds())) > JUMP:
            logs.warn("clock-jumped", seconds=round(jump.total_seconds()))
            self._clock.note_jump()
            self._jumped += jump

    async def _note_clock(self) -> None:
        """Keep a jump, and now and then what the clock shows."""
        jump, now = self._jumped, self._clock.monotonic()
        is_fresh = self._seen is not None and now - self._seen < KEEP_EVERY
        if is_fresh and not jump:
            return
        if await self._keep(lambda work: clockjumps.note_clock(work, jump)):
            self._jumped, self._seen = timedelta(), now

    async def _note_token(self) -> None:
        token = self._token
        if token is not None and await self._keep(lambda work: intake.note_token(work, token)):
            self._token = None

    async def _note_own(self) -> None:
        if self._hearing.was_own and await self._keep(intake.note_own_webhook):
            self._hearing.was_own = False

    async def _note_outage(self) -> None:
        hearing = self._hearing
        outage = hearing.outage
        if outage is None and hearing.heard_at is None:
            return  # nobody knows yet
        if outage is not None and outage.trouble in FOREIGN and not hearing.is_foreign:
            return  # it may be an echo of our own: what was kept before stands
        must_tell = outage is not None and (
            hearing.is_foreign
            or must_be_told(outage.trouble, hearing.failures, is_dead=hearing.is_dead)
        )
        found = (outage, must_tell)
        if found == self._kept:
            return
        if outage is None:
            is_kept = await self._keep(intake.note_good)
        else:
            is_kept = await self._keep(
                lambda work: intake.note_outage(work, outage, must_tell=must_tell)
            )
        if is_kept:
            self._kept = found

    async def _note_foreign(self) -> None:
        seen, kept = self._hearing.foreign_at, self._foreign
        if seen is None or (kept is not None and abs(seen - kept).total_seconds() < KEEP_EVERY):
            return
        if await self._keep(lambda work: intake.note_foreign(work, seen)):
            self._foreign = seen

    async def _note_heard(self) -> None:
        now = self._clock.monotonic()
        if self._hearing.heard_at is None or self._hearing.outage is not None:
            return
        if self._heard is None or now - self._heard >= KEEP_EVERY:
            heard_at = self._hearing.heard_at
            if await self._keep(lambda work: intake.note_heard(work, heard_at)):
                self._heard = now

    async def _keep(self, note: Callable[[Work], None]) -> bool:
        """Store it, if that can be; else it is tried again at the next look."""
        now = self._clock.now()
        try:
            await self._database.write(lambda tx: note(self._work(tx, now)))
        except Exception as error:  # noqa: BLE001 - a border: the watch must go on
            logs.fault("watch-not-kept", error)
            return False
        return True
