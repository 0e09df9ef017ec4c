"""How a rehearsal lets time pass: never over what the bot is busy with."""

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.clock import MovableClock
from bot.config import Config
from bot.rehearsal.botapi.server import BotApiServer
from bot.rehearsal.promises import Promises
from bot.rehearsal.stage import Stage
from bot.rehearsal.transcript import Transcript
from handlers.texts import Texts

NIGHT = datetime(2026, 5, 27, 2, 50, tzinfo=UTC)
LAST = NIGHT + timedelta(seconds=3)
DAY = NIGHT + timedelta(hours=13)


@dataclass
class Sweeping:
    """A runner whose last message falls due between a look and the question number `sweeps_at`."""

    clock: MovableClock
    sweeps_at: int
    asked: int = 0
    owes: int = 0  # looks until it is done
    moved: list[int] = field(default_factory=list)  # what was owed at each move

    async def start(self) -> None:
        """Run already."""

    async def stop(self) -> None:
        """Run on."""

    async def is_quiet(self) -> bool:
        """Be busy for some looks after the sweep."""
        self.owes = max(self.owes - 1, 0)
        return self.owes == 0

    async def next_due(self) -> datetime | None:
        """Name the message until it is swept, and then what comes long after it."""
        self.asked += 1
        if self.asked == self.sweeps_at:
            self.owes = 3
        return LAST if self.asked < self.sweeps_at else DAY + timedelta(days=1)

    async def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.moved.append(self.owes)
        self.clock.move(by)


@pytest.mark.parametrize("sweeps_at", [1, 2, 3])
async def test_hours_pass_only_once_nothing_is_under_way(
    tmp_path: Path, config: Config, service: BotApiServer, sweeps_at: int
) -> None:
    """A message that has to go falls due while somebody asks for the next one."""
    clock = MovableClock(NIGHT)
    runner = Sweeping(clock, sweeps_at)
    stage = Stage(
        service=service,
        runner=runner,
        clock=clock,
        transcript=Transcript(io.StringIO(), ZoneInfo("UTC"), acts=1),
        promises=Promises(),
        texts=Texts.load(),
        config=config,
        logs=tmp_path,
        outside=tmp_path,
        zone=ZoneInfo("UTC"),
    )
    await stage.until(DAY)
    assert clock.now() >= DAY
    assert not any(runner.moved), "hours passed over what was under way"
