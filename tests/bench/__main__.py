"""`make bench`: print each figure, its baseline, and the ratio of the two.

Absolute times are the machine's; the ratios are what is compared between runs.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from tests.bench import memory, throughput, updates, vault, writes
from tests.bench.figures import Figure, Memory

BENCHES: tuple[Callable[[Path], Awaitable[Sequence[Figure | Memory]]], ...] = (
    writes.measure,
    vault.rosters,
    vault.index,
    vault.purge,
    vault.start,
    updates.measure,
    throughput.measure,
    throughput.measure_growth,
    memory.measure,
)


async def main() -> None:
    """Run all benchmarks, one after the other, in fresh folders."""
    for bench in BENCHES:
        with tempfile.TemporaryDirectory() as folder:
            for figure in await bench(Path(folder)):
                print(figure.as_line(), flush=True)  # noqa: T201 - this is what it is for


if __name__ == "__main__":
    asyncio.run(main())
