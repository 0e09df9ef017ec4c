"""One connection to SQLite as we rely on it: encrypted, durable, and on a thread of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import aiosqlite
import sqlcipher3.dbapi2 as sqlcipher

from storage.transaction import Connection
from storage.vault.keys import Key

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")


class UnsafeDatabaseError(Exception):
    """SQLite does not do what we rely on: it would lose commits, or leave words on the disk."""


OWN_FILE = 0o600
PATIENCE = 5000  # milliseconds that a statement waits for another connection

# What each connection is set to, and what it must then answer: SQLite ignores what it cannot do.
PRAGMAS = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("temp_store", "MEMORY", 2),  # a temporary file would hold plaintext
    ("secure_delete", "ON", 1),
    ("foreign_keys", "ON", 1),
    ("busy_timeout", PATIENCE, PATIENCE),
)

# Bytes and nothing are bound as they are. The library looks in vain for a way to turn them into
# something else, each time, for three times what the rest of binding costs: these find it at once.
sqlcipher.register_adapter(bytes, bytes)
sqlcipher.register_adapter(type(None), {}.get)


class OneCursor(sqlcipher.Connection):  # type: ignore[misc] # the library has no types
    """A connection that carries everything out with one cursor, made once.

    Each statement ends the one before, so none is still open where a transaction ends.
    """

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)
        self.execute = self.cursor().execute

    def close(self) -> None:
        """Let go of the file, and of the cursor, which has hold of this."""
        self.__dict__.pop("execute", None)
        super().close()


def opened(path: Path, key: Key, *, checkpoints: bool = True) -> Connection:
    """Open the database at `path`, or make it; one that `checkpoints` empties the log on its way.

    Raises: UnsafeDatabaseError; sqlcipher3 errors where the key is a wrong one.
    """
    path.touch(OWN_FILE)  # SQLite gives its other files the same permissions
    connection = cast(
        "Connection",
        sqlcipher.connect(
            str(path), isolation_level=None, check_same_thread=False, factory=OneCursor
        ),
    )
    try:
        set_up(connection, key)
        if not checkpoints:
            connection.execute("PRAGMA wal_autocheckpoint = 0")
    except BaseException:
        connection.close()
        raise
    return connection


def set_up(connection: Connection, key: Key) -> None:
    """Open the file with its key, and have SQLite work as it must.

    Raises: UnsafeDatabaseError; sqlcipher3 errors where the key is a wrong one.
    """
    connection.execute("PRAGMA cipher_log_level = NONE")  # a wrong key is told in our own words
    connection.execute(f"PRAGMA key = \"x'{key.reveal().hex()}'\"")
    for name, value, answer in PRAGMAS:
        connection.execute(f"PRAGMA {name} = {value}")
        if connection.execute(f"PRAGMA {name}").fetchone() != (answer,):
            raise UnsafeDatabaseError(name)


async def connected(connect: Callable[[], Connection]) -> aiosqlite.Connection:
    """Start a connection's thread and open it there; a thread that fails is waited for."""
    made: list[Connection] = []

    def open_there() -> Connection:
        made.append(connect())
        return made[0]

    connection = aiosqlite.Connection(cast("Callable[[], sqlite3.Connection]", open_there), 64)
    try:
        return await connection
    except BaseException:
        # aiosqlite stops its thread without waiting; it would speak to a loop that has ended. What
        # was opened for somebody who has gone it never closes.
        await asyncio.shield(asyncio.to_thread(connection._thread.join))  # noqa: SLF001
        for opened_there in made:
            opened_there.close()
        raise


def on_thread(connection: aiosqlite.Connection, job: Callable[[Connection], T]) -> Awaitable[T]:
    """Run `job` with the raw connection on aiosqlite's thread.

    aiosqlite has no public call for more than one statement at a time; this is the one place that
    uses its inner one (pinned version, covered by tests/storage).
    """
    raw = cast("Connection", connection._conn)  # noqa: SLF001 - see above
    return cast("Awaitable[T]", connection._execute(job, raw))  # type: ignore[no-untyped-call] # noqa: SLF001


def post(connection: aiosqlite.Connection, job: Callable[[Connection], None]) -> None:
    """Have `job` run on aiosqlite's thread, after what was posted before; nobody waits for it.

    It has to say by itself what became of it: what it raises goes nowhere. A call that is awaited
    costs two more rounds of the loop, there and back.
    """
    raw = cast("Connection", connection._conn)  # noqa: SLF001 - as above
    connection._tx.put_nowait((None, partial(job, raw)))  # noqa: SLF001 - as above
