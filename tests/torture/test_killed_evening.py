"""`kill -9` at every step of the evening: the bot comes up again, and every promise is kept.

A step is a request that the bot makes, or an acknowledgement of updates, unlike all before it. At
each the bot dies once: while the request is still on its way and is then never done, or right
after the service has done it and before the answer is heard. What was under way may arrive twice;
nothing may be lost, and nothing may have its effect twice. A message of which the bot never heard
that it arrived is deleted by whoever got it: nobody else could, and what was owed must still come.
"""

import asyncio
import io
from pathlib import Path

import pytest

from bot.rehearsal import evening as story
from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.opening import open_stage
from bot.rehearsal.promises import Outcome, Promise
from tests.faults.killing import COMES_UP_WITHIN, KilledRunner, Killing, Steps, When

SPEED = 6.0  # of the evening: an alarm rings every 5 real seconds, its round of kills takes two
ENOUGH = 900.0  # real seconds for one evening on a slow machine
FIRST_ACTS = 2
SOON = {
    *("owner-once", "two-for-team", "team-alarm", "same-menu", "form-survives", "wake-test"),
}


async def play(directory: Path, killing: Killing, acts: int) -> tuple[Promise, ...]:
    """Play the first `acts` acts while the bot is killed at each step, and give the promises."""
    with (directory / "transcript").open("w", encoding="utf-8") as transcript:
        return await _play(directory, transcript, killing, acts)


async def _play(
    directory: Path, transcript: io.TextIOWrapper, killing: Killing, acts: int
) -> tuple[Promise, ...]:
    async with (
        asyncio.timeout(ENOUGH),
        open_stage(directory, transcript, acts=acts, speed=SPEED, housed=killing) as opening,
    ):
        opening.stage.is_patient = True  # or they press what stands there twice
        scene = Evening.of(opening)
        for act in story.ACTS[:acts]:
            await story.play_act(scene, act)
        return opening.stage.promises.rows


@pytest.mark.torture
@pytest.mark.parametrize(("when", "first"), [(When.BEFORE, 0), (When.AFTER, 1)])
async def test_the_first_acts_go_on_whenever_the_bot_is_killed(
    tmp_path: Path, when: When, first: int
) -> None:
    """The team comes together and an event is planned, with a kill at every twelfth step."""
    killing = Killing(Steps(when, every=12, first=first))
    rows = await play(tmp_path, killing, FIRST_ACTS)
    assert not [row for row in rows if row.outcome is Outcome.BROKEN]
    assert {row.key for row in rows if row.outcome is Outcome.KEPT} == SOON
    assert killing.kills > 8


@pytest.mark.torture
async def test_a_bot_that_is_killed_while_it_ends_has_ended(tmp_path: Path) -> None:
    """Nobody waits for an answer of the dead."""
    killing = Killing(Steps(When.BEFORE, every=0))
    async with open_stage(tmp_path, io.StringIO(), acts=1, housed=killing) as opening:
        runner = opening.stage.runner
        assert isinstance(runner, KilledRunner)
        async with asyncio.timeout(COMES_UP_WITHIN / 2), asyncio.TaskGroup() as tasks:
            tasks.create_task(runner.stop())
            tasks.create_task(runner.strike())
    assert killing.kills == 1


@pytest.mark.torture
@pytest.mark.in_parts
@pytest.mark.timeout(ENOUGH)
@pytest.mark.parametrize("when", When)
async def test_the_whole_evening_goes_on_whenever_the_bot_is_killed(
    tmp_path: Path, when: When
) -> None:
    """Every promise is kept, with a kill at every step of the evening."""
    killing = Killing(Steps(when))
    rows = await play(tmp_path, killing, len(story.ACTS))
    assert not [row for row in rows if row.outcome is not Outcome.KEPT]
    assert killing.kills > 1000
