"""What was destroyed on purpose, as a list: whoever restores an older copy must destroy it again.

A line is a number, a kind, an id that leads nowhere any more, and a moment. Nobody's name, and no
way back to one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from safety.people import Unprinted

FRESH_FOR = timedelta(days=1)  # a bot that works writes its list anew at least this often


class Purged(StrEnum):
    """What a line of the purge list speaks of."""

    EVENT = "event"  # everybody of an event was forgotten
    PERSON = "person"  # one registration was erased
    TEAM = "team"  # somebody left the team, or was removed
    KEYHOLDER = "keyholder"  # somebody's enrolled key was removed
    REPORT_LINK = "report-link"  # a link for reporting was stopped
    ENVELOPE = "envelope"  # what somebody had left for the lawyer was taken back
    INVITATION = "invitation"  # an invitation was taken back, or got another link
    ADDRESS = "address"  # somebody of the team took another way to wake them back


@dataclass(frozen=True, slots=True, repr=False)
class Purge(Unprinted):
    """One line of the purge list. Numbers begin with 1, and none is left out."""

    number: int
    kind: Purged
    subject_id: int  # an event's, a person's, an envelope's …
    at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class PurgeList(Unprinted):
    """All lines as of one moment; lists of the first version do not say which, and have None."""

    made_at: datetime | None
    purges: Sequence[Purge]

    def is_old(self, now: datetime) -> bool:
        """Say whether a newer list is likely to be somewhere; only people can look for it."""
        return self.made_at is None or now - self.made_at > FRESH_FOR


def is_complete(purges: Sequence[Purge]) -> bool:
    """Say whether no line is left out."""
    return [purge.number for purge in purges] == list(range(1, len(purges) + 1))
