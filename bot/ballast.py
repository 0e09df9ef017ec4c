"""Keeping the ballast: taken at the start and whenever there is room, missed without delay."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from bot import logs
from bot.clock import Clock
from bot.waiting import Bell
from storage.ballast import Ballast
from storage.database import Database
from storage.transaction import Effects, Transaction

LOOK_EVERY = 60.0  # seconds

Note = Callable[[Transaction, datetime, bool], None]


class BallastKeeper:
    """Holds the ballast for as long as `run` runs; `note` stores whether storage is low."""

    def __init__(self, database: Database, ballast: Ballast, clock: Clock, note: Note) -> None:
        self._database = database
        self._ballast = ballast
        self._clock = clock
        self._note = note
        self._bell = Bell(clock)
        self._was_held: bool | None = None  # None: nobody has looked yet
        database.on_commit(self._note_commit)

    async def run(self) -> None:
        """Look again and again, and as soon as a commit has cost the ballast."""
        while True:
            await self._look()
            await self._bell.wait(LOOK_EVERY)

    def _note_commit(self, _effects: Effects) -> None:
        if self._was_held and not self._ballast.is_held:
            self._bell.ring()

    async def _look(self) -> None:
        is_held = await asyncio.to_thread(self._ballast.take)
        if is_held == self._was_held:
            return
        if not is_held:
            logs.warn("storage-nearly-full")
        now = self._clock.now()
        try:
            await self._database.write(lambda tx: self._note(tx, now, not is_held))
        except Exception as error:  # noqa: BLE001 - a border: it is said as soon as it can be kept
            logs.fault("storage-not-noted", error)
            return
        self._was_held = is_held
