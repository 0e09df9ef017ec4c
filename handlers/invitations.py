"""/invite: a label for the organizers' eyes, then a personal link, in words and as a picture."""

from collections.abc import Mapping
from functools import partial

from coordination import events, invitations
from handlers import forms, paging
from handlers.buttons.invitations import (
    InvitationsPress,
    InviteAnother,
    RenewInvitation,
    RevokeInvitation,
)
from handlers.buttons.registration import PeoplePress
from handlers.choosing import with_event
from handlers.context import Form, Request, Showing, Step
from handlers.links import link_of, picture_of
from handlers.screens import Screen
from safety.errors import OutdatedError, RefusalError
from safety.forms import Draft
from safety.invitations import (
    LABEL_LIMIT,
    InvitationLink,
    InvitationList,
    InvitationState,
    InvitationTried,
)
from safety.paging import cut
from safety.people import EventId
from safety.permissions import Action


def start(request: Request) -> None:
    """Ask whom to invite."""
    with_event(request, "invite", start_for)


def start_for(request: Request, event_id: EventId) -> None:
    """Ask whom to invite to this event."""
    invitations.open_event(request.turn, event_id)
    forms.start(request, "invitation", event_id)


def press_another(request: Request, press: InviteAnother) -> str | None:
    """Ask whom to invite to the same event."""
    start_for(request, press.event_id)
    return None


def press_list(request: Request, press: InvitationsPress) -> str | None:
    """Show the invitations that nobody has opened."""
    request.turn.reply(InvitationList(press.event_id, press.page), press.event_id)
    return None


def press_revoke(request: Request, press: RevokeInvitation) -> str | None:
    """Take one back."""
    event_id = invitations.revoke(request.turn, press.invitation_id)
    request.turn.reply(InvitationList(event_id), event_id)
    return "invitation-revoked"


def press_renew(request: Request, press: RenewInvitation) -> str | None:
    """Make another link."""
    invitations.renew(request.turn, press.invitation_id)
    return None


def _read_label(_request: Request, _draft: Draft, typed: str) -> str:
    label = " ".join(typed.split())
    if len(label) > LABEL_LIMIT:
        raise RefusalError("form-long-answer")
    return label


def _finish(request: Request, draft: Draft) -> None:
    if draft.event_id is None:
        raise OutdatedError
    invitations.invite(request.turn, draft.event_id, draft.answer("label") or "")


def _title(showing: Showing, draft: Draft) -> Mapping[str, str | int]:
    event = None if draft.event_id is None else events.look(showing.work, draft.event_id)
    return {"title": "" if event is None else event.title}


FORM = Form(
    name="invitation",
    action=Action.INVITE,
    steps=(Step("label", "invitation-ask-label", _read_label, values=_title),),
    finish=_finish,
)


def render_link(showing: Showing, notice: InvitationLink) -> Screen | None:
    """Show the link in words and as a picture; not once somebody has opened it."""
    invitation = invitations.look(showing.work, notice.invitation_id)
    if invitation is None or invitation.state is not InvitationState.OPEN:
        return None
    link = link_of(showing, notice.token)
    text = showing.say("invitation-link", label=invitation.label, link=link)
    listed = InvitationsPress(invitation.event_id, 0)
    rows = (
        (showing.button("invitation-button-another", InviteAnother(invitation.event_id)),),
        (showing.button("invitation-button-list", listed),),
    )
    return Screen(text, rows, picture=picture_of(link))


def render_list(showing: Showing, notice: InvitationList) -> Screen | None:
    """List the invitations that nobody has opened, with what can be done about each."""
    found = invitations.list_open(showing.work, notice.event_id)
    back = (showing.button("button-back", PeoplePress(notice.event_id)),)
    if not found:
        return Screen(showing.say("invitation-none"), (back,))
    page = cut(found, notice.page, beside=1, each=2)
    rows = [
        (
            showing.button(
                "invitation-button-renew", RenewInvitation(one.id), label=one.label[:20]
            ),
            showing.button("invitation-button-revoke", RevokeInvitation(one.id)),
        )
        for one in page.items
    ]
    turns = paging.turns(showing, page, partial(InvitationsPress, notice.event_id))
    return Screen(showing.count("invitation-list", len(found)), (*rows, *turns, back))


def render_tried(showing: Showing, notice: InvitationTried) -> Screen | None:
    """Tell the inviter of a second attempt."""
    invitation = invitations.look(showing.work, notice.invitation_id)
    if invitation is None:
        return None
    return Screen(showing.say("invitation-tried", label=invitation.label))
