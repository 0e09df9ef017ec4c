"""From the inbox to what it causes: one update, one transaction, once.

Urgent updates overtake all others; those of one chat are handled in the order they came. What
fails is rolled back, tried again, and after three times set aside alone, with one apology.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from bot import logs
from bot.clock import Clock
from bot.waiting import Bell
from storage import inbox
from storage.database import Database, is_disk_trouble
from storage.inbox import Waiting
from storage.transaction import Transaction

BATCH = 32  # updates handled in one go
RETRY_PAUSE = 0.2  # seconds after a failure
DISK_PAUSE = 1.0  # seconds
LONGEST_WAIT = 30.0  # seconds without looking

Handle = Callable[[Transaction, datetime, int, bytes], None]
Apologize = Callable[[Transaction, datetime, bytes], None]
OnUrgentFailure = Callable[[bytes], Awaitable[None]]


class Handling:
    """Handles what waits, for as long as `run` runs."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        handle: Handle,
        apologize: Apologize,
        on_urgent_failure: OnUrgentFailure,
    ) -> None:
        self._database = database
        self._clock = clock
        self._handle = handle
        self._apologize = apologize
        self._on_urgent_failure = on_urgent_failure
        self._urgent = Bell(clock)
        self._ordinary = Bell(clock)

    def arrived(self) -> None:
        """Say that something new waits."""
        self._urgent.ring()
        self._ordinary.ring()

    async def run(self) -> None:
        """Handle until cancelled; urgent updates have a way of their own."""
        async with asyncio.TaskGroup() as ways:
            ways.create_task(self._work_off(self._urgent, is_urgent=True))
            ways.create_task(self._work_off(self._ordinary, is_urgent=False))

    async def _work_off(self, bell: Bell, *, is_urgent: bool) -> None:
        while True:
            rows = await self._database.read(
                lambda tx: inbox.waiting(tx, BATCH, is_urgent=is_urgent)
            )
            if not rows:
                await bell.wait(LONGEST_WAIT)
                continue
            failures = await asyncio.gather(*(self._handle_one(row) for row in rows))
            pause = max(failures, default=0.0)
            if pause:
                await self._clock.sleep(pause)

    async def _handle_one(self, row: Waiting) -> float:
        """Handle one update; give the seconds to wait before anything is tried again."""
        now = self._clock.now()

        def work(tx: Transaction) -> None:
            # An earlier one of this chat has failed just now: this one waits for it.
            if inbox.is_waiting(tx, row.seq) and inbox.is_next(tx, row.seq):
                self._handle(tx, now, row.seq, row.raw)
                inbox.done(tx, row.seq)

        try:
            await self._database.write(work, urgent=row.is_urgent)
        except Exception as error:  # noqa: BLE001 - a border: one update never stops the others
            logs.fault("update-fault", error, seq=row.seq)
            return await self._after_failure(row, error)
        return 0.0

    async def _after_failure(self, row: Waiting, error: Exception) -> float:
        if is_disk_trouble(error):
            if row.is_urgent:
                await self._on_urgent_failure(row.raw)
            return DISK_PAUSE
        now = self._clock.now()
        try:
            if await self._database.write(lambda tx: inbox.fail(tx, row.seq)):
                logs.warn("update-set-aside", seq=row.seq)
                if row.is_urgent:  # a fault of ours keeps a call for help from nobody
                    await self._on_urgent_failure(row.raw)
                await self._database.write(lambda tx: self._apologize(tx, now, row.raw))
        except Exception as second:  # noqa: BLE001 - as above
            logs.fault("update-not-set-aside", second, seq=row.seq)
            return DISK_PAUSE
        return RETRY_PAUSE
