"""Real keys and a real encrypted database file, empty."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.vault import derivation, keyslots
from storage.vault.keyslots import KeySlots


@pytest.fixture
def slots(tmp_path: Path) -> Iterator[KeySlots]:
    """Make cheap keys."""
    opened, _ = keyslots.create(tmp_path / "keys", derivation.FLOOR)
    with opened:
        yield opened


@pytest.fixture
async def database(tmp_path: Path, slots: KeySlots) -> AsyncIterator[Database]:
    """Open a database with nothing in it."""
    async with Database(tmp_path / "aman.db", slots) as opened:
        yield opened
