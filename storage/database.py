"""One writer: whole transactions as single jobs on one thread, several in a commit.

Two tasks on one aiosqlite connection erased each other's acknowledged rows, and a cancelled
`BEGIN` left an orphan. So nothing awaits inside a transaction: a job is a plain function, what it
did is taken back alone if it fails, and its caller hears of it only after the group's `COMMIT`.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar, cast

import aiosqlite

from storage import copying
from storage.ballast import Ballast
from storage.connections import connected, on_thread, opened
from storage.held import HeldKeys
from storage.jobs import STOPPED, FailedError, Group, Job
from storage.lease import Fence, OvertakenError
from storage.migrate import migrate, require_current
from storage.transaction import (
    Connection,
    Effects,
    Transaction,
    roll_back,
)
from storage.trouble import may_lack_room
from storage.vault.keyring import Keyring

if TYPE_CHECKING:
    from storage.vault.keys import KeyName

T = TypeVar("T")

GROUP = 64  # jobs in one commit at most
URGENT, AHEAD, ORDINARY = 0, 1, 2  # ranks: each commit is of one


class ClosedError(Exception):
    """The database is closed, or was never opened: nothing can be written any more."""


class Database:
    """The encrypted database: `write` for everything that changes, `read` for looking.

    `is_guest`: a short visit beside a running bot, with key slots that were opened for reading
    only. A guest brings nothing up to date, destroys no keys and leaves checkpoints to the bot. It
    does nothing more once the bot has made or destroyed a key: a new visit has today's keys.
    `ballast` is given up when there is no room, and what failed is done again at once.
    Whoever else opens it as the bot has overtaken this one: its writer ends, behind the `fence`.
    """

    def __init__(
        self,
        path: Path,
        slots: Keyring,
        *,
        is_guest: bool = False,
        ballast: Ballast | None = None,
        fence: Fence | None = None,
    ) -> None:
        self._path = path
        self._held = HeldKeys(slots, path)
        self._is_guest = is_guest
        self._ballast = ballast
        self._fence = Fence() if fence is None else fence
        self._queues = tuple(deque[Job[object]]() for _ in (URGENT, AHEAD, ORDINARY))
        self._has_come = asyncio.Event()
        self._is_ending = False
        self._listeners: list[Callable[[Effects], None]] = []
        self._tasks = asyncio.TaskGroup()
        self._writer: aiosqlite.Connection | None = None
        self._reader: aiosqlite.Connection | None = None
        self._is_open = False

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except Exception as error:
            if not self._makes_room(error):
                raise
            await self._open()
        await self._tasks.__aenter__()
        self._tasks.create_task(self._write_for_ever(), name="writer")
        self._is_open = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish what was asked for, then close; a thread left open would hang the exit."""
        self._is_ending = True
        self._has_come.set()
        async with AsyncExitStack() as closing:
            for connection in (self._writer, self._reader):
                if connection is not None:
                    closing.push_async_callback(connection.close)
            await self._tasks.__aexit__(None, None, None)

    async def _open(self) -> None:
        self._writer = await connected(self._connect)
        try:
            await on_thread(self._writer, self._make_ready)
            self._reader = await connected(self._connect_reader)
        except BaseException:
            await self._writer.close()
            raise

    async def pass_fence(self) -> None:
        """Come back where this is still the copy that works, as far as anybody knows.

        Whoever puts something in place outside this database, without a commit, asks first.

        Raises: OvertakenError.
        """
        try:
            await self._fence.wait()
        except OvertakenError:
            self._fence.lose()
            raise

    def on_commit(self, listener: Callable[[Effects], None]) -> None:
        """Have `listener` called, on the loop, with the effects of every committed job."""
        self._listeners.append(listener)

    async def write(
        self, work: Callable[[Transaction], T], *, urgent: bool = False, ahead: bool = False
    ) -> T:
        """Run `work` in a transaction and come back when it is committed.

        What is `urgent` waits for nothing but the one job that runs; what may turn out to be runs
        `ahead` of the ordinary.
        `work` may run more than once (where another job of its group fails, see `_run_group`), so
        it touches nothing but its transaction. If the caller is cancelled the work is still
        carried out.

        Raises:
            ClosedError: the database is not open.
            Exception: whatever `work` raised; then nothing of it is stored.
        """
        if not self._is_open:
            raise ClosedError
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        rank = URGENT if urgent else AHEAD if ahead else ORDINARY
        self._queues[rank].append(cast("Job[object]", Job(rank, work, done)))
        self._has_come.set()
        return await done

    async def read(self, look: Callable[[Transaction], T]) -> T:
        """Run `look` on a snapshot of what is committed; it cannot change anything."""
        if self._reader is None:
            raise ClosedError

        def job(connection: Connection) -> T:
            tx = self._begin_to_read(connection)
            try:
                if self._is_guest:
                    self._held.require_current(connection)
                return look(tx)
            except StopIteration as error:
                raise RuntimeError(STOPPED) from error
            finally:
                roll_back(connection)

        return await on_thread(self._reader, job)

    def _begin_to_read(self, connection: Connection) -> Transaction:
        """Take a snapshot, then its keys: none may go out of sight between the two.

        A key that came in between is one too many, and does no harm.
        """
        while True:
            roll_back(connection)
            departures = self._held.departures
            connection.execute("BEGIN")
            # What is read from here on does not change any more.
            connection.execute("SELECT 1 FROM slot_file").fetchone()
            keys, names = self._held.in_sight(), self._held.names()
            tx = Transaction(connection, keys, is_locked=self._held.is_locked, names=names)
            if self._held.departures == departures:
                return tx

    async def copy_to(self, path: Path, look: Callable[[Transaction], T]) -> T:
        """Copy to the empty file `path` what may leave this machine (see `storage/copying.py`).

        `look` sees the very moment that is copied. Nobody has to wait for either.
        """

        def job(connection: Connection) -> T:
            copying.attach(connection, path, self._held.database_key())
            tx = self._begin_to_read(connection)
            try:
                seen = look(tx)
                copying.copy_rows(connection)
                connection.execute("COMMIT")
            finally:
                roll_back(connection)
            return seen

        connection = await connected(self._connect_visitor)
        try:
            return await on_thread(connection, job)
        finally:
            await connection.close()

    async def _write_for_ever(self) -> None:
        assert self._writer is not None  # noqa: S101 - entered, see __aenter__
        jobs: list[Job[object]] = []
        try:
            while not self._fence.is_lost and (jobs := await self._next_jobs()):
                await self._commit(self._writer, jobs)
        finally:
            self._is_open = False
            for queue in self._queues:
                jobs += queue
                queue.clear()
            for left in jobs:  # cut off: nobody may wait for ever
                left.error = left.error or ClosedError()
                left.settle()

    async def _next_jobs(self) -> list[Job[object]]:
        """Give what waits of the highest rank; nothing once all is done and the end has come."""
        while not any(self._queues) and not self._is_ending:
            self._has_come.clear()
            await self._has_come.wait()
        queue = next(filter(None, self._queues), deque[Job[object]]())
        return [queue.popleft() for _ in range(min(len(queue), GROUP))]

    async def _carry_out(
        self, writer: aiosqlite.Connection, jobs: Sequence[Job[object]]
    ) -> Sequence[Job[object]]:
        """Carry out jobs and give them; what an urgent one has overtaken waits again."""
        try:
            await self._fence.wait()
            count = await on_thread(writer, partial(self._run_group, jobs=jobs))
        except OvertakenError as error:
            self._fence.lose()
            for job in jobs:
                job.error = error
        except Exception as error:  # noqa: BLE001 - each job gets another try, alone
            self._makes_room(error)
            for job in jobs:
                await on_thread(writer, partial(self._run_alone, job=job))
        else:
            for overtaken in reversed(jobs[count:]):
                self._queues[overtaken.rank].appendleft(overtaken)
            return jobs[:count]
        return jobs

    async def _commit(self, writer: aiosqlite.Connection, jobs: Sequence[Job[object]]) -> None:
        jobs = await self._carry_out(writer, jobs)
        if self._held.is_destruction_due:
            await self._destroy(writer)
        for job in jobs:
            job.settle()
        for job in jobs:
            if job.error is None:
                self._tell(job.effects)

    def _makes_room(self, error: Exception) -> bool:
        """Give up the ballast if `error` may come of a full disk; say whether that made room."""
        if self._ballast is None or not may_lack_room(error):
            return False
        return self._ballast.give_up()

    def _tell(self, effects: Effects) -> None:
        for listener in self._listeners:
            try:
                listener(effects)
            except Exception as error:  # noqa: BLE001 - a listener never ends the writer
                context = {"message": "a commit's listener failed", "exception": error}
                asyncio.get_running_loop().call_exception_handler(context)

    def _run_alone(self, connection: Connection, job: Job[object]) -> None:
        try:
            self._run_group(connection, [job])
        except Exception as error:  # noqa: BLE001 - it is its caller's, who decides about it
            job.error = error

    def _run_group(self, connection: Connection, jobs: Sequence[Job[object]]) -> int:
        """Run jobs in one commit; give how many: one of a higher rank that comes ends it.

        Savepoints cost every job, and few fail: only where one does, all is taken back and each
        runs again, in a savepoint of its own: after what is of a higher rank, if that has come.
        """
        try:
            return self._commit_group(connection, jobs, Group.run)
        except FailedError as failed:
            if len(jobs) == 1:
                jobs[0].error = failed.error
                return 1
        if any(self._queues[: jobs[0].rank]):
            return 0
        return self._commit_group(connection, jobs, Group.run_apart)

    def _commit_group(
        self,
        connection: Connection,
        jobs: Sequence[Job[object]],
        run: Callable[[Group, Job[object]], None],
    ) -> int:
        held = self._held
        group = Group(connection, held.in_sight(), held.names(), held.is_locked)
        roll_back(connection)  # one that failed must not stop all that follow
        connection.execute("BEGIN IMMEDIATE")
        stored: frozenset[KeyName] = frozenset()
        try:
            if self._is_guest:
                held.require_current(connection)
            self._fence.require()
            for count, job in enumerate(jobs):
                if count and any(self._queues[: job.rank]):
                    jobs = jobs[:count]
                    break
                run(group, job)
            group.sign()
            if group.together.new_keys:  # durable before the rows that need them
                held.store(group.together.new_keys)
                stored = frozenset(group.together.new_keys)
                held.note_generation(connection)
            if group.together.locks:
                held.lock()  # first: a crash in between leaves it locked, not open
            connection.execute("COMMIT")
        except BaseException:
            roll_back(connection)
            held.leave_over(stored)
            raise
        held.commit(frozenset(group.together.doomed_keys))
        if group.together.forgets and not self._is_guest:
            held.forget()
        return len(jobs)

    async def _destroy(self, writer: aiosqlite.Connection) -> None:
        """Destroy what is doomed. If the disk refuses now, it is tried again with each commit."""
        finish = partial(self._held.finish_destructions, require=self._fence.require_again)
        with contextlib.suppress(Exception):
            await self.pass_fence()  # again: it may have been suspended since the commit
            await on_thread(writer, finish)

    def _make_ready(self, connection: Connection) -> None:
        if self._is_guest:
            require_current(connection)
            self._held.require_current(connection)
            return
        self._held.require_ours(connection)
        migrate(connection, self._path)
        self._fence.take(connection)
        self._held.bind(connection)
        self._held.finish_destructions(connection, self._fence.require_again)

    def _connect(self, *, checkpoints: bool = True) -> Connection:
        checkpoints = checkpoints and not self._is_guest
        return opened(self._path, self._held.database_key(), checkpoints=checkpoints)

    def _connect_reader(self) -> Connection:
        connection = self._connect_visitor()
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _connect_visitor(self) -> Connection:
        return self._connect(checkpoints=False)
