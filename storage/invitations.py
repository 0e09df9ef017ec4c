"""Invitations' rows, under the event's people key: who was invited goes when the roster goes."""

from safety.invitations import Invitation, InvitationState
from safety.people import EventId
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.keys import KeyKind

INVITATIONS: Shelf[Invitation] = Shelf(
    "invitations", Invitation, KeyKind.PEOPLE, "event_id", "state", "inviter_id"
)


def open_ones(tx: Transaction, event_id: EventId) -> list[Invitation]:
    """Give the invitations that nobody has opened yet, in the order they were made."""
    where = "event_id = ? AND state = ? ORDER BY rowid"
    return list(INVITATIONS.find(tx, where, event_id, InvitationState.OPEN.value))
