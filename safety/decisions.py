"""What the organizers decide before an event: go, hold or move, each with a reason.

One decides at once, and may be told that another has decided meanwhile. *Hold* holds; *move* leads
to a relocation, which two people confirm; *go* releases nothing (ADR-0028).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.notices import Lane, Notice, notice
from safety.people import EventId, TeamId, Unprinted
from safety.timers import AtMoment, timer
from safety.venues import Reason

REMINDED_BEFORE = timedelta(hours=3)  # the first word of the place, while nothing is decided
WORDS_LIMIT = 300  # characters


class Choice(StrEnum):
    """What can be decided."""

    GO = "go"
    HOLD = "hold"
    MOVE = "move"


class Why(StrEnum):
    """The common reasons, one tap each; whoever writes one gives their own."""

    CHECKED = "checked"
    NOTHING_NEW = "nothing-new"
    THREATS = "threats"
    WATCHED = "watched"
    REFUSED = "refused"
    UNCLEAR = "unclear"
    OWN = "own"


REASONS: Mapping[Choice, tuple[Why, ...]] = {
    Choice.GO: (Why.CHECKED, Why.NOTHING_NEW),
    Choice.HOLD: (Why.THREATS, Why.WATCHED, Why.REFUSED, Why.UNCLEAR),
    Choice.MOVE: (Why.THREATS, Why.WATCHED, Why.REFUSED),
}


@dataclass(frozen=True, slots=True, repr=False)
class Reasoned(Unprinted):
    """What an organizer says: what is to be done, and why; `words` are their own."""

    choice: Choice
    why: Why
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision in force. `number` counts an event's decisions, from 1.

    The words of whoever made it stand in the case alone.
    """

    number: int
    choice: Choice
    at: datetime
    by: TeamId
    why: Why | None = None


@timer
@dataclass(frozen=True, slots=True, repr=False)
class AskToDecide(AtMoment):
    """Soon the first word of the place is told, and perhaps nobody has decided anything."""

    event_id: EventId

    @override
    def key(self) -> str:
        return f"ask-to-decide:{self.event_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class DecisionNews(Notice):
    """Another organizer has decided; what, stands behind *Show*."""

    lane = Lane.HOLD
    stays = timedelta(hours=12)
    replaces = True

    event_id: EventId

    @override
    def card(self) -> str | None:
        return f"decision:{self.event_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class DecisionAsked(Notice):
    """Nobody has decided yet, and the first word of the place is told soon."""

    stays = timedelta(hours=12)

    event_id: EventId

    @override
    def card(self) -> str | None:
        return asked_tag(self.event_id)

    @override
    def tag(self) -> str | None:
        return asked_tag(self.event_id)


def asked_tag(event_id: EventId) -> str:
    """Name the messages that ask for a decision; they go when somebody decides."""
    return f"decision-asked:{event_id}"


def asked_at(first_told_at: datetime, now: datetime) -> datetime:
    """Say when organizers are asked to decide, before the first word of the place is told."""
    return max(first_told_at - REMINDED_BEFORE, now)


def reason_of(why: Why | None) -> Reason:
    """Say for which of the reasons of a hold or a relocation this one stands."""
    match why:
        case Why.REFUSED:
            return Reason.CANCELLED
        case Why.OWN | None:
            return Reason.OTHER
        case _:
            return Reason.UNSAFE
