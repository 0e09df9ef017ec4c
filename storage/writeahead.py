"""What was deleted leaves the write-ahead log, too.

`secure_delete` overwrites a deleted row in the database file; in the log it lies there until later
commits happen to cover it, for weeks where little is written. Most rows say nothing by then, since
their key was destroyed. Who stands behind a reference, an address, or which chat has used a link
stands under keys that stay: whoever has an unlock secret could read it from the log (ADR-0036).

Only frames of an earlier round of the log are overwritten: nobody reads them, and after a power
loss they count for nothing. So nothing can be lost by it at any moment.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from storage.connections import PATIENCE
from storage.transaction import Connection, roll_back

HEADER, FRAME_HEAD = 32, 24  # bytes; https://sqlite.org/fileformat2.html#the_write_ahead_log
PAGE_SIZE = slice(8, 12)  # in the header
SALTS, SALTS_OF_FRAME = slice(16, 24), slice(8, 16)  # of a round: each of its frames has them
PIECE = 1024 * 1024  # bytes
ROOM = 8 * PIECE  # that the log keeps; more comes of a long reader, and would be overwritten anew


def is_there(database: Path) -> bool:
    """Say whether there is a log with anything in it, as a crash leaves it."""
    path = _path(database)
    return path.exists() and path.stat().st_size > 0


def wipe(connection: Connection, database: Path, write: Callable[[], None]) -> bool:
    """Overwrite all but the newest commit; False: somebody reads there still, so it is owed.

    Outside a transaction. `write` writes something of no meaning: it begins a new round.

    Raises: OSError, sqlcipher3.Error.
    """
    path = _path(database)
    if not _is_all_in_database(connection):
        return False
    before = _salts(path)
    try:
        connection.execute("BEGIN IMMEDIATE")
        write()
        connection.execute("COMMIT")
        if before == _salts(path):
            return False  # no new round, since a reader has come in between
        connection.execute("BEGIN IMMEDIATE")  # nobody else adds a frame meanwhile
        _overwrite_earlier(path)
    finally:
        roll_back(connection)
    return True


def _is_all_in_database(connection: Connection) -> bool:
    """Put the log's pages into the database file; wait for no reader, for an alarm may come."""
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        row = connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {PATIENCE}")
    is_busy, _, _ = cast("tuple[int, int, int]", row)
    return not is_busy


def _overwrite_earlier(path: Path) -> None:
    """Overwrite what is behind the round that is on; what is too long is cut off after that."""
    with path.open("r+b", buffering=0) as log:
        at, size = _end_of_round(log), path.stat().st_size
        log.seek(at)
        for start in range(at, size, PIECE):
            log.write(bytes(min(PIECE, size - start)))
        os.fsync(log.fileno())
        log.truncate(min(size, max(at, ROOM)))


def _end_of_round(log: BinaryIO) -> int:
    """Give where the frames of the round that is on end."""
    header = log.read(HEADER)
    frame = FRAME_HEAD + int.from_bytes(header[PAGE_SIZE], "big")
    at = HEADER
    while log.seek(at) and log.read(FRAME_HEAD)[SALTS_OF_FRAME] == header[SALTS]:
        at += frame
    return at


def _salts(path: Path) -> bytes:
    with path.open("rb") as log:
        return log.read(HEADER)[SALTS]


def _path(database: Path) -> Path:
    return database.with_name(f"{database.name}-wal")
