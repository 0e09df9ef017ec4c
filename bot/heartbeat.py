"""A sign of life to a service outside, so that somebody notices a dead server.

Optional. It is sent only while the bot is really well, says nothing but that, and goes the way
that everything else goes. Whoever keeps that service learns the machine's address and its hours.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import httpx

from bot import logs
from bot.clock import Clock
from bot.config import Pulse
from bot.hearing import Hearing
from safety.heartbeat import goes_out, is_heard
from safety.notices import Lane
from storage import counters, overdue
from storage.database import Database
from storage.moments import to_row
from storage.transaction import Transaction

PATIENCE = 10.0  # real seconds for the answer, and for the disk
WROTE = "heartbeat"  # the counter that shows that the disk takes something


@dataclass(slots=True)
class Heartbeat:
    """Sends it for as long as `run` runs, if there is where to."""

    pulse: Pulse | None
    database: Database
    client: httpx.AsyncClient
    clock: Clock
    hearing: Hearing
    sent_at: datetime | None = None
    failing_since: datetime | None = None  # its service; None: the last one was taken

    async def run(self) -> None:
        """Look how the bot is, and say so where it is well; until cancelled."""
        if self.pulse is None:
            return
        while True:
            if await self.is_well():
                await self._send(self.pulse)
            await self.clock.sleep(self.pulse.every.total_seconds())

    async def is_well(self) -> bool:
        """Say whether updates come in, alarms go out, and the disk takes what is written."""
        now = self.clock.now()
        if not is_heard(self.hearing.heard_at, now):
            return False
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.database.write(lambda tx: _goes_out(tx, now))
        except Exception as error:  # noqa: BLE001 - a border: whatever fails, it is not well
            logs.fault("heartbeat-withheld", error)
            return False

    async def _send(self, pulse: Pulse) -> None:
        try:
            async with (
                asyncio.timeout(PATIENCE),
                self.client.stream("GET", pulse.url.reveal(), headers=_NOTHING) as answer,
            ):
                answer.raise_for_status()  # what it says besides is not read
        except (httpx.HTTPError, TimeoutError) as error:
            if self.failing_since is None:
                logs.fault("heartbeat-not-sent", error)
                self.failing_since = self.clock.now()
        else:
            if self.failing_since is not None:
                logs.note("heartbeat-sent-again")
            self.sent_at, self.failing_since = self.clock.now(), None


_NOTHING = {"User-Agent": "heartbeat", "Accept": "*/*"}  # not which program this is


def _goes_out(tx: Transaction, now: datetime) -> bool:
    counters.set_value(tx, WROTE, to_row(now))
    return goes_out(overdue.oldest(tx, Lane.ALARM), now)
