"""A secured write against bare aiosqlite on the same disk, both at FULL.

The baseline is what everybody writes: an insert, then a commit. An insert that commits by itself
saves one of the two ways to aiosqlite's thread, and stands beside it. All take turns, so that
whatever else the disk does strikes each alike; once with the processors as the machine has them,
and once with processors that stay awake (see `tests/bench/processors.py`).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import aiosqlite

from safety.forms import Draft
from safety.people import ChatId
from storage import forms
from storage.database import Database
from storage.transaction import Transaction
from storage.vault import derivation, digests, keyslots
from tests.bench.figures import Figure, in_turn
from tests.bench.processors import awake

WRITES = 300
CALLERS = 50
ROUNDS = 21  # of each in turn: the disk, and the machine, are now quick, now slow
BARE = "bare aiosqlite insert + commit"
BARE_ALONE = "bare insert that commits itself"


async def measure(folder: Path) -> list[Figure]:
    """Measure single writes, and many callers at once."""
    slots, _ = keyslots.create(folder / "keys", derivation.FLOOR)
    contents = [
        (ChatId(number), Draft(digests.new_id(), "event", "title")) for number in range(WRITES)
    ]
    async with (
        Database(folder / "aman.db", slots) as database,
        bare_writer(folder / "bare.db") as insert_and_commit,
        bare_writer(folder / "alone.db", isolation_level=None) as insert,
    ):

        async def write(number: int) -> None:
            chat_id, draft = contents[number]

            def change(tx: Transaction) -> None:
                forms.put(tx, chat_id, draft)

            await database.write(change)

        async def one_by_one(first: int = 0, step: int = 1) -> None:
            for number in range(first, WRITES, step):
                await write(number)

        async def together() -> None:
            await asyncio.gather(*(one_by_one(caller, CALLERS) for caller in range(CALLERS)))

        runs = (insert_and_commit, insert, one_by_one, together)
        as_it_is = await in_turn(WRITES, *runs, rounds=ROUNDS)
        async with awake():
            kept_awake = await in_turn(WRITES, *runs, rounds=ROUNDS)
    slots.close()
    return [*_figures("", *as_it_is), *_figures(", awake", *kept_awake)]


def _figures(
    state: str, bare: float, alone: float, single: float, together: float
) -> list[Figure]:
    return [
        Figure(f"sealed write, {callers}{state}", ours, baseline, theirs)
        for baseline, theirs in ((BARE, bare), (BARE_ALONE, alone))
        for callers, ours in (("one caller", single), (f"{CALLERS} callers", together))
    ]


@asynccontextmanager
async def bare_writer(
    path: Path, isolation_level: Literal["DEFERRED"] | None = "DEFERRED"
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Give what inserts rows through aiosqlite's public calls, each committed at FULL."""
    async with aiosqlite.connect(path, isolation_level=isolation_level) as connection:
        await connection.execute("PRAGMA journal_mode = WAL")
        await connection.execute("PRAGMA synchronous = FULL")
        await connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, body BLOB)")

        async def one_by_one() -> None:
            for _ in range(WRITES):
                await connection.execute("INSERT INTO bare (body) VALUES (?)", (b"x" * 200,))
                if isolation_level is not None:
                    await connection.commit()

        yield one_by_one
