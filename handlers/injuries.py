"""*I'm hurt* in chat: kept with the first tap; then a photo, and taps that can be passed over.

The medic sees injuries, who it is for a minute, and nothing else of what happened.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from coordination import attachments, injuries
from coordination.whois import find_person, find_teammate
from handlers import forms, paging
from handlers.buttons import pack
from handlers.buttons.injuries import (
    HurtAgain,
    HurtEnough,
    HurtPress,
    InjuriesPress,
    InjuryShow,
)
from handlers.context import Choice, Form, Request, Showing, Step
from handlers.naming import name_line
from handlers.screens import Press, Rows, Screen
from safety import injuries as rules
from safety.errors import OutdatedError, RefusalError
from safety.evidence import Media
from safety.forms import Draft
from safety.injuries import (
    ANSWERS,
    Injury,
    InjuryCard,
    InjuryDetails,
    InjuryList,
    InjuryNews,
    InjuryQuestion,
    InjuryReminder,
)
from safety.lawrules import LawText
from safety.paging import cut
from safety.people import EventId
from safety.permissions import Action, is_allowed

FORM_NAME = "injury"
IN_A_ROW = 2  # short answers

# ---------------------------------------------------------------- whoever is hurt


def press_hurt(request: Request, press: HurtPress) -> str | None:
    """Keep it at once, then ask for a photo."""
    event_id = EventId(press.event_id) if press.event_id else None
    _ask(request, injuries.begin(request.turn, event_id, press.subject_id))
    return "injury-noted"


def press_again(request: Request, press: HurtAgain) -> str | None:
    """Ask again what may have changed."""
    _ask(request, _own(request, press.injury_id))
    return None


def press_enough(request: Request, press: HurtEnough) -> str | None:
    """Remind them no more."""
    injuries.show_card(request.turn, injuries.end(request.turn, press.injury_id))
    return "injury-no-more"


def _ask(request: Request, injury: Injury) -> None:
    forms.start(request, FORM_NAME, injury.event_id, injury.id, injury.lasting)


def _own(request: Request, injury_id: int) -> Injury:
    injury = injuries.look_at_own(request.turn, request.turn.actor, injury_id)
    if injury is None:
        raise OutdatedError
    return injury


def _keep_photo(request: Request, draft: Draft, media: Media) -> str:
    message_id = request.incoming.message_id
    if message_id is None:
        return ""
    words = request.incoming.text
    number = injuries.keep_file(request.turn, draft.subject_id, media, message_id, words)
    return "" if number is None else str(number)


def _refuse_words(request: Request, _draft: Draft, typed: str) -> str:
    """Ask for a photo again; words go with the call that they may belong to."""
    if attachments.attach_words(request.turn, typed, request.incoming.message_id):
        raise RefusalError("attached-words")
    raise RefusalError("injury-send-photo")


def _reads(question: InjuryQuestion) -> Callable[[Request, Draft, str], str]:
    """Take a tap and keep it at once: nothing is lost where somebody stops in the middle."""

    def read(request: Request, draft: Draft, typed: str) -> str:
        if typed not in ANSWERS[question]:
            raise RefusalError("form-press-confirm")
        injuries.answer(request.turn, draft.subject_id, question, typed)
        return typed

    return read


def _offers(question: InjuryQuestion) -> Callable[[Showing, Draft], Sequence[Choice]]:
    def choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
        return [
            Choice(value, showing.plain(_answer_key(question, value)))
            for value in ANSWERS[question]
        ]

    return choices


def _answer_key(question: InjuryQuestion, value: str) -> str:
    return f"injury-{question.value}-{value.replace('_', '-')}"


def _keep_values(showing: Showing, _draft: Draft) -> Mapping[str, str | int]:
    return {"keep": _text(showing, LawText.KEEP)}


def _clinic_values(showing: Showing, _draft: Draft) -> Mapping[str, str | int]:
    return {"clinic": _text(showing, LawText.CLINIC)}


def _text(showing: Showing, text: LawText) -> str:
    """Give the lawyer's words, else neutral ones that say whose they are not."""
    written = showing.work.policy.law.text(text, showing.language)
    return written or showing.plain(f"injury-law-{text.value}")


def _finish(request: Request, draft: Draft) -> None:
    injuries.show_card(request.turn, _own(request, draft.subject_id))


def _step(question: InjuryQuestion) -> Step:
    return Step(
        question.value,
        f"injury-ask-{question.value}",
        read=_reads(question),
        choices=_offers(question),
        choices_in_row=IN_A_ROW,
        is_optional=True,
    )


FORM = Form(
    FORM_NAME,
    Action.SAY_HURT,
    (
        Step(
            "photo",
            "injury-ask-photo",
            read=_refuse_words,
            keep_file=_keep_photo,
            is_optional=True,
            collects=True,
            values=_keep_values,
        ),
        _step(InjuryQuestion.HURT),
        _step(InjuryQuestion.REMIND),
        replace(_step(InjuryQuestion.TREATED), values=_clinic_values),
        _step(InjuryQuestion.EXAMINED),
        _step(InjuryQuestion.CERTIFICATE),
    ),
    _finish,
    kept="injury-stays-noted",
)


def row(showing: Showing, event_id: EventId | None, subject_id: int = 0) -> tuple[Press, ...]:
    """Give *I'm hurt* for a screen of whoever may be."""
    return (showing.button("button-hurt", HurtPress(event_id or 0, subject_id)),)


