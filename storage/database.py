"""The encrypted database: one that writes, one that reads beside it, and what both need.

Everything that changes goes through the one writer (`storage/writer.py`); looking waits for
nobody, and sees a snapshot of what is committed.
"""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from storage import copying
from storage.ballast import Ballast
from storage.connections import connected, on_thread, opened
from storage.held import HeldKeys
from storage.jobs import STOPPED
from storage.lease import Fence
from storage.migrate import migrate, require_current
from storage.transaction import Connection, Effects, Transaction, roll_back
from storage.vault.keyring import Keyring
from storage.writer import AHEAD, ORDINARY, URGENT, ClosedError, Writer

if TYPE_CHECKING:
    import aiosqlite

T = TypeVar("T")


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
        self._writer = Writer(self._held, self._fence, ballast, is_guest=is_guest)
        self._reader: aiosqlite.Connection | None = None
        self._open: AsyncExitStack

    async def __aenter__(self) -> Self:
        if self._reader is not None:
            raise RuntimeError("this database was opened before")
        try:
            await self._enter()
        except Exception as error:
            if self._ballast is None or not self._ballast.makes_room(error):
                raise
            await self._enter()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish what was asked for, then close; a thread left open would hang the exit."""
        await self._open.aclose()

    async def _enter(self) -> None:
        async with AsyncExitStack() as opening:
            connection = await connected(self._connect)
            opening.push_async_callback(connection.close)
            await on_thread(connection, self._make_ready)
            reader = await connected(self._connect_reader)
            opening.push_async_callback(reader.close)
            await self._writer.begin(connection)
            opening.push_async_callback(self._writer.end)
            self._reader, self._open = reader, opening.pop_all()

    async def pass_fence(self) -> None:
        """Come back where this is still the copy that works, as far as anybody knows.

        Whoever puts something in place outside this database, without a commit, asks first.

        Raises: OvertakenError.
        """
        await self._fence.wait()

    def on_commit(self, listener: Callable[[Effects], None]) -> None:
        """Have `listener` called, on the loop, with the effects of every committed job."""
        self._writer.on_commit(listener)

    async def write(
        self, work: Callable[[Transaction], T], *, urgent: bool = False, ahead: bool = False
    ) -> T:
        """Run `work` in a transaction and come back when it is committed.

        What is `urgent` waits for nothing but the one job that runs; what may turn out to be runs
        `ahead` of the ordinary.
        `work` may run more than once (where another job of its group fails, see
        `storage/writer.py`), so it touches nothing but its transaction. If the caller is cancelled
        the work is still carried out.

        Raises:
            ClosedError: the database is not open.
            Exception: whatever `work` raised; then nothing of it is stored.
        """
        rank = URGENT if urgent else AHEAD if ahead else ORDINARY
        return await self._writer.write(work, rank)

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
            tx = Transaction(connection, self._held.sight())
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
