"""The bot of a rehearsal: the same application as `aman run`, here, on a clock that is moved."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from bot.app import Application
from bot.clock import MovableClock
from bot.config import Config
from bot.rehearsal.botapi.server import BotApiServer
from bot.rehearsal.stage import Runner
from bot.unlocking import open_keys
from storage import messages, timers
from storage.transaction import Transaction
from storage.vault.keyslots import KeySlots

Housing: TypeAlias = Callable[
    [Config, BotApiServer, MovableClock, Path], AbstractAsyncContextManager[Runner]
]
"""Gives the bot a place to run in, told the folder of its log."""


class InProcessRunner:
    """Starts and stops the application on the data that is there."""

    def __init__(
        self, config: Config, slots: KeySlots, clock: MovableClock, tasks: asyncio.TaskGroup
    ) -> None:
        self._config = config
        self._slots = slots
        self._clock = clock
        self._tasks = tasks
        self._application: Application | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def application(self) -> Application:
        """Give the application that runs now."""
        assert self._application is not None  # noqa: S101 - asked for between start and stop
        return self._application

    async def start(self) -> None:
        """Start the bot on what is stored."""
        opened = asyncio.Event()
        self._application = Application(self._config, self._slots, self._clock)
        self._running = self._tasks.create_task(self._run(self._application, opened), name="bot")
        await opened.wait()

    async def stop(self) -> None:
        """End the bot cleanly."""
        self.application.stop()
        assert self._running is not None  # noqa: S101 - as above
        await self._running

    async def is_quiet(self) -> bool:
        """Say whether nothing waits to be handled, sent or fetched."""
        return await self.application.is_quiet()

    async def next_due(self) -> datetime | None:
        """Give the moment of the earliest timer or removal, or None."""
        return await self.application.database.read(next_due)

    async def move(self, by: timedelta) -> None:
        """Let `by` pass: the service and the bot share one clock here."""
        self._clock.move(by)

    @staticmethod
    async def _run(application: Application, opened: asyncio.Event) -> None:
        async with application:
            opened.set()
            await application.run()


@asynccontextmanager
async def run_here(
    config: Config, service: BotApiServer, clock: MovableClock, log_folder: Path
) -> AsyncIterator[Runner]:
    """Have the bot run in this very process, whose log is written already."""
    del service, log_folder
    with open_keys(config) as slots:
        async with asyncio.TaskGroup() as tasks:
            yield InProcessRunner(config, slots, clock, tasks)


def next_due(tx: Transaction) -> datetime | None:
    """Give when something falls due next: a timer, or a message that has to go."""
    moments = (timers.next_due(tx), messages.next_due(tx))
    return min((moment for moment in moments if moment is not None), default=None)
