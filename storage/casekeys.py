"""The two halves of a case key: of an event, or, for what happens without one, of the team.

The public half is always there, so that adding to a case never waits for an unlock secret.
"""

from safety.people import EventId
from storage.transaction import Transaction
from storage.vault.keys import Key, KeyKind, pair_within


def public(tx: Transaction, event_id: EventId | None) -> Key:
    """Give the half that adds to a case.

    Raises:
        LockedError: there is no such event any more.
    """
    if event_id is None:
        return pair_within(tx.key(KeyKind.COMMUNITY), "case").public
    return tx.key(KeyKind.CASE_PUBLIC, event_id)


def private(tx: Transaction, event_id: EventId | None) -> Key:
    """Give the half that reads a case.

    Raises:
        LockedError: the case is locked, or closed.
    """
    if event_id is None:
        return pair_within(tx.key(KeyKind.COMMUNITY), "case").private
    return tx.key(KeyKind.CASE_PRIVATE, event_id)


def can_add(tx: Transaction, event_id: EventId | None) -> bool:
    """Say whether anything can be added to this event's case."""
    return event_id is None or tx.has_key(KeyKind.CASE_PUBLIC, event_id)


def can_read(tx: Transaction, event_id: EventId | None) -> bool:
    """Say whether this case can be read now."""
    return event_id is None or tx.has_key(KeyKind.CASE_PRIVATE, event_id)
