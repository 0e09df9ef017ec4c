"""One transaction: the only way to anything that is stored.

It runs whole on the writer's thread, without `await`, so that nothing can come in between.
Use cases touch nothing but it: a group that fails is rolled back and played again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Protocol, TypeVar, cast

from safety.errors import RefusalError
from safety.people import ChatId, EventId
from storage.vault.digests import new_id
from storage.vault.keys import (
    EVERY_VERSION,
    KEYS_OF_EVENT,
    LOCKABLE,
    Key,
    KeyKind,
    KeyName,
    keys_of_new_event,
    new_key,
)
from storage.vault.sight import Sight
from storage.vault.slotimage import KEY_PLACES, REPLACEMENT_PLACES

Value = int | str | bytes | float | None
T = TypeVar("T")


class Cursor(Protocol):
    """The part of a database cursor that a transaction uses."""

    @property
    def rowcount(self) -> int:
        """Give how many rows the statement changed."""
        ...

    def fetchall(self) -> list[object]:
        """Give all rows that are left."""
        ...

    def fetchone(self) -> object | None:
        """Give the next row, or None."""
        ...


class Connection(Protocol):
    """The part of a database connection that is used here; SQLite now, another one later."""

    @property
    def in_transaction(self) -> bool:
        """Say whether a transaction is open."""
        ...

    def execute(self, sql: str, parameters: tuple[Value, ...] = ..., /) -> Cursor:
        """Carry out one statement."""
        ...

    def executescript(self, sql: str, /) -> Cursor:
        """Carry out several statements."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class LockedError(RefusalError):
    """The key of what is asked for is not in memory: locked, or destroyed by a purge.

    A refusal, so that whatever runs into it is answered in one way (ADR-0012).
    """

    def __init__(self) -> None:
        super().__init__("locked")


class GroupLostError(Exception):
    """SQLite rolled the whole group back, as on a full disk: its jobs are played again singly."""


