"""A hundred times `kill -9` under load: everything that people say is kept once, and it goes on.

The real `aman run`, against the service over HTTP. People report without a pause; each of their
words is an entry of its own, so what is lost or doubled shows. Some kills strike the next worker
while it comes up.
"""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.rehearsal.botapi import Phone, Request
from safety.languages import Language
from safety.people import ChatId, Recipient, Role, TeamId
from safety.team import TeamPerson, TeamState
from storage import inbox, incidents, routes
from storage.database import Database
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault import keyslots, words
from tests.faults.program import START_WITHIN, Program, Stopwatch, Took, is_running, program
from tests.faults.weakened import Weakness

pytestmark = [pytest.mark.torture, pytest.mark.timeout(600)]

KILLS = 100
FEW = 8  # kills, where a protection is missing
PROMISED = 3.0  # real seconds until it works again
REPORTERS = 4
BETWEEN = 0.3  # real seconds between two texts of one person
AT_MOST = 5  # texts of one person for a kill: more than 600 a day are not taken (ADR-0034)
PATIENCE = 120.0  # real seconds for the first answer, while the bot is killed again and again
POLL = "getUpdates"


class Story:
    """Who reports, what they have written, and how long the bot took to work again."""

    def __init__(self, running: Program) -> None:
        self.running = running
        self.written: list[str] = []
        self.took: list[Took] = []
        self.chance = random.Random(20270528)  # noqa: S311 - the same run every time
        self._polled = asyncio.Event()
        running.service.before_request = self._before

    async def strike(self) -> None:
        """Kill the worker, perhaps its follower too while that comes up, until one works again."""
        await self._kill()
        if self.chance.random() < 0.4:
            await SystemClock().sleep(self.chance.uniform(0.0, 0.4))
            await self._kill()
        watch = Stopwatch(self.running)
        self._polled.clear()
        await asyncio.wait_for(self._polled.wait(), START_WITHIN)
        self.took.append(watch.read())
        await SystemClock().sleep(self.chance.uniform(0.0, 0.4))

    @property
    def kills(self) -> int:
        """Count the workers that were killed, as the supervisor saw it."""
        return self.running.said("event=worker-ended status=-9")

    async def report(self, phone: Phone, ended: asyncio.Event) -> None:
        """Write without a pause until it is over; a slow machine is waited for."""
        await phone.writes("/report")
        await phone.sees("What happened?", within=PATIENCE)
        number = 0
        while not ended.is_set():
            if number < AT_MOST * (len(self.took) + 1):
                number += 1
                text = f"{phone.name} number {number}"
                await phone.writes(text)
                self.written.append(text)
            await SystemClock().sleep(BETWEEN)

    async def _before(self, request: Request) -> None:
        if request.method == POLL:
            self._polled.set()

    async def _kill(self) -> None:
        while not self.running.workers:
            await SystemClock().sleep(0.01)
        worker = self.running.workers[0]  # the oldest: the other one waits
        os.kill(worker, signal.SIGKILL)
        while is_running(worker):
            await SystemClock().sleep(0.005)


def _have_a_team(tx: Transaction) -> None:
    for number in range(REPORTERS + 1):
        role = Role.STEWARD if number else Role.ORGANIZER
        name = f"Person {number}"
        person = TeamPerson(TeamId(number + 1), role, TeamState.ACTIVE, name, SystemClock().now())
        TEAM.put(tx, person)
        routes.put(tx, None, number + 1, Recipient(ChatId(100 + number), Language.EN))


def _texts(tx: Transaction) -> Counter[str]:
    return Counter(
        text
        for incident in incidents.at_event(tx, None)
        for stored in incidents.entries(tx, incident)
        if (text := stored.entry.detail("text"))
    )


async def _is_handled(running: Program) -> None:
    """Wait until nothing that was taken in waits any more."""
    secret = words.parse(running.made.words)
    keys, path = running.made.directory / "keys", running.made.directory / "aman.db"
    with keyslots.unlock(keys, secret, to_write=False) as slots:
        async with Database(path, slots, is_guest=True) as database:
            while await database.read(inbox.count_waiting):
                await SystemClock().sleep(0.2)


async def test_a_hundred_kills_lose_nothing_and_double_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each word once, working again within three seconds, no human, one supervisor all along."""
    async with program(tmp_path) as running:
        story = Story(running)
        begun = SystemClock().monotonic()
        kept = await _lives_through(story, KILLS)
        lasted = SystemClock().monotonic() - begun
    took = sorted(story.took)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{story.kills} kills in {lasted:.0f} s, {len(story.written)} texts; "
            f"working again after {took[len(took) // 2]} mostly, {took[-1]} at most\n"
        )
    assert kept == Counter(story.written)
    assert took[-1].seconds <= PROMISED, str(took[-1])
    assert running.service.violations == ()


async def test_a_supervisor_that_rests_before_it_starts_the_next_is_found_late(
    tmp_path: Path,
) -> None:
    """The three seconds can be missed: nothing that others took is left out of a rest."""
    async with program(tmp_path, Weakness.RESTS) as running:
        story = Story(running)
        kept = await _lives_through(story, 1)
    assert kept == Counter(story.written)
    assert max(story.took).seconds > PROMISED, str(max(story.took))


async def test_acknowledged_before_it_is_stored_the_suite_finds_what_is_lost(
    tmp_path: Path,
) -> None:
    """A check that cannot fail promises nothing: this is how updates are usually taken."""
    async with program(tmp_path, Weakness.STORES_LATE) as running:
        story = Story(running)
        kept = await _lives_through(story, FEW, begins_at=REPORTERS)
    assert Counter(story.written) - kept


async def _lives_through(story: Story, kills: int, *, begins_at: int = 0) -> Counter[str]:
    """Kill so often while people write, once there are so many texts; give those kept."""
    running, ended = story.running, asyncio.Event()
    await running.stores(_have_a_team)
    await running.starts()
    await running.works()
    async with asyncio.TaskGroup() as tasks:
        for number in range(1, REPORTERS + 1):
            phone = running.service.person(100 + number, f"Reporter {number}")
            await phone.opens()
            tasks.create_task(story.report(phone, ended))
        while len(story.written) < begins_at:
            await SystemClock().sleep(BETWEEN)
        while story.kills < kills:
            await story.strike()
        ended.set()
    await running.service.settles(within=60)
    await _is_handled(running)
    os.kill(running.supervisor, signal.SIGTERM)
    assert await running.ends() == 0
    return await running.stores(_texts)
