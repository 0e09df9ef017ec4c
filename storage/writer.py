"""One writer: whole transactions as single jobs on one thread, several in a commit.

Two tasks on one aiosqlite connection erased each other's acknowledged rows, and a cancelled
`BEGIN` left an orphan. So nothing awaits inside a transaction: a job is a plain function, what it
did is taken back alone if it fails, and its caller hears of it only after the group's `COMMIT`.

A job that comes while nothing is written is posted to the thread at once, which takes whatever
waits when its turn comes; what comes meanwhile is posted when the loop has heard of the end.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar, cast

import aiosqlite

from storage.ballast import Ballast
from storage.connections import on_thread, post
from storage.held import HeldKeys
from storage.jobs import FailedError, Group, Job
from storage.lease import Fence, OvertakenError
from storage.transaction import Connection, Effects, GroupLostError, Transaction, roll_back

if TYPE_CHECKING:
    from storage.vault.keys import KeyName

T = TypeVar("T")

GROUP = 64  # jobs in one commit at most
URGENT, AHEAD, ORDINARY = 0, 1, 2  # ranks: each commit is of one


class ClosedError(Exception):
    """The database is closed, or was never opened: nothing can be written any more."""


class Writer:
    """Writes, from `begin` to `end`. `ballast` is given up where there is no room, see `Database`.

    From the first job until nothing waits one thing is under way at a time: an errand on the loop,
    or a commit on the thread. Meanwhile the loop adds jobs, and only the thread takes any away.
    """

    def __init__(
        self, held: HeldKeys, fence: Fence, ballast: Ballast | None, *, is_guest: bool
    ) -> None:
        self._held = held
        self._fence = fence
        self._ballast = ballast
        self._is_guest = is_guest
        self._queues = tuple(deque[Job[object]]() for _ in (URGENT, AHEAD, ORDINARY))
        self._listeners: list[Callable[[Effects], None]] = []
        self._tasks = asyncio.TaskGroup()
        self._errand: asyncio.Task[None] | None = None
        self._is_open = False
        self._is_cut_off = False
        self._is_idle = asyncio.Event()  # nothing is written, and nothing waits
        self._is_idle.set()
        self._connection: aiosqlite.Connection
        self._loop: asyncio.AbstractEventLoop

    async def begin(self, connection: aiosqlite.Connection) -> None:
        """Write over `connection` from now on."""
        await self._tasks.__aenter__()
        self._connection, self._loop = connection, asyncio.get_running_loop()
        self._is_open = True

    async def end(self) -> None:
        """Take nothing more, and finish what was asked for; cancelled, only what is under way."""
        self._is_open = False
        cut_off: asyncio.CancelledError | None = None
        while not self._is_idle.is_set():
            try:
                await self._is_idle.wait()
            except asyncio.CancelledError as error:
                self._is_cut_off, cut_off = True, error
                if self._errand is not None:
                    self._errand.cancel()
        await self._tasks.__aexit__(None, None, None)
        if cut_off is not None:
            raise cut_off

    def on_commit(self, listener: Callable[[Effects], None]) -> None:
        """Have `listener` called, on the loop, with the effects of every committed job."""
        self._listeners.append(listener)

    def write(self, work: Callable[[Transaction], T], rank: int) -> asyncio.Future[T]:
        """Run `work` in a transaction; what it gives can be had when it is committed.

        Raises:
            ClosedError: it has not begun, or has ended.
            Exception: when it is awaited, whatever `work` raised; then nothing of it is stored.
        """
        if not self._is_open:
            raise ClosedError
        done: asyncio.Future[T] = self._loop.create_future()
        self._queues[rank].append(cast("Job[object]", Job(rank, work, done)))
        if self._is_idle.is_set():
            self._is_idle.clear()
            self._go_on()
        return done

    # ------------------------------------------------------------ on the loop

    def _go_on(self) -> None:
        if self._is_clear():
            post(self._connection, self._work_off)
        else:
            self._errand = self._tasks.create_task(self._go_on_when_clear(), name="fence")

    def _is_clear(self) -> bool:
        try:
            return self._fence.is_clear
        except Exception as error:  # noqa: BLE001 - as below
            self._report("the fence's gate failed", error)
            return False

    async def _go_on_when_clear(self) -> None:
        try:
            await self._fence.wait()
        except OvertakenError:
            self._settle(())  # lost: everybody who waits hears of it
            return
        except asyncio.CancelledError:  # whoever closes has lost patience
            self._is_cut_off = True
            self._settle(())
            raise
        except Exception as error:  # noqa: BLE001 - a gate that breaks keeps no alarm
            self._report("the fence's gate failed", error)
        post(self._connection, self._work_off)

    def _end(self, jobs: Sequence[Job[object]]) -> None:
        """Hear from the thread that a commit is over."""
        if self._held.is_destruction_due:
            destruction = self._destroy_and_settle(jobs)
            self._errand = self._tasks.create_task(destruction, name="destruction")
        else:
            self._settle(jobs)

    async def _destroy_and_settle(self, jobs: Sequence[Job[object]]) -> None:
        """Destroy what is doomed. If the disk refuses now, it is tried again with each commit."""

        def destroy(connection: Connection) -> None:
            self._held.finish_destructions(connection, self._fence.require_again)

        try:
            with contextlib.suppress(Exception):
                await self._fence.wait()  # again: it may have been suspended since the commit
                await on_thread(self._connection, destroy)
        finally:
            self._settle(jobs)

    def _settle(self, jobs: Sequence[Job[object]]) -> None:
        """Tell whoever waits for these jobs or listens, and go on with what waits."""
        for job in jobs:
            job.settle()
        for job in jobs:
            if job.error is None:
                self._tell(job.effects)
            elif isinstance(job.error, OvertakenError):
                self._fence.lose()
        if self._fence.is_lost or self._is_cut_off:
            self._shut()
        if any(self._queues):
            self._go_on()
        else:
            self._is_idle.set()

    def _tell(self, effects: Effects) -> None:
        for listener in self._listeners:
            try:
                listener(effects)
            except Exception as error:  # noqa: BLE001 - a listener never ends the writer
                self._report("a commit's listener failed", error)

    def _report(self, message: str, error: Exception) -> None:
        self._loop.call_exception_handler({"message": message, "exception": error})

    def _shut(self) -> None:
        """Take nothing more; nobody may wait for ever."""
        self._is_open = False
        for queue in self._queues:
            while queue:
                left = queue.popleft()
                left.error = OvertakenError() if self._fence.is_lost else ClosedError()
                left.settle()

    # ------------------------------------------------------------ on the thread

    def _work_off(self, connection: Connection) -> None:
        jobs = self._take()
        try:
            jobs = self._carry_out(connection, jobs)
        except BaseException as error:  # noqa: BLE001 - nobody waits for ever
            for job in jobs:
                job.error = _as_lost(error)
        self._loop.call_soon_threadsafe(self._end, jobs)

    def _take(self) -> Sequence[Job[object]]:
        """Take what waits of the highest rank."""
        for queue in self._queues:
            if queue:
                return [queue.popleft() for _ in range(min(len(queue), GROUP))]
        return ()

    def _carry_out(
        self, connection: Connection, jobs: Sequence[Job[object]]
    ) -> Sequence[Job[object]]:
        """Carry out jobs and give them; what an urgent one has overtaken waits again."""
        try:
            count = self._run_group(connection, jobs)
        except OvertakenError as error:
            for job in jobs:
                job.error = error
        except BaseException as error:  # noqa: BLE001 - each job gets another try, alone
            if self._ballast is not None:
                self._ballast.makes_room(error)
            for job in jobs:
                self._run_alone(connection, job)
        else:
            for overtaken in reversed(jobs[count:]):
                self._queues[overtaken.rank].appendleft(overtaken)
            return jobs[:count]
        return jobs

    def _run_alone(self, connection: Connection, job: Job[object]) -> None:
        try:
            self._run_group(connection, [job])
        except BaseException as error:  # noqa: BLE001 - it is its caller's, who decides about it
            job.error = _as_lost(error)

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
        group = Group(connection, held.sight())
        roll_back(connection)  # one that failed must not stop all that follow
        connection.execute("BEGIN IMMEDIATE")
        stored: frozenset[KeyName] = frozenset()
        try:
            if self._is_guest:
                held.require_current(connection)
            self._fence.require()
            more_urgent = self._queues[: jobs[0].rank] if jobs else ()
            for count, job in enumerate(jobs):
                if count and any(more_urgent):
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


def _as_lost(error: BaseException) -> Exception:
    """Give what a caller is told: what would end a thread would end the caller's loop as well."""
    if isinstance(error, Exception):
        return error
    lost = GroupLostError()
    lost.__cause__ = error
    return lost
