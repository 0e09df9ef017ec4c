"""What every test can ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.harness import World


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Give the bot in one process, with nobody in it yet."""
    async with World(tmp_path) as world:
        yield world
