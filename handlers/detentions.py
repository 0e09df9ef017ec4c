"""Detentions in chat: one tap for whoever is taken; lists and cards for whoever gets them out.

The person's own press is answered with nothing at all. Names stand behind *Show* or a tap, for a
minute, and only for those whose task needs them.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from coordination import alarms, detentions
from coordination.actors import find_actor
from handlers import forms
from handlers.alarms import group_lines
from handlers.buttons.alarms import OpenAlarm
from handlers.buttons.detentions import (
    DetentionOnIt,
    MarkPage,
    MarkPerson,
    MarkTaken,
    OpenDetention,
    Released,
    ReleasedVoice,
    ShowDetention,
    TakenPress,
    Transferred,
)
from handlers.context import Choice, Form, Request, Showing, Step
from handlers.screens import Pin, Press, Screen
from safety.alarms import Alarm, AlarmRing, Place
from safety.detentions import (
    PAGE,
    Detention,
    DetentionDetails,
    DetentionList,
    DetentionPlace,
    DetentionRing,
    DetentionUpdate,
    MarkChoice,
    MarkNames,
    Sighting,
)
from safety.errors import OutdatedError, RefusalError
from safety.forms import Draft
from safety.notices import Say
from safety.people import EventId, PersonId, Presence, Role, TeamId
from safety.permissions import Action, is_allowed
from safety.registration import Person

Rows = tuple[tuple[Press, ...], ...]

SIGHTING = "sighting"
TRANSFER = "transfer"
AGO = (0, 10, 30, 60)  # minutes
_POINT = re.compile(r"^(-?\d{1,2}\.\d+),(-?\d{1,3}\.\d+)$")

# ---------------------------------------------------------------- the person


def take(request: Request) -> None:
    """Note, without an answer, that this person is being taken."""
    detentions.say_taken(request.turn)


def press_taken(request: Request, press: TakenPress) -> str | None:
    """Note, without an answer, that this person is being taken."""
    detentions.say_taken(request.turn, EventId(press.event_id) if press.event_id else None)
    return None


# ---------------------------------------------------------------- marking


def mark(request: Request) -> None:
    """Show the names that can be marked, for a minute."""
    event_id = detentions.event_to_mark(request.turn)
    if detentions.names_at(request.turn, event_id) is None:
        raise RefusalError("mark-locked")
    request.turn.reply(MarkNames(event_id), event_id)


def press_page(request: Request, press: MarkPage) -> str | None:
    """Show another page of names."""
    event_id = EventId(press.event_id)
    request.turn.reply(MarkNames(event_id, press.page), event_id)
    return None


def press_person(request: Request, press: MarkPerson) -> str | None:
    """Show what can be marked of one person."""
    person = detentions.find_person(request.turn, PersonId(press.person_id))
    if person is None:
        raise OutdatedError
    request.turn.reply(MarkChoice(person.id), person.event_id)
    return None


def press_mark_taken(request: Request, press: MarkTaken) -> str | None:
    """Mark somebody as taken at once; where and when is asked afterwards."""
    detention = detentions.mark_taken(request.turn, PersonId(press.person_id))
    forms.start(request, SIGHTING, detention.event_id, detention.id)
    return "mark-noted"


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
    forms.start(request, TRANSFER, detention.event_id, detention.id)
    return None


def press_open(request: Request, press: OpenDetention) -> str | None:
    """Show a detention's card anew, at the bottom."""
    detention = _detention(request, press.detention_id)
    request.turn.tell(DetentionRing(detention.id), detention.event_id)
    return None


def press_open_alarm(request: Request, press: OpenAlarm) -> str | None:
    """Show an alarm's card anew, at the bottom."""
    alarm = alarms.look(request.turn, press.alarm_id)
    if alarm is None:
        raise OutdatedError
    request.turn.tell(AlarmRing(alarm.id), alarm.event_id)
    return None


def show_list(request: Request) -> None:
    """Show all detentions and alarms that are not closed."""
    request.turn.tell(DetentionList())


def _detention(request: Request, detention_id: int) -> Detention:
    detention = detentions.look(request.turn, detention_id)
    if detention is None:
        raise OutdatedError
    return detention


# ---------------------------------------------------------------- forms


def _finish_sighting(request: Request, draft: Draft) -> None:
    place, when = draft.answer("place"), draft.answer("when")
    ago = timedelta(minutes=int(when)) if when is not None and when.isdigit() else timedelta()
    typed = None if when is None or when.isdigit() else when
    seen = Sighting(request.turn.now - ago, None, place, typed)
    detentions.add_sighting(request.turn, draft.subject_id, seen, _point(place))
    request.turn.tell(Say("mark-noted"))


