"""How much waits and since when: for whoever runs the bot. Counts and moments, nobody's data."""

from dataclasses import dataclass
from datetime import datetime

from storage.moments import from_row, to_row
from storage.outbox import GIVEN_UP
from storage.transaction import Transaction

_QUEUES = {
    "updates waiting": "SELECT COUNT(*), MIN(received_at) FROM inbox WHERE state = 'waiting'",
    "updates set aside": (
        "SELECT COUNT(*), MIN(received_at) FROM inbox WHERE state = 'quarantined'"
    ),
    "notices owed": "SELECT COUNT(*), MIN(owed_at) FROM outbox WHERE state = 'owed'",
    "notices being sent": "SELECT COUNT(*), MIN(owed_at) FROM outbox WHERE state = 'sending'",
    "notices withdrawn while being sent": (
        "SELECT COUNT(*), MIN(owed_at) FROM outbox WHERE state = 'withdrawn'"
    ),
    "notices owed over the second channel": (
        "SELECT COUNT(*), MIN(owed_at) FROM outbox WHERE channel = 'second'"
    ),
    "notices set aside": "SELECT COUNT(*), MIN(owed_at) FROM outbox WHERE state = 'set-aside'",
    "notices given up, in all": (
        f"SELECT COALESCE(SUM(value), 0), NULL FROM meta WHERE name = '{GIVEN_UP}'"  # noqa: S608 - our own name
    ),
    "chats that take nothing": "SELECT COUNT(*), MIN(since) FROM silences",
    "files to fetch": "SELECT COUNT(*), NULL FROM evidence WHERE state = 'owed'",
    "files to fetch by hand": "SELECT COUNT(*), NULL FROM evidence WHERE state = 'by-hand'",
    "keys to replace": "SELECT COUNT(*), NULL FROM key_replacements",
    "timers": "SELECT COUNT(*), NULL FROM timers",
}


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue: how many wait in it, and since when the oldest does."""

    name: str
    count: int
    oldest: datetime | None


def lengths(tx: Transaction, now: datetime) -> list[Queue]:
    """Give all queues; of timers also those that are late."""
    queues = []
    for name, sql in _QUEUES.items():
        count, oldest = tx.one(tuple[int, int | None], sql) or (0, None)
        queues.append(Queue(name, count, None if oldest is None else from_row(oldest)))
    late = "SELECT COUNT(*), MIN(due_at) FROM timers WHERE due_at < ?"
    count, oldest = tx.one(tuple[int, int | None], late, to_row(now)) or (0, None)
    queues.append(Queue("timers late", count, None if oldest is None else from_row(oldest)))
    return queues
