"""Two can start, one can stop: what one person asks for and another one must confirm.

Whoever proposed can never be the one who confirms; anybody asked can decline.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from typing_extensions import override

from safety.notices import Lane, Notice, notice
from safety.people import EventId, TeamId, Unprinted
from safety.timers import AtMoment, timer


class ProposalState(StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"


class Intent(Unprinted):
    """Base of what can be proposed. Subclasses are frozen dataclasses of ids and short values."""

    __slots__ = ()


INTENTS: dict[str, type[Intent]] = {}

_I = TypeVar("_I", bound=Intent)


def intent(kind: type[_I]) -> type[_I]:
    """Register a kind of intent under its own name, so that a stored one can be read again.

    Raises:
        ValueError: another feature has one of this name, and would read what this one stored.
    """
    known = INTENTS.setdefault(kind.__name__, kind)
    if known.__module__ != kind.__module__:
        raise ValueError(kind.__name__)
    return kind


@dataclass(frozen=True, slots=True, repr=False)
class Proposal(Unprinted):
    """One request for a second person's confirmation. `body` is the intent, encoded by storage."""

    id: int
    event_id: EventId | None
    state: ProposalState
    kind: str
    body: bytes
    proposed_by: TeamId
    expires_at: datetime
    decided_by: TeamId | None = None
    decided_at: datetime | None = None


@timer
@dataclass(frozen=True, slots=True, repr=False)
class ProposalOver(AtMoment):
    """Nobody has confirmed in time."""

    proposal_id: int

    @override
    def key(self) -> str:
        return f"proposal-over:{self.proposal_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ProposalList(Notice):
    """All that waits for a second person now."""

    stays = timedelta(minutes=10)

    page: int = 0


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ProposalCard(Notice):
    """What is proposed, by whom, and where it stands; edited in place when that changes."""

    lane = Lane.HOLD

    proposal_id: int

    @override
    def card(self) -> str | None:
        return f"proposal:{self.proposal_id}"


def may_decide(proposal: Proposal, by: TeamId | None, now: datetime) -> bool:
    """Say whether `by` may confirm or decline: somebody else, while it is open and not too old."""
    is_open = proposal.state is ProposalState.OPEN and now < proposal.expires_at
    return is_open and by is not None and by != proposal.proposed_by
