"""`/mark`: somebody of the team has seen a person being taken. Names stand there for a minute.

The mark counts at once; where and when it was seen is asked afterwards.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from coordination import detentions
from coordination.whois import find_person
from handlers import forms, paging
from handlers.buttons.checkins import MarkSeen
from handlers.buttons.detentions import (
    MarkPage,
    MarkPerson,
    MarkTaken,
    Released,
)
from handlers.context import Choice, Form, Request, Showing, Step
from handlers.detentioncards import held_rows
from handlers.naming import name_of
from handlers.screens import Press, Screen
from safety.alarms import Place
from safety.checkins import CheckInKind
from safety.detentions import (
    MarkChoice,
    MarkNames,
    Sighting,
)
from safety.errors import OutdatedError
from safety.forms import Draft
from safety.notices import Say
from safety.paging import cut
from safety.people import EventId, PersonId, Presence
from safety.permissions import Action
from safety.registration import Person, Situation

SIGHTING = "sighting"
AGO = (0, 10, 30, 60)  # minutes
_POINT = re.compile(r"^(-?\d{1,2}\.\d+),(-?\d{1,3}\.\d+)$")


def mark(request: Request) -> None:
    """Show the names that can be marked, for a minute."""
    event_id = detentions.event_to_mark(request.turn)
    request.turn.reply(MarkNames(event_id), event_id)


def press_page(request: Request, press: MarkPage) -> str | None:
    """Show another page of names."""
    event_id = EventId(press.event_id)
    request.turn.reply(MarkNames(event_id, press.page), event_id)
    return None


def press_person(request: Request, press: MarkPerson) -> str | None:
    """Show what can be marked of one person."""
    person = find_person(request.turn, PersonId(press.person_id))
    if person is None:
        raise OutdatedError
    request.turn.reply(MarkChoice(person.id), person.event_id)
    return None


def press_mark_taken(request: Request, press: MarkTaken) -> str | None:
    """Mark somebody as taken at once; where and when is asked afterwards."""
    detention = detentions.mark_taken(request.turn, PersonId(press.person_id))
    forms.start(request, SIGHTING, detention.event_id, detention.id)
    return "mark-noted"


def _finish_sighting(request: Request, draft: Draft) -> None:
    place, when = draft.answer("place"), draft.answer("when")
    ago = timedelta(minutes=int(when)) if when is not None and when.isdigit() else timedelta()
    typed = None if when is None or when.isdigit() else when
    seen = Sighting(request.turn.now - ago, None, place, typed)
    detentions.add_sighting(request.turn, draft.subject_id, seen, _point(place))
    request.turn.tell(Say("mark-noted"))


def _point(place: str | None) -> Place | None:
    found = _POINT.match(place or "")
    return None if found is None else (float(found[1]), float(found[2]))


def _ago_choices(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [
        Choice(str(minutes), showing.plain("mark-now") if minutes == 0 else _ago(showing, minutes))
        for minutes in AGO
    ]


def _ago(showing: Showing, minutes: int) -> str:
    return showing.plain("mark-minutes-ago", minutes=minutes)


SIGHTING_FORM = Form(
    name=SIGHTING,
    action=Action.MARK,
    steps=(
        Step("place", "mark-ask-place", is_optional=True, takes_location=True),
        Step("when", "mark-ask-when", choices=_ago_choices, choices_in_row=2, is_optional=True),
    ),
    finish=_finish_sighting,
)


def render_names(showing: Showing, notice: MarkNames) -> Screen | None:
    """Show one page of names, each a button."""
    if not showing.may(Action.MARK):
        return None
    people = detentions.to_mark(showing.work, notice.event_id)
    page = cut(people, notice.page)
    rows = [(_name_button(showing, person),) for person in page.items]
    turns = paging.turns(showing, page, partial(MarkPage, notice.event_id))
    lines = [showing.say("mark-whom" if people else "mark-nobody")]
    if any(not isinstance(person, Person) for person in people):
        lines.append(showing.say("board-names-locked"))
    return Screen("\n".join(lines), (*rows, *turns))


def _name_button(showing: Showing, person: Situation) -> Press:
    is_taken = person.presence is Presence.TAKEN
    key = "mark-name-taken" if is_taken else "mark-name"
    return showing.button(key, MarkPerson(person.id), name=name_of(showing, person))


def render_choice(showing: Showing, notice: MarkChoice) -> Screen | None:
    """Show one name, and what can be marked."""
    person = find_person(showing.work, notice.person_id)
    if person is None or not showing.may(Action.MARK):
        return None
    held, name = detentions.held_person(showing.work, person.id), name_of(showing, person)
    back = (showing.button("button-back", MarkPage(person.event_id, 0)),)
    if held is not None:
        released = (showing.button("detention-button-released", Released(held.id)),)
        rows = (released, *held_rows(showing, held), back)
        return Screen(showing.say("mark-is-taken", name=name), rows)
    taken = (showing.button("mark-button-taken", MarkTaken(person.id)),)
    here, home = (
        (showing.button(f"mark-button-{kind.value}", MarkSeen(person.id, kind)),)
        for kind in (CheckInKind.HERE, CheckInKind.HOME)
    )
    return Screen(showing.say("mark-what", name=name), (taken, here, home, back))
