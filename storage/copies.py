"""The copy of the database from before it is brought up to date: for a day, encrypted like it.

It is worth something only while every key that it needs is there. So it goes before the next key
is destroyed: with the next purge or erasure, and at the latest with the day's transit key.
Otherwise it would show what a purge has deleted.
"""

import os
from pathlib import Path

from storage.transaction import Connection

OWN_FILE = 0o600
PIECE = 1024 * 1024  # bytes


def keep(connection: Connection, path: Path, version: int) -> None:
    """Copy the database at `path`, as it is now, beside it; whole and durable under its name.

    Raises: OSError, sqlcipher3.Error.
    """
    target = path.with_name(f"{path.name}.version-{version}")
    part = target.with_name(f"{target.name}.part")
    for left in path.parent.glob(f"{part.name}*"):  # by a start that was cut off
        left.unlink()
    part.touch(OWN_FILE)
    try:
        connection.execute("VACUUM INTO ?", (str(part),))
        _flush(part, os.O_RDWR)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _flush(path.parent, os.O_RDONLY | os.O_DIRECTORY)


def remove(path: Path) -> None:
    """Overwrite and delete all copies of the database at `path`, whole or not.

    Raises: OSError.
    """
    for copy in path.parent.glob(f"{path.name}.version-*"):
        with copy.open("r+b", buffering=0) as file:
            for _ in range(0, copy.stat().st_size, PIECE):
                file.write(bytes(PIECE))
            os.fsync(file.fileno())
        copy.unlink()


def _flush(path: Path, mode: int) -> None:
    descriptor = os.open(path, mode | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
