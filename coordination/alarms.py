"""Calls for help: who is rung, what stops the ringing, and what only a heard voice can end.

Neither a locked roster nor a purge of people makes this deaf: nothing here needs their names.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta

from coordination import homecoming, secondchannel, waking
from coordination.alarmviews import (
    is_left_to_nobody,
    own_call,
    unheard_caller,
    whom_it_rings,
    whom_it_shows,
)
from coordination.quiet import is_answered
from coordination.turns import Turn, Work, use_case
from coordination.whereabouts import Whereabouts, find_whereabouts
from safety import alarms as rules
from safety import escalation
from safety.alarmnotices import ASK_HELP, AlarmAnswer, AlarmRing, AlarmSeen, AlarmUpdate
from safety.alarms import Alarm, AlarmState, Caller, Ending, HandedOn, Heard, TakenBack, Way
from safety.checkins import overdue_since
from safety.errors import OutdatedError, RefusalError
from safety.escalation import RingAgain
from safety.facts import Fact, FactKind
from safety.people import EventId, PersonId, TeamId
from safety.permissions import Action
from safety.registration import Situation
from storage import alarms, counters, events, people, routes

# ---------------------------------------------------------------- use cases


@use_case(Action.RAISE_ALARM)
def raise_alarm(
    turn: Turn,
    way: Way,
    words: str | None = None,
    event_id: EventId | None = None,
    *,
    asked: str | None = None,
) -> Alarm:
    """Raise an alarm, or join the one open at this event; the person is answered at once.

    `asked`: what this answers, if anything did ask.
    """
    where = find_whereabouts(turn, event_id)
    caller = _caller(turn, where, way, words)
    open_alarm = alarms.unresolved_at(turn.tx, where.event_id)
    if open_alarm is None:
        waking.make_way(turn)
        alarm, rings = _opened(turn, where.event_id, caller), True
    else:
        alarm, rings = rules.call(open_alarm, caller)
    if rings:
        alarm = escalation.rung(alarm, turn.now, turn.policy, is_unanswered=False)
    if rings or words:
        said = (("way", way.value), *((("words", words),) if words else ()))
        _record_call(turn, FactKind.ALARM, alarm, caller, *said)
    if rings:
        _record_need(turn, alarm, caller, asked)
    _change_person(turn, where.person_id, _needs_help)
    _keep(turn, alarm)
    turn.remove_tagged(ASK_HELP, turn.actor.recipient.chat_id)
    turn.tell(AlarmAnswer(alarm.id), alarm.event_id)
    if rings:
        _ring_team(turn, alarm, is_new=True)
    else:
        _show_team(turn, alarm)
    return alarm


@use_case(Action.ANSWER_ALARM)
def acknowledge(turn: Turn, alarm_id: int) -> None:
    """Note *I'm on it*: the others and the callers see it; the ringing stops for a while.

    Raises:
        OutdatedError: the alarm is resolved, or gone, or nobody but the actor calls.
    """
    alarm = _alarm_to_answer(turn, alarm_id)
    _publish(turn, rules.acknowledge(alarm, turn.require_team_id(), turn.now, turn.seq))


@use_case(Action.ANSWER_ALARM)
def hand_on(turn: Turn, alarm_id: int) -> HandedOn:
    """Note *I can't: hand on*: unless somebody else is on it, whoever is left is rung at once.

    Raises:
        OutdatedError: the alarm is resolved, or gone, or nobody but the actor calls.
    """
    alarm, by = _alarm_to_answer(turn, alarm_id), turn.require_team_id()
    if by in alarm.cannot:
        return HandedOn.BEFORE
    alarm = rules.hand_on(alarm, by, turn.now, turn.seq)
    if escalation.is_covered(alarm, turn.now, turn.policy.answer_holds):
        _publish(turn, alarm)
        return HandedOn.COVERED
    _ring_others(turn, alarm)
    return HandedOn.LEFT_TO_NOBODY if is_left_to_nobody(turn, alarm) else HandedOn.GOES_ON


@use_case(Action.ANSWER_ALARM)
def look_closer(turn: Turn, alarm_id: int) -> Alarm:
    """Give an alarm to whoever presses anything on its card: whoever is on it is heard of.

    Raises:
        OutdatedError: it is gone.
    """
    alarm = alarms.get(turn.tx, alarm_id)
    if alarm is None:
        raise OutdatedError
    alarm = hear_from_actor(turn, alarm)
    _keep(turn, alarm)
    return alarm


def hear_from_actor(turn: Turn, alarm: Alarm) -> Alarm:
    """Let what the actor does now be news of this alarm, if they are on it."""
    return rules.hear_from(alarm, turn.actor.team_id, turn.now, turn.policy.answer_holds)


@use_case(Action.RAISE_ALARM)
def take_back(turn: Turn, alarm_id: int, how: TakenBack) -> None:
    """Note *It was a mistake* or *I'm safe* by a caller: unverified until a voice was heard.

    Raises:
        OutdatedError: the alarm is resolved, or this is none of its callers.
    """
    alarm = _open_alarm(turn, alarm_id)
    caller = own_call(turn.actor, alarm)
    if caller is None:
        raise OutdatedError
    changed = rules.take_back(alarm, caller, how, turn.now, turn.seq)
    if changed is alarm:
        return
    _record_call(turn, FactKind.MISTAKE, changed, caller, ("said", how.value))
    _change_person(turn, caller.person_id, _is_unverified)
    _publish(turn, changed)


@use_case(Action.SEE_ALARM)
def hear(turn: Turn, alarm_id: int, place: int, heard: Heard) -> None:
    """Note what a caller's voice has said; `place` is theirs in the list of callers.

    Safe says nothing of the others who call. Whoever hears a call for help is on it, unless they
    have said that they cannot come.

    Raises:
        OutdatedError: the alarm is resolved, or that call is not waiting for a voice, or is the
            actor's own.
    """
    alarm, by = _open_alarm(turn, alarm_id), turn.require_team_id()
    caller = unheard_caller(alarm, place)
    if caller is None or caller is own_call(turn.actor, alarm):
        raise OutdatedError
    alarm = hear_from_actor(turn, rules.hear(alarm, caller, heard, by, turn.now))
    if heard is Heard.NEEDS_HELP and by not in alarm.cannot:
        alarm = rules.acknowledge(alarm, by, turn.now, turn.seq)
    about, said = caller.person_id, ("heard", heard.value)
    _record_answer(turn, FactKind.VERIFIED, alarm, about, said)
    if heard is Heard.SAFE:
        _change_person(turn, about, _is_calm)
        _record_ending(turn, alarm)
        _publish(turn, alarm)
        return
    _change_person(turn, about, _needs_help)
    alarm = escalation.rung(alarm, turn.now, turn.policy, is_unanswered=False)
    _keep(turn, alarm)
    _show_callers(turn, alarm)
    _ring_team(turn, alarm, is_new=True)


@use_case(Action.ANSWER_DETENTION)
def hear_after_release(
    turn: Turn, event_id: EventId | None, person_id: PersonId | None, team_id: TeamId | None
) -> None:
    """End the call of somebody whose voice was heard after a release, if they had called."""
    alarm = alarms.unresolved_at(turn.tx, event_id)
    caller = None if alarm is None else alarm.caller(person_id, team_id)
    if alarm is None or caller is None:
        return
    alarm = rules.hear(alarm, caller, Heard.SAFE, turn.require_team_id(), turn.now)
    _record_answer(turn, FactKind.VERIFIED, alarm, person_id, ("heard", Heard.SAFE.value))
    _record_ending(turn, alarm)
    _publish(turn, alarm)


@use_case(Action.RESOLVE_ALARM)
def resolve(turn: Turn, alarm_id: int, ending: Ending) -> None:
    """Close an alarm, as real or as mistaken.

    Raises:
        OutdatedError: it is resolved already, or gone.
        RefusalError: a caller took it back and nobody has heard their voice.
    """
    alarm = require_resolvable(turn, alarm_id)
    resolved = rules.resolve(alarm, ending, turn.require_team_id(), turn.now)
    _record_ending(turn, resolved)
    for caller in resolved.callers:
        _change_person(turn, caller.person_id, _is_over)
    _publish(turn, resolved)


def ring_again(work: Work, timer: RingAgain) -> None:
    """Ring again, and more people later on, because nobody has answered in time.

    Every ring that nobody has pressed for comes from here.
    """
    alarm = alarms.get(work.tx, timer.alarm_id)
    if alarm is None:
        return
    is_ahead = alarm.rung_at > work.now  # the clock was set back: silent for nobody knows how long
    alarm = rules.not_after(alarm, work.now)
    due = next_ring(work, alarm)
    if due is not None and (due <= work.now or (is_ahead and not _is_covered(work, alarm))):
        is_first = alarm.since_news == 0
        alarm = escalation.rung(alarm, work.now, work.policy, is_unanswered=True)
        _ring_team(work, alarm, is_new=False)
        if is_first:  # an answer is too old from now on
            _show_callers(work, alarm)
    _keep(work, alarm)


def next_ring(work: Work, alarm: Alarm) -> datetime | None:
    """Say when an alarm must ring next; None once it is resolved."""
    return escalation.next_ring(alarm, work.policy)


def stand_down(work: Work, team_id: TeamId) -> None:
    """Let others be rung at once where somebody was on it who has left, is frozen, or taken."""
    for alarm in alarms.unresolved(work.tx):
        left = rules.stand_down(alarm, team_id, work.now)
        if left is alarm:
            continue
        if _is_covered(work, left):
            _publish(work, left)
        else:
            _ring_others(work, left)


def set_back(work: Work, by: timedelta) -> None:
    """Let open alarms ring, and *I'm on it* count, as if the clock had not been set back.

    Their timers are moved by whoever has seen it.
    """
    for alarm in alarms.unresolved(work.tx):
        alarms.put(work.tx, rules.set_back(alarm, by))


def publish(work: Work, alarm: Alarm) -> None:
    """Store a changed alarm, and let the cards of the team show it."""
    _keep(work, alarm)
    _show_team(work, alarm)


@use_case(Action.RESOLVE_ALARM)
def require_resolvable(turn: Turn, alarm_id: int) -> Alarm:
    """Give an open alarm that a word can close.

    Raises:
        OutdatedError: it is resolved already, or gone.
        RefusalError: a caller took it back and nobody has heard their voice.
    """
    _open_alarm(turn, alarm_id)
    alarm = look_closer(turn, alarm_id)
    if not rules.may_resolve(alarm):
        raise RefusalError("alarm-voice-first")
    return alarm


# ---------------------------------------------------------------- inside


def _caller(turn: Turn, where: Whereabouts, way: Way, words: str | None) -> Caller:
    return Caller(
        person_id=where.person_id,
        team_id=turn.actor.team_id,  # also where a participant calls: nobody covers their own
        way=way,
        at=turn.now,
        first_seq=turn.seq,
        seq=turn.seq,
        last_at=turn.now,
        pressed_at=turn.now,
        words=None if words is None else words[: rules.WORDS_KEPT],
    )


def _opened(turn: Turn, event_id: EventId | None, caller: Caller) -> Alarm:
    return Alarm(
        id=turn.tx.new_id(),
        event_id=event_id,
        number=counters.next_number(turn.tx, "alarm"),
        state=AlarmState.OPEN,
        opened_at=turn.now,
        rung_at=turn.now,
        callers=(caller,),
    )


def _open_alarm(turn: Turn, alarm_id: int) -> Alarm:
    alarm = alarms.get(turn.tx, alarm_id)
    if alarm is None or alarm.state is AlarmState.RESOLVED:
        raise OutdatedError
    return alarm


def _alarm_to_answer(turn: Turn, alarm_id: int) -> Alarm:
    alarm = _open_alarm(turn, alarm_id)
    if escalation.is_only_caller(alarm, turn.require_team_id()):
        raise OutdatedError
    return alarm


def _is_covered(work: Work, alarm: Alarm) -> bool:
    return escalation.is_covered(alarm, work.now, work.policy.answer_holds)


def _publish(work: Work, alarm: Alarm) -> None:
    publish(work, alarm)
    _show_callers(work, alarm)


def _keep(work: Work, alarm: Alarm) -> None:
    alarms.put(work.tx, alarm)
    due = next_ring(work, alarm)
    if due is None:
        work.cancel_timer(RingAgain(alarm.id))
    else:
        work.set_timer(due, RingAgain(alarm.id), alarm.event_id)
    secondchannel.follow(work, alarm)


def _ring_others(work: Work, alarm: Alarm) -> None:
    """Ring at once whoever is left when somebody cannot come: deputies too, from now on."""
    alarm = escalation.widened(alarm)
    alarm = escalation.rung(alarm, work.now, work.policy, is_unanswered=False)
    _keep(work, alarm)
    _ring_team(work, alarm, is_new=False)
    _show_callers(work, alarm)


def _ring_team(work: Work, alarm: Alarm, *, is_new: bool) -> None:
    rung = [person.id for person, _ in whom_it_rings(work, alarm, is_new=is_new)]
    _show_team(work, alarm, rung)


def _show_team(work: Work, alarm: Alarm, rung: Collection[TeamId] = ()) -> None:
    for person, recipient in whom_it_shows(work, alarm):
        notice = AlarmRing(alarm.id) if person.id in rung else AlarmUpdate(alarm.id)
        work.owe(recipient, notice, alarm.event_id)


def _show_callers(work: Work, alarm: Alarm) -> None:
    for one in alarm.callers:
        holder = one.person_id if one.person_id is not None else one.team_id
        recipient = None if holder is None else routes.of_holder(work.tx, holder)
        if recipient is not None and is_answered(work, recipient.chat_id, one.pressed_at):
            work.owe(recipient, AlarmSeen(alarm.id), alarm.event_id)


def _change_person(
    work: Work, person_id: PersonId | None, change: Callable[[Situation], Situation]
) -> None:
    person = None if person_id is None else people.situation(work.tx, person_id)
    if person is not None:
        changed = change(person)
        people.change(work.tx, changed)
        homecoming.finish(work, changed)


def _needs_help(person: Situation) -> Situation:
    return replace(person, needs_help=True, is_unverified=False)


def _is_unverified(person: Situation) -> Situation:
    return replace(person, is_unverified=True)


def _is_over(person: Situation) -> Situation:
    """A colleague's word ends the call; what was never heard stays unverified."""
    return replace(person, needs_help=False)


