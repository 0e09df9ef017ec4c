"""Looks every half minute whether every open alarm is rung as it must be.

It does not belong to the wake-ups: whatever keeps those from their work must not keep this.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot import logs
from bot.clock import Clock
from coordination.auditing import Finding
from safety.auditing import EVERY, GRACE
from storage.database import Database
from storage.transaction import Transaction

Look = Callable[[Transaction, datetime], Sequence[Finding]]
CatchUp = Callable[[Transaction, datetime, Finding], None]


class Auditor:
    """Audits for as long as `run` runs."""

    def __init__(self, database: Database, clock: Clock, look: Look, catch_up: CatchUp) -> None:
        self._database = database
        self._clock = clock
        self._look = look
        self._catch_up = catch_up
        self.looked_at: datetime | None = None
        self.behind = 0  # at the last look

    async def run(self) -> None:
        """Look; what has still fallen behind a moment later is raised."""
        while True:
            await self._clock.sleep(EVERY.total_seconds())
            if await self._found():
                await self._clock.sleep(GRACE.total_seconds())
                for finding in await self._found():
                    await self._raise(finding)

    async def _found(self) -> Sequence[Finding]:
        now = self._clock.now()
        found = await self._database.read(lambda tx: self._look(tx, now))
        self.looked_at, self.behind = now, len(found)
        return found

    async def _raise(self, finding: Finding) -> None:
        now = self._clock.now()
        logs.warn("fell-behind", state=finding.lag.value)
        try:
            await self._database.write(lambda tx: self._catch_up(tx, now, finding), urgent=True)
        except Exception as error:  # noqa: BLE001 - a border: one never stops the others
            logs.fault("audit-fault", error, state=finding.lag.value)
