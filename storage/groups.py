"""Groups that left, under each event's people key."""

from safety.groups import Group
from safety.people import EventId
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.keys import KeyKind

GROUPS: Shelf[Group] = Shelf("groups", Group, KeyKind.PEOPLE, "event_id")


def get(tx: Transaction, group_id: int) -> Group | None:
    """Give a group, or None.

    Raises:
        LockedError: the event's people are locked or erased.
    """
    return GROUPS.get(tx, group_id)


def put(tx: Transaction, group: Group) -> None:
    """Store a group, new or changed."""
    GROUPS.put(tx, group)


def of_event(tx: Transaction, event_id: EventId) -> list[Group]:
    """Give an event's groups, in the order they left.

    Raises:
        LockedError: the event's people are locked or erased.
    """
    found = GROUPS.find(tx, "event_id = ?", event_id)
    return sorted(found, key=lambda group: group.number)


def count(tx: Transaction, event_id: EventId) -> int:
    """Count an event's groups, opening none."""
    return GROUPS.count(tx, "event_id = ?", event_id)
