"""The auditor at work beside everything else: by itself, patiently, and never stopped by one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.auditor import Auditor
from bot.clock import MovableClock, SystemClock
from coordination.auditing import Finding
from safety.auditing import EVERY, GRACE, Lag
from storage.database import Database
from storage.transaction import Transaction

ONE, TWO = Finding(Lag.NOT_RUN, alarm_id=1), Finding(Lag.NOT_SENT, alarm_id=2)


@dataclass(slots=True)
class Office:
    """What has fallen behind, and what was done about it."""

    database: Database
    clock: MovableClock
    behind: list[Finding] = field(default_factory=list)
    looks: int = 0
    raised: list[Finding] = field(default_factory=list)
    breaks: bool = False

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Let the auditor work while the block lasts."""
        auditor = Auditor(self.database, self.clock, self._look, self._catch_up)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(auditor.run())
            yield
            running.cancel()

    async def passes(self, by: timedelta) -> None:
        """Let time pass, and wait until it has looked again."""
        before = self.looks
        await SystemClock().sleep(0.05)
        self.clock.move(by)
        async with asyncio.timeout(5):
            while self.looks == before:
                await SystemClock().sleep(0.01)

    def _look(self, tx: Transaction, now: datetime) -> list[Finding]:
        del tx, now
        self.looks += 1
        return list(self.behind)

    def _catch_up(self, tx: Transaction, now: datetime, finding: Finding) -> None:
        del tx, now
        if self.breaks and finding == ONE:
            raise ValueError
        self.raised.append(finding)
        self.behind.remove(finding)


@pytest.fixture
def office(database: Database, clock: MovableClock) -> Office:
    """Give an auditor that can be set to work."""
    return Office(database, clock)


async def test_what_fell_behind_is_raised_within_a_minute(office: Office) -> None:
    """Seen at one look, still so a moment later: then it is raised."""
    office.behind = [ONE, TWO]
    async with office.working():
        await office.passes(EVERY)
        assert office.raised == []
        await office.passes(GRACE)
        await _until(office, 2)
    assert office.raised == [ONE, TWO]
    assert timedelta(minutes=1) > EVERY + GRACE


async def test_what_others_were_just_about_to_do_is_left_to_them(office: Office) -> None:
    """After a long sleep everything is late at once, and the wake-ups work it off."""
    office.behind = [ONE]
    async with office.working():
        await office.passes(EVERY)
        office.behind.clear()
        await office.passes(GRACE)
        await office.passes(EVERY)
    assert office.raised == []


async def test_one_that_breaks_keeps_no_other_from_being_raised(office: Office) -> None:
    """And it is tried again, for as long as it takes."""
    office.behind, office.breaks = [ONE, TWO], True
    async with office.working():
        await office.passes(EVERY)
        await office.passes(GRACE)
        await _until(office, 1)
        assert office.raised == [TWO]
        office.breaks = False
        await office.passes(EVERY)
        await office.passes(GRACE)
        await _until(office, 2)
    assert office.raised == [TWO, ONE]


async def _until(office: Office, count: int) -> None:
    async with asyncio.timeout(5):
        while len(office.raised) < count:
            await SystemClock().sleep(0.01)
