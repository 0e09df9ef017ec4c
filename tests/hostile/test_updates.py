"""A few hundred hostile updates at each change; the thousands stand in the long suites."""

from pathlib import Path

from tests.hostile.judging import besiege

FEW = 300
STALLED = 30.0  # real seconds


async def test_hostile_updates_change_nothing_and_stop_nothing(tmp_path: Path, seed: int) -> None:
    """No fault, no stall, no word in the log; and without authority nothing stored changes."""
    verdict = await besiege(tmp_path, seed, FEW)
    assert verdict.updates == FEW
    assert verdict.changed == []
    assert verdict.faults == []
    assert verdict.leaks == []
    assert verdict.slowest < STALLED
