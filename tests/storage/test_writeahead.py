"""What was deleted leaves the write-ahead log as well, and nothing is lost by it."""

import asyncio
import contextlib
import os
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from bot.clock import SystemClock
from safety.people import EventId
from safety.purges import Purged
from storage import connections, counters, purges, writeahead
from storage.database import Database
from storage.moments import EPOCH
from storage.reportlinks import of_event
from storage.transaction import Connection, Transaction
from storage.vault.keys import KeyKind
from storage.vault.keyslots import KeySlots
from storage.writeahead import FRAME_HEAD, HEADER, ROOM
from tests.handlers.test_erasure import erases
from tests.handlers.test_reportlinks import takes
from tests.harness import World

WORDS = b"who stands behind a reference"
PAGE = 4096
PATIENCE = 20.0  # real seconds
PATIENCE_OF_OTHERS = connections.PATIENCE // 1000  # seconds that any other statement may wait


def _open(path: Path) -> Connection:
    """Open an unencrypted database, whose files can be looked into."""
    connection = cast("Connection", sqlcipher.connect(str(path), isolation_level=None))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name the database."""
    return tmp_path / "plain.db"


@pytest.fixture
def connection(path: Path) -> Iterator[Connection]:
    """Give a database in which something was said, and then deleted."""
    with contextlib.closing(_open(path)) as opened:
        opened.execute("CREATE TABLE said (words BLOB)")
        opened.execute("CREATE TABLE kept (number INTEGER)")
        opened.execute("INSERT INTO said VALUES (?)", (WORDS * 900,))
        for number in range(9):
            opened.execute("INSERT INTO kept VALUES (?)", (number,))
        opened.execute("DELETE FROM said")
        assert WORDS in _log(path)
        yield opened


def _log(path: Path) -> bytes:
    return path.with_name(f"{path.name}-wal").read_bytes()


def _wipe(connection: Connection, path: Path) -> bool:
    def write() -> None:
        connection.execute("INSERT INTO kept VALUES (100)")

    return writeahead.wipe(connection, path, write)


def _kept(path: Path, folder: Path) -> int:
    """Count the rows of a copy of the files as they are, as after a power loss."""
    folder.mkdir()
    for file in (path, path.with_name(f"{path.name}-wal")):
        shutil.copy(file, folder / file.name)
    with contextlib.closing(_open(folder / path.name)) as again:
        assert again.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        row = again.execute("SELECT COUNT(*) FROM kept").fetchone()
    return cast("tuple[int]", row)[0]


def test_what_was_deleted_is_in_neither_file(
    connection: Connection, path: Path, tmp_path: Path
) -> None:
    """And whatever was committed is there, before and after further commits."""
    assert _wipe(connection, path)
    assert WORDS not in _log(path)
    assert WORDS not in path.read_bytes()
    assert _kept(path, tmp_path / "at once") == 10
    connection.execute("INSERT INTO kept VALUES (101)")
    assert _kept(path, tmp_path / "later") == 11


def test_whoever_reads_there_is_waited_for_without_holding_anybody_up(
    connection: Connection, path: Path, tmp_path: Path
) -> None:
    """It is not done then, takes nothing from the reader, and can be done afterwards."""
    with contextlib.closing(_open(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM kept").fetchall()
        connection.execute("INSERT INTO kept VALUES (99)")
        begun = SystemClock().monotonic()
        assert not _wipe(connection, path)
        assert SystemClock().monotonic() - begun < PATIENCE_OF_OTHERS / 2
        assert connection.execute("PRAGMA busy_timeout").fetchone() == (PATIENCE_OF_OTHERS * 1000,)
        assert len(reader.execute("SELECT * FROM kept").fetchall()) == 9
        reader.execute("COMMIT")
    assert _kept(path, tmp_path / "copy") == 10
    assert _wipe(connection, path)
    assert WORDS not in _log(path)


def test_nobody_commits_into_what_is_being_overwritten(
    connection: Connection, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command beside the bot would be told that it was stored, and it would be gone."""
    overwrite = writeahead._overwrite_earlier  # noqa: SLF001 - the moment that counts
    refused: list[str] = []

    def overwrites(log: Path) -> None:
        with contextlib.closing(_open(path)) as other:
            other.execute("PRAGMA busy_timeout = 0")
            try:
                other.execute("INSERT INTO kept VALUES (102)")
            except sqlcipher.OperationalError as error:
                refused.append(str(error))
        overwrite(log)

    monkeypatch.setattr(writeahead, "_overwrite_earlier", overwrites)
    assert _wipe(connection, path)
    assert refused == ["database is locked"]
    assert _kept(path, tmp_path / "copy") == 10


