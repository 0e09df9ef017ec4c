"""What a day may leave out: never a promise of the vault, nor the sight of it red."""

from collections.abc import Iterator
from types import FunctionType, ModuleType

import pytest

from tests.parts import PARTS, Part
from tests.torture import (
    test_failing_disk,
    test_full_disk,
    test_killed_worker,
    test_markers,
    test_power_loss,
    test_power_loss_of_the_bot,
    test_remnants,
    test_remnants_of_copies,
    test_restore,
)

EVERY_DAY = {
    test_failing_disk: 2,
    test_full_disk: 5,
    test_killed_worker: 2,
    test_markers: 2,
    test_power_loss: 2,
    test_power_loss_of_the_bot: 2,
    test_remnants: 4,
    test_remnants_of_copies: 4,
    test_restore: 4,
}  # how many of its tests at least


def _marks(of: object) -> set[str]:
    found = getattr(of, "pytestmark", [])
    return {mark.name for mark in (found if isinstance(found, list) else [found])}


def _played_daily(module: ModuleType) -> Iterator[str]:
    if "in_parts" not in _marks(module):
        for name, one in vars(module).items():
            is_test = name.startswith("test_") and isinstance(one, FunctionType)
            if is_test and "in_parts" not in _marks(one):
                yield name


@pytest.mark.parametrize("module", EVERY_DAY, ids=lambda one: one.__name__.rpartition(".")[2])
def test_no_day_leaves_out_a_promise_of_the_vault(module: ModuleType) -> None:
    """Nobody waits four days to hear that a name was written down."""
    assert len(list(_played_daily(module))) >= EVERY_DAY[module]


def test_five_days_play_all() -> None:
    """A fifth each day, and no two days the same."""
    those = range(1, 30)
    played = [one for number in range(PARTS) for one in Part(number).among(those)]
    assert sorted(played) == list(those)
    assert list(Part(None).among(those)) == list(those)
    assert PARTS * Part(2).of(1_000) == Part(None).of(1_000)
