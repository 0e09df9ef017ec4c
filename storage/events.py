"""Events' rows, sealed under the community's key: the team knows what it plans."""

from datetime import datetime

from safety.events import Event, EventState
from safety.people import EventId
from storage.moments import to_row
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.keys import KeyKind

EVENTS: Shelf[Event] = Shelf("events", Event, KeyKind.COMMUNITY, "state", "starts_at", "ends_at")


def not_closed(tx: Transaction) -> list[Event]:
    """Give all events that nobody has purged, the latest first."""
    where = "state <> ? ORDER BY starts_at DESC"
    return list(EVENTS.find(tx, where, EventState.CLOSED.value))


def get(tx: Transaction, event_id: EventId) -> Event | None:
    """Give an event, or None."""
    return EVENTS.get(tx, event_id)


def forget_bare(tx: Transaction, before: datetime) -> None:
    """Drop purged events that ended earlier and left no case, and doom their case keys."""
    rows = tx.all(
        tuple[int],
        "SELECT id FROM events WHERE state = ? AND ends_at < ? "
        "AND NOT EXISTS (SELECT 1 FROM incidents WHERE event_id = events.id) "
        "AND NOT EXISTS (SELECT 1 FROM evidence WHERE event_id = events.id) "
        "AND NOT EXISTS (SELECT 1 FROM envelopes WHERE event_id = events.id) "
        "AND NOT EXISTS (SELECT 1 FROM report_links WHERE event_id = events.id) "
        "AND NOT EXISTS (SELECT 1 FROM closed_cases WHERE id = events.id)",
        EventState.CLOSED.value,
        to_row(before),
    )
    for (row_id,) in rows:
        EVENTS.remove(tx, "id = ?", row_id)
        tx.destroy_keys(EventId(row_id), KeyKind.CASE_PUBLIC, KeyKind.CASE_PRIVATE)


def before(tx: Transaction, moment: datetime, limit: int) -> list[Event]:
    """Give the last events that started earlier, the latest first, also purged ones."""
    where = "starts_at < ? ORDER BY starts_at DESC LIMIT ?"
    return list(EVENTS.find(tx, where, to_row(moment), limit))


def open_events(tx: Transaction) -> list[Event]:
    """Give all events that are open, the earliest first."""
    return list(EVENTS.find(tx, "state = ? ORDER BY starts_at", EventState.OPEN.value))
