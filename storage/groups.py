"""Groups that left, under each event's routing key: a locked roster hides no bus."""

from safety.groups import Group
from safety.people import EventId
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.errors import BrokenSealError
from storage.vault.keys import KeyKind

GROUPS: Shelf[Group] = Shelf("groups", Group, KeyKind.ROUTING, "event_id")
_EARLIER: Shelf[Group] = Shelf("groups", Group, KeyKind.PEOPLE, "event_id")


def get(tx: Transaction, group_id: int) -> Group | None:
    """Give a group, or None."""
    return GROUPS.get(tx, group_id)


def put(tx: Transaction, group: Group) -> None:
    """Store a group, new or changed."""
    GROUPS.put(tx, group)


def of_event(tx: Transaction, event_id: EventId) -> list[Group]:
    """Give an event's groups, in the order they left."""
    found = GROUPS.find(tx, "event_id = ?", event_id)
    return sorted(found, key=lambda group: group.number)


def count(tx: Transaction, event_id: EventId) -> int:
    """Count an event's groups, opening none."""
    return GROUPS.count(tx, "event_id = ?", event_id)


def complete(tx: Transaction) -> None:
    """Seal anew what an earlier release has sealed under the people key."""
    for event_id in tx.live_events():
        rows = tx.all(tuple[int], "SELECT id FROM groups WHERE event_id = ?", event_id)
        for (group_id,) in rows if tx.has_key(KeyKind.PEOPLE, event_id) else ():
            _seal_anew(tx, group_id)


def _seal_anew(tx: Transaction, group_id: int) -> None:
    try:
        GROUPS.get(tx, group_id)
    except BrokenSealError:
        group = _EARLIER.get(tx, group_id)
        if group is not None:
            GROUPS.put(tx, group)
