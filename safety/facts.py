"""What happened, stated by the use case that saw it; the recorder makes incidents of facts.

A fact names people by reference only. Its details are the words and places that belong to it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from safety.people import EventId, PersonId, TeamId, Unprinted


class FactKind(StrEnum):
    """The kinds of disruption that the bot can know by itself, and what adds to them."""

    ALARM = "alarm"
    MISTAKE = "mistake"  # "It was a mistake": unverified until a voice has confirmed it
    VERIFIED = "verified"  # somebody has heard the person's voice
    RESOLVED = "resolved"
    HOLD = "hold"
    VENUE_CANCELLED = "venue-cancelled"
    RELOCATION = "relocation"
    DETENTION = "detention"
    RELEASED = "released"  # from detention
    NEEDS_HELP = "needs-help"
    INJURY = "injury"
    REPORT = "report"
    LOCATION = "location"
    EVIDENCE = "evidence"
    GROUP_LEFT = "group-left"


@dataclass(frozen=True, slots=True, repr=False)
class Fact(Unprinted):
    """One thing that happened.

    `subject_id` is what it belongs to (alarm, venue, detention, report): facts with the same event
    and subject extend one incident. `by_person` or `by_team` is its source; neither: the bot.
    """

    kind: FactKind
    at: datetime
    subject_id: int
    event_id: EventId | None = None
    by_person: PersonId | None = None
    by_team: TeamId | None = None
    about: PersonId | None = None
    details: tuple[tuple[str, str], ...] = ()
