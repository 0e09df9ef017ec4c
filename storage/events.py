"""Events' rows, sealed under the community's key: the team knows what it plans."""

from safety.events import Event, EventState
from safety.people import EventId
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.keys import KeyKind

EVENTS: Shelf[Event] = Shelf("events", Event, KeyKind.COMMUNITY, "state", "starts_at", "ends_at")


def get(tx: Transaction, event_id: EventId) -> Event | None:
    """Give an event, or None."""
    return EVENTS.get(tx, event_id)


def open_events(tx: Transaction) -> list[Event]:
    """Give all events that are open, the earliest first."""
    return list(EVENTS.find(tx, "state = ? ORDER BY starts_at", EventState.OPEN.value))
