"""The power goes at any moment: what was acknowledged is there, what was destroyed is not.

The writes of a real process under load are recorded at the system calls. From the record those
states are rebuilt that a disk could be in at a power loss, and each is opened by the real code.
With one protection taken out the same suite finds what it should.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from storage.vault import derivation, slotseals, words
from storage.vault.derivation import Parameters
from storage.vault.keys import Key, KeyName
from storage.vault.slotimage import Image
from storage.vault.slotseals import Placed
from storage.vault.words import UnlockSecret
from tests.faults.aftermath import Findings, Said, look, sayings
from tests.faults.load import STATE, Weakness
from tests.faults.powerloss import images
from tests.faults.recording import Step, read, recorded

pytestmark = [pytest.mark.torture, pytest.mark.in_parts, pytest.mark.timeout(600)]

IMAGES = 1_200
FAILING = 120
FEW = 100  # images that show a weakness
ROOT = Path(__file__).parents[2]
SEED = 20270528


@dataclass(frozen=True, slots=True)
class Record:
    """What a process under load has done."""

    folder: Path
    steps: list[Step]
    secret: UnlockSecret


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder in memory where there is one: nothing here waits for a real disk."""
    memory = Path("/dev/shm")  # noqa: S108 - of this machine's memory, and made by tempfile
    place = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as made:
        yield Path(made)


@pytest.fixture(autouse=True)
def _opens_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes give the same keys in a thousand images."""
    derive, open_entries = derivation.derive, slotseals.open_entries
    derived: dict[tuple[str, bytes, Parameters], Key] = {}
    opened: dict[tuple[tuple[bytes, ...], bytes, bytes], Mapping[KeyName, Placed]] = {}

    def derive_once(secret: UnlockSecret, salt: bytes, cost: Parameters) -> Key:
        place = secret.words(), salt, cost
        if place not in derived:
            derived[place] = derive(secret, salt, cost)
        return derived[place]

    def open_once(image: Image, root: Key) -> Mapping[KeyName, Placed]:
        place = image.entries, image.sealed_epoch, root.reveal()
        if place not in opened:
            opened[place] = open_entries(image, root)
        return opened[place]

    monkeypatch.setattr(derivation, "derive", derive_once)
    monkeypatch.setattr(slotseals, "open_entries", open_once)


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
    return Record(folder, steps, words.parse(done.stdout))


async def _judge(record: Record, count: int) -> Findings:
    findings, said = Findings(), Said()
    lines = sayings(record.steps)
    first = next(number for number, line in lines if line == "ready")
    chance = Random(SEED)  # noqa: S311 - to be the same again
    for moment, files in images(record.folder / STATE, record.steps, first, count, chance):
        while lines and lines[0][0] <= moment:
            said.hear(lines.pop(0)[1])
        with tempfile.TemporaryDirectory(dir=record.folder) as image:
            findings.note(await look(Path(image), files, record.secret, said))
    return findings


async def test_a_power_loss_at_any_moment_loses_nothing_and_brings_nothing_back(
    folder: Path,
) -> None:
    """No acknowledged transaction lost, nothing corrupt, no live key lost, no purged one back."""
    findings = await _judge(_record(folder, Weakness.NONE), IMAGES)
    assert findings.images == IMAGES
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
    findings = await _judge(_record(folder, weakness), FEW)
    assert any(found.startswith(wrong) for found in findings.wrong)


# Of each thread: what it takes to make the database comes first, and more with each migration.
@pytest.mark.parametrize(
    "failing", ["fsync,fdatasync:error=EIO:when=61+3", "pwrite64:error=EIO:when=900+61"]
)
async def test_a_disk_that_fails_now_and_then_has_nothing_acknowledged_that_it_does_not_keep(
    folder: Path, failing: str
) -> None:
    """What a failed flush has lost no later one brings back: all of it must be written again."""
    record = _record(folder, Weakness.NONE, failing)
    lines = [line for _, line in sayings(record.steps)]
    refused = lines.index("refused")
    assert lines.count("refused") > 5
    assert len([line for line in lines[refused:] if line.startswith("committed")]) > 100
    findings = await _judge(record, FAILING)
    assert dict(findings.wrong) == {}
