"""*Leave something for the lawyer*: one message, sealed at once, and gone from the chat."""

from coordination import envelopes
from coordination.privacy import Kept
from handlers import forms
from handlers.buttons.envelopes import LeaveEnvelope, TakeEnvelopeBack
from handlers.context import Form, Request, Showing, Step
from handlers.screens import Press
from safety.envelopes import TEXT_LIMIT
from safety.errors import OutdatedError
from safety.forms import Draft
from safety.kinds import Kind
from safety.lives import lasting
from safety.notices import Say
from safety.permissions import Action
from safety.privacy import PrivacyScreen


def press_leave(request: Request, press: LeaveEnvelope) -> str | None:
    """Ask for it, once it is sure that a lawyer could open it."""
    envelopes.require_lawyer(request.turn, press.event_id)
    forms.start(request, FORM.name, press.event_id)
    return None


def press_take_back(request: Request, press: TakeEnvelopeBack) -> str:
    """Delete it."""
    envelopes.take_back(request.turn, press.event_id)
    request.turn.reply(PrivacyScreen())
    return "answer-envelope-gone"


def _finish(request: Request, draft: Draft) -> None:
    text = draft.answer("text")
    if draft.event_id is None or text is None:
        raise OutdatedError
    envelopes.leave(request.turn, draft.event_id, text)
    request.turn.tell(Say("envelope-left"))


FORM = Form(
    "envelope",
    Action.LEAVE_ENVELOPE,
    (Step("text", "envelope-ask", limit=TEXT_LIMIT),),
    _finish,
)


def line(showing: Showing, kept: Kept) -> str:
    """Say that one is kept, since when, and that it stays when all else is forgotten."""
    if kept.left_at is None:
        return ""
    day, until = showing.day(kept.left_at), showing.day(kept.until)
    days = lasting(Kind.ENVELOPES, showing.work.policy).days
    return showing.say("envelope-kept", day=day, until=until, days=days)


def row(showing: Showing, kept: Kept) -> tuple[Press, ...]:
    """Give what can be done with it."""
    if kept.left_at is None:
        press = LeaveEnvelope(kept.event_id)
        return (showing.button("button-envelope-leave", press),)
    back, anew = TakeEnvelopeBack(kept.event_id), LeaveEnvelope(kept.event_id)
    return (
        showing.button("button-envelope-back", back),
        showing.button("button-envelope-anew", anew),
    )
