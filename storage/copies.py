"""The copy of the database from before it is brought up to date: for a day, encrypted like it.

It is worth something only while every key that it needs is there. So it goes before the next key
is destroyed: with the next purge or erasure, and at the latest with the day's transit key. It also
goes when a row is taken back whose key stays (ADR-0036): it would show both.
"""

from pathlib import Path

from storage.transaction import Connection
from storage.vault.streams import flush_directory, flush_file, take_away, wipe

OWN_FILE = 0o600


def keep(connection: Connection, path: Path, version: int) -> None:
    """Copy the database at `path`, as it is now, beside it; whole and durable under its name.

    Raises: OSError, sqlcipher3.Error.
    """
    target = path.with_name(f"{path.name}.version-{version}")
    part = target.with_name(f"{target.name}.part")
    for left in path.parent.glob(f"{part.name}*"):  # by a start that was cut off
        wipe(left)
    part.touch(OWN_FILE)
    try:
        connection.execute("VACUUM INTO ?", (str(part),))
        flush_file(part)
        part.replace(target)
    except BaseException:
        take_away(part)
        raise
    flush_directory(path.parent)


def remove(path: Path) -> None:
    """Overwrite and delete all copies of the database at `path`, whole or not.

    Raises: OSError.
    """
    for copy in path.parent.glob(f"{path.name}.version-*"):
        wipe(copy)
