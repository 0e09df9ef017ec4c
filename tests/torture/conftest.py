"""What suites of power losses share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.judging import open_once


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder in memory where there is one: nothing here waits for a real disk."""
    memory = Path("/dev/shm")  # noqa: S108 - of this machine's memory, and made by tempfile
    place = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as made:
        yield Path(made)


@pytest.fixture
def opens_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the same bytes once, for they give the same keys in a thousand images."""
    open_once(monkeypatch)
