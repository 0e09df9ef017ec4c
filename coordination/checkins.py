"""Check-ins: what a person reports of themselves, noted at once, never taken for more than it is.

A report that was sent before a later one, or before a call for help, changes nothing. After the
end everybody is asked whether they got home, and on the third day how they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from coordination import alarms, board
from coordination.actors import find_actor
from coordination.audience import tell_organizers
from coordination.homecoming import take_key_and_places
from coordination.quiet import unheard_chats
from coordination.telling import bring_key
from coordination.turns import Turn, Work, use_case
from coordination.whereabouts import Whereabouts, find_whereabouts
from safety import checkins as rules
from safety.alarms import Caller, TakenBack, may_still_calm
from safety.checkins import (
    HOME_ROUNDS,
    AskHome,
    AskHowAreYou,
    CheckedIn,
    CheckIn,
    CheckInKind,
    HomeNoted,
    HomeQuestion,
    HowAreYou,
    SilentHome,
    SilentHomeNames,
    SilentPerson,
    home_tag,
)
from safety.errors import NotAllowedError, OutdatedError, RefusalError
from safety.events import Event, EventState
from safety.notices import Notice, Say
from safety.people import ChatId, EventId, PersonId, Presence, Role, Standing, Unprinted
from safety.permissions import Action
from safety.registration import Situation
from safety.timers import CHUNK, CHUNK_EVERY, Timer
from storage import alarms as alarm_rows
from storage import checkins, detentions, disclosure, events, people, routes


@dataclass(frozen=True, slots=True, repr=False)
class OwnState(Unprinted):
    """What a person last reported, as they see it themselves."""

    event: Event
    check_in: CheckIn
    presence: Presence
    is_unverified: bool


# ---------------------------------------------------------------- use cases


@use_case(Action.CHECK_IN)
def check_in(turn: Turn, kind: CheckInKind, event_id: EventId | None = None) -> None:
    """Note a report of the actor's, and say when it was noted; a second press is answered again.

    Raises:
        RefusalError: the actor is not approved (any more) at this event.
    """
    where = find_whereabouts(turn, event_id)
    before = _person(turn, where.person_id)
    if before is not None and before.standing is not Standing.APPROVED:
        raise RefusalError("checkin-not-approved")
    calls = _calls(turn, where)
    latest = checkins.latest(turn.tx, _holder(where))
    is_second = latest is not None and latest.kind is kind and kind is not CheckInKind.SAFE
    if rules.may_count(turn.seq, latest, [one.seq for one in calls]) and not is_second:
        _note(turn, where, CheckIn(kind, turn.now, turn.seq), calls)
    if where.event_id is None:
        turn.tell(Say("checkin-noted-team"))
        return
    _reply(turn, where, where.event_id)
    turn.remove_tagged(home_tag(where.event_id), turn.actor.recipient.chat_id)
    board.refresh(turn, where.event_id)


@use_case(Action.MARK)
def mark(turn: Turn, person_id: PersonId, kind: CheckInKind) -> EventId:
    """Note what somebody of the team has seen: a person is here, or home; give the event.

    Raises:
        OutdatedError: there is no such approved person, or they are taken.
    """
    person = _person(turn, person_id)
    is_there = person is not None and person.standing is Standing.APPROVED
    if person is None or not is_there or person.presence is Presence.TAKEN:
        raise OutdatedError
    seen = CheckIn(kind, turn.now, turn.seq)
    checkins.add(turn.tx, person.event_id, person.id, seen)
    has_called = person.needs_help or bool(_unclosed(turn, person.id))
    people.change(turn.tx, rules.report(person, seen, has_called=has_called))
    board.refresh(turn, person.event_id)
    return person.event_id


@use_case(Action.MANAGE_EVENT)
def show_silent(turn: Turn, event_id: EventId, page: int = 0) -> None:
    """Show an organizer whom to tell of those who have not answered, for a minute.

    Raises:
        LockedError: the names are locked.
    """
    silent_people(turn, event_id)
    turn.tell(SilentHomeNames(event_id, page), event_id)


# ---------------------------------------------------------------- timers


def schedule_aftercare(work: Work, event: Event) -> None:
    """Set when people are asked whether they got home, and how they are.

    Where it is called off after a place was told, people may be on their way: they are asked too.
    """
    if event.state is not EventState.OPEN:
        work.cancel_timer(AskHome(event.id))
    for due_at, timer in list_planned(work, event):
        work.set_timer(due_at, timer, event.id)


def list_planned(work: Work, event: Event) -> Iterator[tuple[datetime, Timer]]:
    """Give when people are first asked whether they got home, and how they are."""
    policy, is_open = work.policy, event.state is EventState.OPEN
    venues = disclosure.venues_of(work.tx, event.id)
    if is_open or any(disclosure.told_stages(work.tx, one) for one in venues):
        over_at = event.ends_at if is_open else event.cancelled_at or event.ends_at
        yield over_at + policy.home_question_after, AskHome(event.id)
    if is_open:
        yield event.ends_at + policy.aftercare_after, AskHowAreYou(event.id)


def ask_home(work: Work, timer: AskHome) -> None:
    """Ask whoever is neither home nor taken; after the last round tell the organizers.

    Whoever is out, and was not heard, is not asked and counts as silent.
    """
    event = events.get(work.tx, timer.event_id)
    if event is None or event.state is EventState.CLOSED:
        return
    if timer.round > HOME_ROUNDS:
        if checkins.expected_home(work.tx, timer.event_id, limit=1):
            tell_organizers(work, SilentHome(timer.event_id), timer.event_id)
        return
    found = checkins.expected_home(work.tx, timer.event_id, timer.after, CHUNK)
    _ask(work, timer.event_id, found, HomeQuestion(timer.event_id))
    if len(found) == CHUNK:
        more = AskHome(timer.event_id, timer.round, found[-1])
        work.set_timer(work.now + CHUNK_EVERY, more, timer.event_id)
    else:
        following = AskHome(timer.event_id, timer.round + 1)
        due = work.now + work.policy.home_question_after
        work.set_timer(due, following, timer.event_id)


def ask_how_are_you(work: Work, timer: AskHowAreYou) -> None:
    """Ask everybody, on the third day, how they are."""
    if not _is_open(work, timer.event_id):
        return
    found = checkins.to_greet(work.tx, timer.event_id, timer.after, CHUNK)
    _ask(work, timer.event_id, found, HowAreYou(timer.event_id))
    if len(found) == CHUNK:
        more = AskHowAreYou(timer.event_id, found[-1])
        work.set_timer(work.now + CHUNK_EVERY, more, timer.event_id)


def _ask(work: Work, event_id: EventId, found: list[PersonId], notice: Notice) -> None:
    """Ask these people; not whoever was held and is not heard since (ADR-0008)."""
    unheard = unheard_chats(work)
    for person_id in found:
        recipient = routes.of_holder(work.tx, person_id)
        if recipient is not None and recipient.chat_id not in unheard:
            work.owe(recipient, notice, event_id)


# ---------------------------------------------------------------- looking


def own_state(work: Work, event_id: EventId, chat_id: ChatId) -> OwnState | None:
    """Give what whoever reads this chat has last reported at an event."""
    event = events.get(work.tx, event_id)
    actor = find_actor(work.tx, work.policy, chat_id, None)
    person_id = next((o.person_id for o in actor.participations if o.event_id == event_id), None)
    holder = actor.team_id if person_id is None else person_id
    latest = None if holder is None else checkins.latest(work.tx, holder)
    if event is None or latest is None:
        return None
    person = _person(work, person_id)
    if person is None:  # somebody of the team
        return OwnState(event, latest, Presence.UNANSWERED, is_unverified=False)
    return OwnState(event, latest, person.presence, person.is_unverified)


def is_asked_home(work: Work, event_id: EventId, chat_id: ChatId) -> bool:
    """Say whether whoever reads this chat still has to be asked whether they got home."""
    actor = find_actor(work.tx, work.policy, chat_id, None)
    own = [one.person_id for one in actor.participations if one.event_id == event_id]
    return any(checkins.is_expected_home(work.tx, person_id) for person_id in own)


def count_silent(work: Work, event_id: EventId) -> int:
    """Count who has not answered whether they got home."""
    return len(checkins.expected_home(work.tx, event_id))


def silent_people(work: Work, event_id: EventId) -> list[SilentPerson]:
    """Give who has not answered, and what they left for that case.

    Raises:
        LockedError: that is locked.
    """
    silent = checkins.expected_home(work.tx, event_id)
    found = (people.get(work.tx, person_id) for person_id in silent)
    return [
        SilentPerson(one.id, one.name, one.contact, one.contact_sentence)
        for one in found
        if one is not None
    ]


def is_organizer(work: Work, chat_id: ChatId) -> bool:
    """Say whether an organizer reads this chat."""
    return find_actor(work.tx, work.policy, chat_id, None).team_role is Role.ORGANIZER


def event_of(work: Work, event_id: EventId) -> Event | None:
    """Give an event."""
    return events.get(work.tx, event_id)


def participation(turn: Turn, event_id: EventId) -> PersonId:
    """Give as whom the actor takes part in an event.

    Raises:
        NotAllowedError: they do not.
    """
    for one in turn.actor.participations:
        if one.event_id == event_id:
            return one.person_id
    raise NotAllowedError


# ---------------------------------------------------------------- inside


def _note(turn: Turn, where: Whereabouts, noted: CheckIn, calls: list[Caller]) -> None:
    checkins.add(turn.tx, where.event_id, _holder(where), noted)
    if noted.kind in (CheckInKind.SAFE, CheckInKind.HOME) and calls:
        _take_back(turn, where, calls)
    person = _person(turn, where.person_id)
    if person is None:
        return
    has_called = bool(calls) or bool(_unclosed(turn, person.id))
    after = rules.report(person, noted, has_called=has_called)
    people.change(turn.tx, after)
    if after.presence is Presence.HOME and not after.is_unverified:
        take_key_and_places(turn, after, turn.actor.recipient)
    elif person.presence is Presence.HOME and after.presence is not Presence.HOME:
        bring_key(turn, after.event_id, after.id, turn.actor.recipient)


def _take_back(turn: Turn, where: Whereabouts, calls: list[Caller]) -> None:
    """Let the alarm's card show what was said; only a voice ends it."""
    alarm = alarm_rows.unresolved_at(turn.tx, where.event_id)
    if alarm is not None and may_still_calm(calls, turn.seq):
        alarms.take_back(turn, alarm.id, TakenBack.SAFE)


