"""The cards of a detention: number and times on top, who and where behind *Show*; the list.

What a person agreed to decides who reads what was taken from them; what was sealed for the lawyer
opens on the lawyer's own computer alone.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coordination import alarmviews, audience, detentions, envelopes
from coordination.whois import find_group, find_person, find_teammate
from handlers import cases, complaints, lawrules, paging
from handlers.alarmcards import group_lines
from handlers.buttons.alarms import OpenAlarm
from handlers.buttons.datataken import DataOf
from handlers.buttons.detentions import (
    DetentionOnIt,
    DetentionPage,
    LawyerPress,
    OpenDetention,
    Released,
    ReleasedVoice,
    ShowDetention,
    Transferred,
)
from handlers.buttons.escorts import EscortArrived, EscortBegun, EscortSeen
from handlers.context import Showing
from handlers.datataken import taken_lines
from handlers.escorts import way_lines
from handlers.naming import name_line
from handlers.screens import Pin, Press, Rows, Screen
from safety import detentions as rules
from safety.alarms import Alarm
from safety.detentions import (
    Detention,
    DetentionDetails,
    DetentionList,
    DetentionPlace,
    DetentionRing,
    DetentionUpdate,
    LawyerThere,
    Sighting,
)
from safety.escorts import Escort
from safety.paging import cut
from safety.people import Role, TeamId
from safety.permissions import Action
from safety.registration import Person, Situation

HOUR = timedelta(hours=1)


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
    is_asked = audience.is_told(showing.work, detention, showing.actor.team_id)
    if is_asked and not showing.may(Action.SEE_CASE):
        lines.append(showing.say("detention-nobody-else"))
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
    if detention.escort is not None:
        lines += _way_lines(showing, detention, detention.escort)
    elif detention.transfers:
        time = _time(showing, detention, detention.transfers[-1].at)
        lines.append(showing.say("detention-transferred", time=time))
    lines += _threshold_lines(showing, detention)
    if detention.rounds and not detention.answers:
        lines.append(showing.count("alarm-card-unanswered", detention.rounds + 1))
    return [*lines, *_lawyer_known(showing, detention)]


def _way_lines(showing: Showing, detention: Detention, way: Escort) -> list[str]:
    began = _time(showing, detention, way.began_at)
    lines = [showing.say("escort-under-way", time=began)]
    if way.due_at is not None:
        key = "escort-overdue" if way.is_overdue(showing.work.now) else "escort-due"
        lines.append(showing.say(key, time=_time(showing, detention, way.due_at)))
    return lines


def _threshold_lines(showing: Showing, detention: Detention) -> list[str]:
    thresholds, now, lines = showing.work.policy.law.detention, showing.work.now, []
    over = rules.passed(detention, thresholds, now)
    if over is not None:
        lines.append(showing.count("detention-over", over.after // HOUR))
        lines.append(lawrules.words(showing, over.words, "detention-over-unwritten"))
    return lines + next_lines(showing, detention)


def next_lines(showing: Showing, detention: Detention) -> list[str]:
    """Say when the next threshold is; nothing after the last, or a release."""
    thresholds = showing.work.policy.law.detention
    following = rules.following(detention, thresholds, showing.work.now)
    if following is None or not detention.is_held:
        return []
    moment, zone = detention.since + following.after, _zone(showing, detention)
    values = {"day": showing.day(moment, zone), "time": showing.time(moment, zone)}
    return [showing.count("detention-next", following.after // HOUR, **values)]


def _lawyer_known(showing: Showing, detention: Detention) -> list[str]:
    if detentions.is_lawyer_told(showing.work, detention):
        return []
    is_there = audience.is_lawyer_there(showing.work)
    return [showing.say("detention-lawyer-silent" if is_there else "detention-no-lawyer")]


def _elapsed(showing: Showing, detention: Detention) -> dict[str, int]:
    passed = max(showing.work.now - detention.since, timedelta())  # or the clock was set back
    minutes = passed // timedelta(minutes=1)
    return {"hours": minutes // 60, "minutes": minutes % 60}


def _answer_line(showing: Showing, detention: Detention, by: TeamId, at: datetime) -> str:
    person = find_teammate(showing.work, by)
    time = _time(showing, detention, at)
    if person is None or not person.name:
        return showing.say("alarm-card-answer-gone", time=time)
    role = showing.plain(f"alarm-role-{person.role.value}")
    return showing.say("alarm-card-answer", time=time, name=person.name, role=role)


def _card_rows(showing: Showing, detention: Detention) -> Rows:
    if not showing.may(Action.ANSWER_DETENTION):
        return ()
    taken = (showing.button("data-taken-button", DataOf(detention.id)),)
    if detention.is_closed:
        return (taken,)
    on_it = (showing.button("alarm-button-on-it", DetentionOnIt(detention.id)),)
    show = (showing.button("button-show", ShowDetention(detention.id)),)
    if not detention.is_held:
        voice = (showing.button("alarm-button-voice", ReleasedVoice(detention.id)),)
        return (show, voice, taken)
    released = (showing.button("detention-button-released", Released(detention.id)),)
    transferred = (showing.button("detention-button-transferred", Transferred(detention.id)),)
    return (on_it, show, released, transferred, *held_rows(showing, detention))


def held_rows(showing: Showing, detention: Detention) -> Rows:
    """Give what else can be said of somebody who is held: a way out of the city, data taken."""
    taken = (showing.button("data-taken-button", DataOf(detention.id)),)
    if detention.escort is None:
        return ((showing.button("escort-button", EscortBegun(detention.id)),), taken)
    seen = showing.button("escort-button-seen", EscortSeen(detention.id))
    arrived = showing.button("escort-button-arrived", EscortArrived(detention.id))
    return ((seen, arrived), taken)


def render_details(showing: Showing, notice: DetentionDetails) -> Screen | None:
    """Show who it is and what is known, as far as the reader's task needs it.

    A steward reads who it is, where nobody else is left to be rung.
    """
    detention = detentions.look(showing.work, notice.detention_id)
    if detention is None or not _may_see(showing, detention):
        return None
    person = find_person(showing.work, detention.person_id)
    lines = [showing.say("detention-number", number=detention.number)]
    lines.append(_who(showing, detention, person))
    lines += group_lines(showing, find_group(showing.work, person))
    if not showing.may(Action.SEE_CASE):
        return Screen("\n".join(lines))
    if isinstance(person, Person) and Role.LAWYER in showing.actor.roles:
        lines += _lawyer_lines(showing, person)
    lines += [line for one in detention.sightings for line in _sighting(showing, detention, one)]
    for moved in detention.transfers:
        time = _time(showing, detention, moved.at)
        lines.append(showing.say("detention-brought", time=time, place=moved.place))
    for way in detention.escorts:
        lines += way_lines(showing, way, _zone(showing, detention))
    consent = person.consent if isinstance(person, Person) else None
    lines += taken_lines(showing, detention, consent, _zone(showing, detention))
    if detention.place_at is not None:
        time = _time(showing, detention, detention.place_at)
        lines.append(showing.say("alarm-details-place", time=time))
    lines.append(showing.say(f"detention-lawyer-there-{detention.lawyer_there.value}"))
    words = [showing.say("alarm-details-words", words=words) for words in detention.words]
    lines += paging.newest(words, beside=lines)
    return Screen("\n".join(lines), _lawyer_row(showing, detention))


def _may_see(showing: Showing, detention: Detention) -> bool:
    if showing.may(Action.SEE_CASE):
        return True
    may_answer = showing.may(Action.ANSWER_DETENTION)
    return may_answer and audience.is_told(showing.work, detention, showing.actor.team_id)


def _lawyer_row(showing: Showing, detention: Detention) -> Rows:
    """Ask whether a lawyer was there, of whoever may answer for a detention."""
    if not showing.may(Action.ANSWER_DETENTION):
        return ()
    presses = (
        showing.button(f"detention-button-lawyer-{said.value}", LawyerPress(detention.id, said))
        for said in LawyerThere
    )
    return (tuple(presses),)


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
    if envelopes.is_left(showing.work, person.id):
        lines.append(showing.say("detention-envelope"))
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
    if detention is None or detention.place is None or not showing.may(Action.SEE_CASE):
        return None
    return Screen("", pin=Pin(*detention.place))


def render_list(showing: Showing, notice: DetentionList) -> Screen | None:
    """Show what is not closed: numbers and times, a button for each."""
    if not showing.may(Action.SEE_CASE):
        return None
    held, called = detentions.unclosed(showing.work)
    opened = [(_open_button(showing, one),) for one in held]
    opened += [(_open_alarm_button(showing, one),) for one in called]
    lines = [showing.say("detention-list" if opened else "detention-list-none")]
    if held:
        lines.append(showing.count("detention-list-held", len(held)))
    if called:
        lines.append(showing.count("detention-list-alarms", len(called)))
    for one in held:
        lines += ["", *_held_lines(showing, one)]
    lines += ["", *cases.lines_in_mind(showing)]
    ending = (*complaints.menu_row(showing), *cases.rows_in_mind(showing))
    page = cut(opened, notice.page, beside=len(ending))
    turns = paging.turns(showing, page, DetentionPage)
    return Screen("\n".join(lines), (*page.items, *turns, *ending))


def _held_lines(showing: Showing, detention: Detention) -> list[str]:
    """Say all that one needs at a glance: since when, where, how it goes on; no name."""
    since = _time(showing, detention, detention.since)
    key = f"detention-line-{detention.state.value}"
    lines = [showing.say(key, number=detention.number, time=since)]
    lines += _state_lines(showing, detention)
    if detention.is_held:
        place = detention.where
        lines.append(
            showing.say("detention-where", place=place)
            if place is not None
            else showing.say("detention-where-unknown")
        )
    return lines


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
    return showing.time(moment, _zone(showing, detention))


def _zone(showing: Showing, detention: Detention) -> ZoneInfo | None:
    event = detentions.event_of(showing.work, detention)
    return None if event is None else event.tzinfo
