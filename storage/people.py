"""The roster: registrations under each event's own people key, and each person's chat.

How things are with somebody stands beside the sealed row, and what stands there holds: it is
changed without opening the row, so that what people say while everything is locked counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from typing_extensions import override

from safety.people import EventId, PersonId, Presence, Recipient, Standing
from safety.registration import Person, Situation
from storage import routes
from storage.moments import from_row, to_row
from storage.sealed import Shelf
from storage.transaction import Transaction, Value
from storage.vault.keys import KeyKind

_Row = tuple[int, int, str, int | None, str, int | None, int | None, int | None, int | None]

_CHANGING = ("presence", "group_id", "last_seen_at", "needs_help", "is_unverified")
_PRESENCES = {presence.value: presence for presence in Presence}
_COLUMNS = ("event_id", "standing", "invitation_id", *_CHANGING)
_SITUATIONS = f"SELECT id, {', '.join(_COLUMNS)} FROM people WHERE "  # noqa: S608 - our own names


class _Roster(Shelf[Person]):
    """The sealed rows, each as things are with its person now."""

    _beside = _CHANGING
    _mark = "is_changed"

    @override
    def _as_now(self, value: Person, *beside: Value) -> Person:
        presence, group_id, seen_at, needs_help, is_unverified = beside
        put = object.__setattr__  # just opened, and nobody's yet: no copy
        put(value, "presence", _PRESENCES[cast("str", presence)])
        put(value, "group_id", group_id)
        put(value, "last_seen_at", None if seen_at is None else from_row(cast("int", seen_at)))
        put(value, "needs_help", bool(needs_help))
        put(value, "is_unverified", bool(is_unverified))
        return value

    @override
    def _may_differ(self, name: str, sealed: Value, beside: Mapping[str, Value]) -> bool:
        """Say so of what was changed since, and of what an earlier release did not put there."""
        is_earlier = beside["is_unverified"] is None  # see `complete`
        is_newer = is_earlier or beside["is_changed"] == 1
        is_missing = name == "invitation_id" and beside[name] is None
        return is_newer and (name in _CHANGING or is_missing)


def _seen_at(person: Situation) -> int | None:
    return None if person.last_seen_at is None else to_row(person.last_seen_at)


def _beside(person: Situation) -> tuple[Value, ...]:
    return (
        person.presence.value,
        person.group_id,
        _seen_at(person),
        int(person.needs_help),
        int(person.is_unverified),
    )


PEOPLE: Shelf[Person] = _Roster("people", Person, KeyKind.PEOPLE, *_COLUMNS)


def situation(tx: Transaction, person_id: PersonId) -> Situation | None:
    """Give how things are with somebody, opening nothing; None where they are gone."""
    return next((_situation(row) for row in _rows(tx, "id = ?", person_id)), None)


def situations(tx: Transaction, event_id: EventId, standing: Standing) -> list[Situation]:
    """Give how things are with everybody of one standing, by id, opening nothing."""
    where = "event_id = ? AND standing = ? ORDER BY id"
    return [_situation(row) for row in _rows(tx, where, event_id, standing.value)]


def change(tx: Transaction, changed: Situation) -> None:
    """Store how things are with somebody now, opening nothing."""
    sets = ", ".join(f"{name} = ?" for name in _CHANGING)
    sql = f"UPDATE people SET {sets}, is_changed = 1 WHERE id = ?"  # noqa: S608 - our own names
    tx.run(sql, *_beside(changed), changed.id)


def complete(tx: Transaction) -> None:
    """Put beside their sealed rows what an earlier release has only put into them."""
    for event_id in tx.live_events():
        if tx.has_key(KeyKind.PEOPLE, event_id):
            where = "event_id = ? AND is_unverified IS NULL"
            for person in PEOPLE.readable(tx, where, event_id):
                PEOPLE.put(tx, person)


def _rows(tx: Transaction, where: str, *parameters: Value) -> list[_Row]:
    return tx.all(
        tuple[int, int, str, int | None, str, int | None, int | None, int | None, int | None],
        _SITUATIONS + where,
        *parameters,
    )


def _situation(row: _Row) -> Situation:
    row_id, event_id, standing, invitation_id, presence, group_id, seen_at, *flags = row
    return Situation(
        id=PersonId(row_id),
        event_id=EventId(event_id),
        standing=Standing(standing),
        presence=Presence(presence),
        group_id=group_id,
        invitation_id=invitation_id or 0,
        last_seen_at=None if seen_at is None else from_row(seen_at),
        needs_help=bool(flags[0]),
        is_unverified=bool(flags[1]),
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


def next_with_standing(
    tx: Transaction, event_id: EventId, standings: Sequence[Standing], after: int, limit: int
) -> list[PersonId]:
    """Give the ids of the next people with one of these standings, beyond `after`."""
    marks = ", ".join("?" * len(standings))
    rows = tx.all(
        tuple[int],
        f"SELECT id FROM people WHERE event_id = ? AND standing IN ({marks}) AND id > ? "  # noqa: S608 - only marks
        "ORDER BY id LIMIT ?",
        event_id,
        *(standing.value for standing in standings),
        after,
        limit,
    )
    return [PersonId(row[0]) for row in rows]


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
