"""`kill -9` at every step of the evening's first acts: the bot comes up again, nothing is lost.

A step is a request that the bot makes, and each acknowledgement of updates. At each one it dies
once: right after the service has done what was asked and before the answer is heard, or with the
request still on its way. What was under way may arrive twice; nothing may be lost or done twice.
"""

import asyncio
import io
from pathlib import Path

import pytest

from bot.rehearsal import evening as story
from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.opening import open_stage
from bot.rehearsal.promises import Outcome, Promise
from tests.faults.killing import Killing, Steps, When

SPEED = 10.0  # seconds of the evening in a real one: it shall not run away while the bot starts
ENOUGH = 900.0  # real seconds for one evening on a slow machine
FIRST_ACTS = 2


async def play(directory: Path, killing: Killing, acts: int) -> tuple[Promise, ...]:
    """Play the first `acts` acts while the bot is killed at each step, and give the promises."""
    out = io.StringIO()
    try:
        async with open_stage(directory, out, acts=acts, speed=SPEED, housed=killing) as opening:
            opening.stage.is_patient = True  # or they press what stands there twice
            scene = Evening.of(opening)
            for act in story.ACTS[:acts]:
                await story.play_act(scene, act)
            return opening.stage.promises.rows
    finally:
        (directory / "transcript").write_text(out.getvalue(), encoding="utf-8")


@pytest.mark.torture
@pytest.mark.timeout(ENOUGH)
@pytest.mark.parametrize("when", When)
async def test_the_first_acts_go_on_whenever_the_bot_is_killed(tmp_path: Path, when: When) -> None:
    """The team comes together and an event is planned, with a kill at every step."""
    killing = Killing(Steps(when))
    async with asyncio.timeout(ENOUGH):
        rows = await play(tmp_path, killing, FIRST_ACTS)
    assert not [row for row in rows if row.outcome is Outcome.BROKEN]
    shown = {row.key for row in rows if row.outcome is Outcome.KEPT}
    assert shown == {"owner-once", "two-for-team", "team-alarm", "same-menu", "form-survives"}
    assert killing.kills > 80
