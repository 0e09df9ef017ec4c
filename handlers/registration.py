"""Registering in a minute: what this is first, then one question at a time, then two words.

Leaving takes one more tap and leaves nothing behind.
"""

from collections.abc import Callable, Sequence

from coordination import language, registration
from coordination.actors import find_actor
from handlers import forms
from handlers.buttons import pack
from handlers.buttons.envelopes import LeaveEnvelope
from handlers.buttons.menu import MenuEntry
from handlers.buttons.practice import BEGIN
from handlers.buttons.registration import (
    BeginRegistration,
    LeaveNo,
    LeaveYes,
    ReadInLanguage,
)
from handlers.context import Choice, Form, Request, Showing, Step
from handlers.screens import Press, Screen
from safety.errors import OutdatedError, RefusalError
from safety.events import EventState
from safety.forms import Draft
from safety.menu import Menu
from safety.people import PersonId, Standing
from safety.permissions import Action
from safety.registration import (
    FORM_NAME,
    NAME_LIMIT,
    Consent,
    Decision,
    LeaveQuestion,
    Person,
    Registered,
    TooYoung,
    Welcome,
)

ADULT, MINOR = "adult", "minor"

# ---------------------------------------------------------------- coming


def press_language(request: Request, press: ReadInLanguage) -> str | None:
    """Tell the same in another language."""
    person = registration.newcomer(request.turn, press.person_id)
    if press.language not in request.turn.policy.languages:
        raise OutdatedError
    language.choose_language(request.turn, press.language)
    actor = find_actor(
        request.turn.tx, request.turn.policy, request.incoming.chat_id, press.language.value
    )
    request.turn.owe(actor.recipient, Welcome(person.id), person.event_id)
    return None


def press_begin(request: Request, press: BeginRegistration) -> str | None:
    """Ask the first question."""
    person = registration.begin(request.turn, press.person_id)
    forms.start(request, FORM_NAME, person.event_id, person.id)
    return None


def render_welcome(showing: Showing, notice: Welcome) -> Screen | None:
    """Say what this is, what it keeps, for how long, and who can read along."""
    person = registration.look_at_situation(showing.work, notice.person_id)
    event = None if person is None else registration.event_of(showing.work, person.event_id)
    if person is None or event is None or person.standing is not Standing.INVITED:
        return None
    if event.state is EventState.CANCELLED:  # as they have been told
        return None
    until = showing.day(event.ends_at + showing.work.policy.people_kept, event.tzinfo)
    text = showing.say(
        "registration-welcome",
        title=event.title,
        city=event.city,
        day=showing.day(event.starts_at, event.tzinfo),
        until=until,
    )
    languages = tuple(
        Press(showing.texts.plain(one, "language-name"), pack(ReadInLanguage(person.id, one)))
        for one in showing.work.policy.languages
        if one is not showing.language
    )
    begin = (showing.button("registration-button-begin", BeginRegistration(person.id)),)
    return Screen(text, (begin, languages) if languages else (begin,))


# ---------------------------------------------------------------- the form


def _read_name(_request: Request, _draft: Draft, typed: str) -> str:
    name = " ".join(typed.split())
    if len(name) > NAME_LIMIT:
        raise RefusalError("form-long-answer")
    return name


def _one_of(*values: str) -> Callable[[Request, Draft, str], str]:
    def read(_request: Request, _draft: Draft, typed: str) -> str:
        if typed not in values:
            raise RefusalError("registration-press-button")
        return typed

    return read


def _age_choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(age, showing.plain(f"registration-age-{age}")) for age in (ADULT, MINOR)]


def _consent_choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [
        Choice(consent.value, showing.plain(f"registration-consent-{consent.value}"))
        for consent in Consent
    ]


def _goes_on(asking: Request | Showing, draft: Draft) -> bool:
    """An answer under 18 ends the questions, unless two organizers have allowed minors."""
    return draft.answer("age") != MINOR or _allows_minors(asking, draft)


def _has_companion(asking: Request | Showing, draft: Draft) -> bool:
    return draft.answer("age") == MINOR and _allows_minors(asking, draft)


def _has_contact(_asking: Request | Showing, draft: Draft) -> bool:
    return draft.answer("contact") is not None


def _allows_minors(asking: Request | Showing, draft: Draft) -> bool:
    work = asking.turn if isinstance(asking, Request) else asking.work
    event = None if draft.event_id is None else registration.event_of(work, draft.event_id)
    return event is not None and event.allows_minors


