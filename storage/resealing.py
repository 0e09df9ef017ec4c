"""Replacing a key: its rows move to the next version, then the old one is destroyed.

What was deleted before, and may survive on the disk, opens with nothing from then on (ADR-0013).
Asked for in the transaction that deletes; carried out right after it in transactions of their own,
so that nothing that is deleted waits for the key slot file, and no alarm for a long queue. While
the key is locked the replacement stays owed. The old version opens until the last row has moved.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from safety.people import EventId
from storage import counters, routes
from storage.moments import EPOCH, from_row, to_row
from storage.places import PLACES, Place
from storage.sealed import UNREADABLE
from storage.transaction import Transaction
from storage.vault.keys import KeyKind, KeyName
from storage.vault.sealing import opener, seal

ROWS = 1000  # moved in one transaction: about ten milliseconds
TRANSIT_LIFE = timedelta(days=1)
_TRANSIT_SINCE = "transit-since"


@dataclass(frozen=True, slots=True)
class _Owed:
    """One key to replace: by which version, once that is made; which rows have moved."""

    kind: KeyKind
    event_id: EventId | None
    version: int | None
    place: int
    after: int | bytes


def ask(tx: Transaction, kind: KeyKind, event_id: EventId | None = None) -> None:
    """Have a key replaced as soon as it is open. One that is being replaced begins anew."""
    tx.run(
        "INSERT OR REPLACE INTO key_replacements (kind, event_id, version, place, after) "
        "VALUES (?, ?, NULL, 0, 0)",
        kind.value,
        event_id or 0,
    )
    tx.falls_due(EPOCH)  # now


def is_day_over(tx: Transaction, now: datetime) -> bool:
    """Say whether the transit key is a day old, or nobody knows how old it is.

    Nobody does where it began in the future: the clock was set back.
    """
    since = counters.value(tx, _TRANSIT_SINCE)
    return not since or not timedelta() <= now - from_row(since) < TRANSIT_LIFE


def ask_daily(tx: Transaction, now: datetime) -> None:
    """Have the transit key replaced if it is a day old; at the first start a day begins."""
    if is_day_over(tx, now):
        if counters.value(tx, _TRANSIT_SINCE):
            ask(tx, KeyKind.TRANSIT)
        counters.set_value(tx, _TRANSIT_SINCE, to_row(now))


def is_due(tx: Transaction) -> bool:
    """Say whether a key that is open now has to be replaced."""
    return _next(tx) is not None


def count_owed(tx: Transaction) -> int:
    """Count the keys that have to be replaced, locked ones too."""
    return tx.number("SELECT COUNT(*) FROM key_replacements")


def step(tx: Transaction, rows: int = ROWS) -> bool:
    """Move up to `rows` rows to the next version of a key; say whether more can be done now."""
    owed = _next(tx)
    if owed is None:
        return False
    name, place, after = tx.version(owed.kind, owed.event_id), owed.place, owed.after
    if owed.version != name.version:  # not begun, or with other keys: those of a restored database
        name, place, after = tx.replace_key(owed.kind, owed.event_id), 0, 0
    while place < len(PLACES[owed.kind]) and rows > 0:
        moved = _move(tx, owed, PLACES[owed.kind][place], after, rows)
        if len(moved) < rows:
            place, after = place + 1, 0
        else:
            after = moved[-1]
        rows -= len(moved)
    if place == len(PLACES[owed.kind]):
        tx.retire_older(name)
        _forget(tx, owed)
    else:
        _note(tx, name, place, after)
    return _next(tx) is not None


def _next(tx: Transaction) -> _Owed | None:
    rows = tx.all(
        tuple[str, int, int | None, int, int | bytes],
        "SELECT kind, event_id, version, place, after FROM key_replacements",
    )
    owed = (_read(*row) for row in rows)
    return next((one for one in owed if tx.has_key(one.kind, one.event_id)), None)


def _read(kind: str, event: int, version: int | None, place: int, after: int | bytes) -> _Owed:
    return _Owed(KeyKind(kind), EventId(event) if event else None, version, place, after)


def _note(tx: Transaction, name: KeyName, place: int, after: int | bytes) -> None:
    tx.run(
        "UPDATE key_replacements SET version = ?, place = ?, after = ? "
        "WHERE kind = ? AND event_id = ?",
        name.version,
        place,
        after,
        name.kind.value,
        name.event_id or 0,
    )


def _forget(tx: Transaction, owed: _Owed) -> None:
    sql = "DELETE FROM key_replacements WHERE kind = ? AND event_id = ?"
    tx.run(sql, owed.kind.value, owed.event_id or 0)


def _move(
    tx: Transaction, owed: _Owed, place: Place, after: int | bytes, limit: int
) -> list[int | bytes]:
    """Seal the next rows of a table anew; give their numbers, in order (any bytes are after 0).

    A row that does not open is left: it was altered, and nobody can read it either way.
    """
    mine = "sealed IS NOT NULL" if owed.event_id is None else f"event_id = {owed.event_id:d}"
    found = tx.all(
        tuple[int | bytes, int, bytes],
        f"SELECT {place.number}, {place.row}, sealed FROM {place.table} "  # noqa: S608 - our names
        f"WHERE {place.number} > ? AND {mine} ORDER BY {place.number} LIMIT ?",
        after,
        limit,
    )
    keys = tx.keys(owed.kind, owed.event_id)
    open_row = opener(keys[::-1], place.table)
    update = f"UPDATE {place.table} SET sealed = ? WHERE {place.number} = ?"  # noqa: S608 - ours
    for number, row, blob in found:
        try:
            plain = open_row(row, blob)
        except UNREADABLE:
            continue
        tx.run(update, seal(keys[0], plain, table=place.table, row=row), number)
        if place.table == "routes" and owed.event_id is not None:
            routes.name_anew(tx, owed.event_id, row, plain)
    return [number for number, _, _ in found]
