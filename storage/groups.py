"""Groups that left, under each event's routing key: a locked roster hides no bus."""

import contextlib

from safety.groups import Group
from safety.people import EventId
from storage.sealed import UNREADABLE, Shelf
from storage.transaction import Transaction
from storage.vault.errors import BrokenSealError
from storage.vault.keys import KeyKind
from storage.vault.sealing import opener, seal

GROUPS: Shelf[Group] = Shelf("groups", Group, KeyKind.ROUTING, "event_id")


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
        sql = "SELECT id, sealed FROM groups WHERE event_id = ?"
        rows = tx.all(tuple[int, bytes], sql, event_id)
        for group_id, blob in rows if tx.has_key(KeyKind.PEOPLE, event_id) else ():
            with contextlib.suppress(*UNREADABLE):
                _seal_anew(tx, event_id, group_id, blob)


def _seal_anew(tx: Transaction, event_id: EventId, group_id: int, blob: bytes) -> None:
    try:
        GROUPS.get(tx, group_id)
    except BrokenSealError:
        earlier = opener(tx.keys(KeyKind.PEOPLE, event_id), GROUPS.table)
        key = tx.key(KeyKind.ROUTING, event_id)
        sealed = seal(key, earlier(group_id, blob), table=GROUPS.table, row=group_id)
        tx.run("UPDATE groups SET sealed = ? WHERE id = ?", sealed, group_id)
