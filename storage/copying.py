"""A copy of the database as of one moment, without anything that is on its way.

Rows of the transit tables never enter the copy, so nothing has to be taken out of it again. The
copy is encrypted under the database's own key: without the escrow it is noise. Reading a snapshot
keeps nobody from writing.
"""

from pathlib import Path
from typing import cast

from storage.transaction import Connection
from storage.vault.keys import Key

# What is sealed under the transit key, which is never in a backup; which chat reports, known for a
# day at most; and what binds the database to the key slot file of this machine: a restored one has
# another.
LEFT_BEHIND = frozenset(
    {
        *("inbox", "outbox", "forms", "messages"),
        *("open_reports", "report_chats", "report_days"),
        *("key_destructions", "kept_keys", "slot_file"),
    }
)
_OWN = "name NOT LIKE 'sqlite_%' AND sql IS NOT NULL"


def attach(connection: Connection, target: Path, key: Key) -> None:
    """Open an empty file beside the database; it may only be attached outside a transaction."""
    attached = f"ATTACH ? AS copy KEY \"x'{key.reveal().hex()}'\""
    connection.execute(attached, (str(target),))
    connection.execute("PRAGMA copy.journal_mode = OFF")  # nothing beside it, ever
    connection.execute("PRAGMA copy.synchronous = OFF")  # it is read back and goes


def copy_rows(connection: Connection) -> None:
    """Copy every table with its rows and indexes, inside the transaction that holds the moment."""
    for kind in ("table", "index"):
        found = connection.execute(
            f"SELECT name, sql FROM main.sqlite_master WHERE type = '{kind}' AND {_OWN}"  # noqa: S608 - our own words
        )
        for name, sql in cast("list[tuple[str, str]]", found.fetchall()):
            connection.execute(sql.replace(f" {name}", f" copy.{name}", 1))
            if kind == "table" and name not in LEFT_BEHIND:
                rows = f"INSERT INTO copy.{name} SELECT * FROM main.{name}"  # noqa: S608 - our own tables
                connection.execute(rows)
    # Numbers that must never come again: a later update has a later place than all before it.
    connection.execute("DELETE FROM copy.sqlite_sequence")
    connection.execute("INSERT INTO copy.sqlite_sequence SELECT * FROM main.sqlite_sequence")
    version = cast("tuple[int]", connection.execute("PRAGMA main.user_version").fetchone())
    connection.execute(f"PRAGMA copy.user_version = {version[0]}")
