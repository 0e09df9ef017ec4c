"""The buttons under invitations."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.people import EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class InviteAnother(Payload):
    """Invite one more person."""

    code = "iv"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class InvitationsPress(Payload):
    """Show the invitations that nobody has opened."""

    code = "il"

    event_id: EventId
    page: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class RevokeInvitation(Payload):
    """Take an invitation back."""

    code = "ir"

    invitation_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class RenewInvitation(Payload):
    """Make another link for an invitation."""

    code = "in"

    invitation_id: int
