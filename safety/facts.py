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
    ESCORT = "escort"  # brought out of the city under guard: begun, seen on the way, arrived
    DATA_TAKEN = "data-taken"  # written down or copied from somebody; papers signed under pressure
    VISIT = "visit"  # in the days after, told afterwards
    NEEDS_HELP = "needs-help"  # who was asked, had not answered, and called
    INJURY = "injury"
    REPORT = "report"
    LOCATION = "location"
    EVIDENCE = "evidence"
    GROUP_LEFT = "group-left"
    DECISION = "decision"  # go, hold or move, and what stood on the board


TOLD_AFTERWARDS = frozenset({FactKind.REPORT, FactKind.DATA_TAKEN, FactKind.VISIT})
"""What people tell when it is over: the moment of such a fact is not when it happened."""


@dataclass(frozen=True, slots=True, repr=False)
class Fact(Unprinted):
    """One thing that happened.

    `subject_id` is what it belongs to (alarm, venue, detention, report): facts with the same event
    and subject extend one incident. Its source is `by_person`, `by_team` or a link for reporting,
    `by_link`; none of them: the bot.
    """

    kind: FactKind
    at: datetime
    subject_id: int
    event_id: EventId | None = None
    by_person: PersonId | None = None
    by_team: TeamId | None = None
    by_link: int | None = None
    about: PersonId | None = None
    details: tuple[tuple[str, str], ...] = ()
