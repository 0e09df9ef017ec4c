"""Detentions in chat: one tap for whoever is taken; lists and cards for whoever gets them out.

The person's own press is answered with nothing at all. Names stand behind *Show* or a tap, for a
minute, and only for those whose task needs them.
"""

from coordination import alarmviews, detentions
from handlers import forms
from handlers.buttons.alarms import OpenAlarm
from handlers.buttons.detentions import (
    DetentionOnIt,
    DetentionPage,
    LawyerPress,
    OpenDetention,
    Released,
    ReleasedVoice,
    ShowDetention,
    TakenPress,
    Transferred,
)
from handlers.context import Form, Request, Step
from safety.alarmnotices import AlarmRing
from safety.detentions import (
    Detention,
    DetentionDetails,
    DetentionList,
    DetentionPlace,
    DetentionRing,
)
from safety.errors import OutdatedError
from safety.forms import Draft
from safety.notices import Say
from safety.people import EventId
from safety.permissions import Action

TRANSFER = "transfer"

# ---------------------------------------------------------------- the person


def take(request: Request) -> None:
    """Note, without an answer, that this person is being taken."""
    detentions.say_taken(request.turn)


def press_taken(request: Request, press: TakenPress) -> str | None:
    """Note, without an answer, that this person is being taken."""
    detentions.say_taken(request.turn, EventId(press.event_id) if press.event_id else None)
    return None


# ---------------------------------------------------------------- the team


def press_on_it(request: Request, press: DetentionOnIt) -> str | None:
    """Acknowledge."""
    detentions.answer(request.turn, press.detention_id)
    return "alarm-noted"


def press_show(request: Request, press: ShowDetention) -> str | None:
    """Show who it is, for a minute."""
    detention = _detention(request, press.detention_id)
    request.turn.tell(DetentionDetails(detention.id), detention.event_id)
    if detention.place is not None:
        request.turn.tell(DetentionPlace(detention.id), detention.event_id)
    return None


def press_lawyer(request: Request, press: LawyerPress) -> str | None:
    """Note whether a lawyer was there; the screen shows it."""
    detentions.note_lawyer(request.turn, press.detention_id, press.said)
    detention = _detention(request, press.detention_id)
    request.turn.reply(DetentionDetails(detention.id), detention.event_id)
    return "detention-lawyer-noted"


def press_released(request: Request, press: Released) -> str | None:
    """Note a release."""
    detentions.release(request.turn, press.detention_id)
    return "detention-released-noted"


def press_voice(request: Request, press: ReleasedVoice) -> str | None:
    """Note that the released person's voice was heard."""
    detentions.hear(request.turn, press.detention_id)
    return None


def press_transferred(request: Request, press: Transferred) -> str | None:
    """Ask where the person was brought."""
    detention = _detention(request, press.detention_id)
    if not detention.is_held:
        raise OutdatedError
    forms.start(forms.apart(request), TRANSFER, detention.event_id, detention.id)
    return None


def press_open(request: Request, press: OpenDetention) -> str | None:
    """Show a detention's card anew, at the bottom."""
    detention = _detention(request, press.detention_id)
    request.turn.tell(DetentionRing(detention.id), detention.event_id)
    return None


def press_open_alarm(request: Request, press: OpenAlarm) -> str | None:
    """Show an alarm's card anew, at the bottom."""
    alarm = alarmviews.look(request.turn, press.alarm_id)
    if alarm is None:
        raise OutdatedError
    request.turn.tell(AlarmRing(alarm.id), alarm.event_id)
    return None


def show_list(request: Request) -> None:
    """Show all detentions and alarms that are not closed."""
    request.turn.tell(DetentionList())


def press_page(request: Request, press: DetentionPage) -> None:
    """Show another page of it."""
    request.turn.reply(DetentionList(press.page))


def _detention(request: Request, detention_id: int) -> Detention:
    detention = detentions.look(request.turn, detention_id)
    if detention is None:
        raise OutdatedError
    return detention


# ---------------------------------------------------------------- forms


def _finish_transfer(request: Request, draft: Draft) -> None:
    detentions.transfer(request.turn, draft.subject_id, draft.answer("place") or "")
    request.turn.tell(Say("detention-transfer-noted"))


TRANSFER_FORM = Form(
    name=TRANSFER,
    action=Action.ANSWER_DETENTION,
    steps=(Step("place", "detention-ask-transfer", takes_location=True),),
    finish=_finish_transfer,
)
