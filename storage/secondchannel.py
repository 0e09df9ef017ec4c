"""What is owed over the second channel: rows of the outbox like any other, found by an index of
their own, so that looking for them costs nothing while thousands of messages wait for the chat.
"""

from datetime import datetime

from safety.secondaddresses import AddressKind
from storage import counters
from storage.moments import from_row, to_row
from storage.transaction import Transaction

# The moment stands in a sum, so that no index of moments is taken, in which all of the chat's are.
_OWED = "FROM outbox WHERE channel = 'second' AND state = 'owed'"


def due(tx: Transaction, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Give the rows that could be sent now, each with its lane, the most urgent first."""
    sql = f"SELECT id, lane {_OWED} AND not_before + 0 <= ? ORDER BY lane, id LIMIT ?"
    return tx.all(tuple[int, int], sql, to_row(now), limit)


def next_moment(tx: Transaction) -> datetime | None:
    """Give when the next owed row may be tried, or None."""
    row = tx.one(tuple[int | None], f"SELECT MIN(not_before + 0) {_OWED}")
    return None if row is None or row[0] is None else from_row(row[0])


def reclaim(tx: Transaction) -> int:
    """After a start: owe again what a crash cut off in the middle of sending; give how many."""
    return tx.run(
        "UPDATE outbox SET state = 'owed', not_before = 0 "
        "WHERE channel = 'second' AND state = 'sending'"
    )


def note_way(tx: Transaction, kind: AddressKind, now: datetime, *, is_failing: bool) -> None:
    """Remember whether the last try by a way failed, and since when they all have."""
    since = failing_since(tx, kind) or now
    counters.set_value(tx, f"second-fails:{kind.value}", to_row(since) if is_failing else 0)


def failing_since(tx: Transaction, kind: AddressKind) -> datetime | None:
    """Give since when every try by a way has failed; None where the last one did not."""
    since = counters.value(tx, f"second-fails:{kind.value}")
    return from_row(since) if since else None


def withdraw(tx: Transaction, card: str) -> None:
    """Withdraw a card from everybody to whom it is still owed."""
    tx.run("DELETE FROM outbox WHERE channel = 'second' AND card = ?", card)
