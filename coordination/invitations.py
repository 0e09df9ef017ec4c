"""Inviting: one person, one link, and nobody learns why another one is no good."""

from dataclasses import replace
from datetime import datetime

from coordination import audience
from coordination.turns import Turn, Work, use_case
from safety.errors import OutdatedError, RefusalError
from safety.events import Event, EventState
from safety.invitations import (
    Invitation,
    InvitationLink,
    InvitationState,
    InvitationTried,
    invitation_tag,
)
from safety.people import EventId, PersonId
from safety.permissions import Action
from safety.purges import Purged
from storage import disclosure, events, invitations, purges, tokens
from storage.invitations import INVITATIONS
from storage.tokens import Purpose
from storage.transaction import LockedError


@use_case(Action.INVITE)
def open_event(turn: Turn, event_id: EventId) -> Event:
    """Give an event to which people can be invited.

    Raises:
        RefusalError: it is over or called off.
        LockedError: its people are locked.
    """
    event = events.get(turn.tx, event_id)
    if event is None or event.state is not EventState.OPEN or event.ends_at <= turn.now:
        raise RefusalError("choose-no-event")
    if not disclosure.is_readable(turn.tx, event_id):
        raise LockedError
    return event


@use_case(Action.INVITE)
def invite(turn: Turn, event_id: EventId, label: str) -> None:
    """Make an invitation to an event, and give its link to whoever made it.

    Raises:
        RefusalError: the event is over or called off.
    """
    event = open_event(turn, event_id)
    invitation = Invitation(
        id=turn.tx.new_id(),
        event_id=event.id,
        state=InvitationState.OPEN,
        inviter_id=turn.require_team_id(),
        label=label,
        made_at=turn.now,
    )
    INVITATIONS.put(turn.tx, invitation)
    _give_link(turn, invitation, _expiry(turn, event))


@use_case(Action.INVITE)
def revoke(turn: Turn, invitation_id: int) -> EventId:
    """Take back an invitation that nobody has opened; give its event.

    Raises:
        OutdatedError: somebody has opened it, or it is gone.
    """
    invitation = _open_one(turn, invitation_id)
    _void_link(turn, invitation)
    INVITATIONS.remove(turn.tx, "id = ?", invitation.id)
    return invitation.event_id


@use_case(Action.INVITE)
def renew(turn: Turn, invitation_id: int) -> None:
    """Make another link for an invitation; the old one is worth nothing then.

    Raises:
        OutdatedError: somebody has opened it, or it is gone.
        RefusalError: its event is over or called off.
    """
    invitation = _open_one(turn, invitation_id)
    event = open_event(turn, invitation.event_id)
    _void_link(turn, invitation)
    _give_link(turn, invitation, _expiry(turn, event))


def look(work: Work, invitation_id: int) -> Invitation | None:
    """Give an invitation, or None if it is gone.

    Raises:
        LockedError: its event's people are locked.
    """
    return INVITATIONS.get(work.tx, invitation_id)


def list_open(work: Work, event_id: EventId) -> list[Invitation]:
    """Give the invitations that nobody has opened yet."""
    return invitations.open_ones(work.tx, event_id)


def bind(work: Work, invitation: Invitation, person_id: PersonId) -> None:
    """Let an invitation belong to the account that has opened it."""
    bound = replace(invitation, state=InvitationState.BOUND, person_id=person_id)
    INVITATIONS.put(work.tx, bound)
    work.remove_tagged(invitation_tag(invitation.id))


def note_second_attempt(work: Work, invitation: Invitation) -> None:
    """Tell the inviter, once, that somebody else has tried the link."""
    if invitation.was_tried_again:
        return
    INVITATIONS.put(work.tx, replace(invitation, was_tried_again=True))
    news = InvitationTried(invitation.id)
    audience.tell_inviter(work, invitation.inviter_id, news, invitation.event_id)


def _open_one(work: Work, invitation_id: int) -> Invitation:
    invitation = look(work, invitation_id)
    if invitation is None or invitation.state is not InvitationState.OPEN:
        raise OutdatedError
    return invitation


def _void_link(work: Work, invitation: Invitation) -> None:
    """Make a link worth nothing, from copies elsewhere as well: it may be in wrong hands."""
    tokens.revoke(work.tx, invitation.id)
    work.remove_tagged(invitation_tag(invitation.id))
    purges.note(work.tx, work.now, Purged.INVITATION, invitation.id)


def _give_link(turn: Turn, invitation: Invitation, expires_at: datetime) -> None:
    token = tokens.issue(
        turn.tx, Purpose.INVITATION, invitation.id, expires_at, invitation.event_id
    )
    turn.tell(InvitationLink(invitation.id, token), invitation.event_id)


def _expiry(work: Work, event: Event) -> datetime:
    return min(work.now + work.policy.invitation_life, event.ends_at)
