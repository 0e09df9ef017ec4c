"""Roll calls, under each event's routing key (a locked roster stops none), and their answers."""

from collections.abc import Mapping
from datetime import datetime

from safety.people import EventId, PersonId, Presence, Standing
from safety.rollcalls import RollCall, RollCallAnswer, RollCallState
from storage.moments import to_row
from storage.sealed import Shelf
from storage.transaction import LockedError, Transaction
from storage.vault.keys import KeyKind

ROLLCALLS: Shelf[RollCall] = Shelf("rollcalls", RollCall, KeyKind.ROUTING, "event_id", "state")


def get(tx: Transaction, rollcall_id: int) -> RollCall | None:
    """Give a roll call; None where it is unknown, or its event is purged."""
    try:
        return ROLLCALLS.get(tx, rollcall_id)
    except LockedError:
        return None


def put(tx: Transaction, rollcall: RollCall) -> None:
    """Store a roll call, new or changed."""
    ROLLCALLS.put(tx, rollcall)


def open_one(tx: Transaction, event_id: EventId) -> RollCall | None:
    """Give the roll call of an event that is open, or None."""
    where = "event_id = ? AND state = ?"
    return next(ROLLCALLS.find(tx, where, event_id, RollCallState.OPEN.value), None)


def count(tx: Transaction, event_id: EventId) -> int:
    """Count an event's roll calls, closed ones too."""
    return ROLLCALLS.count(tx, "event_id = ?", event_id)


def answer(  # noqa: PLR0913 - each is a column
    tx: Transaction,
    rollcall: RollCall,
    person_id: PersonId,
    said: RollCallAnswer,
    *,
    at: datetime,
    seq: int,
) -> bool:
    """Keep an answer unless a later one is there already; say whether it was kept."""
    sql = (
        "INSERT INTO rollcall_answers (rollcall_id, person_id, event_id, answer, at, seq) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (rollcall_id, person_id) DO UPDATE SET "
        "answer = excluded.answer, at = excluded.at, seq = excluded.seq "
        "WHERE excluded.seq > rollcall_answers.seq"
    )
    return tx.run(sql, rollcall.id, person_id, rollcall.event_id, said.value, to_row(at), seq) > 0


def answers(tx: Transaction, rollcall_id: int) -> Mapping[PersonId, RollCallAnswer]:
    """Give everybody's answer."""
    sql = "SELECT person_id, answer FROM rollcall_answers WHERE rollcall_id = ?"
    rows = tx.all(tuple[int, str], sql, rollcall_id)
    return {PersonId(person_id): RollCallAnswer(said) for person_id, said in rows}


def silent(
    tx: Transaction, rollcall: RollCall, after: int = 0, limit: int = 1_000_000
) -> list[PersonId]:
    """Give approved people, neither home nor taken, without an answer, by id, beyond `after`."""
    rows = tx.all(
        tuple[int],
        "SELECT id FROM people WHERE event_id = ? AND standing = ? AND presence NOT IN (?, ?) "
        "AND id > ? AND NOT EXISTS (SELECT 1 FROM rollcall_answers WHERE rollcall_id = ? "
        "AND person_id = people.id) ORDER BY id LIMIT ?",
        rollcall.event_id,
        Standing.APPROVED.value,
        Presence.HOME.value,
        Presence.TAKEN.value,
        after,
        rollcall.id,
        limit,
    )
    return [PersonId(row[0]) for row in rows]


def has_answered(tx: Transaction, rollcall_id: int, person_id: PersonId) -> bool:
    """Say whether this person has answered."""
    sql = "SELECT COUNT(*) FROM rollcall_answers WHERE rollcall_id = ? AND person_id = ?"
    return tx.number(sql, rollcall_id, person_id) > 0
