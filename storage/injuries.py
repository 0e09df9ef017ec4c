"""Injuries, under each event's routing key: whoever is hurt while all is locked is not lost."""

from collections.abc import Sequence
from datetime import datetime

from safety.injuries import Injury
from safety.people import EventId, PersonId, TeamId
from storage.sealed import Shelf
from storage.transaction import LockedError, Transaction
from storage.vault.keys import KeyKind

INJURIES: Shelf[Injury] = Shelf(
    "injuries",
    Injury,
    KeyKind.ROUTING,
    "event_id",
    "person_id",
    team_key=KeyKind.COMMUNITY,
)


def get(tx: Transaction, injury_id: int) -> Injury | None:
    """Give an injury; None if it is unknown, or its event is purged."""
    try:
        return INJURIES.get(tx, injury_id)
    except LockedError:
        return None


def put(tx: Transaction, injury: Injury) -> None:
    """Store an injury, new or changed."""
    INJURIES.put(tx, injury)


def every(tx: Transaction) -> list[Injury]:
    """Give every injury that can be read, the newest first."""
    places: list[EventId | None] = [None, *tx.live_events()]
    found = (one for place in places for one in INJURIES.readable(tx, "event_id IS ?", place))
    return sorted(found, key=lambda one: one.number, reverse=True)


def of_holder(
    tx: Transaction, person_ids: Sequence[PersonId], team_id: TeamId | None
) -> list[Injury]:
    """Give somebody's own injuries, the newest first."""
    return [one for one in every(tx) if one.is_of(person_ids, team_id)]


def forget_person(tx: Transaction, person_id: PersonId) -> None:
    """Drop what is kept here of a person's injuries; the case keeps what it knows, nameless."""
    INJURIES.remove(tx, "person_id = ?", person_id)


def forget_loose(tx: Transaction, before: datetime) -> None:
    """Drop the team's own injuries of earlier; those of events go with them."""
    for one in INJURIES.find(tx, "event_id IS NULL"):
        if one.at < before:
            INJURIES.remove(tx, "id = ?", one.id)
