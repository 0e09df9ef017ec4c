"""The shape of the database: numbered SQL files, forward only, each in its own transaction."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from storage import copies
from storage.transaction import Connection


class NewerDatabaseError(Exception):
    """A newer program has written this database; an older one must not touch it."""


class OlderDatabaseError(Exception):
    """The database has to be brought up to date first, by starting the bot."""


class NoCopyError(Exception):
    """The database cannot be copied, so it is not brought up to date: nothing was changed."""


def require_current(connection: Connection) -> None:
    """Raise OlderDatabaseError or NewerDatabaseError unless the shape is the newest we know."""
    version, known = _version(connection), len(_scripts())
    if version > known:
        raise NewerDatabaseError
    if version < known:
        raise OlderDatabaseError


def migrate(connection: Connection, path: Path) -> None:
    """Bring the database at `path` to the newest shape this program knows, and keep a copy of it.

    Raises:
        NewerDatabaseError: it is already beyond that.
        NoCopyError: there is no room for the copy.
    """
    version, scripts = _version(connection), _scripts()
    if version > len(scripts):
        raise NewerDatabaseError
    if 0 < version < len(scripts):
        try:
            copies.keep(connection, path, version)
        except (OSError, sqlcipher.Error) as error:
            raise NoCopyError from error
    for number, script in enumerate(scripts[version:], start=version + 1):
        sql = script.read_text(encoding="utf-8")
        try:
            connection.executescript(f"BEGIN;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _version(connection: Connection) -> int:
    row = connection.execute("PRAGMA user_version").fetchone()
    assert isinstance(row, tuple)  # noqa: S101 - a pragma always answers
    return int(row[0])


def _scripts() -> list[Traversable]:
    folder = files("storage") / "migrations"
    found = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return sorted(found, key=lambda file: file.name)
