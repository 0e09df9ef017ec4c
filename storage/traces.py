"""What an evening leaves: who was where, left with whom, and learnt which place.

Deleting it opens nothing, so it is done at its time while the roster is locked as well. The keys
that open old copies of it are replaced right after, or as soon as they are unlocked.
"""

from safety.people import EventId
from storage import resealing
from storage.transaction import Transaction
from storage.vault.keys import KeyKind

TRACES = ("rollcall_answers", "rollcalls", "disclosures", "venues", "checkins", "groups")


def forget(tx: Transaction, event_id: EventId) -> None:
    """Delete the traces of an event."""
    for table in TRACES:
        tx.run(f"DELETE FROM {table} WHERE event_id = ?", event_id)  # noqa: S608 - our own names
    resealing.ask(tx, KeyKind.PEOPLE, event_id)
    resealing.ask(tx, KeyKind.ROUTING, event_id)


def forget_vouching(tx: Transaction, event_id: EventId) -> None:
    """Delete who invited whom at an event, and every link to it."""
    tx.run("DELETE FROM invitations WHERE event_id = ?", event_id)
    tx.run("DELETE FROM tokens WHERE event_id = ?", event_id)
    resealing.ask(tx, KeyKind.PEOPLE, event_id)


def are_left(tx: Transaction, event_id: EventId) -> bool:
    """Say whether traces of an event are there."""
    return any(_count(tx, table, event_id) for table in TRACES)


def is_vouching_left(tx: Transaction, event_id: EventId) -> bool:
    """Say whether it is known who invited whom at an event, or a link to it is."""
    return any(_count(tx, table, event_id) for table in ("invitations", "tokens"))


def _count(tx: Transaction, table: str, event_id: EventId) -> int:
    return tx.number(f"SELECT COUNT(*) FROM {table} WHERE event_id = ?", event_id)  # noqa: S608 - our own names
