"""Detentions in chat: one tap for whoever is taken; lists and cards for whoever gets them out.

The person's own press is answered with nothing at all. Names stand behind *Show* or a tap, for a
minute, and only for those whose task needs them.
"""

from datetime import datetime, timedelta

from coordination import alarmviews, detentions
from coordination.actors import find_actor
from coordination.whois import find_group, find_person, find_teammate
from handlers import cases, forms
from handlers.alarmcards import group_lines
from handlers.buttons.alarms import OpenAlarm
from handlers.buttons.detentions import (
    DetentionOnIt,
    OpenDetention,
    Released,
    ReleasedVoice,
    ShowDetention,
    TakenPress,
    Transferred,
)
from handlers.context import Form, Request, Showing, Step
from handlers.naming import name_line
from handlers.screens import Pin, Press, Screen
from safety.alarmnotices import AlarmRing
from safety.alarms import Alarm
from safety.detentions import (
    Detention,
    DetentionDetails,
    DetentionList,
    DetentionPlace,
    DetentionRing,
    DetentionUpdate,
    Sighting,
)
from safety.errors import OutdatedError
from safety.forms import Draft
from safety.notices import Say
from safety.people import EventId, Role, TeamId
from safety.permissions import Action, is_allowed
from safety.registration import Person, Situation

Rows = tuple[tuple[Press, ...], ...]

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
    alarm = alarmviews.look(request.turn, press.alarm_id)
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


def _finish_transfer(request: Request, draft: Draft) -> None:
    detentions.transfer(request.turn, draft.subject_id, draft.answer("place") or "")
    request.turn.tell(Say("detention-transfer-noted"))


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
    person = find_teammate(showing.work, by)
    time = _time(showing, detention, at)
    if person is None or not person.name:
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
    person = find_person(showing.work, detention.person_id)
    lines = [showing.say("detention-number", number=detention.number)]
    lines.append(_who(showing, detention, person))
    lines += group_lines(showing, find_group(showing.work, person))
    if isinstance(person, Person) and Role.LAWYER in _roles(showing):
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


def _who(showing: Showing, detention: Detention, person: Situation | None) -> str:
    if person is not None:
        return name_line(showing, person)
    teammate = find_teammate(showing.work, detention.team_id)
    if teammate is None:
        return showing.say("alarm-details-erased")
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
    by = find_teammate(showing.work, seen.by)
    if seen.by is None:
        first = showing.say("detention-said", time=time)
    else:
        name = "" if by is None else by.name
        first = showing.say("detention-seen", time=time, name=name or showing.plain("unknown"))
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
    lines = [showing.say("detention-list" if rows else "detention-list-none")]
    if held:
        lines.append(showing.count("detention-list-held", len(held)))
    if called:
        lines.append(showing.count("detention-list-alarms", len(called)))
    lines += ["", *cases.lines_in_mind(showing)]
    return Screen("\n".join(lines), (*rows, *cases.rows_in_mind(showing)))


def _open_button(showing: Showing, detention: Detention) -> Press:
    key = f"detention-line-{detention.state.value}"
    time = _time(showing, detention, detention.since)
    press = OpenDetention(detention.id)
    return showing.button(key, press, number=detention.number, time=time)


def _open_alarm_button(showing: Showing, alarm: Alarm) -> Press:
    event = alarmviews.event_of(showing.work, alarm)
    time = showing.time(alarm.opened_at, None if event is None else event.tzinfo)
    return showing.button(
        "detention-line-alarm", OpenAlarm(alarm.id), number=alarm.number, time=time
    )


def _time(showing: Showing, detention: Detention, moment: datetime) -> str:
    event = detentions.event_of(showing.work, detention)
    return showing.time(moment, None if event is None else event.tzinfo)


def _roles(showing: Showing) -> frozenset[Role]:
    return find_actor(showing.work.tx, showing.work.policy, showing.chat_id, None).roles


def _may(showing: Showing, action: Action) -> bool:
    return is_allowed(_roles(showing), action)
