"""How sending ends, by whichever channel: outcomes reach the disk, and a stop waits a little."""

import asyncio
from collections.abc import Callable, Collection

from bot import logs
from bot.clock import Clock
from storage.database import Database
from storage.transaction import Transaction
from storage.trouble import is_disk_trouble

DISK_RETRY = 1.0  # seconds
DRAIN = 5.0  # real seconds


async def let_end(tasks: Collection[asyncio.Task[None]]) -> None:
    """Let what is under way end, for a while."""
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=DRAIN)
        for task in late:
            task.cancel()


async def until_stored(
    database: Database, clock: Clock, work: Callable[[Transaction], object], *, urgent: bool
) -> None:
    """Store what became of an attempt, as soon as the disk takes it."""
    while True:
        try:
            await database.write(work, urgent=urgent)
        except Exception as error:
            if not is_disk_trouble(error):
                raise
            logs.fault("outcome-not-stored", error)
            await clock.sleep(DISK_RETRY)
        else:
            return
