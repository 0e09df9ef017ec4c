"""A secured write against a bare aiosqlite insert and commit, on the same disk, both at FULL."""

import asyncio
from pathlib import Path

import aiosqlite

from safety.forms import Draft
from safety.people import ChatId
from storage import forms
from storage.database import Database
from storage.transaction import Transaction
from storage.vault import derivation, keyslots
from tests.bench.figures import Figure, median_seconds

WRITES = 300
CALLERS = 50
BARE = "bare aiosqlite insert + commit"


async def measure(folder: Path) -> list[Figure]:
    """Measure single writes, and many callers at once."""
    bare = await bare_commit(folder / "bare.db")
    slots, _ = keyslots.create(folder / "keys", derivation.FLOOR)
    async with Database(folder / "aman.db", slots) as database:

        async def write(number: int) -> None:
            def change(tx: Transaction) -> None:
                forms.put(tx, ChatId(number), Draft(tx.new_id(), "event", "title"))

            await database.write(change)

        async def one_by_one() -> None:
            for number in range(WRITES):
                await write(number)

        async def together() -> None:
            for start in range(0, WRITES, CALLERS):
                await asyncio.gather(*(write(start + number) for number in range(CALLERS)))

        single = await median_seconds(WRITES, one_by_one)
        grouped = await median_seconds(WRITES, together)
    slots.close()
    return [
        Figure("sealed write, one caller", single, BARE, bare),
        Figure(f"sealed write, {CALLERS} callers", grouped, BARE, bare),
    ]


async def bare_commit(path: Path) -> float:
    """Give the seconds of one insert and commit through aiosqlite's public calls, at FULL."""
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        await connection.execute("PRAGMA journal_mode = WAL")
        await connection.execute("PRAGMA synchronous = FULL")
        await connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, body BLOB)")

        async def one_by_one() -> None:
            for _ in range(WRITES):
                await connection.execute("INSERT INTO bare (body) VALUES (?)", (b"x" * 200,))

        return await median_seconds(WRITES, one_by_one)