def _reply(turn: Turn, where: Whereabouts, event_id: EventId) -> None:
    person = _person(turn, where.person_id)
    is_home = person is not None and person.presence is Presence.HOME and not person.is_unverified
    if not is_home:
        turn.tell(CheckedIn(event_id), event_id)
        return
    turn.tell(HomeNoted(event_id), event_id)
    for other in turn.actor.participations:
        if other.event_id != event_id and _has_key(turn, other.event_id, other.person_id):
            bring_key(turn, other.event_id, other.person_id, turn.actor.recipient)


def _has_key(turn: Turn, event_id: EventId, person_id: PersonId) -> bool:
    person = _person(turn, person_id)
    knows = disclosure.knows_any(turn.tx, event_id, person_id)
    return knows and person is not None and rules.is_expected_home(person)


def _calls(work: Work, where: Whereabouts) -> list[Caller]:
    alarm = alarm_rows.unresolved_at(work.tx, where.event_id)
    caller = None if alarm is None else alarm.caller(where.person_id, where.team_id)
    return [] if caller is None else [caller]


def _unclosed(work: Work, person_id: PersonId) -> list[int]:
    found = detentions.unclosed(work.tx)
    return [one.id for one in found if one.is_of(person_id, None)]


def _holder(where: Whereabouts) -> int:
    if where.person_id is not None:
        return where.person_id
    if where.team_id is not None:
        return where.team_id
    raise OutdatedError


def _person(work: Work, person_id: PersonId | None) -> Situation | None:
    return None if person_id is None else people.situation(work.tx, person_id)


def _is_open(work: Work, event_id: EventId) -> bool:
    event = events.get(work.tx, event_id)
    return event is not None and event.state is EventState.OPEN