def _finish_transfer(request: Request, draft: Draft) -> None:
    detentions.transfer(request.turn, draft.subject_id, draft.answer("place") or "")
    request.turn.tell(Say("detention-transfer-noted"))


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

TRANSFER_FORM = Form(
    name=TRANSFER,
    action=Action.ANSWER_DETENTION,
    steps=(Step("place", "detention-ask-transfer", takes_location=True),),
    finish=_finish_transfer,
)

# ---------------------------------------------------------------- cards


def render_card(showing: Showing, notice: DetentionRing | DetentionUpdate) -> Screen | None:
    """Show the card of a detention: number and times; who it is stands behind *Show*."""
    detention = detentions.look(showing.work, notice.detention_id)
    if detention is None:
        return None
    lines = [
        showing.say("detention-number", number=detention.number),
        *_state_lines(showing, detention),
        *(_answer_line(showing, detention, one.by, one.at) for one in detention.answers),
    ]
    if detention.files:
        lines.append(showing.count("alarm-card-files", detention.files))
    return Screen("\n".join(lines), _card_rows(showing, detention))


def _state_lines(showing: Showing, detention: Detention) -> list[str]:
    since = _time(showing, detention, detention.since)
    if detention.released_at is not None and not detention.is_held:
        time = _time(showing, detention, detention.released_at)
        if detention.heard_at is None:
            return [showing.say("detention-released", time=time)]
        heard = _time(showing, detention, detention.heard_at)
        return [showing.say("detention-closed", time=time, heard=heard)]
    lines = [showing.say("detention-held", time=since, **_elapsed(showing, detention))]
    if showing.work.now >= detention.since + showing.work.policy.detention_limit:
        hours = showing.work.policy.detention_limit // timedelta(hours=1)
        lines.append(showing.count("detention-limit", hours))
    if detention.transfers:
        time = _time(showing, detention, detention.transfers[-1].at)
        lines.append(showing.say("detention-transferred", time=time))
    if detention.rounds and not detention.answers:
        lines.append(showing.count("alarm-card-unanswered", detention.rounds + 1))
    return lines


