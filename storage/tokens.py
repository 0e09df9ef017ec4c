"""One-time links: at least 128 random bits each, kept only as a digest, one shape for all."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from safety.people import EventId
from storage.moments import to_row
from storage.transaction import Transaction
from storage.vault.digests import new_token, token_digest


class Purpose(StrEnum):
    """What opening a link does."""

    OWNER = "owner"  # makes the first organizer
    TEAM = "team"  # takes up a role in the team
    REPORT = "report"  # reports, for as long as it works; opened as often as one likes
    INVITATION = "invitation"  # registers at an event


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for."""

    purpose: Purpose
    event_id: EventId | None
    subject_id: int


def issue(
    tx: Transaction,
    purpose: Purpose,
    subject_id: int,
    expires_at: datetime,
    event_id: EventId | None = None,
) -> str:
    """Make a token and store its digest; the token itself is given only here."""
    token = new_token()
    tx.run(
        "INSERT INTO tokens (digest, purpose, event_id, subject_id, expires_at) "
        "VALUES (?, ?, ?, ?, ?)",
        token_digest(token),
        purpose.value,
        event_id,
        subject_id,
        to_row(expires_at),
    )
    return token


def look_up(tx: Transaction, now: datetime, token: str) -> Grant | None:
    """Give what a token stands for, or None if it is unknown or out of date."""
    row = tx.one(
        tuple[str, int | None, int],
        "SELECT purpose, event_id, subject_id FROM tokens WHERE digest = ? AND expires_at > ?",
        token_digest(token),
        to_row(now),
    )
    if row is None:
        return None
    purpose, event_id, subject_id = row
    return Grant(Purpose(purpose), None if event_id is None else EventId(event_id), subject_id)


def revoke(tx: Transaction, subject_id: int) -> None:
    """Make every token for this subject worthless."""
    tx.run("DELETE FROM tokens WHERE subject_id = ?", subject_id)


def forget_old(tx: Transaction, now: datetime) -> None:
    """Drop tokens whose time is over."""
    tx.run("DELETE FROM tokens WHERE expires_at <= ?", to_row(now))
