"""/invite: a label for the organizers' eyes, then a personal link, in words and as a picture."""

from coordination import invitations
from coordination.current import current_event
from coordination.disclosure import require_event
from handlers import forms
from handlers.buttons.invitations import (
    InvitationsPress,
    InviteAnother,
    RenewInvitation,
    RevokeInvitation,
)
from handlers.context import Form, Request, Showing, Step
from handlers.links import link_of, picture_of
from handlers.screens import Press, Screen
from safety.errors import RefusalError
from safety.forms import Draft
from safety.invitations import (
    LABEL_LIMIT,
    InvitationLink,
    InvitationList,
    InvitationState,
    InvitationTried,
)
from safety.permissions import Action

PAGE = 8  # invitations on one screen


def start(request: Request) -> None:
    """Ask whom to invite."""
    event = require_event(request.turn, current_event(request.turn).id)
    forms.start(request, "invitation", event.id)


def press_another(request: Request, _press: InviteAnother) -> str | None:
    """Ask whom to invite, again."""
    start(request)
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
    invitations.invite(request.turn, draft.answer("label") or "")


FORM = Form(
    name="invitation",
    action=Action.INVITE,
    steps=(Step("label", "invitation-ask-label", _read_label),),
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
        (showing.button("invitation-button-another", InviteAnother()),),
        (showing.button("invitation-button-list", listed),),
    )
    return Screen(text, rows, picture=picture_of(link))


def render_list(showing: Showing, notice: InvitationList) -> Screen | None:
    """List the invitations that nobody has opened, with what can be done about each."""
    found = invitations.list_open(showing.work, notice.event_id)
    if not found:
        return Screen(showing.say("invitation-none"))
    first = max(0, min(notice.page * PAGE, len(found) - 1)) // PAGE * PAGE
    rows: list[tuple[Press, ...]] = [
        (
            showing.button(
                "invitation-button-renew", RenewInvitation(one.id), label=one.label[:20]
            ),
            showing.button("invitation-button-revoke", RevokeInvitation(one.id)),
        )
        for one in found[first : first + PAGE]
    ]
    if first + PAGE < len(found):
        following = InvitationsPress(notice.event_id, first // PAGE + 1)
        rows.append((showing.button("invitation-button-more", following),))
    return Screen(showing.count("invitation-list", len(found)), tuple(rows))


def render_tried(showing: Showing, notice: InvitationTried) -> Screen | None:
    """Tell the inviter of a second attempt."""
    invitation = invitations.look(showing.work, notice.invitation_id)
    if invitation is None:
        return None
    return Screen(showing.say("invitation-tried", label=invitation.label))