def _elapsed(showing: Showing, detention: Detention) -> dict[str, int]:
    minutes = (showing.work.now - detention.since) // timedelta(minutes=1)
    return {"hours": minutes // 60, "minutes": minutes % 60}


def _answer_line(showing: Showing, detention: Detention, by: TeamId, at: datetime) -> str:
    person = detentions.teammate(showing.work, by)
    time = _time(showing, detention, at)
    if person is None:
        return showing.say("alarm-card-answer-gone", time=time)
    role = showing.plain(f"alarm-role-{person.role.value}")
    return showing.say("alarm-card-answer", time=time, name=person.name, role=role)


def _card_rows(showing: Showing, detention: Detention) -> Rows:
    if detention.is_closed:
        return ()
    on_it = (showing.button("alarm-button-on-it", DetentionOnIt(detention.id)),)
    show = (showing.button("button-show", ShowDetention(detention.id)),)
    if not detention.is_held:
        return (show, (showing.button("alarm-button-voice", ReleasedVoice(detention.id)),))
    released = (showing.button("detention-button-released", Released(detention.id)),)
    transferred = (showing.button("detention-button-transferred", Transferred(detention.id)),)
    return (on_it, show, released, transferred)


def render_details(showing: Showing, notice: DetentionDetails) -> Screen | None:
    """Show who it is and what is known, as far as the reader's task needs it."""
    detention = detentions.look(showing.work, notice.detention_id)
    if detention is None or not _may(showing, Action.SEE_CASE):
        return None
    person = detentions.find_person(showing.work, detention.person_id)
    lines = [showing.say("detention-number", number=detention.number)]
    lines.append(_who(showing, detention, person))
    lines += group_lines(showing, alarms.group_of(showing.work, person))
    if person is not None and Role.LAWYER in _roles(showing):
        lines += _lawyer_lines(showing, person)
    lines += [line for one in detention.sightings for line in _sighting(showing, detention, one)]
    for moved in detention.transfers:
        time = _time(showing, detention, moved.at)
        lines.append(showing.say("detention-brought", time=time, place=moved.place))
    lines += [showing.say("alarm-details-words", words=words) for words in detention.words]
    if detention.place_at is not None:
        time = _time(showing, detention, detention.place_at)
        lines.append(showing.say("alarm-details-place", time=time))
    return Screen("\n".join(lines))


def _who(showing: Showing, detention: Detention, person: Person | None) -> str:
    if person is not None:
        return showing.say("alarm-details-name", name=person.name)
    teammate = detentions.teammate(showing.work, detention.team_id)
    if teammate is None:
        return showing.say("alarm-details-locked")
    role = showing.plain(f"alarm-role-{teammate.role.value}")
    return showing.say("alarm-details-teammate", name=teammate.name, role=role)


def _lawyer_lines(showing: Showing, person: Person) -> list[str]:
    lines = [showing.say(f"detention-consent-{person.consent.value}")]
    if person.is_minor:
        companion = person.companion or showing.plain("unknown")
        lines.append(showing.say("detention-minor", companion=companion))
    return lines


def _sighting(showing: Showing, detention: Detention, seen: Sighting) -> list[str]:
    time = _time(showing, detention, seen.at)
    by = detentions.teammate(showing.work, seen.by)
    if seen.by is None:
        first = showing.say("detention-said", time=time)
    else:
        first = showing.say("detention-seen", time=time, name="" if by is None else by.name)
    more = [text for text in (seen.place, seen.when) if text]
    return [first, *(showing.say("detention-seen-more", words=text) for text in more)]


def render_place(showing: Showing, notice: DetentionPlace) -> Screen | None:
    """Show the last place that the phone sent."""
    detention = detentions.look(showing.work, notice.detention_id)
    if detention is None or detention.place is None or not _may(showing, Action.SEE_CASE):
        return None
    return Screen("", pin=Pin(*detention.place))


def render_list(showing: Showing, _notice: DetentionList) -> Screen | None:
    """Show what is not closed: numbers and times, a button for each."""
    if not _may(showing, Action.SEE_CASE):
        return None
    held, called = detentions.unclosed(showing.work)
    rows = [(_open_button(showing, one),) for one in held]
    rows += [(_open_alarm_button(showing, one),) for one in called]
    lines = [showing.say("detention-list")]
    lines.append(showing.count("detention-list-held", len(held)))
    lines.append(showing.count("detention-list-alarms", len(called)))
    return Screen("\n".join(lines), tuple(rows))


def _open_button(showing: Showing, detention: Detention) -> Press:
    key = f"detention-line-{detention.state.value}"
    time = _time(showing, detention, detention.since)
    press = OpenDetention(detention.id)
    return showing.button(key, press, number=detention.number, time=time)


def _open_alarm_button(showing: Showing, alarm: Alarm) -> Press:
    event = alarms.event_of(showing.work, alarm)
    time = showing.time(alarm.opened_at, None if event is None else event.tzinfo)
    return showing.button(
        "detention-line-alarm", OpenAlarm(alarm.id), number=alarm.number, time=time
    )


# ---------------------------------------------------------------- names


def render_names(showing: Showing, notice: MarkNames) -> Screen | None:
    """Show one page of names, each a button."""
    names = detentions.names_at(showing.work, notice.event_id)
    if names is None or not _may(showing, Action.MARK):
        return None
    last = max(0, (len(names.people) - 1) // PAGE)
    page = min(max(notice.page, 0), last)
    shown = names.people[page * PAGE : (page + 1) * PAGE]
    rows: list[tuple[Press, ...]] = [(_name_button(showing, person),) for person in shown]
    turns = [
        showing.button(key, MarkPage(notice.event_id, number))
        for key, number in (("mark-before", page - 1), ("mark-after", page + 1))
        if 0 <= number <= last
    ]
    if turns:
        rows.append(tuple(turns))
    key = "mark-whom" if names.people else "mark-nobody"
    return Screen(showing.say(key), tuple(rows))


def _name_button(showing: Showing, person: Person) -> Press:
    is_taken = person.presence is Presence.TAKEN
    key = "mark-name-taken" if is_taken else "mark-name"
    return showing.button(key, MarkPerson(person.id), name=person.name)


def render_choice(showing: Showing, notice: MarkChoice) -> Screen | None:
    """Show one name, and what can be marked."""
    person = detentions.find_person(showing.work, notice.person_id)
    if person is None or not _may(showing, Action.MARK):
        return None
    held = detentions.held_person(showing.work, person.id)
    back = (showing.button("button-back", MarkPage(person.event_id, 0)),)
    if held is not None:
        released = (showing.button("detention-button-released", Released(held.id)),)
        return Screen(showing.say("mark-is-taken", name=person.name), (released, back))
    taken = (showing.button("mark-button-taken", MarkTaken(person.id)),)
    return Screen(showing.say("mark-what", name=person.name), (taken, back))


def _time(showing: Showing, detention: Detention, moment: datetime) -> str:
    event = detentions.event_of(showing.work, detention)
    return showing.time(moment, None if event is None else event.tzinfo)


def _roles(showing: Showing) -> frozenset[Role]:
    return find_actor(showing.work.tx, showing.work.policy, showing.chat_id, None).roles


def _may(showing: Showing, action: Action) -> bool:
    return is_allowed(_roles(showing), action)
