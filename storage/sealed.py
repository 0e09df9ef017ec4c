"""Rows that are sealed: every table that holds people's words goes through a `Shelf`.

A row is its id, a few clear columns to find it by (the whole file is encrypted besides), and one
AEAD blob bound to table, row and format. One blob a row measured faster than one a column (FACTS).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from itertools import chain, groupby
from operator import itemgetter
from typing import Generic, Protocol, TypeVar

import msgspec

from safety.people import EventId
from storage.moments import to_row
from storage.places import is_known
from storage.transaction import Transaction, Value
from storage.vault.errors import BrokenSealError
from storage.vault.keys import KeyKind
from storage.vault.sealing import open_many, opener, seal

# How a single row can fail to give its value back: altered, or of a kind that is no longer known.
# Queues set such a row aside alone, so that it keeps nothing behind it.
UNREADABLE = (BrokenSealError, msgspec.MsgspecError, KeyError)

_BESIDE = msgspec.json.Decoder(list[int | str | None])

_Sealed = tuple[int, bytes, int | None, str | None]  # id, blob, event, what holds beside it
_Whole = tuple[int, bytes, int | None, list[Value]]  # id, blob, event, the columns beside it
_event_of = itemgetter(2)


class Row(Protocol):
    """What a sealed value must say of itself."""

    @property
    def id(self) -> int:
        """Give the row's number."""
        ...


R = TypeVar("R", bound=Row)


