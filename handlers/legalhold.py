"""A legal hold in chat: a reason, a second person, and a reminder for as long as it stands."""

from coordination import legalhold, retention
from handlers import forms
from handlers.buttons.legalhold import AskLegalHold, LiftHold
from handlers.buttons.retention import ShowPurge
from handlers.choosing import afresh
from handlers.context import Form, Request, Showing, Step
from handlers.screens import Press, Screen
from safety.errors import OutdatedError
from safety.events import Event
from safety.forms import Draft
from safety.legalhold import REASON_LIMIT, LegalHold, LegalHoldNews, LiftLegalHold, PlaceLegalHold
from safety.notices import Say
from safety.people import EventId
from safety.permissions import Action

FORM_NAME = "legal-hold"


def press_ask(request: Request, press: AskLegalHold) -> str | None:
    """Ask for the reason.

    Raises:
        OutdatedError: nobody of it is known any more, or they are kept already.
    """
    event = retention.look(request.turn, press.event_id)
    if event is None or event.legal_hold is not None:
        raise OutdatedError
    forms.start(afresh(request), FORM_NAME, event.id)
    return None


def press_lift(request: Request, press: LiftHold) -> str | None:
    """Propose to lift it."""
    legalhold.ask_to_lift(request.turn, press.event_id)
    return "purge-asked"


def _finish(request: Request, draft: Draft) -> None:
    event_id = draft.event_id or EventId(0)
    legalhold.ask_to_place(request.turn, event_id, draft.answer("reason") or "")
    request.turn.tell(Say("purge-asked"))


FORM = Form(
    name=FORM_NAME,
    action=Action.PURGE,
    steps=(Step("reason", "legal-hold-ask-reason", limit=REASON_LIMIT),),
    finish=_finish,
)


def lines(showing: Showing, event: Event, hold: LegalHold) -> list[str]:
    """Say since when and why an event's people are kept longer, and what is not."""
    day = showing.day(hold.since, event.tzinfo)
    return [
        showing.say("legal-hold-stands", day=day, reason=hold.reason),
        showing.say("legal-hold-only-people"),
    ]


def row(showing: Showing, event: Event) -> tuple[Press, ...]:
    """Give the button that places a hold, or lifts the one that stands."""
    if event.legal_hold is None:
        return (showing.button("button-legal-hold", AskLegalHold(event.id)),)
    return (showing.button("button-legal-hold-lift", LiftHold(event.id)),)


def proposal_values(
    showing: Showing, intent: PlaceLegalHold | LiftLegalHold
) -> dict[str, str | int]:
    """Fill the sentence on the card that a second person confirms."""
    title = retention.title_of(showing.work, intent.event_id) or showing.plain("unknown")
    reason = intent.reason if isinstance(intent, PlaceLegalHold) else ""
    return {"title": title, "reason": reason}


def render_news(showing: Showing, notice: LegalHoldNews) -> Screen | None:
    """Say whether the people of an event are kept longer."""
    event = retention.look(showing.work, notice.event_id)
    if event is None:
        return None
    title = showing.say("legal-hold-news", title=event.title)
    show = (showing.button("button-show", ShowPurge(event.id)),)
    if event.legal_hold is None:
        return Screen(f"{title}\n{showing.say('legal-hold-lifted')}", (show,))
    return Screen("\n".join((title, *lines(showing, event, event.legal_hold))), (show,))
