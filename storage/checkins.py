"""People's reports as they came, in the order of intake: what an older one may still change."""

from safety.checkins import CheckIn, CheckInKind
from safety.people import EventId
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