class Shelf(Generic[R]):
    """One table of sealed rows.

    `columns` are attributes of the value that are also kept beside the blob. `key` names the key:
    one per event where the value has an `event_id`, the community's where that is None and
    `team_key` is given.

    A shelf whose columns are changed while its rows are locked names them in `_beside`, and says
    in `_as_now` what a row is by them. Where a column says whether that has happened since the
    row was sealed, it names that one in `_mark`, and most rows need no second look. It says in
    `_may_differ` which columns that are, so that every other that was altered is found.
    """

    _beside: tuple[str, ...] = ()
    _mark: str = ""

    def __init__(
        self,
        table: str,
        kind: type[R],
        key: KeyKind,
        *columns: str,
        team_key: KeyKind | None = None,
    ) -> None:
        if not is_known(key, table):
            raise ValueError(table)  # its rows would be lost with the key's next version
        self.table = table
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._key = key
        self._team_key = team_key
        self._columns = columns
        names = ", ".join(("id", *columns, "sealed"))
        marks = ", ".join("?" * (len(columns) + 2))
        sets = ", ".join(f"{name} = excluded.{name}" for name in (*columns, "sealed"))
        sets += f", {self._mark} = 0" if self._mark else ""
        # Table and column names are constants of our own modules, never anybody's input.
        self._put = (
            f"INSERT INTO {table} ({names}) VALUES ({marks}) "  # noqa: S608 - as above
            f"ON CONFLICT (id) DO UPDATE SET {sets}"
        )
        with_event = "event_id" if "event_id" in columns else "NULL"
        beside = f"json_array({', '.join(self._beside)})" if self._beside else "NULL"
        beside = f"CASE {self._mark} WHEN 1 THEN {beside} END" if self._mark else beside
        wanted = f"id, sealed, {with_event}, {beside}"
        self._seen = (*columns, self._mark) if self._mark else columns
        whole = ", ".join(("id", "sealed", with_event, *self._seen))
        self._select_whole = f"SELECT {whole} FROM {table} ORDER BY {with_event}"  # noqa: S608 - as above
        self._select = f"SELECT {wanted} FROM {table} WHERE "  # noqa: S608 - as above
        self._delete = f"DELETE FROM {table} WHERE "  # noqa: S608 - as above
        self._count = f"SELECT COUNT(*) FROM {table} WHERE "  # noqa: S608 - as above

    def put(self, tx: Transaction, value: R) -> None:
        """Store `value`, new or changed, under its id."""
        columns = self._columns_of(value)
        event_id: EventId | None = getattr(value, "event_id", None)
        blob = seal(
            tx.key(self._key_kind(event_id), self._key_event(event_id)),
            msgspec.msgpack.encode(value),
            table=self.table,
            row=value.id,
        )
        tx.run(self._put, value.id, *columns, blob)

    def get(self, tx: Transaction, row_id: int) -> R | None:
        """Give the value with this id, or None."""
        return next(self.find(tx, "id = ?", row_id), None)

    def find(self, tx: Transaction, where: str, *parameters: Value) -> Iterator[R]:
        """Give the opened values of all rows that `where` selects (it may end with ORDER BY)."""
        sql = self._select + where
        rows = tx.all(tuple[int, bytes, int | None, str | None], sql, *parameters)
        if len(set(map(_event_of, rows))) == 1:
            return iter(self._opened(tx, rows))
        return chain.from_iterable(
            self._opened(tx, list(of_event)) for _, of_event in groupby(rows, _event_of)
        )

    def _opened(self, tx: Transaction, rows: list[_Sealed]) -> list[R]:
        """Open rows of one event: by columns, for a row takes hardly longer than its seal."""
        ids, blobs, (event_id, *_), beside = zip(*rows, strict=True)
        event = None if event_id is None else EventId(event_id)
        keys = tx.keys(self._key_kind(event), self._key_event(event))
        values = open_many(keys, self.table, ids, blobs, self._decoder.decode)
        if any(beside):
            return [
                value if now is None else self._as_now(value, *_BESIDE.decode(now))
                for value, now in zip(values, beside, strict=True)
            ]
        return values

    def readable(self, tx: Transaction, where: str, *parameters: Value) -> Iterator[R]:
        """Give the opened values that `find` gives, without the rows that do not open."""
        sql = f"SELECT id FROM {self.table} WHERE {where}"  # noqa: S608 - as above
        for (row_id,) in tx.all(tuple[int], sql, *parameters):
            try:
                value = self.get(tx, row_id)
            except UNREADABLE:
                continue
            if value is not None:
                yield value

    def count_altered(self, tx: Transaction) -> int:
        """Count the rows that do not open, or beside which stands what `put` did not write.

        What is locked is left out, and what a column may be besides (see `_may_differ`).
        """
        rows = tx.all(tuple[int, bytes, int | None, *tuple[Value, ...]], self._select_whole)
        whole = ((row_id, blob, event, beside) for row_id, blob, event, *beside in rows)
        by_event = groupby(whole, _event_of)
        return sum(self._count_altered(tx, event, of_event) for event, of_event in by_event)

    def _count_altered(self, tx: Transaction, event: int | None, rows: Iterator[_Whole]) -> int:
        event_id = None if event is None else EventId(event)
        kind, owner = self._key_kind(event_id), self._key_event(event_id)
        if not tx.has_key(kind, owner):
            return 0
        open_row = opener(tx.keys(kind, owner), self.table)
        return sum(not self._is_sound(open_row, row) for row in rows)

    def _is_sound(self, open_row: Callable[[int, bytes], bytes], row: _Whole) -> bool:
        row_id, blob, _, seen = row
        try:
            value = self._decoder.decode(open_row(row_id, blob))
        except BrokenSealError:
            return False
        except (msgspec.MsgspecError, KeyError):
            return True  # of a kind that is no longer known: nothing says what stood beside it
        columns = self._columns_of(value)
        if columns == tuple(seen[: len(columns)]):
            return True
        beside = dict(zip(self._seen, seen, strict=True))
        return all(
            beside[name] == sealed or self._may_differ(name, sealed, beside)
            for name, sealed in zip(self._columns, columns, strict=True)
        )

    def _may_differ(self, name: str, sealed: Value, beside: Mapping[str, Value]) -> bool:
        """Say whether a column may be something else than is sealed: changed while locked."""
        del name, sealed, beside
        return False

    def _columns_of(self, value: R) -> tuple[Value, ...]:
        return tuple(_plain(getattr(value, name)) for name in self._columns)

    def _as_now(self, value: R, *beside: Value) -> R:
        """Give a value as the columns beside it say that it is now."""
        del beside
        return value

    def count(self, tx: Transaction, where: str, *parameters: Value) -> int:
        """Count the rows that `where` selects, without opening any."""
        return tx.number(self._count + where, *parameters)

    def remove(self, tx: Transaction, where: str, *parameters: Value) -> int:
        """Delete the rows that `where` selects; give how many."""
        return tx.run(self._delete + where, *parameters)

    def _key_kind(self, event_id: EventId | None) -> KeyKind:
        return self._team_key if event_id is None and self._team_key else self._key

    def _key_event(self, event_id: EventId | None) -> EventId | None:
        return event_id if self._key in _PER_EVENT else None


_PER_EVENT = frozenset({KeyKind.ROUTING, KeyKind.PEOPLE})


def _plain(value: object) -> Value:
    match value:
        case datetime():
            return to_row(value)
        case bool():
            return int(value)
        case StrEnum():
            return value.value
        case int() | str() | bytes() | float() | None:
            return value
        case _:
            raise TypeError(type(value).__name__)
