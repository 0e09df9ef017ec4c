"""Knows whether this copy of the bot is the one that works, and stops it where it is not.

All copies share one thing, the bot's account: the working copy keeps a signed mark in a menu of
commands that nobody sees (ADR-0021). Where the service cannot be asked the bot works: fail open
for alarms. After a silence, in which the program may have been suspended, nothing is committed
before the mark was looked at.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from telegram import Bot, BotCommand, BotCommandScopeAllChatAdministrators
from telegram.error import TelegramError

from bot import logs
from bot.clock import Clock
from bot.hearing import Hearing
from bot.outcomes import NO_SENSE
from safety.intake import FOREIGN
from safety.standby import (
    LOOK_EVERY,
    RENEW_EVERY,
    Lineage,
    Mark,
    Verdict,
    is_certain,
    judge,
)
from storage import lease, standby
from storage.database import Database
from storage.lease import Claimant, Fence, OvertakenError
from storage.transaction import Transaction

# The bot leaves every group at once, so that no administrator of one ever sees this menu.
WHERE = BotCommandScopeAllChatAdministrators()
NAME = "k"
TICK = 1.0  # seconds
PATIENCE = 5.0  # real seconds for the service to answer
UNANSWERED = (TelegramError, TimeoutError, *NO_SENSE)
SOON = timedelta(seconds=5)  # between two looks while it is open who works


@dataclass(slots=True)
class Standby:
    """Looks at the mark: before anything else, every two minutes, on a conflict, after a silence.

    Where nobody answers, it looks again every few seconds. `clock` is the machine's: a suspended
    program is found out by real time alone.
    """

    database: Database
    bot: Bot
    clock: Clock
    fence: Fence
    claimant: Claimant
    hearing: Hearing
    _has_taken_over: bool = False
    _lineage: Lineage = field(default=Lineage(0, frozenset()))
    _mark: Mark | None = None  # chosen, and perhaps left
    _looked_at: datetime | None = None
    _renewed_at: datetime | None = None
    _alive: tuple[datetime, float] | None = None  # when last seen alive, by both clocks
    _foreign_failures: int = 0
    _doubts: int = 0  # how often it has come into doubt …
    _settled: int = 0  # … up to which the mark was looked at: while it is fewer, commits wait
    _is_unanswered: bool = False  # nobody could be asked: it goes on, and is asked again soon

    async def begin(self) -> None:
        """Leave our mark, unless another copy works.

        Raises: OvertakenError.
        """
        self._lineage = await self.database.read(standby.lineage)
        await self._look()

    async def run(self) -> None:
        """Go on looking until cancelled; the fence is lost where another copy works."""
        looking: asyncio.Task[None] | None = None
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._note_alive()
                if looking is None or looking.done():
                    looking = tasks.create_task(self._look_if_due())
                await self.clock.sleep(TICK)

    def needs_no_look(self) -> bool:
        """Note that this copy is alive; say whether it may go on without looking at the mark."""
        self._note_alive()
        self._note_others()
        return self._settled == self._doubts

    async def make_certain(self) -> None:
        """Come back at once; in doubt, when the mark was looked at, if it could be.

        What comes into doubt while it is answered takes another look.

        Raises: OvertakenError.
        """
        while not self.needs_no_look():
            doubts = self._doubts
            try:
                self._require_ours(await self._seen())
            except UNANSWERED:
                self._is_unanswered = True
                self._settle(doubts)
                return  # no alarm waits for more than one look that nobody answers
            self._settle(doubts)

    def _settle(self, doubts: int) -> None:
        """Note that the mark was looked at since so many doubts; two may look at once."""
        self._settled = max(self._settled, doubts)

    async def _look_if_due(self) -> None:
        try:
            self._note_others()
            doubts = self._doubts
            if doubts > self._settled or self._is_due():
                await self._look()
                self._settle(doubts)
            await self._renew()
        except OvertakenError:
            self.fence.lose()

    def _is_due(self) -> bool:
        if self._looked_at is None:
            return True
        is_open = self._is_unanswered or self.hearing.trouble in FOREIGN
        pause = SOON if is_open else LOOK_EVERY
        return abs(self.clock.now() - self._looked_at) >= pause

    def _note_others(self) -> None:
        """Doubt whenever somebody else takes updates: it may be the copy that takes over."""
        failures = self.hearing.failures if self.hearing.trouble in FOREIGN else 0
        if failures > self._foreign_failures:
            self._doubts += 1
        self._foreign_failures = failures

    def _note_alive(self) -> None:
        """Doubt after a silence: one clock stands still in a suspended machine, one may be set."""
        now, steady = self.clock.now(), self.clock.monotonic()
        if self._alive is not None:
            then, before = self._alive
            silent_for = max(now - then, timedelta(seconds=steady - before))
            if not is_certain(silent_for):
                logs.warn("standby-in-doubt", seconds=int(silent_for.total_seconds()))
                self._doubts += 1
        self._alive = now, steady

    async def _look(self) -> None:
        """Read the mark, and leave ours where there is none of another copy."""
        self._looked_at = self.clock.now()
        try:
            seen = await self._seen()
            if self.claimant.takes_over and not self._has_taken_over:
                self._take_over(seen)
            self._require_ours(seen)
            if self._mark is None:
                self._mark = await self._choose(seen)
            if seen != self._mark:
                await self._leave(self._mark)
        except UNANSWERED as error:
            logs.fault("standby-not-asked", error)
            self._is_unanswered = True
        else:
            self._is_unanswered = False

    def _require_ours(self, seen: Mark | None) -> None:
        if judge(self._lineage, seen) is Verdict.ANOTHERS:
            raise OvertakenError

    def _take_over(self, seen: Mark | None) -> None:
        """A person has decided, once, that this copy works from now on."""
        self._has_taken_over = True
        if seen is not None and judge(self._lineage, seen) is Verdict.ANOTHERS:
            self._lineage = Lineage(seen.next_term, self._lineage.left)
            logs.warn("taken-over")

    async def _choose(self, seen: Mark | None) -> Mark:
        term = self._lineage.term
        before = seen if judge(self._lineage, seen) is Verdict.OURS else None
        mark = await self.database.write(lambda tx: standby.choose(tx, before, term))
        self._lineage = await self.database.read(standby.lineage)
        return mark

    async def _seen(self) -> Mark | None:
        async with asyncio.timeout(PATIENCE):
            found = await self.bot.get_my_commands(scope=WHERE)
        said = [command.description for command in found if command.command == NAME]
        return await self.database.read(lambda tx: _first_mark(tx, said))

    async def _leave(self, mark: Mark) -> None:
        said = await self.database.read(lambda tx: standby.write(tx, mark))
        async with asyncio.timeout(PATIENCE):
            await self.bot.set_my_commands([BotCommand(NAME, said)], scope=WHERE)

    async def _renew(self) -> None:
        """Say to other machines that the disk is in use, where they can see it."""
        now = self.clock.now()
        is_fresh = self._renewed_at is not None and abs(now - self._renewed_at) < RENEW_EVERY
        if self.claimant.is_shared and not is_fresh:
            await self.database.write(lambda tx: lease.renew(tx, now))
            self._renewed_at = now


def _first_mark(tx: Transaction, said: Sequence[str]) -> Mark | None:
    return next((mark for text in said if (mark := standby.read(tx, text))), None)
