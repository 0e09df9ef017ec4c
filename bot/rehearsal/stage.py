"""Where the evening is played: the service, the bot, and a clock that lets hours pass."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.clock import MovableClock, SystemClock
from bot.config import Config
from bot.rehearsal.botapi.server import BotApiServer
from bot.rehearsal.cast import Player
from bot.rehearsal.promises import Promises
from bot.rehearsal.transcript import Transcript
from handlers.texts import Texts
from safety.languages import Language

QUIET_WITHIN = 30.0  # real seconds
LOOKS = 2  # in a row that must find nothing to do
PAUSE = 0.01  # real seconds between two looks


class Runner(Protocol):
    """The running bot: in this process for a rehearsal, in one of its own where it is killed."""

    async def start(self) -> None:
        """Start the bot on what is stored."""
        ...

    async def stop(self) -> None:
        """End the bot cleanly."""
        ...

    async def is_quiet(self) -> bool:
        """Say whether nothing waits to be handled, sent or fetched."""
        ...

    async def next_due(self) -> datetime | None:
        """Give the moment of the earliest timer, or None."""
        ...

    async def move(self, by: timedelta) -> None:
        """Let `by` pass on the bot's clock and the service's."""
        ...


@dataclass(slots=True)
class Stage:
    """Everything an act needs."""

    service: BotApiServer
    runner: Runner
    clock: MovableClock
    transcript: Transcript
    promises: Promises
    texts: Texts
    config: Config
    logs: Path  # the folder of the log
    outside: Path  # where cases are given out to
    zone: ZoneInfo
    is_patient: bool = False  # people let the bot come to rest before they look or press
    _real: SystemClock = field(default_factory=SystemClock)

    def player(self, number: int, name: str, language: Language) -> Player:
        """Give somebody with a phone in this language."""
        phone = self.service.person(number, name, language_code=language.value)
        self.transcript.knows(number, name)
        return Player(phone, language, self.texts, self.pause)

    async def quiet(self) -> None:
        """Wait until the bot has caught up with everything that happened.

        Raises:
            TimeoutError: it does not come to rest.
        """
        deadline = self._real.monotonic() + QUIET_WITHIN
        calm = 0
        while calm < LOOKS:
            if self._real.monotonic() > deadline:
                raise TimeoutError("the bot does not come to rest")
            busy = self.service.pending_updates > 0 or self.service.in_flight > 0
            calm = 0 if busy or not await self.runner.is_quiet() else calm + 1
            await self._real.sleep(PAUSE)

    async def pause(self) -> None:
        """Wait until the bot has come to rest, if people are patient.

        Raises:
            TimeoutError: it does not.
        """
        if self.is_patient:
            await self.quiet()

    async def until(self, moment: datetime) -> None:
        """Let time pass until `moment`, stopping wherever something falls due."""
        while (due := await self._due_at_rest()) is not None and due <= moment:
            await self._move_to(due)
        await self._move_to(moment)
        await self.quiet()

    async def passes(self, by: timedelta) -> None:
        """Let this much time pass."""
        await self.until(self.clock.now() + by)

    async def restarts(self) -> None:
        """Stop the bot and start it again on what is stored."""
        await self.runner.stop()
        await self.runner.start()

    async def _due_at_rest(self) -> datetime | None:
        """Give when something falls due next while the bot has nothing to do.

        Its clock goes on by itself: what falls due between a look and a question is under way, and
        hours must not pass over it.
        """
        due = await self.runner.next_due()
        while True:
            await self.quiet()
            before, due = due, await self.runner.next_due()
            if due == before:
                return due

    async def _move_to(self, moment: datetime) -> None:
        by = moment - self.clock.now()
        if by > timedelta():
            await self.runner.move(by)