def roll_back(connection: Connection) -> None:
    """End a transaction that is open, if one is; nothing of it stays."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


@dataclass(slots=True)
class Effects:
    """What a transaction wants done around its commit, collected while it runs."""

    new_keys: dict[KeyName, Key] = field(default_factory=dict)  # durable before the commit
    doomed_keys: set[KeyName] = field(default_factory=set)  # destroyed after it, older ones too
    owes: bool = False  # something waits for delivery …
    alarms: bool = False  # … and some of it is an alarm
    wakes: bool = False  # something waits for the second channel
    due_at: datetime | None = None  # the first of the timers and messages whose time was set
    routes: bool = False  # somebody can be reached, or no longer
    downloads: bool = False  # a file waits to be fetched
    keeps: bool = False  # the purge list or the evidence grew: copies elsewhere are to follow
    proves: datetime | None = None  # when the proof log grew; signed once before the commit
    forgets: bool = False  # rows went whose key stays: they are to leave the log as well
    locks: bool = False  # people and private case keys are dropped, just before it


_EFFECTS = tuple(one.name for one in fields(Effects))
_as_it_is = attrgetter(*_EFFECTS)


class Transaction:
    """Rows and keys, as of one moment."""

    __slots__ = ("_connection", "_now", "_sight", "chat_names", "effects", "silences")

    def __init__(self, connection: Connection, sight: Sight) -> None:
        self._connection = connection
        self._sight = sight
        self._now = sight  # with what this transaction has changed
        self.effects = Effects()
        self.chat_names: dict[ChatId, bytes] = {}  # as queues name chats, see storage/chats.py
        self.silences: dict[bytes, str | None] = {}  # of these, as it found them

    @property
    def is_locked(self) -> bool:
        """Whether some keys that are kept are not in memory, as of the beginning."""
        return self._sight.is_locked

    @property
    def names(self) -> frozenset[KeyName]:
        """The names of all keys that are kept, locked or not, as of the beginning."""
        return self._sight.names

    def run(self, sql: str, *parameters: Value) -> int:
        """Carry out one statement; give how many rows it changed."""
        return self._execute(sql, parameters).rowcount

    def all(self, shape: type[T], sql: str, *parameters: Value) -> list[T]:
        """Give every row as a tuple; `shape` names its type, such as `tuple[int, bytes]`."""
        del shape
        return cast("list[T]", self._execute(sql, parameters).fetchall())

    def one(self, shape: type[T], sql: str, *parameters: Value) -> T | None:
        """Give the first row as a tuple, or None."""
        del shape
        return cast("T | None", self._execute(sql, parameters).fetchone())

    def number(self, sql: str, *parameters: Value) -> int:
        """Give the one number that `sql` asks for; nothing found counts as 0."""
        row = self.one(tuple[int | None], sql, *parameters)
        return 0 if row is None or row[0] is None else row[0]

    def key(self, kind: KeyKind, event_id: EventId | None = None) -> Key:
        """Give a key from memory, in its newest version: the one to seal with.

        Raises:
            LockedError: it is not there.
        """
        return self._versions_of(kind, event_id)[0][1]

    def keys(self, kind: KeyKind, event_id: EventId | None = None) -> list[Key]:
        """Give all versions of a key, the newest first: those to open with.

        There is more than one only while rows are on their way from one to the next.

        Raises:
            LockedError: it is not there.
        """
        return [key for _, key in self._versions_of(kind, event_id)]

    def version(self, kind: KeyKind, event_id: EventId | None = None) -> KeyName:
        """Name a key in its newest version.

        Raises:
            LockedError: it is not there.
        """
        return self._versions_of(kind, event_id)[0][0]

    def has_key(self, kind: KeyKind, event_id: EventId | None = None) -> bool:
        """Say whether what is sealed under this key can be read now."""
        return event_id in self._now.of_kind(kind)

    def can_lock(self) -> bool:
        """Say whether anything is in memory that *Lock* takes out of it."""
        return any(name.kind in LOCKABLE for name in self._now.keys)

    def held_keys(self) -> dict[KeyName, Key]:
        """Give every key that is in memory and not doomed: for whoever keeps them elsewhere."""
        return dict(self._now.keys)

    def live_events(self) -> list[EventId]:
        """Give the events whose routing key is in memory: those somebody can still write from."""
        known = self._now.of_kind(KeyKind.ROUTING)
        return sorted(EventId(event_id) for event_id in known if event_id is not None)

    def has_room_for_event(self) -> bool:
        """Say whether the key slot file takes another event's keys, and still lets each key that
        is there be replaced: what was erased would open for good where that finds no place.
        """
        kept = len(self.names | self.effects.new_keys.keys())
        return kept + KEYS_OF_EVENT + REPLACEMENT_PLACES <= KEY_PLACES

    def create_event_keys(self, event_id: EventId) -> None:
        """Make an event's keys; they are durable before this transaction is.

        Raises:
            LockedError: what is locked stays so, also for those who come now.
        """
        if self.is_locked:
            raise LockedError
        for name, key in keys_of_new_event(event_id).items():
            self._keep(name, key)

    def replace_key(self, kind: KeyKind, event_id: EventId | None = None) -> KeyName:
        """Make the next version of a key, and name it; the older ones still open.

        Raises:
            LockedError: the key is not there.
        """
        name = self.version(kind, event_id)
        name = replace(name, version=name.version + 1)
        self._keep(name, new_key())
        return name

    def retire_older(self, name: KeyName) -> None:
        """Forget all versions of a key before this one: nothing is sealed under them any more."""
        self.run(
            "UPDATE kept_keys SET version = ? WHERE kind = ? AND event_id = ?",
            name.version,
            name.kind.value,
            name.event_id or 0,
        )
        self._doom(replace(name, version=name.version - 1))

    def destroy_keys(self, event_id: EventId, *kinds: KeyKind) -> None:
        """Forget keys for good: out of sight at once, overwritten right after the commit."""
        for kind in kinds:
            self._doom(KeyName(kind, event_id, EVERY_VERSION))

    def nested(self, part: Callable[[], T]) -> T:
        """Run `part`; if it raises, nothing that it did stays, and the rest goes on."""
        effects = self.effects
        before = _as_it_is(effects)
        new_keys, doomed_keys = dict(effects.new_keys), set(effects.doomed_keys)
        self.run("SAVEPOINT part")
        try:
            result = part()
        except Exception:
            if self._connection.in_transaction:
                self.run("ROLLBACK TO part")
                self.run("RELEASE part")
            for name, value in zip(_EFFECTS, before, strict=True):
                setattr(effects, name, value)
            effects.new_keys, effects.doomed_keys = new_keys, doomed_keys
            self._look_anew()
            self.silences.clear()
            raise
        self.run("RELEASE part")
        return result

    def falls_due(self, at: datetime) -> None:
        """Say that a timer, or a message, has its time then: whoever sleeps longer is woken."""
        known = self.effects.due_at
        self.effects.due_at = at if known is None else min(known, at)

    def new_id(self) -> int:
        """Give a random id that tells nothing."""
        return new_id()

    def _keep(self, name: KeyName, key: Key) -> None:
        self.effects.new_keys[name] = key
        self._look_anew()
        self.run(
            "INSERT OR IGNORE INTO kept_keys (kind, event_id, version) VALUES (?, ?, ?)",
            name.kind.value,
            name.event_id or 0,
            name.version,
        )

    def _doom(self, name: KeyName) -> None:
        self.effects.doomed_keys.add(name)
        self._look_anew()
        self.run(
            "INSERT INTO key_destructions (kind, event_id, version) VALUES (?, ?, ?) "
            "ON CONFLICT DO UPDATE SET version = MAX(version, excluded.version)",
            name.kind.value,
            name.event_id or 0,
            name.version,
        )

    def _versions_of(
        self, kind: KeyKind, event_id: EventId | None
    ) -> Sequence[tuple[KeyName, Key]]:
        versions = self._now.of_kind(kind).get(event_id)
        if versions is None:
            raise LockedError
        return versions

    def _look_anew(self) -> None:
        # What was made here counts: a commit that failed may have left a key of the same name.
        self._now = self._sight.changed(self.effects.new_keys, self.effects.doomed_keys)

    def _execute(self, sql: str, parameters: tuple[Value, ...]) -> Cursor:
        """Never outside a transaction: work that swallowed a full disk would commit in pieces."""
        if not self._connection.in_transaction:
            raise GroupLostError
        return self._connection.execute(sql, parameters)
