"""A disk that fills up is said once, in neutral words, and again only after there was room."""

import asyncio
import shutil
from collections import namedtuple
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from bot.ballast import LOOK_EVERY, BallastKeeper
from bot.clock import MovableClock, SystemClock
from bot.config import Config
from bot.status import of_machine
from coordination.ballast import note_storage
from coordination.turns import Work
from safety.languages import Language
from safety.people import ChatId, Recipient, Role, TeamId
from safety.policy import Policy
from safety.team import TeamPerson, TeamState
from storage import ballast, outbox, routes
from storage.ballast import Ballast
from storage.database import Database
from storage.team import TEAM
from storage.transaction import Transaction

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - as shutil's own
A_MINUTE = timedelta(seconds=LOOK_EVERY)


@dataclass(slots=True)
class Machine:
    """A keeper at work on a disk whose free room a test sets."""

    database: Database
    ballast: Ballast
    clock: MovableClock
    free: int = 2**30  # bytes
    keeper: BallastKeeper | None = None

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Let the keeper work while the block lasts."""
        self.keeper = BallastKeeper(self.database, self.ballast, self.clock, self._note)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(self.keeper.run())
            yield
            running.cancel()

    async def tells(self, count: int) -> None:
        """Let a minute pass, and see how often the organizer is owed the news."""
        self.clock.move(A_MINUTE)
        await SystemClock().sleep(0.2)
        async with asyncio.timeout(10):
            while await self.database.read(_news) < count:
                await SystemClock().sleep(0.01)
        assert await self.database.read(_news) == count

    async def comes_to_hold(self) -> None:
        """Wait until the keeper knows that the ballast is held."""
        assert self.keeper is not None
        async with asyncio.timeout(10):
            while not self.keeper._was_held:  # noqa: SLF001 - the file is there a moment before
                await SystemClock().sleep(0.01)

    def usage(self, _path: object) -> Usage:
        """Give what a disk would say."""
        return Usage(2**40, 0, self.free)

    def _note(self, tx: Transaction, now: datetime, is_low: bool) -> None:  # noqa: FBT001 - as called
        note_storage(Work(tx, now, Policy()), is_low=is_low)


@pytest.fixture
def machine(
    database: Database, config: Config, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> Machine:
    """Give a machine with plenty of room."""
    made = Machine(database, Ballast(config.ballast_path), clock)
    monkeypatch.setattr(shutil, "disk_usage", made.usage)
    return made


async def test_a_full_disk_is_told_once_and_the_ballast_is_taken_again(machine: Machine) -> None:
    """Whoever is told twice a minute stops reading."""
    await machine.database.write(_has_an_organizer)
    async with machine.working():
        await machine.comes_to_hold()
        await machine.tells(0)
        machine.free = ballast.SIZE
        machine.ballast.give_up()
        await machine.database.write(lambda _: None)  # which found no room and was done again
        await machine.tells(1)
        await machine.database.write(_forget_news)
        await machine.tells(0)
        machine.free = 2**30
        machine.clock.move(A_MINUTE)
        await machine.comes_to_hold()
        machine.free = ballast.SIZE
        machine.ballast.give_up()
        await machine.tells(1)


async def test_a_disk_that_is_full_at_the_start_is_told_once_and_not_at_every_start(
    machine: Machine,
) -> None:
    """A restart is no news."""
    machine.free = ballast.SIZE + ballast.MARGIN - 1
    await machine.database.write(_has_an_organizer)
    async with machine.working():
        await machine.tells(1)
    await machine.database.write(_forget_news)
    async with machine.working():
        await machine.tells(0)


def test_status_says_whether_room_is_kept(machine: Machine, config: Config) -> None:
    """Whoever runs the machine sees it without reading a log."""
    assert "room kept for a full disk: none" in of_machine(config)
    machine.ballast.take()
    assert "room kept for a full disk: held" in of_machine(config)


def _has_an_organizer(tx: Transaction) -> None:
    person = TeamPerson(TeamId(1), Role.ORGANIZER, TeamState.ACTIVE, "A", SystemClock().now())
    TEAM.put(tx, person)
    routes.put(tx, None, 1, Recipient(ChatId(17), Language.EN))


def _news(tx: Transaction) -> int:
    return outbox.waiting(tx)


def _forget_news(tx: Transaction) -> None:
    tx.run("DELETE FROM outbox")
