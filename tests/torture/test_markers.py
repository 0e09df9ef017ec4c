"""The whole evening, and of it no name, place, text, id, token or key in anything ever written.

Not only in what is left: each byte that the process gave to any file is looked through, whether
the file still exists or was there for a moment, the log at its most talkative and standard error
included. Only what the evening gives out on purpose, and its own set-up, is left out.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.rehearsal.traces import Markers
from tests.faults.played import ALL, BARE, LEAK
from tests.faults.recording import Share, Step, Write, read, recorded

pytestmark = [pytest.mark.torture, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
SET_UP = ("config.toml", "unlock.words")  # what stands apart from the data, as the evening's owner
GIVEN_OUT = {"case", "case-later"}  # bundles, which are for reading; under way with ".part"
ERRORS = "errors"


@dataclass(frozen=True, slots=True)
class Evening:
    """What a process has written while it played, and what must not be in it."""

    folder: Path
    steps: list[Step]
    markers: Markers
    kept: int
    all: int
    broken: list[str]

    def writes(self) -> dict[Path, bytes]:
        """Give all that was ever written to each file, in order, but for what may be read."""
        written: dict[Path, bytearray] = {}
        for step in self.steps:
            if isinstance(step, Write) and step.path.is_absolute() and not self._may_read(step):
                written.setdefault(step.path, bytearray()).extend(step.content)
        return {path: bytes(content) for path, content in written.items()}

    def found(self) -> list[str]:
        """Name the files that ever held a marker."""
        return sorted(
            f"{path.name} held a marker of {len(marker)} characters"
            for path, content in self.writes().items()
            for marker in self.markers.found_in(content)
        )

    def _may_read(self, step: Step) -> bool:
        if not step.path.is_relative_to(self.folder):
            return False
        first = step.path.relative_to(self.folder).parts[0]
        return first in SET_UP or first.removesuffix(".part") in GIVEN_OUT


def _play(folder: Path, word: str) -> Evening:
    log = folder / "record"
    home = folder / "home"
    home.mkdir(mode=0o700)
    command = [sys.executable, "-B", "-m", "tests.faults.played", str(home), word]
    surroundings = {**os.environ, "TMPDIR": str(folder)}  # noqa: TID251 - a program needs its path
    with (folder / ERRORS).open("wb") as errors:
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own words
            recorded(command, log),
            cwd=ROOT,
            check=True,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=errors,
            timeout=400,  # seconds
        )
    said = json.loads(done.stdout)
    contents = [bytes.fromhex(content) for content in said["contents"]]
    markers = Markers(said["texts"], contents)
    return Evening(home, read(log), markers, said["kept"], said["all"], said["broken"])


def test_nothing_of_the_evening_stands_in_anything_ever_written(tmp_path: Path) -> None:
    """0 occurrences, in every spelling, in every file, until the purge and after it."""
    evening = _play(tmp_path, ALL)
    assert evening.broken == []
    assert evening.kept == evening.all
    written = evening.writes()
    assert {"aman.db", "aman.db-wal", "keys", "bot.log"} <= {path.name for path in written}
    assert any(path.suffix == ".part" for path in written), "evidence was written"
    assert evening.found() == []
    shared = {step.path.name for step in evening.steps if isinstance(step, Share)}
    assert shared <= {"aman.db-shm"}, "what is changed in memory alone was not looked through"


def test_a_name_that_stood_in_a_file_for_a_moment_is_found(tmp_path: Path) -> None:
    """The search can find: a temporary file, gone at once, with a name in base64."""
    evening = _play(tmp_path, LEAK)
    (found,) = evening.found()
    assert "held a marker" in found


def test_without_its_protection_what_people_are_called_is_found(tmp_path: Path) -> None:
    """With nothing sealed, and libraries that speak: the database and the log hold it."""
    found = _play(tmp_path, BARE).found()
    assert {"aman.db-wal", "bot.log"} <= {line.partition(" ")[0] for line in found}
