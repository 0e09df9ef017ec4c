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
