"""A legal hold: two people keep an event's people from being forgotten by the rule, with a reason.

It ends as it began, by two. It prolongs the roster alone: messages, places, traces and vouching go
at their own time, and whoever wants to be erased is erased.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from typing_extensions import override

from safety.notices import Lane, Notice, notice
from safety.people import EventId, TeamId, Unprinted
from safety.proposals import Intent, intent
from safety.timers import AfterPause, timer

REMINDED_EVERY = timedelta(days=14)
REASON_LIMIT = 300  # characters


@dataclass(frozen=True, slots=True, repr=False)
class LegalHold(Unprinted):
    """Why, since when and by whom the rule waits."""

    reason: str
    since: datetime
    proposed_by: TeamId
    confirmed_by: TeamId


@intent
@dataclass(frozen=True, slots=True, repr=False)
class PlaceLegalHold(Intent):
    """Keep an event's people until two lift it."""

    event_id: EventId
    reason: str


@intent
@dataclass(frozen=True, slots=True, repr=False)
class LiftLegalHold(Intent):
    """Let the rule go on."""

    event_id: EventId


@timer
@dataclass(frozen=True, slots=True, repr=False)
class LegalHoldStands(AfterPause):
    """A legal hold still stands: organizers are told so again."""

    event_id: EventId

    @override
    def key(self) -> str:
        return f"legal-hold:{self.event_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LegalHoldNews(Notice):
    """Whether an event's people are kept longer; read anew when shown."""

    lane = Lane.REMINDER
    valid_for = timedelta(days=1)

    event_id: EventId

    @override
    def card(self) -> str | None:
        return f"legal-hold:{self.event_id}"
