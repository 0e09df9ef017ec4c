"""One measured figure beside its baseline."""

import math
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.clock import SystemClock

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured and what it is held against; both in seconds for one operation."""

    what: str
    seconds: float
    baseline: str
    baseline_seconds: float

    def as_line(self) -> str:
        """Say it in one line; a ratio below 1 is faster than the baseline."""
        ours = f"{self.what:<40} {self.seconds * 1e6:9.1f} µs"
        theirs = f"{self.baseline:<34} {self.baseline_seconds * 1e6:9.1f} µs"
        return f"{ours}   {theirs}   {self.seconds / self.baseline_seconds:6.2f}×"


@dataclass(frozen=True, slots=True)
class Memory:
    """How much one process keeps beside another, in MiB."""

    what: str
    mebibytes: float
    baseline: str
    baseline_mebibytes: float

    def as_line(self) -> str:
        """Say it in one line, with the difference."""
        ours = f"{self.what:<40} {self.mebibytes:8.1f} MiB"
        theirs = f"{self.baseline:<33} {self.baseline_mebibytes:8.1f} MiB"
        return f"{ours}   {theirs}   {self.mebibytes - self.baseline_mebibytes:+6.1f} MiB"


@dataclass(frozen=True, slots=True)
class Bound:
    """What was measured, beside the most that was promised."""

    what: str
    measured: float
    unit: str
    most: float

    def as_line(self) -> str:
        """Say it in one line, and whether the promise is kept."""
        kept = "kept" if self.measured <= self.most else "NOT KEPT"
        return (
            f"{self.what:<40} {self.measured:8.2f} {self.unit:<8} at most {self.most:g}   {kept}"
        )


async def median_seconds(
    operations: int, run: Callable[[], Awaitable[None]], rounds: int = ROUNDS
) -> float:
    """Run `run` a few times and give the median seconds of one of its `operations`."""
    (taken,) = await in_turn(operations, run, rounds=rounds)
    return taken


async def in_turn(
    operations: int, *runs: Callable[[], Awaitable[None]], rounds: int = ROUNDS
) -> list[float]:
    """Run all of them one after the other, a few times; give the median seconds as above."""
    clock = SystemClock()
    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for run, times in zip(runs, taken, strict=True):
            begun = clock.monotonic()
            await run()
            times.append((clock.monotonic() - begun) / operations)
    return [statistics.median(times) for times in taken]


def inside(folder: Path, name: str) -> Path:
    """Make a folder in another one, for what stands beside what."""
    made = folder / name
    made.mkdir()
    return made


@dataclass(frozen=True, slots=True)
class Goal:
    """What was measured, what it has to reach, and what a baseline reaches in the same run."""

    what: str
    measured: str
    goal: str
    is_met: bool
    baseline: str

    def as_line(self) -> str:
        """Say it in one line."""
        verdict = "met" if self.is_met else "MISSED"
        return f"{self.what}: {self.measured} (goal {self.goal}: {verdict}); {self.baseline}"


def percentile(values: Sequence[float], percent: float) -> float:
    """Give the value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    place = math.ceil(len(ordered) * percent / 100) - 1
    return ordered[max(place, 0)]
