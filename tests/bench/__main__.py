"""`make bench`: print each figure, its baseline, and the ratio of the two.

Absolute times are the machine's; the ratios are what is compared between runs.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from tests.bench import cases, delivery, memory, signs, throughput, updates, vault, writes
from tests.bench.figures import Bound, Figure, Goal, Memory

BENCHES: tuple[Callable[[Path], Awaitable[Sequence[Bound | Figure | Goal | Memory]]], ...] = (
    writes.measure,
    vault.rosters,
    vault.index,
    vault.purge,
    vault.start,
    cases.evidence,
    cases.log,
    signs.measure,
    updates.measure,
    throughput.measure,
    throughput.measure_growth,
    memory.measure,
    delivery.alarm,
    delivery.wave,
    delivery.relocation,
    delivery.check_ins,
)


async def main() -> None:
    """Run all benchmarks, one after the other, in fresh folders."""
    for bench in BENCHES:
        with tempfile.TemporaryDirectory() as folder:
            for figure in await bench(Path(folder)):
                print(figure.as_line(), flush=True)  # noqa: T201 - this is what it is for


if __name__ == "__main__":
    asyncio.run(main())
