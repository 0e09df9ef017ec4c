"""Updates as they came, sealed and committed before the service is told that we have them.

`seq` orders them. `update_id` only removes repeats, and only among rows younger than 25 hours,
since ids restart at random after an idle week (FACTS).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from safety.people import ChatId, Unprinted
from storage import counters, routes
from storage.chats import chat_digest
from storage.moments import to_row
from storage.sealed import UNREADABLE
from storage.transaction import Transaction
from storage.vault.keys import KeyKind
from storage.vault.sealing import open_under, seal

REPEATS_FOR = timedelta(hours=25)  # the service keeps an update for 24
ATTEMPTS = 3  # then an update is set aside


@dataclass(frozen=True, slots=True, repr=False)
class Received(Unprinted):
    """One update as it came: `raw` is its JSON."""

    update_id: int
    chat_id: ChatId | None
    is_alarm_like: bool
    raw: bytes


@dataclass(frozen=True, slots=True)
class Coming:
    """One update that has not been handled yet: its place, and whose it is."""

    seq: int
    chat: bytes  # a digest; empty where no private chat is known
    is_known: bool


def offset(tx: Transaction) -> int:
    """Give the id to ask the service for next: the last received plus one, never the maximum."""
    return counters.value(tx, "offset")


def receive(
    tx: Transaction, now: datetime, updates: Sequence[Received], *, is_polled: bool = True
) -> bool:
    """Store what is new among `updates` and move the offset; say whether any of it is urgent.

    Urgent is what looks like an alarm and comes from somebody the routing index knows.
    """
    urgent = False
    seen = _repeats(tx, now, updates)
    for update in updates:
        if update.update_id not in seen:
            seen.add(update.update_id)
            urgent = _store(tx, now, update) or urgent
    if updates:
        _move_offset(tx, updates[-1], is_polled=is_polled)
    return urgent


def refuse(tx: Transaction, now: datetime, update: Received, *, is_polled: bool) -> int:
    """Keep that an update came which cannot be stored: set aside, without what it said.

    Gives its place.
    """
    _move_offset(tx, update, is_polled=is_polled)
    return tx.number(
        "INSERT INTO inbox (update_id, received_at, chat, urgent, state) "
        "VALUES (?, ?, ?, 0, 'quarantined') RETURNING seq",
        update.update_id,
        to_row(now),
        None if update.chat_id is None else chat_digest(tx, update.chat_id),
    )


def _move_offset(tx: Transaction, update: Received, *, is_polled: bool) -> None:
    """A webhook brings updates in any order: after it, a poll asks for all that is unconfirmed."""
    counters.set_value(tx, "offset", update.update_id + 1 if is_polled else 0)


def _store(tx: Transaction, now: datetime, update: Received) -> bool:
    chat_id = update.chat_id
    is_known = chat_id is not None and update.is_alarm_like and routes.is_known(tx, chat_id)
    tx.run(
        "INSERT INTO inbox (update_id, received_at, chat, urgent, state, sealed) "
        "VALUES (?, ?, ?, ?, 'waiting', ?)",
        update.update_id,
        to_row(now),
        None if chat_id is None else chat_digest(tx, chat_id),
        int(is_known),
        seal(tx.key(KeyKind.TRANSIT), update.raw, table="inbox", row=update.update_id),
    )
    return is_known


def _repeats(tx: Transaction, now: datetime, updates: Sequence[Received]) -> set[int]:
    """Give the ids among these that came before, while the service may still repeat them."""
    marks = ", ".join("?" * len(updates))
    sql = f"SELECT update_id FROM inbox WHERE update_id IN ({marks}) AND received_at > ?"  # noqa: S608 - only marks
    ids = (update.update_id for update in updates)
    return {row[0] for row in tx.all(tuple[int], sql, *ids, to_row(now - REPEATS_FOR))}


def coming(tx: Transaction, after: int, limit: int, *, is_urgent: bool) -> list[Coming]:
    """Give updates to handle that came after the place `after`, in the order they came.

    Known is who belongs to the team, or was written to about an event.
    """
    rows = tx.all(
        tuple[int, bytes | None, int],
        "SELECT seq, chat, "
        "EXISTS (SELECT 1 FROM routes WHERE digest = inbox.chat) OR EXISTS "
        "(SELECT 1 FROM messages WHERE chat = inbox.chat AND event_id IS NOT NULL) "
        "FROM inbox WHERE state = 'waiting' AND urgent = ? AND seq > ? ORDER BY seq LIMIT ?",
        int(is_urgent),
        after,
        limit,
    )
    return [Coming(seq, chat or b"", bool(is_known)) for seq, chat, is_known in rows]


def words(tx: Transaction, seq: int) -> bytes | None:
    """Give an update that waits, as it came; None where it waits no more.

    One that does not open comes as no bytes at all: it cannot be handled, and is set aside alone.
    """
    row = tx.one(
        tuple[int, bytes],
        "SELECT update_id, sealed FROM inbox WHERE seq = ? AND state = 'waiting'",
        seq,
    )
    if row is None:
        return None
    try:
        return open_under(tx.keys(KeyKind.TRANSIT), row[1], table="inbox", row=row[0])
    except UNREADABLE:
        return b""


def count_waiting(tx: Transaction) -> int:
    """Count the updates that have not been handled yet."""
    return tx.number("SELECT COUNT(*) FROM inbox WHERE state = 'waiting'")


def is_waiting(tx: Transaction, seq: int) -> bool:
    """Say whether this update still has to be handled."""
    return tx.number("SELECT COUNT(*) FROM inbox WHERE seq = ? AND state = 'waiting'", seq) > 0


def done(tx: Transaction, seq: int) -> None:
    """Mark an update as handled, and let go of what it said and where it came from.

    The moment alone is left: beside an incident of the same moment a chat would say whose it is.
    """
    tx.run("UPDATE inbox SET state = 'done', chat = NULL, sealed = NULL WHERE seq = ?", seq)


def fail(tx: Transaction, seq: int, *, for_good: bool = False) -> bool:
    """Count a failed handling; say whether the update is set aside now: `for_good`, at once."""
    attempts = tx.number(
        "UPDATE inbox SET attempts = attempts + 1 WHERE seq = ? AND state = 'waiting' "
        "RETURNING attempts",
        seq,
    )
    if attempts < ATTEMPTS and not for_good:
        return False
    tx.run("UPDATE inbox SET state = 'quarantined' WHERE seq = ?", seq)
    return True


def is_first_set_aside(tx: Transaction, seq: int) -> bool:
    """Say whether this is the only update of its chat that is set aside."""
    others = tx.number(
        "SELECT COUNT(*) FROM inbox AS mine JOIN inbox AS other ON other.chat = mine.chat "
        "AND other.state = 'quarantined' AND other.seq <> mine.seq WHERE mine.seq = ?",
        seq,
    )
    return others == 0


def count_set_aside(tx: Transaction) -> int:
    """Count the updates that were set aside."""
    return tx.number("SELECT COUNT(*) FROM inbox WHERE state = 'quarantined'")


def forget_handled(tx: Transaction, before: datetime) -> None:
    """Drop the rows of handled updates that came earlier: they can no longer meet a repeat."""
    _forget(tx, "done", before)


def forget_set_aside(tx: Transaction, before: datetime) -> None:
    """Drop updates that were set aside and came earlier, with what they said."""
    _forget(tx, "quarantined", before)


def _forget(tx: Transaction, state: str, before: datetime) -> None:
    sql = "DELETE FROM inbox WHERE state = ? AND received_at < ?"
    tx.run(sql, state, to_row(before))