def report_rows(showing: Showing, event_id: EventId | None, report_id: int) -> Rows:
    """Give *I'm hurt* for a report; under one that names nobody it would say who it is."""
    actor = showing.actor
    if actor.link_id is not None or not is_allowed(actor.roles, Action.SAY_HURT):
        return ()
    return (row(showing, event_id, report_id),)


def offer_hurt(showing: Showing) -> Sequence[Press]:
    """Give *I'm hurt* to whoever can say it."""
    return row(showing, None) if showing.may(Action.SAY_HURT) else ()


def offer_list(showing: Showing) -> Sequence[Press]:
    """Give the list to whoever takes care of it."""
    return (
        (showing.button("button-injuries", InjuriesPress()),)
        if showing.may(Action.SEE_INJURIES)
        else ()
    )


def render_card(showing: Showing, notice: InjuryCard) -> Screen | None:
    """Show a person what is kept of their own injury, and what else helps."""
    injury = injuries.look_at_own(showing.work, showing.actor, notice.injury_id)
    if injury is None:
        return None
    lines = [showing.say("injury-kept", number=injury.number), *_said(showing, injury), ""]
    lines += [showing.say("injury-words", words=_text(showing, one)) for one in _TEXTS]
    key = "injury-reminded" if rules.wants_reminders(injury) else "injury-not-reminded"
    return Screen("\n".join((*lines, showing.say(key))), _own_rows(showing, injury))


_TEXTS = (LawText.KEEP, LawText.CLINIC)


def render_reminder(showing: Showing, notice: InjuryReminder) -> Screen | None:
    """Say what the lawyer's file says for this moment, to whoever still wants it."""
    injury = injuries.look_at_own(showing.work, showing.actor, notice.injury_id)
    if injury is None or not rules.wants_reminders(injury):
        return None
    reached = rules.last_passed(injury, showing.work.policy.law)
    words = None if reached is None else reached.words.get(showing.language)
    said = showing.say("injury-words", words=words or showing.plain("injury-remind-again"))
    return Screen(f"{showing.say('injury-reminder')}\n\n{said}", _own_rows(showing, injury))


def _own_rows(showing: Showing, injury: Injury) -> Rows:
    again = (showing.button("button-injury-again", HurtAgain(injury.id)),)
    if not rules.wants_reminders(injury):
        return (again,)
    return (again, (showing.button("button-injury-enough", HurtEnough(injury.id)),))


# ---------------------------------------------------------------- the medic


def press_list(request: Request, press: InjuriesPress) -> str | None:
    """Show all injuries."""
    request.turn.reply(InjuryList(press.page))
    return None


def press_show(request: Request, press: InjuryShow) -> str | None:
    """Show who it is, for a minute.

    Raises:
        OutdatedError: there is no such injury any more.
    """
    injury = injuries.look(request.turn, press.injury_id)
    if injury is None:
        raise OutdatedError
    request.turn.tell(InjuryDetails(injury.id), injury.event_id)
    return None


def render_news(showing: Showing, notice: InjuryNews) -> Screen | None:
    """Say that somebody is hurt: a number and a time."""
    injury = injuries.look(showing.work, notice.injury_id)
    if injury is None or not showing.may(Action.SEE_INJURIES):
        return None
    show = (showing.button("button-show", InjuryShow(injury.id)),)
    return Screen(showing.say("injury-news", number=injury.number), (show,))


def render_list(showing: Showing, notice: InjuryList) -> Screen | None:
    """Show a button for each injury, the newest first."""
    if not showing.may(Action.SEE_INJURIES):
        return None
    found = injuries.every(showing.work)
    if not found:
        return Screen(showing.say("injuries-none"))
    page = cut(found, notice.page)
    rows = [(_line(showing, one),) for one in page.items]
    turns = paging.turns(showing, page, InjuriesPress)
    return Screen(showing.count("injuries-title", len(found)), (*rows, *turns))


def _line(showing: Showing, injury: Injury) -> Press:
    day, time = _when(showing, injury)
    label = showing.plain("injury-line", number=injury.number, day=day, time=time)
    return Press(label, pack(InjuryShow(injury.id)))


def render_details(showing: Showing, notice: InjuryDetails) -> Screen | None:
    """Show who is hurt, since when, and what was answered."""
    injury = injuries.look(showing.work, notice.injury_id)
    if injury is None or not showing.may(Action.SEE_INJURIES):
        return None
    day, time = _when(showing, injury)
    lines = [showing.say("injury-title", number=injury.number, day=day, time=time)]
    lines += [_who(showing, injury), *_said(showing, injury)]
    if injury.files:
        lines.append(showing.count("injury-files", injury.files))
    return Screen("\n".join(lines))


def _who(showing: Showing, injury: Injury) -> str:
    person = find_person(showing.work, injury.person_id)
    if person is not None:
        return name_line(showing, person)
    teammate = find_teammate(showing.work, injury.team_id)
    if teammate is None:
        return showing.say("alarm-details-erased")
    role = showing.plain(f"alarm-role-{teammate.role.value}")
    return showing.say("alarm-details-teammate", name=teammate.name, role=role)


def _said(showing: Showing, injury: Injury) -> list[str]:
    given = ((one, injury.answer(one)) for one in InjuryQuestion)
    return [
        showing.say(f"injury-told-{one.value}", answer=showing.plain(_answer_key(one, value)))
        for one, value in given
        if value is not None and one is not InjuryQuestion.REMIND
    ]


def _when(showing: Showing, injury: Injury) -> tuple[str, str]:
    event = injuries.event_of(showing.work, injury)
    zone = showing.zone if event is None else event.tzinfo
    return showing.day(injury.at, zone), showing.time(injury.at, zone)
