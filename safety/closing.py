"""Closing a case: it opens on people's own computers then, and here it is only added to.

Two people close it, who see whose keys it will open with. It cannot be taken back: the half of the
case's key that reads is sealed to those keys, and destroyed here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from safety.notices import Lane, Notice, notice
from safety.people import EventId, Role, TeamId, Unprinted
from safety.proposals import Intent, intent


@intent
@dataclass(frozen=True, slots=True, repr=False)
class CloseCase(Intent):
    """Close an event's case to just these keyholders."""

    event_id: EventId
    holders: tuple[int, ...]


@dataclass(frozen=True, slots=True, repr=False)
class CaseSeal(Unprinted):
    """The reading half of a case's key, sealed to one keyholder's public key."""

    holder_id: int
    role: Role
    name: str
    public: bytes
    wrapped: bytes


@dataclass(frozen=True, slots=True, repr=False)
class ClosedCase(Unprinted):
    """A closed case; `id` is its event's. `checkpoint` is the log's state at that moment."""

    id: EventId
    closed_at: datetime
    proposed_by: TeamId
    confirmed_by: TeamId | None
    checkpoint: str | None
    seals: tuple[CaseSeal, ...]


@notice
@dataclass(frozen=True, slots=True, repr=False)
class CloseQuestion(Notice):
    """What closing a case means, and whose keys would open it."""

    stays = timedelta(hours=1)

    event_id: EventId


@notice
@dataclass(frozen=True, slots=True, repr=False)
class CaseClosed(Notice):
    """A case is closed; the log's checkpoint goes with it."""

    lane = Lane.HOLD

    event_id: EventId
