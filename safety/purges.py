"""What was destroyed on purpose, as a list: whoever restores an older copy must destroy it again.

A line is a number, a kind, an id that leads nowhere any more, and a moment. Nobody's name, and no
way back to one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from safety.people import Unprinted


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


def is_complete(purges: Sequence[Purge]) -> bool:
    """Say whether no line is left out."""
    return [purge.number for purge in purges] == list(range(1, len(purges) + 1))
