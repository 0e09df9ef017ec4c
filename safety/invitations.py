"""Invitations: each for one person, opened once, bound to the account that opens it first.

The label is for organizers' eyes alone. Who made it vouches for whoever comes by it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.notices import Notice, notice
from safety.people import EventId, PersonId, TeamId, Unprinted

LABEL_LIMIT = 60  # characters
LINK_STAYS = timedelta(hours=1)
LISTS_STAY = timedelta(minutes=10)


class InvitationState(StrEnum):
    """Where an invitation stands."""

    OPEN = "open"  # nobody has opened the link
    BOUND = "bound"  # somebody has; it works for nobody else


@dataclass(frozen=True, slots=True, repr=False)
class Invitation(Unprinted):
    """One person's right to register."""

    id: int
    event_id: EventId
    state: InvitationState
    inviter_id: TeamId
    label: str
    made_at: datetime
    person_id: PersonId | None = None
    was_tried_again: bool = False  # by another account, and its maker was told


def invitation_tag(invitation_id: int) -> str:
    """Name the messages that show an invitation's link: they go when it is opened or revoked."""
    return f"invitation:{invitation_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class InvitationLink(Notice):
    """The link and its picture, for whoever made it. The token stands nowhere else."""

    stays = LINK_STAYS
    is_protected = False  # it is there to be passed on

    invitation_id: int
    token: str

    @override
    def tag(self) -> str | None:
        return invitation_tag(self.invitation_id)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class InvitationList(Notice):
    """The invitations of an event that nobody has opened yet."""

    stays = LISTS_STAY

    event_id: EventId
    page: int = 0


@notice
@dataclass(frozen=True, slots=True, repr=False)
class InvitationTried(Notice):
    """Tells the inviter that another account has tried a used link."""

    invitation_id: int
