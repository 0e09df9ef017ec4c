"""The power goes at any moment while `aman run` works: what the service was told is there.

Supervisor and worker are recorded at the system calls, over HTTP with the local service, while
people write and call for help and two organizers purge an event. Acknowledged is what the process
itself had sent: an update by the offset of the next poll, an alarm and the purge by a message that
speaks of it. `test_power_loss.py` plays more kinds of writes, and takes each protection out. It
takes the rights of root: the bot lets nobody else look into it.
"""

import asyncio
import os
import signal
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.rehearsal.botapi import Phone
from safety.people import EventId
from storage.events import EVENTS
from storage.vault import keyslots, words
from tests.faults import told
from tests.faults.judging import Record, judge
from tests.faults.program import Program, program
from tests.faults.recording import read
from tests.faults.weakened import Weakness
from tests.harness import Someone, World
from tests.parts import Part

pytestmark = [
    *(pytest.mark.torture, pytest.mark.timeout(600)),
    pytest.mark.usefixtures("opens_once"),
]

IMAGES = 1_000
FEW = 40  # images that show a weakness
ROUNDS = 12  # of texts and calls; the purge comes in the middle
WITHIN = 60.0  # real seconds: to be watched takes time
GONE, STAYS = "Evening of tea", "Morning of coffee"


@dataclass(frozen=True, slots=True)
class Cast:
    """Whoever is there already; two of the team and one guest of the event that stays."""

    purged: EventId
    organizer: Someone
    second: Someone
    steward: Someone
    guest: Someone


async def test_a_power_loss_at_any_moment_loses_nothing_that_the_service_was_told(
    folder: Path, part: Part
) -> None:
    """No acknowledged update, no alarm that was told, no live key lost; no purged key back."""
    record = await _record(folder)
    findings = await judge(record, part.of(IMAGES))
    assert findings.images == part.of(IMAGES)
    assert dict(findings.wrong) == {}


async def test_without_flushed_commits_a_loss_is_found(folder: Path) -> None:
    """The suite can fail: with synchronous=NORMAL what was acknowledged is lost."""
    findings = await judge(await _record(folder, Weakness.UNFLUSHED), FEW)
    assert "an acknowledged update is lost" in findings.wrong


async def _record(folder: Path, weakness: Weakness | None = None) -> Record:
    """Play, and give what was written; it must hold what the images are judged by."""
    async with program(folder / "home", weakness) as one:
        cast = await _have_people(one)
        state = one.made.directory
        there = {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}
        one.record = folder / "record"
        await one.starts()
        await one.works()
        await _play(one, cast)
        os.kill(one.supervisor, signal.SIGTERM)
        assert await one.ends() == 0
        assert one.service.violations == ()
        steps = read(one.record)
        lines = list(told.lines(steps, cast.purged))
        heard = {line.partition(" ")[0] for _, line in lines}
        assert heard == {"ready", "purging", "taken", "rung", "purged"}
        return Record(state, steps, words.parse(one.made.words), lines, there)


async def _have_people(one: Program) -> Cast:
    """Have a team and two events stored, each with somebody."""
    path = one.made.directory
    secret = words.parse(one.made.words)
    keys = keyslots.unlock(path / "keys", secret), secret
    async with World(path, now=SystemClock().now(), keys=keys) as world:
        team = await world.has_team()
        gone, stays = await world.has_event(), await world.has_event()
        await world.change(lambda work: EVENTS.put(work.tx, replace(stays, title=STAYS)))
        await world.has_participant(gone, "Aliya")
        guest = await world.has_participant(stays, "Bota")
        return Cast(gone.id, team.organizer, team.second, team.steward, guest)


async def _play(one: Program, cast: Cast) -> None:
    """Write, call for help, purge; each answer is waited for, as people do."""
    steward, guest = await _phone(one, cast.steward), await _phone(one, cast.guest)
    organizer, second = await _phone(one, cast.organizer), await _phone(one, cast.second)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_reports(steward))
        tasks.create_task(_calls(guest))
        tasks.create_task(_purge(organizer, second))
    await one.service.settles(within=WITHIN)


async def _phone(one: Program, someone: Someone) -> Phone:
    phone = one.service.person(someone.chat_id, someone.name, language_code="en")
    await phone.opens()
    return phone


async def _reports(steward: Phone) -> None:
    await steward.writes("/report")
    await steward.sees("What happened?", within=WITHIN)
    for number in range(ROUNDS):
        await steward.writes(f"They came, {number}")
        await SystemClock().sleep(0.2)


async def _calls(guest: Phone) -> None:
    for number in range(ROUNDS):
        since = guest.moment
        await guest.writes("sos" if number % 2 == 0 else "/help")
        await guest.sees("", since=since, within=WITHIN)


async def _purge(organizer: Phone, second: Phone) -> None:
    await organizer.writes("/purge")
    await organizer.presses(GONE, within=WITHIN)
    await organizer.presses("Forget these people", within=WITHIN)
    await second.sees(f"Forget everybody of “{GONE}”", within=WITHIN)
    await second.presses("Confirm", within=WITHIN)
    await second.sees(told.GONE, within=WITHIN)
