"""People's reports as they came, in the order of intake: what an older one may still change."""

from safety.checkins import CheckIn, CheckInKind
from safety.people import EventId, PersonId, Presence, Standing
from storage.moments import from_row, to_row
from storage.transaction import Transaction


def add(tx: Transaction, event_id: EventId | None, holder_id: int, check_in: CheckIn) -> None:
    """Keep one report of a person, or of somebody of the team."""
    tx.run(
        "INSERT INTO checkins (event_id, person_id, kind, at, seq) VALUES (?, ?, ?, ?, ?)",
        event_id or 0,
        holder_id,
        check_in.kind.value,
        to_row(check_in.at),
        check_in.seq,
    )


def latest(tx: Transaction, holder_id: int) -> CheckIn | None:
    """Give somebody's latest report by the order of intake, or None."""
    row = tx.one(
        tuple[str, int, int],
        "SELECT kind, at, seq FROM checkins WHERE person_id = ? ORDER BY seq DESC LIMIT 1",
        holder_id,
    )
    return None if row is None else CheckIn(CheckInKind(row[0]), from_row(row[1]), row[2])


def expected_home(
    tx: Transaction, event_id: EventId, after: int = 0, limit: int = 1_000_000
) -> list[PersonId]:
    """Give approved people who are neither home nor taken, by id, beyond `after`."""
    rows = tx.all(
        tuple[int],
        "SELECT id FROM people WHERE event_id = ? AND standing = ? AND presence NOT IN (?, ?) "
        "AND id > ? ORDER BY id LIMIT ?",
        event_id,
        Standing.APPROVED.value,
        Presence.HOME.value,
        Presence.TAKEN.value,
        after,
        limit,
    )
    return [PersonId(row[0]) for row in rows]


def is_expected_home(tx: Transaction, person_id: PersonId) -> bool:
    """Say whether this approved person is neither home nor taken."""
    sql = "SELECT COUNT(*) FROM people WHERE id = ? AND standing = ? AND presence NOT IN (?, ?)"
    away = (Presence.HOME.value, Presence.TAKEN.value)
    return tx.number(sql, person_id, Standing.APPROVED.value, *away) > 0


def to_greet(tx: Transaction, event_id: EventId, after: int, limit: int) -> list[PersonId]:
    """Give approved people who are not taken, by id, beyond `after`."""
    rows = tx.all(
        tuple[int],
        "SELECT id FROM people WHERE event_id = ? AND standing = ? AND presence <> ? "
        "AND id > ? ORDER BY id LIMIT ?",
        event_id,
        Standing.APPROVED.value,
        Presence.TAKEN.value,
        after,
        limit,
    )
    return [PersonId(row[0]) for row in rows]
