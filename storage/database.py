"""One writer: whole transactions as single jobs on one thread, several in a commit.

Two tasks on one aiosqlite connection erased each other's acknowledged rows, and a cancelled
`BEGIN` left an orphan. So nothing awaits inside a transaction: a job is a plain function, runs in
a savepoint of its own, and its caller hears of it only after the group's `COMMIT`.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Self, TypeVar, cast

import aiosqlite
import sqlcipher3.dbapi2 as sqlcipher

from storage import proofs
from storage.migrate import migrate, require_current
from storage.transaction import Connection, Effects, Transaction
from storage.vault.errors import VaultError
from storage.vault.keys import Key, KeyKind, KeyName
from storage.vault.keyslots import KeySlots

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")

GROUP = 64  # jobs in one commit at most
OWN_FILE = 0o600
URGENT, ORDINARY, LAST = 0, 1, 2


class GroupLostError(Exception):
    """SQLite rolled the whole group back, as on a full disk: its jobs are played again singly."""


# What can make a group fail as a whole: then each of its jobs gets another try, alone.
_LOST = (GroupLostError, sqlcipher.Error, OSError, VaultError)


_NO_ROOM = frozenset({
    sqlcipher.SQLITE_FULL, sqlcipher.SQLITE_IOERR, sqlcipher.SQLITE_BUSY, sqlcipher.SQLITE_LOCKED,
    sqlcipher.SQLITE_READONLY, sqlcipher.SQLITE_CANTOPEN, sqlcipher.SQLITE_NOMEM,
})  # fmt: skip


def is_disk_trouble(error: Exception) -> bool:
    """Say whether the machine, not the work, made a write fail: it may go well later."""
    if isinstance(error, GroupLostError | OSError):
        return True
    code = getattr(error, "sqlite_errorcode", None)  # the low byte is the primary code
    return isinstance(error, sqlcipher.Error) and isinstance(code, int) and code & 255 in _NO_ROOM


@dataclass(slots=True)
class _Job(Generic[T]):
    work: Callable[[Transaction], T]
    done: "asyncio.Future[T]"
    effects: Effects = field(default_factory=Effects)
    result: T | None = None
    error: Exception | None = None

    def settle(self) -> None:
        if self.done.done():
            return  # the caller went away; the work is committed all the same
        if self.error is not None:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(cast("T", self.result))


class Database:
    """The encrypted database: `write` for everything that changes, `read` for looking.

    `is_guest`: a short visit beside a running bot, with key slots that were opened for reading
    only. A guest brings nothing up to date, destroys no keys and leaves checkpoints to the bot.
    """

    def __init__(self, path: Path, slots: KeySlots, *, is_guest: bool = False) -> None:
        self._path = path
        self._slots = slots
        self._is_guest = is_guest
        self._queue: asyncio.PriorityQueue[tuple[int, int, _Job[object] | None]] = (
            asyncio.PriorityQueue()
        )
        self._order = itertools.count()
        self._listeners: list[Callable[[Effects], None]] = []
        self._tasks = asyncio.TaskGroup()
        self._writer: aiosqlite.Connection | None = None
        self._reader: aiosqlite.Connection | None = None

    async def __aenter__(self) -> Self:
        self._writer = await _connected(self._connect)
        try:
            if self._is_guest:
                await _on_thread(self._writer, require_current)
            else:
                await _on_thread(self._writer, migrate)
                await _on_thread(self._writer, self._finish_destructions)
            self._reader = await _connected(self._connect_reader)
        except BaseException:
            await self._writer.close()
            raise
        await self._tasks.__aenter__()
        self._tasks.create_task(self._write_for_ever(), name="writer")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish what was asked for, then close; a thread left open would hang the exit."""
        self._queue.put_nowait((LAST, next(self._order), None))
        try:
            await self._tasks.__aexit__(None, None, None)
        finally:
            for connection in (self._reader, self._writer):
                if connection is not None:
                    await connection.close()

    def on_commit(self, listener: Callable[[Effects], None]) -> None:
        """Have `listener` called, on the loop, with the effects of every committed job."""
        self._listeners.append(listener)

    async def write(self, work: Callable[[Transaction], T], *, urgent: bool = False) -> T:
        """Run `work` in a transaction and come back when it is committed.

        `work` may run twice (see `GroupLostError`), so it touches nothing but its transaction. If
        the caller is cancelled the work is still carried out.

        Raises:
            Exception: whatever `work` raised; then nothing of it is stored.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        job = cast("_Job[object]", _Job(work, done))
        self._queue.put_nowait((URGENT if urgent else ORDINARY, next(self._order), job))
        return await asyncio.shield(done)

    async def read(self, look: Callable[[Transaction], T]) -> T:
        """Run `look` on a snapshot of what is committed; it cannot change anything."""
        assert self._reader is not None  # noqa: S101 - entered, see __aenter__

        def job(connection: Connection) -> T:
            connection.execute("BEGIN")
            try:
                return look(Transaction(connection, dict(self._slots.keys)))
            finally:
                connection.execute("ROLLBACK")

        return await _on_thread(self._reader, job)

    async def _write_for_ever(self) -> None:
        assert self._writer is not None  # noqa: S101 - entered, see __aenter__
        closing = False
        while not closing:
            first = (await self._queue.get())[2]
            jobs = [] if first is None else [first]
            closing = first is None
            while len(jobs) < GROUP and not self._queue.empty():
                job = self._queue.get_nowait()[2]
                if job is None:
                    closing = True
                else:
                    jobs.append(job)
            if jobs:
                await self._commit(self._writer, jobs)

    async def _commit(self, writer: aiosqlite.Connection, jobs: Sequence[_Job[object]]) -> None:
        try:
            await _on_thread(writer, partial(self._run_group, jobs=jobs))
        except _LOST:
            for job in jobs:
                await _on_thread(writer, partial(self._run_alone, job=job))
        if any(job.error is None and job.effects.doomed_keys for job in jobs):
            await self._destroy(writer)
        for job in jobs:
            job.settle()
            if job.error is None:
                for listener in self._listeners:
                    listener(job.effects)

    def _run_alone(self, connection: Connection, job: _Job[object]) -> None:
        try:
            self._run_group(connection, [job])
        except _LOST as error:
            job.error = error

    def _run_group(self, connection: Connection, jobs: Sequence[_Job[object]]) -> None:
        keys = dict(self._slots.keys)
        connection.execute("BEGIN IMMEDIATE")
        try:
            for job in jobs:
                self._run_job(connection, job, keys)
            _sign(connection, jobs, keys)
            new_keys = {
                name: key
                for job in jobs
                if job.error is None
                for name, key in job.effects.new_keys.items()
            }
            if new_keys:
                self._slots.store(new_keys)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _run_job(
        self, connection: Connection, job: _Job[object], keys: dict[KeyName, Key]
    ) -> None:
        transaction = Transaction(connection, keys)
        job.error, job.effects = None, transaction.effects
        connection.execute("SAVEPOINT job")
        try:
            job.result = job.work(transaction)
        except Exception as error:  # the border between a job and its group
            if not connection.in_transaction:
                raise GroupLostError from error
            connection.execute("ROLLBACK TO job")
            job.error = error
        else:
            keys.update(transaction.effects.new_keys)
            for name in transaction.effects.doomed_keys:
                keys.pop(name, None)
        connection.execute("RELEASE job")

    async def _destroy(self, writer: aiosqlite.Connection) -> None:
        """Destroy what is doomed. If the disk refuses now, the rows stay and it is done later."""
        with contextlib.suppress(*_LOST):
            await _on_thread(writer, self._finish_destructions)

    def _finish_destructions(self, connection: Connection) -> None:
        """Destroy the keys that committed transactions have doomed, also after a crash between."""
        cursor = connection.execute("SELECT kind, event_id FROM key_destructions")
        rows = cast("list[tuple[str, int]]", cursor.fetchall())
        doomed = [KeyName(KeyKind(kind), event) for kind, event in rows]
        if doomed:
            self._slots.destroy(doomed)
            connection.execute("DELETE FROM key_destructions")

    def _connect(self) -> Connection:
        self._path.touch(OWN_FILE)  # SQLite gives its other files the same permissions
        key = self._slots.keys[KeyName(KeyKind.DATABASE, None)]
        connection = cast(
            "Connection",
            sqlcipher.connect(str(self._path), isolation_level=None, check_same_thread=False),
        )
        connection.execute(f"PRAGMA key = \"x'{key.reveal().hex()}'\"")
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "temp_store = MEMORY",
            "secure_delete = ON",
            "foreign_keys = ON",
            "busy_timeout = 5000",
        ):
            connection.execute(f"PRAGMA {pragma}")
        if self._is_guest:
            connection.execute("PRAGMA wal_autocheckpoint = 0")
        return connection

    def _connect_reader(self) -> Connection:
        connection = self._connect()
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        return connection


def _sign(
    connection: Connection, jobs: Sequence[_Job[object]], keys: Mapping[KeyName, Key]
) -> None:
    """Sign the state of the proof log once for the whole group, if any job of it added leaves."""
    grown = [job.effects.proves for job in jobs if job.error is None and job.effects.proves]
    if grown:
        proofs.sign_checkpoint(Transaction(connection, keys), max(grown))


async def _connected(connect: Callable[[], Connection]) -> aiosqlite.Connection:
    connection = aiosqlite.Connection(cast("Callable[[], sqlite3.Connection]", connect), 64)
    try:
        return await connection
    except BaseException:
        # aiosqlite stops its thread without waiting; it would speak to a loop that has ended.
        await asyncio.shield(asyncio.to_thread(connection._thread.join))  # noqa: SLF001
        raise


def _on_thread(connection: aiosqlite.Connection, job: Callable[[Connection], T]) -> Awaitable[T]:
    """Run `job` with the raw connection on aiosqlite's thread.

    aiosqlite has no public call for more than one statement at a time; this is the one place that
    uses its inner one (pinned version, covered by tests/storage).
    """
    raw = cast("Connection", connection._conn)  # noqa: SLF001 - see above
    return cast("Awaitable[T]", connection._execute(job, raw))  # type: ignore[no-untyped-call] # noqa: SLF001
