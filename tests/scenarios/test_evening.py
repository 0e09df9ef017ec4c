"""The whole evening over HTTP keeps every promise, and each promise can be broken."""

import asyncio
import io
from pathlib import Path

import pytest

from bot.rehearsal import evening as story
from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.opening import open_stage
from bot.rehearsal.promises import PROMISES, Outcome, Promise
from tests.faults import played, recordings
from tests.scenarios.breaking import FAULTS

QUICK = ("two-for-team", "bad-links")  # broken within the first acts
ENOUGH = 300.0  # real seconds for one evening on a slow machine


async def play(directory: Path, until: str) -> dict[str, Promise]:
    """Play the evening until this promise is broken, and give its table."""
    async with open_stage(directory, io.StringIO(), acts=len(story.ACTS)) as opening:
        scene = Evening.of(opening)
        rows = {row.key: row for row in opening.stage.promises.rows}
        for act in story.ACTS:
            await story.play_act(scene, act)
            if rows[until].outcome is Outcome.BROKEN:
                break
        return rows


def test_every_promise_has_a_fault_that_breaks_it() -> None:
    """No row of the table is without its switch."""
    assert set(FAULTS) == {key for key, _ in PROMISES}


@pytest.mark.timeout(ENOUGH)
async def test_the_evening_keeps_every_promise(tmp_path: Path) -> None:
    """The table of the rehearsal says *kept* in every row.

    What the search for traces looks for is recorded in it as well; the search itself is long, and
    played by turns.
    """
    said = await played.play(tmp_path, played.ALL, is_watched=False)
    assert said.broken == []
    assert said.kept == said.all
    assert len(said.contents) > len(recordings.CONTENTS)


@pytest.mark.parametrize("key", QUICK)
async def test_a_fault_breaks_its_promise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """Two of the switches, in every run; all others in `make torture`."""
    await breaks(tmp_path, monkeypatch, key)


@pytest.mark.torture
@pytest.mark.in_parts
@pytest.mark.parametrize("key", [key for key in FAULTS if key not in QUICK])
async def test_every_fault_breaks_its_promise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """With its fault switched on, a promise's row says *broken*."""
    await breaks(tmp_path, monkeypatch, key)


async def breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """Switch a fault on, play, and look at the row."""
    monkeypatch.setattr("bot.rehearsal.cast.PATIENCE", 3.0)
    FAULTS[key](monkeypatch)
    async with asyncio.timeout(ENOUGH):
        rows = await play(tmp_path, until=key)
    assert rows[key].outcome is Outcome.BROKEN, rows[key]
