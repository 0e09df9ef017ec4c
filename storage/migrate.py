"""The shape of the database: numbered SQL files, forward only, each in its own transaction."""

from importlib.resources import files

from storage.transaction import Connection


class NewerDatabaseError(Exception):
    """A newer program has written this database; an older one must not touch it."""


def migrate(connection: Connection) -> None:
    """Bring the database to the newest shape this program knows.

    Raises:
        NewerDatabaseError: it is already beyond that.
    """
    row = connection.execute("PRAGMA user_version").fetchone()
    assert isinstance(row, tuple)  # noqa: S101 - a pragma always answers
    version = int(row[0])
    folder = files("storage") / "migrations"
    found = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    scripts = sorted(found, key=lambda file: file.name)
    if version > len(scripts):
        raise NewerDatabaseError
    for number, script in enumerate(scripts[version:], start=version + 1):
        sql = script.read_text(encoding="utf-8")
        connection.executescript(f"BEGIN;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
