"""What a day may leave out: never a promise of the vault, nor the sight of it red."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.parts import PARTS, Part

ROOT = Path(__file__).parents[2]
EVERY_DAY = {
    "test_failing_disk.py": 4,
    "test_full_disk.py": 7,
    "test_killed_worker.py": 3,
    "test_markers.py": 3,
    "test_power_loss.py": 7,
    "test_power_loss_of_the_bot.py": 2,
    "test_remnants.py": 9,
    "test_remnants_of_copies.py": 10,
    "test_restore.py": 4,
}  # how many of its tests at least, each case of a table counted


def _collected(*options: str) -> list[str]:
    """Let pytest itself say what it would play of the torture tests: no mark escapes it."""
    told = subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [
            *(sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"),
            *("tests/torture", *options),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,  # seconds
    ).stdout
    return [line for line in told.splitlines() if "::" in line]


@pytest.fixture(scope="module")
def daily() -> Counter[str]:
    """Count what is played on any day, by its file."""
    found = _collected("-m", "torture and not in_parts")
    return Counter(Path(line.partition("::")[0]).name for line in found)


@pytest.mark.parametrize("name", EVERY_DAY)
def test_no_day_leaves_out_a_promise_of_the_vault(daily: Counter[str], name: str) -> None:
    """Nobody waits four days to hear that a name was written down."""
    assert daily[name] >= EVERY_DAY[name]


def test_five_days_play_all() -> None:
    """A fifth each day, and no two days the same."""
    those = range(1, 30)
    played = [one for number in range(PARTS) for one in Part(number).among(those)]
    assert sorted(played) == list(those)
    assert list(Part(None).among(those)) == list(those)
    assert PARTS * Part(2).of(1_000) == Part(None).of(1_000)
