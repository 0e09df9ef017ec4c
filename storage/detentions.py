"""Detentions, under each event's routing key: a locked roster hides them from nobody."""

from datetime import datetime

from safety.detentions import Detention, DetentionState
from safety.people import EventId, PersonId, TeamId
from storage.sealed import Shelf
from storage.transaction import LockedError, Transaction
from storage.vault.keys import KeyKind

DETENTIONS: Shelf[Detention] = Shelf(
    "detentions",
    Detention,
    KeyKind.ROUTING,
    "event_id",
    "person_id",
    "state",
    team_key=KeyKind.COMMUNITY,
)


def get(tx: Transaction, detention_id: int) -> Detention | None:
    """Give a detention; None if it is unknown, or its event is purged."""
    try:
        return DETENTIONS.get(tx, detention_id)
    except LockedError:
        return None


def put(tx: Transaction, detention: Detention) -> None:
    """Store a detention, new or changed."""
    DETENTIONS.put(tx, detention)


def unclosed(tx: Transaction) -> list[Detention]:
    """Give every detention that is not closed and can be read, the oldest first."""
    places: list[EventId | None] = [None, *tx.live_events()]
    rows = (DETENTIONS.readable(tx, "event_id IS ?", event_id) for event_id in places)
    found = (one for at_event in rows for one in at_event if not one.is_closed)
    return sorted(found, key=lambda one: one.number)


def at_event(tx: Transaction, event_id: EventId | None) -> list[Detention]:
    """Give all detentions of an event, or of the team without one, the oldest first."""
    found = DETENTIONS.find(tx, "event_id IS ?", event_id)
    return sorted(found, key=lambda one: one.number)


def forget_loose(tx: Transaction, before: datetime) -> None:
    """Drop the team's own detentions that were closed earlier; those of events go with them."""
    where = "event_id IS NULL AND state = ?"
    for one in DETENTIONS.find(tx, where, DetentionState.RELEASED.value):
        if one.heard_at is not None and one.heard_at < before:
            DETENTIONS.remove(tx, "id = ?", one.id)


def held(tx: Transaction, person_id: PersonId | None, team_id: TeamId | None) -> Detention | None:
    """Give the detention in which this person is held now, or None; what does not open is none.

    Every word and file asks for it: a damaged row of somebody else's must keep none of them.
    """
    places: list[EventId | None] = [None, *tx.live_events()]
    every = (one for event_id in places for one in held_at(tx, event_id))
    return next((one for one in every if one.is_of(person_id, team_id)), None)


def held_at(tx: Transaction, event_id: EventId | None) -> list[Detention]:
    """Give who is held of an event, or of the team without one, the oldest first.

    Nothing else is opened, and what does not open is left out.
    """
    where = "event_id IS ? AND state <> ?"
    found = DETENTIONS.readable(tx, where, event_id, DetentionState.RELEASED.value)
    return sorted(found, key=lambda one: one.number)