def _finish(request: Request, draft: Draft) -> None:
    answers = registration.Answers(
        name=draft.answer("name") or "",
        needs=draft.answer("needs"),
        is_minor=draft.answer("age") != ADULT,
        companion=draft.answer("companion"),
        consent=Consent(draft.answer("consent") or Consent.LAWYER_ONLY.value),
        contact=draft.answer("contact"),
        contact_sentence=draft.answer("sentence"),
    )
    registration.register(request.turn, PersonId(draft.subject_id), answers)


def _back_to_welcome(request: Request, draft: Draft) -> None:
    person_id = PersonId(draft.subject_id)
    if registration.look_at_situation(request.turn, person_id) is not None:
        request.turn.tell(Welcome(person_id), draft.event_id)


FORM = Form(
    name=FORM_NAME,
    action=Action.REGISTER,
    steps=(
        Step("name", "registration-ask-name", _read_name),
        Step(
            "age",
            "registration-ask-age",
            _one_of(ADULT, MINOR),
            _age_choices,
            choices_in_row=2,
        ),
        Step("companion", "registration-ask-companion", _read_name, applies=_has_companion),
        Step("needs", "registration-ask-needs", is_optional=True, applies=_goes_on),
        Step(
            "consent",
            "registration-ask-consent",
            _one_of(*(consent.value for consent in Consent)),
            _consent_choices,
            applies=_goes_on,
        ),
        Step("contact", "registration-ask-contact", is_optional=True, applies=_goes_on),
        Step("sentence", "registration-ask-sentence", applies=_has_contact),
    ),
    finish=_finish,
    on_cancel=_back_to_welcome,
)


def render_registered(showing: Showing, notice: Registered) -> Screen | None:
    """Show how things stand for this person, with the two words while they wait."""
    person = registration.look(showing.work, notice.person_id)
    if person is None or person.standing is Standing.INVITED:
        return None
    lines = [showing.say(f"registration-is-{person.standing.value}")]
    if person.words is not None and person.standing is not Standing.APPROVED:
        first, second = person.words
        lines += ["", showing.say("registration-words", first=first, second=second)]
    lines += ["", showing.say("registration-leave-any-time")]
    rows = ((showing.button("menu-help", MenuEntry("help")),),)
    leave = showing.button("button-envelope-leave", LeaveEnvelope(person.event_id))
    return Screen("\n".join(lines), (*rows, (leave,)))


def render_too_young(showing: Showing, _notice: TooYoung) -> Screen | None:
    """Say kindly that nothing was kept, and what to do."""
    return Screen(showing.say("registration-too-young"))


def render_decision(showing: Showing, notice: Decision) -> Screen | None:
    """Tell one person their own answer; one that has changed meanwhile is not told."""
    person = registration.look_at_situation(showing.work, notice.person_id)
    event = None if person is None else registration.event_of(showing.work, person.event_id)
    if person is None or event is None or person.standing is not notice.standing:
        return None
    text = showing.say(
        f"registration-decision-{notice.standing.value}",
        day=showing.day(event.starts_at, event.tzinfo),
        time=showing.time(event.starts_at, event.tzinfo),
        city=event.city,
    )
    menu = (showing.button("menu-help", MenuEntry("help")),)
    if person.standing is not Standing.APPROVED:
        return Screen(text, (menu,))
    return Screen(text, ((showing.button("practice-button-begin", BEGIN),), menu))


# ---------------------------------------------------------------- leaving


def ask_leave(request: Request) -> None:
    """Ask once more before somebody is erased."""
    request.turn.reply(LeaveQuestion())


def press_leave(request: Request, _press: LeaveYes) -> str | None:
    """Erase the person."""
    registration.withdraw(request.turn)
    return None


def press_stay(request: Request, _press: LeaveNo) -> str | None:
    """Leave everything as it is."""
    request.turn.reply(Menu())
    return None


def render_leave(showing: Showing, _notice: LeaveQuestion) -> Screen | None:
    """Say what leaving means."""
    rows = (
        (showing.button("registration-button-leave", LeaveYes()),),
        (showing.button("button-cancel", LeaveNo()),),
    )
    return Screen(showing.say("privacy-erase-ask"), rows)


def answers_of(showing: Showing, person: Person) -> list[str]:
    """Give somebody's answers as lines, for whoever decides."""
    lines = [showing.say("people-name", name=person.name)]
    if person.is_minor:
        lines.append(showing.say("people-minor", companion=person.companion or "—"))
    if person.needs:
        lines.append(showing.say("people-needs", needs=person.needs))
    return lines
