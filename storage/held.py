"""The keys around a commit: durable before it, in sight with it, destroyed once it is certain.

The database keeps the list of its keys, and the id of its key slot file: a foreign or older file,
and an older copy of the database, are refused before anything is changed.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import cast

import sqlcipher3.dbapi2 as sqlcipher

from storage import copies, writeahead
from storage.transaction import Connection, Value
from storage.vault.errors import (
    ForeignKeySlotsError,
    OldDatabaseError,
    OldKeySlotsError,
    OvertakenKeySlotsError,
)
from storage.vault.keyring import Keyring
from storage.vault.keys import Key, KeyKind, KeyName
from storage.vault.sight import Sight


class HeldKeys:
    """The key slots as transactions see them, and what is still to be destroyed in them."""

    def __init__(self, slots: Keyring, path: Path) -> None:
        self._slots = slots
        self._path = path  # of the database
        self._doomed: frozenset[KeyName] = frozenset()  # by a commit; still in the file
        self._left_over: frozenset[KeyName] = frozenset()  # of a commit that failed
        self.departures = 0  # how often keys went out of sight
        self._has_forgotten = writeahead.is_there(path)  # what of, a crash has left open
        self._shows_in_copies = False  # what a commit of this process has forgotten
        self.is_destruction_due = False

    def database_key(self) -> Key:
        """Give the key of the whole file."""
        return self._slots.keys[KeyName(KeyKind.DATABASE)]

    def sight(self) -> Sight:
        """Give the keys that may be used; a doomed one never, even if the disk still keeps it."""
        doomed = self._doomed  # before the keys: it is forgotten only when they are destroyed
        sight = self._slots.sight
        return sight.changed({}, doomed) if doomed else sight

    def lock(self) -> None:
        """Forget people and private case keys, until an unlock secret opens them again."""
        self._slots.lock()

    def store(self, new: Mapping[KeyName, Key]) -> None:
        """Make keys durable before the commit whose rows need them.

        Raises: KeyNameTakenError, FullKeySlotsError, OSError.
        """
        again = self._left_over & new.keys()
        if again:  # the same work, played again
            self._slots.destroy(again)
            self._left_over -= again
        if new:
            self._slots.store(new)

    def leave_over(self, names: frozenset[KeyName]) -> None:
        """Note that a commit with new keys has failed, as far as anybody knows.

        After a crash the disk may show it done all the same, so its keys stay until the next
        commit has made that impossible. A next version stays for good: it is as good as another.
        """
        self._left_over |= {name for name in names if name.version == 1}

    def commit(self, doomed: frozenset[KeyName]) -> None:
        """Take keys out of sight that a commit has doomed."""
        if doomed or self._left_over:
            self.is_destruction_due = True
        if doomed:
            self.departures += 1  # before they are missed: see `Database.read`
            self._doomed |= doomed

    def forget(self) -> None:
        """Note that a commit has deleted rows whose key stays: they have to leave the log."""
        self._has_forgotten = self._shows_in_copies = self.is_destruction_due = True

    def finish_destructions(
        self, connection: Connection, require: Callable[[Connection], None]
    ) -> None:
        """Destroy what commits have doomed, and keys whose commit never came; also after a crash.

        What was deleted leaves the log as well; while somebody reads there, that is due still.
        `require` raises where another copy of the bot works now: it does all this itself.
        Raises: OSError; then it is due still.
        """
        require(connection)
        if self._left_over:  # a commit that wrote nothing has not taken the failed one's place
            self.note_generation(connection)
        doomed = _names(connection, "key_destructions")
        if doomed or self._left_over or self._shows_in_copies:
            copies.remove(self._path)
            self._shows_in_copies = False
        if doomed or self._left_over:
            self._slots.destroy(self._unwanted(connection, doomed))
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "DELETE FROM kept_keys WHERE version <= (SELECT version FROM key_destructions "
                "AS doomed WHERE doomed.kind = kept_keys.kind "
                "AND doomed.event_id = kept_keys.event_id)"
            )
            connection.execute("DELETE FROM key_destructions")
            self.note_generation(connection)
            connection.execute("COMMIT")
            self._has_forgotten = True
        self._doomed = self._left_over = frozenset()
        self._has_forgotten = self._has_forgotten and not self._wipe_log(connection)
        self.is_destruction_due = self._has_forgotten

    def require_ours(self, connection: Connection) -> None:
        """Check that the key slot file and the database belong together and are equally new.

        Raises: ForeignKeySlotsError, OldKeySlotsError, OldDatabaseError.
        """
        row = _slot_file(connection)
        if row is None:
            return
        file_id, generation = row
        if self._slots.file_id != file_id:
            raise ForeignKeySlotsError("the key slot file belongs to another database")
        if self._slots.generation < generation:
            raise OldKeySlotsError("the key slot file is older than the database has seen")
        doomed = _names(connection, "key_destructions")
        listed = {name for name in _names(connection, "kept_keys") if not name.is_among(doomed)}
        if not listed <= self._slots.names:
            raise OldDatabaseError("the database is an older copy whose keys were destroyed")

    def require_current(self, connection: Connection) -> None:
        """Check, on a visit beside the bot, that the keys it has are those of now.

        What is sealed under a version that was replaced meanwhile would open with nothing.
        Raises: OvertakenKeySlotsError; what `require_ours` raises.
        """
        try:
            self.require_ours(connection)
        except (OldKeySlotsError, OldDatabaseError):
            if self._slots.is_overtaken():
                raise OvertakenKeySlotsError("some were made or destroyed just now") from None
            raise

    def bind(self, connection: Connection) -> None:
        """Note which key slot file belongs to the database; the first time, its keys as well."""
        connection.execute("BEGIN IMMEDIATE")
        if _slot_file(connection) is None:
            for name in self._slots.names:
                _list(connection, name)
            sql = "INSERT INTO slot_file (id, file_id, generation) VALUES (1, ?, 0)"
            connection.execute(sql, (self._slots.file_id,))
        self.note_generation(connection)
        connection.execute("COMMIT")

    def note_generation(self, connection: Connection) -> None:
        """Note how often the key slot file was written until now."""
        generation = self._slots.generation
        connection.execute("UPDATE slot_file SET generation = ?", (generation,))

    def _wipe_log(self, connection: Connection) -> bool:
        """Overwrite the log; say whether that was done. It fails no start: it stays due."""
        try:
            return writeahead.wipe(connection, self._path, partial(self._write_anew, connection))
        except (OSError, sqlcipher.Error):
            return False

    def _write_anew(self, connection: Connection) -> None:
        """Write what stands there: SQLite writes nothing where nothing differs on the way."""
        connection.execute("UPDATE slot_file SET generation = -1")
        self.note_generation(connection)

    def _unwanted(self, connection: Connection, doomed: set[KeyName]) -> list[KeyName]:
        """Give what is kept but doomed, and the keys of events that no row speaks of."""
        known = {(name.kind, name.event_id) for name in _names(connection, "kept_keys")}
        return [
            name
            for name in self._slots.names
            if name.is_among(doomed)
            or (name.event_id is not None and (name.kind, name.event_id) not in known)
        ]


def _slot_file(connection: Connection) -> tuple[bytes, int] | None:
    """Give the id of the key slot file and how often it was written when last seen, if known."""
    sql = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'slot_file'"
    if connection.execute(sql).fetchone() == (0,):  # before the database was brought up to date
        return None
    row = connection.execute("SELECT file_id, generation FROM slot_file").fetchone()
    return cast("tuple[bytes, int] | None", row)


def _names(connection: Connection, table: str) -> set[KeyName]:
    found = connection.execute(f"SELECT kind, event_id, version FROM {table}")  # noqa: S608 - ours
    rows = cast("list[tuple[str, int, int]]", found.fetchall())
    return {KeyName(KeyKind(kind), event or None, version) for kind, event, version in rows}


def _list(connection: Connection, name: KeyName) -> None:
    values: tuple[Value, ...] = (name.kind.value, name.event_id or 0, name.version)
    sql = "INSERT OR IGNORE INTO kept_keys (kind, event_id, version) VALUES (?, ?, ?)"
    connection.execute(sql, values)
