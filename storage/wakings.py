"""The latest wake test of each person of the team, under the community's key."""

from datetime import datetime

from safety.people import TeamId
from safety.waking import Waking
from storage.moments import to_row
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.keys import KeyKind

WAKINGS: Shelf[Waking] = Shelf("wakings", Waking, KeyKind.COMMUNITY, "begins_at")


def latest(tx: Transaction) -> dict[TeamId, Waking]:
    """Give everybody's latest test; one that does not open must keep nobody else from ringing."""
    return {one.id: one for one in WAKINGS.readable(tx, "1 = 1 ORDER BY id")}


def get(tx: Transaction, team_id: TeamId) -> Waking | None:
    """Give somebody's latest test, or None."""
    return WAKINGS.get(tx, team_id)


def put(tx: Transaction, waking: Waking) -> None:
    """Store a test, new or changed."""
    WAKINGS.put(tx, waking)


def remove(tx: Transaction, team_id: TeamId) -> None:
    """Forget somebody's test."""
    WAKINGS.remove(tx, "id = ?", team_id)


def forget_old(tx: Transaction, before: datetime) -> None:
    """Drop the tests that began earlier than that."""
    WAKINGS.remove(tx, "begins_at < ?", to_row(before))
