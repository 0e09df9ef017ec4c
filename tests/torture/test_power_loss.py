"""The power goes at any moment: what was acknowledged is there, what was destroyed is not.

The writes of a process under load, with the product's own guard, use cases and storage, are
recorded at the system calls. From the record those states are rebuilt that a disk could be in at a
power loss, and each is opened by the real code. With one protection taken out the same suite finds
what it should. `test_power_loss_of_the_bot.py` records `aman run` itself.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from storage.vault import words
from tests.faults.aftermath import sayings
from tests.faults.judging import Record, judge
from tests.faults.load import STATE, Weakness
from tests.faults.recording import read, recorded
from tests.parts import Part

pytestmark = [
    *(pytest.mark.torture, pytest.mark.timeout(600)),
    pytest.mark.usefixtures("opens_once"),
]

IMAGES = 1_200
FAILING = 120
FEW = 50  # images that show a weakness
ROOT = Path(__file__).parents[2]


def _record(folder: Path, weakness: Weakness, failing: str | None = None) -> Record:
    (folder / STATE).mkdir(mode=0o700)
    log = folder / "record"
    command = [sys.executable, "-m", "tests.faults.load", str(folder), weakness.value]
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own words
        recorded(command, log, failing=failing),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,  # seconds
    )
    steps = read(log)
    log.unlink()
    return Record(folder / STATE, steps, words.parse(done.stdout), sayings(steps))


async def test_a_power_loss_at_any_moment_loses_nothing_and_brings_nothing_back(
    folder: Path, part: Part
) -> None:
    """No acknowledged transaction lost, nothing corrupt, no live key lost, no purged one back."""
    findings = await judge(_record(folder, Weakness.NONE), part.of(IMAGES))
    assert findings.images == part.of(IMAGES)
    assert dict(findings.wrong) == {}


@pytest.mark.parametrize(
    ("weakness", "wrong"),
    [
        (Weakness.COMMITS_UNFLUSHED, "an acknowledged transaction is lost"),
        (Weakness.KEYS_UNFLUSHED, "does not open"),
        (Weakness.FILES_UNFLUSHED, "a file is called whole and is not"),
        (Weakness.KEYS_KEPT, "a purged key is back"),
    ],
)
async def test_without_its_protection_a_loss_is_found(
    folder: Path, weakness: Weakness, wrong: str
) -> None:
    """The suite can fail: with synchronous=NORMAL, and with each flush or destruction left out."""
    findings = await judge(_record(folder, weakness), FEW)
    assert any(found.startswith(wrong) for found in findings.wrong)


# Of each thread: what it takes to make the database comes first, and more with each migration.
@pytest.mark.parametrize(
    "failing", ["fsync,fdatasync:error=EIO:when=61+3", "pwrite64:error=EIO:when=900+61"]
)
async def test_a_disk_that_fails_now_and_then_has_nothing_acknowledged_that_it_does_not_keep(
    folder: Path, part: Part, failing: str
) -> None:
    """What a failed flush has lost no later one brings back: all of it must be written again."""
    record = _record(folder, Weakness.NONE, failing)
    lines = [line for _, line in record.lines]
    refused = lines.index("refused")
    assert lines.count("refused") > 5
    assert len([line for line in lines[refused:] if line.startswith("committed")]) > 100
    findings = await judge(record, part.of(FAILING))
    assert dict(findings.wrong) == {}
