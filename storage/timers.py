"""What falls due later, as rows: set, replaced, cancelled, done where it belongs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from safety.people import EventId, Unprinted
from safety.timers import TIMERS, Timer
from storage.moments import EPOCH, from_row, to_row
from storage.sealed import UNREADABLE
from storage.transaction import Transaction
from storage.vault.keys import KeyKind
from storage.vault.sealing import open_under, seal


@dataclass(frozen=True, slots=True, repr=False)
class Due(Unprinted):
    """A timer whose moment has come."""

    key: str
    due_at: datetime
    timer: Timer
    event_id: EventId | None


def put(tx: Transaction, due_at: datetime, timer: Timer, event_id: EventId | None = None) -> None:
    """Set a timer; one with the same key is replaced."""
    name = type(timer).__name__
    plain = msgspec.msgpack.encode((name, msgspec.msgpack.encode(timer)))
    key = timer.key()
    tx.run(
        "INSERT INTO timers (key, due_at, event_id, sealed) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (key) DO UPDATE SET due_at = excluded.due_at, event_id = excluded.event_id, "
        "sealed = excluded.sealed",
        key,
        to_row(due_at),
        event_id,
        seal(tx.key(KeyKind.COMMUNITY), plain, table=f"timers:{key}", row=0),
    )
    tx.falls_due(due_at)


def cancel(tx: Transaction, key: str) -> None:
    """Take a timer away if it is there."""
    tx.run("DELETE FROM timers WHERE key = ?", key)


def moment_of(tx: Transaction, timer: Timer) -> datetime | None:
    """Give when a timer of this name falls due, or None where none is set that opens."""
    return _moment(tx, timer.key())


def due(tx: Transaction, now: datetime, limit: int = 100) -> list[Due]:
    """Give what is due, the longest due first.

    One that does not open, or whose kind is no longer known, is passed over and stays late: of
    such there may be many, and they hide nobody behind them.
    """
    found: list[Due] = []
    looked_at, is_last = 0, False
    while not is_last and len(found) < limit:
        wanted = limit - len(found)
        rows = tx.all(
            tuple[str, int, bytes, int | None],
            "SELECT key, due_at, sealed, event_id FROM timers WHERE due_at <= ? "
            "ORDER BY due_at, key LIMIT ? OFFSET ?",
            to_row(now),
            wanted,
            looked_at,
        )
        looked_at, is_last = looked_at + len(rows), len(rows) < wanted
        for key, at, blob, event in rows:
            timer, event_id = _open(tx, key, blob), None if event is None else EventId(event)
            found += [] if timer is None else [Due(key, from_row(at), timer, event_id)]
    return found


def shift_pauses(tx: Transaction, now: datetime, by: timedelta) -> None:
    """Let each pause last as many seconds as before the clock was set back (`by` is negative).

    One that should be over by now falls due now. What is at a moment of the clock stays there.
    """
    sql = "SELECT key, due_at, sealed FROM timers WHERE due_at > ?"
    for key, at, blob in tx.all(tuple[str, int, bytes], sql, to_row(now)):
        timer = _open(tx, key, blob)
        if timer is not None and timer.is_pause():
            due_at = max(from_row(at) + by, now)
            tx.run("UPDATE timers SET due_at = ? WHERE key = ?", to_row(due_at), key)
            tx.falls_due(due_at)


def take(tx: Transaction, timer: Due) -> bool:
    """Remove a due timer because it is being run now; False if it is gone or was set anew."""
    sql = "DELETE FROM timers WHERE key = ? AND due_at = ?"
    return tx.run(sql, timer.key, to_row(timer.due_at)) > 0


def is_set(tx: Transaction, key: str) -> bool:
    """Say whether a timer of this name waits; one that does not open never comes."""
    return _moment(tx, key) is not None


def is_damaged(tx: Transaction, timer: Timer) -> bool:
    """Say whether a timer of this name was set, does not open, and so was never run."""
    rows = tx.number("SELECT COUNT(*) FROM timers WHERE key = ?", timer.key())
    return rows > 0 and _moment(tx, timer.key()) is None


def next_due(tx: Transaction, after: datetime = EPOCH) -> datetime | None:
    """Give the moment of the earliest timer that falls due after `after`, or None."""
    sql = "SELECT MIN(due_at) FROM timers WHERE due_at > ?"
    row = tx.one(tuple[int | None], sql, to_row(after))
    return None if row is None or row[0] is None else from_row(row[0])


def _moment(tx: Transaction, key: str) -> datetime | None:
    row = tx.one(tuple[int, bytes], "SELECT due_at, sealed FROM timers WHERE key = ?", key)
    return None if row is None or _open(tx, key, row[1]) is None else from_row(row[0])


def _open(tx: Transaction, key: str, blob: bytes) -> Timer | None:
    community = tx.keys(KeyKind.COMMUNITY)
    try:
        plain = open_under(community, blob, table=f"timers:{key}", row=0)
        name, body = msgspec.msgpack.decode(plain, type=tuple[str, bytes])
        return msgspec.msgpack.decode(body, type=TIMERS[name])
    except UNREADABLE:
        return None