def test_a_log_that_grew_beside_a_long_reader_is_overwritten_once(
    connection: Connection, path: Path, tmp_path: Path
) -> None:
    """An alarm waits for it: not each time for all that was there once."""
    with contextlib.closing(_open(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM kept").fetchall()
        connection.execute("INSERT INTO said VALUES (?)", (WORDS * (3 * ROOM // len(WORDS)),))
        connection.execute("DELETE FROM said")
        assert not _wipe(connection, path)
    assert len(_log(path)) > 3 * ROOM
    assert _wipe(connection, path)
    assert len(_log(path)) == ROOM
    assert WORDS not in _log(path)
    assert _kept(path, tmp_path / "copy") == 10


def test_a_log_is_cut_off_only_after_it_was_overwritten_on_the_disk(
    connection: Connection, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks that the file gives away are read by whoever takes the disk."""
    flush, flushed = os.fsync, list[bytes]()

    def fsync(descriptor: int) -> None:
        flushed.append(_log(path))
        flush(descriptor)

    with contextlib.closing(_open(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM kept").fetchall()
        connection.execute("INSERT INTO said VALUES (?)", (WORDS * (2 * ROOM // len(WORDS)),))
        connection.execute("DELETE FROM said")
    long = len(_log(path))
    monkeypatch.setattr(os, "fsync", fsync)
    assert _wipe(connection, path)
    assert [(len(log), WORDS in log) for log in flushed] == [(long, False)]
    assert len(_log(path)) == ROOM


async def test_an_erasure_and_a_forgotten_chat_leave_the_log(world: World, tmp_path: Path) -> None:
    """Who stands behind a reference, and which chat has used a link, under keys that stay."""
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("/privacy")
    token = await takes(aliya)
    await bota.opens(token)
    await bota.writes("They came.")
    await bota.presses("Done")
    assert _rest_of_log(tmp_path)
    await world.pass_time(timedelta(hours=1))
    assert _is_wiped(tmp_path)
    assert len(await world.look(lambda tx: of_event(tx, event.id))) == 1
    await aliya.writes("/report")
    await aliya.writes("They came to me.")
    await world.locks()  # no key is destroyed then
    await erases(aliya)
    assert _is_wiped(tmp_path)


async def _fill_log(database: Database, folder: Path) -> None:
    """Commit so often that there is much behind the next round."""
    for _ in range(40):
        await database.write(lambda tx: counters.next_number(tx, "spoken"))
    assert _rest_of_log(folder)
    assert not _is_wiped(folder)


async def test_a_key_that_is_destroyed_leaves_the_log_with_what_it_opened(
    database: Database, tmp_path: Path
) -> None:
    """Columns of deleted rows open with the database's own key, which stays."""
    await database.write(lambda tx: tx.create_event_keys(EventId(7)))
    await _fill_log(database, tmp_path)
    await database.write(lambda tx: tx.destroy_keys(EventId(7), KeyKind.PEOPLE))
    assert _is_wiped(tmp_path)


@contextlib.asynccontextmanager
async def _reading(database: Database) -> AsyncIterator[None]:
    """Have somebody read for a long time."""
    begun, ended = threading.Event(), threading.Event()

    def look(tx: Transaction) -> None:
        counters.value(tx, "spoken")
        begun.set()
        assert ended.wait(PATIENCE)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(database.read(look))
        try:
            assert await asyncio.to_thread(begun.wait, PATIENCE)
            yield
        finally:
            ended.set()


async def test_what_could_not_leave_the_log_leaves_it_with_the_next_commit(
    database: Database, tmp_path: Path
) -> None:
    """Whoever read meanwhile has ended by then."""
    async with _reading(database):
        await _fill_log(database, tmp_path)
        await database.write(lambda tx: purges.note(tx, EPOCH, Purged.PERSON, 7))
        assert not _is_wiped(tmp_path)
    await database.write(lambda tx: counters.next_number(tx, "spoken"))
    assert _is_wiped(tmp_path)


async def test_what_a_crash_has_left_in_the_log_leaves_it_at_the_next_start(
    database: Database, slots: KeySlots, tmp_path: Path
) -> None:
    """Nobody knows then what of it was to go."""
    crashed = tmp_path / "crashed"
    async with _reading(database):
        await _fill_log(database, tmp_path)
        await database.write(lambda tx: purges.note(tx, EPOCH, Purged.PERSON, 7))
        _copy(tmp_path, crashed)
    assert not _is_wiped(crashed)
    async with Database(crashed / "aman.db", slots) as started:
        assert _is_wiped(crashed)
        assert await started.read(purges.latest) == 1


def _copy(folder: Path, to: Path) -> None:
    """Take the files as they are, as a crash leaves them."""
    to.mkdir()
    for file in folder.glob("aman.db*"):
        shutil.copy(file, to / file.name)


def _rest_of_log(folder: Path) -> bytes:
    """Give what lies in the log behind the three pages that one small commit may take."""
    return _log(folder / "aman.db")[HEADER + 3 * (FRAME_HEAD + PAGE) :]


def _is_wiped(folder: Path) -> bool:
    rest = _rest_of_log(folder)
    return rest.count(0) > len(rest) * 9 // 10
