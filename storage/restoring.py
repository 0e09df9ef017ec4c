"""Rows of a copy that a restored installation must not go on with as they are."""

from safety.people import EventId
from storage import counters, routes
from storage.chats import chat_digest
from storage.escrows import PEOPLE_KEYS
from storage.tokens import Purpose
from storage.transaction import Transaction

SAID_ALOUD = ("alarm", "detention", "evidence", "incident")  # series of numbers


def skip_numbers(tx: Transaction, by: int) -> None:
    """Go on with later numbers: those that were given after the copy are not given again."""
    for name in SAID_ALOUD:
        counters.set_value(tx, name, counters.value(tx, name) + by)


def revoke_team_links(tx: Transaction) -> None:
    """Let no link make anybody part of the team that may have been used or revoked meanwhile."""
    tx.run("DELETE FROM tokens WHERE purpose <> ?", Purpose.INVITATION.value)


def unreadable_events(tx: Transaction) -> list[EventId]:
    """Give the events that have people whom no key opens any more."""
    rows = tx.all(
        tuple[int],
        "SELECT DISTINCT event_id FROM people UNION SELECT DISTINCT event_id FROM routes "
        "WHERE event_id IS NOT NULL ORDER BY event_id",
    )
    events = [EventId(row[0]) for row in rows]
    return [event for event in events if not all(tx.has_key(kind, event) for kind in PEOPLE_KEYS)]


def forget_unknown_chats(tx: Transaction) -> None:
    """Drop what names chats that have no place any more."""
    known = {
        chat_digest(tx, route.recipient.chat_id)
        for event in (None, *tx.live_events())
        for route in routes.at(tx, event)
    }
    for table in ("silences", "open_reports"):
        rows = tx.all(tuple[bytes], f"SELECT chat FROM {table}")  # noqa: S608 - our own names
        for (chat,) in rows:
            if chat not in known:
                tx.run(f"DELETE FROM {table} WHERE chat = ?", chat)  # noqa: S608 - our own names
