"""Out of the city under guard, in chat: one tap, then when they should arrive, and where."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from coordination import detentions, escorts
from handlers import forms
from handlers.buttons.escorts import EscortArrived, EscortBegun, EscortSeen
from handlers.context import Choice, Form, Request, Showing, Step
from safety.errors import OutdatedError, RefusalError
from safety.escorts import Escort
from safety.forms import Draft
from safety.notices import Say
from safety.permissions import Action

DUE, SEEN, ARRIVED = "escort-due", "escort-seen", "escort-arrived"
WITHIN = (1, 2, 4, 6, 8, 12)  # hours


def press_begun(request: Request, press: EscortBegun) -> str | None:
    """Note it at once; when they should arrive is asked afterwards."""
    detention = escorts.begin(request.turn, press.detention_id)
    forms.start(forms.apart(request), DUE, detention.event_id, detention.id)
    return "escort-noted"


def press_seen(request: Request, press: EscortSeen) -> str | None:
    """Ask where they were seen."""
    _ask(request, SEEN, press.detention_id)
    return None


def press_arrived(request: Request, press: EscortArrived) -> str | None:
    """Ask where they have arrived."""
    _ask(request, ARRIVED, press.detention_id)
    return None


def _ask(request: Request, form: str, detention_id: int) -> None:
    detention = detentions.look(request.turn, detention_id)
    if detention is None or detention.escort is None:
        raise OutdatedError
    forms.start(forms.apart(request), form, detention.event_id, detention.id)


# ---------------------------------------------------------------- forms


def _hours(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(str(hours), showing.plain("escort-hours", hours=hours)) for hours in WITHIN]


def _read_hours(_request: Request, _draft: Draft, typed: str) -> str:
    if typed not in {str(hours) for hours in WITHIN}:
        raise RefusalError("escort-press-hours")
    return typed


def _finish_due(request: Request, draft: Draft) -> None:
    hours = draft.answer("hours")
    if hours is not None:
        escorts.expect(request.turn, draft.subject_id, timedelta(hours=int(hours)))
    request.turn.tell(Say("escort-noted"))


def _finish_seen(request: Request, draft: Draft) -> None:
    escorts.pass_by(request.turn, draft.subject_id, draft.answer("place") or "")
    request.turn.tell(Say("escort-noted"))


def _finish_arrived(request: Request, draft: Draft) -> None:
    escorts.arrive(request.turn, draft.subject_id, draft.answer("place") or "")
    request.turn.tell(Say("escort-arrived-noted"))


DUE_FORM = Form(
    name=DUE,
    action=Action.ANSWER_DETENTION,
    steps=(
        Step("hours", "escort-ask-hours", _read_hours, _hours, choices_in_row=3, is_optional=True),
    ),
    finish=_finish_due,
    kept="escort-stays",
)
SEEN_FORM = Form(
    name=SEEN,
    action=Action.ANSWER_DETENTION,
    steps=(Step("place", "escort-ask-seen", takes_location=True),),
    finish=_finish_seen,
)
ARRIVED_FORM = Form(
    name=ARRIVED,
    action=Action.ANSWER_DETENTION,
    steps=(Step("place", "escort-ask-arrived", takes_location=True),),
    finish=_finish_arrived,
)


# ---------------------------------------------------------------- behind *Show*


def way_lines(showing: Showing, way: Escort, zone: ZoneInfo | None) -> list[str]:
    """Give one way with every place that was told of it."""
    lines = [showing.say("escort-began", time=showing.time(way.began_at, zone))]
    for one in way.stops:
        time = showing.time(one.at, zone)
        lines.append(showing.say("escort-seen-at", time=time, place=one.place))
    if way.arrived is not None:
        time = showing.time(way.arrived.at, zone)
        lines.append(showing.say("escort-arrived-at", time=time, place=way.arrived.place))
    return lines
