"""An evening under way, stored, and people on their phones: what a bot that is killed works on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.clock import MovableClock, SystemClock
from bot.config import Config
from bot.rehearsal.botapi import BotApiServer
from bot.rehearsal.opening import TOKEN, USERNAME, prepare
from bot.unlocking import open_keys
from storage import inbox, outbox
from storage.database import Database
from storage.transaction import Transaction
from storage.vault import words
from storage.vault.errors import OvertakenKeySlotsError
from tests.faults.killing import KilledRunner, Steps
from tests.harness import START, World

T = TypeVar("T")

LOOK_EVERY = 0.1  # real seconds


@dataclass(frozen=True, slots=True)
class Ground:
    """The service, the bot that can be killed, and what it stores."""

    config: Config
    service: BotApiServer
    clock: MovableClock
    runner: KilledRunner

    async def look(self, look: Callable[[Transaction], T]) -> T:
        """Look at what is stored, beside the bot or after it; anew where it just changed a key."""
        while True:
            with (
                contextlib.suppress(OvertakenKeySlotsError),
                open_keys(self.config, to_write=False) as slots,
            ):
                async with Database(self.config.database_path, slots, is_guest=True) as database:
                    return await database.read(look)

    async def is_done(self) -> bool:
        """Say whether all that people did was taken in and handled, and all that is owed sent."""
        return self.service.pending_updates == 0 and await self.look(_is_done)

    async def is_handled(self) -> bool:
        """Say whether all that people did was taken in and handled."""
        return self.service.pending_updates == 0 and not await self.look(inbox.count_waiting)

    async def until(self, is_so: Callable[[], Awaitable[bool]], within: float) -> None:
        """Wait until it is so.

        Raises:
            TimeoutError: it is not, within so many real seconds.
        """
        async with asyncio.timeout(within):
            while not await is_so():
                await SystemClock().sleep(LOOK_EVERY)


def _is_done(tx: Transaction) -> bool:
    return not inbox.count_waiting(tx) and not outbox.waiting(tx)


@asynccontextmanager
async def standing(
    folder: Path,
    speed: float,
    steps: Steps,
    has_people: Callable[[World], Awaitable[None]],
    failing: float = 0.0,
) -> AsyncIterator[Ground]:
    """Store what `has_people` makes in `folder`; then the bot runs as long as the block lasts."""
    clock = MovableClock(START, speed)
    log_folder = folder / "log"
    log_folder.mkdir()
    async with BotApiServer(token=TOKEN, username=USERNAME, clock=clock) as service:
        service.profile.can_join_groups = False
        config = await asyncio.to_thread(prepare, folder, service.url)
        secret = words.parse((config.home / config.unlock_file).read_text(encoding="utf-8"))
        async with World(config.keys_path.parent, keys=(open_keys(config), secret)) as world:
            await has_people(world)
        runner = KilledRunner(config, service, clock, log_folder, steps, failing=failing)
        async with runner:
            await runner.start()
            yield Ground(config, service, clock, runner)
            await runner.stop()
