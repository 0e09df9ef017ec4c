"""Real keys and a real encrypted database file, empty."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.vault.keyslots import KeySlots
from tests.made import new_keys, put_database


@pytest.fixture
def slots(tmp_path: Path) -> Iterator[KeySlots]:
    """Give keys in a file of their own."""
    opened, _ = new_keys(tmp_path / "keys")
    with opened:
        yield opened


@pytest.fixture
async def database(tmp_path: Path, slots: KeySlots) -> AsyncIterator[Database]:
    """Open a database with nothing in it."""
    put_database(tmp_path / "aman.db")
    async with Database(tmp_path / "aman.db", slots) as opened:
        yield opened
