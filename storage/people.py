"""The roster: registrations under each event's own people key, and each person's chat."""

from collections.abc import Iterable

from safety.people import EventId, PersonId, Presence, Recipient, Standing
from safety.registration import Person
from storage import routes
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.keys import KeyKind

PEOPLE: Shelf[Person] = Shelf(
    "people", Person, KeyKind.PEOPLE, "event_id", "standing", "presence", "group_id"
)


def get(tx: Transaction, person_id: PersonId) -> Person | None:
    """Give a registration, or None."""
    return PEOPLE.get(tx, person_id)


def with_standing(tx: Transaction, event_id: EventId, *standings: Standing) -> list[Person]:
    """Give the people of an event with one of these standings, in the order they came."""
    marks = ", ".join("?" * len(standings))
    where = f"event_id = ? AND standing IN ({marks})"
    found = PEOPLE.find(tx, where, event_id, *(standing.value for standing in standings))
    return sorted(found, key=_came)


def _came(person: Person) -> tuple[bool, float, int]:
    """Order by the moment of registering; who has not finished comes last."""
    at = person.registered_at
    return at is None, 0.0 if at is None else at.timestamp(), person.id


def approved_ids(tx: Transaction, event_id: EventId) -> list[PersonId]:
    """Give the ids of everybody approved, opening nothing."""
    rows = tx.all(
        tuple[int],
        "SELECT id FROM people WHERE event_id = ? AND standing = ? ORDER BY id",
        event_id,
        Standing.APPROVED.value,
    )
    return [PersonId(row[0]) for row in rows]


def ids_with_standing(tx: Transaction, event_id: EventId, *standings: Standing) -> list[PersonId]:
    """Give the ids of the people with one of these standings, opening nothing."""
    marks = ", ".join("?" * len(standings))
    rows = tx.all(
        tuple[int],
        f"SELECT id FROM people WHERE event_id = ? AND standing IN ({marks}) ORDER BY id",  # noqa: S608 - only marks
        event_id,
        *(standing.value for standing in standings),
    )
    return [PersonId(row[0]) for row in rows]


def count_by_presence(tx: Transaction, event_id: EventId) -> dict[Presence, int]:
    """Count the approved people by what they last said of where they are."""
    rows = tx.all(
        tuple[str, int],
        "SELECT presence, COUNT(*) FROM people WHERE event_id = ? AND standing = ? "
        "GROUP BY presence",
        event_id,
        Standing.APPROVED.value,
    )
    return {Presence(presence): number for presence, number in rows}


def count_by_standing(tx: Transaction, event_id: EventId) -> dict[Standing, int]:
    """Count the people of an event by where their registration stands."""
    sql = "SELECT standing, COUNT(*) FROM people WHERE event_id = ? GROUP BY standing"
    return {Standing(name): number for name, number in tx.all(tuple[str, int], sql, event_id)}


def recipient_of(tx: Transaction, person_id: PersonId) -> Recipient | None:
    """Give where a person can be reached, or None."""
    return routes.of_holder(tx, person_id)


def reachable(tx: Transaction, people: Iterable[Person]) -> list[tuple[Person, Recipient]]:
    """Pair people with their chats; those without one are left out."""
    found = ((person, routes.of_holder(tx, person.id)) for person in people)
    return [(person, recipient) for person, recipient in found if recipient is not None]