def _is_calm(person: Situation) -> Situation:
    return replace(person, needs_help=False, is_unverified=False)


def _record_need(turn: Turn, alarm: Alarm, caller: Caller, asked: str | None) -> None:
    """State that whoever calls was asked how they are, or should have said it long ago."""
    person = None if caller.person_id is None else people.situation(turn.tx, caller.person_id)
    event = None if alarm.event_id is None else events.get(turn.tx, alarm.event_id)
    if person is not None and event is not None and asked is None:
        since = overdue_since(person, event, turn.policy.home_question_after)
        asked = "home" if since <= turn.now else None
    if asked is not None:
        _record_call(turn, FactKind.NEEDS_HELP, alarm, caller, ("asked", asked))


def _record_call(
    turn: Turn, kind: FactKind, alarm: Alarm, caller: Caller, *details: tuple[str, str]
) -> None:
    fact = _fact(turn, kind, alarm, *details)
    by_person = caller.person_id
    by_team = caller.team_id if by_person is None else None
    turn.record(replace(fact, by_person=by_person, by_team=by_team, about=by_person))


def _record_answer(
    turn: Turn, kind: FactKind, alarm: Alarm, about: PersonId | None, *details: tuple[str, str]
) -> None:
    fact = _fact(turn, kind, alarm, *details)
    turn.record(replace(fact, by_team=turn.actor.team_id, about=about))


def _record_ending(turn: Turn, alarm: Alarm) -> None:
    if alarm.ending is not None:
        ending = ("ending", alarm.ending.value)
        _record_answer(turn, FactKind.RESOLVED, alarm, None, ending)


def _fact(turn: Turn, kind: FactKind, alarm: Alarm, *details: tuple[str, str]) -> Fact:
    said = (("number", str(alarm.number)), *details)
    return Fact(kind, turn.now, alarm.id, alarm.event_id, details=said)
