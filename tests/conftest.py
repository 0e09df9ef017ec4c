"""What every test can ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.harness import World

PARTS = 3


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--part N` play one of three parts of the suites that come in parts."""
    parser.addoption("--part", type=int, choices=range(PARTS), help="play every third fault")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the other parts; without `--part` everything is played."""
    part = config.getoption("--part")
    if part is None:
        return
    in_parts = [item for item in items if item.get_closest_marker("in_parts")]
    left_out = {item for number, item in enumerate(in_parts) if number % PARTS != part}
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=sorted(left_out, key=lambda item: item.nodeid))


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Give the bot in one process, with nobody in it yet."""
    async with World(tmp_path) as world:
        yield world
