"""To what does this belong? A place or a file goes to what its sender is in the middle of.

Held: to the detention. Called, or on it, not long ago, and no report begun since: to the alarm.
Marked somebody as taken not long ago: to that detention. Everything else is a report's business.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coordination import alarms, chats, detentions, drafts, liveplaces, reportlinks
from coordination.alarmviews import own_call
from coordination.evidence import keep_media
from coordination.turns import Turn, use_case
from safety import alarms as alarm_rules
from safety import detentions as detention_rules
from safety.alarms import Alarm, AlarmState, Caller
from safety.detentions import Detention
from safety.evidence import Media
from safety.facts import Fact, FactKind
from safety.liveplaces import Followed, SentPlace
from safety.people import EventId, PersonId, Unprinted
from safety.permissions import Action
from safety.reports import JOINS_FOR, REPORT_FORM
from storage import alarms as alarm_rows
from storage import detentions as detention_rows
from storage import reports

JUST_NOW = timedelta(minutes=10)  # a call this young goes before a report begun at any time


@dataclass(frozen=True, slots=True, repr=False)
class Subject(Unprinted):
    """What a place or a file belongs to; `id` is what facts call their subject."""

    id: int
    event_id: EventId | None
    alarm: Alarm | None = None
    caller: Caller | None = None  # the sender's own call in that alarm
    detention: Detention | None = None


def find_subject(turn: Turn) -> Subject | None:
    """Find what the actor is in the middle of, or None."""
    held = detentions.held_actor(turn)
    if held is not None:
        return Subject(held.id, held.event_id, detention=held)
    taking = (one for one in _alarms(turn) if _takes(turn, one))
    alarm = max(taking, key=lambda one: _is_in(turn, one), default=None)
    if alarm is not None:
        return _with_call(turn, alarm)
    marked = _marked_lately(turn)
    return None if marked is None else Subject(marked.id, marked.event_id, detention=marked)


@use_case(Action.RAISE_ALARM)
def attach_place(turn: Turn, sent: SentPlace) -> bool:
    """Keep where the actor is with what it belongs to; say whether it belongs to anything."""
    followed = liveplaces.followed(turn, sent)
    subject = _moving_with(turn, followed) if sent.is_move else _chosen_subject(turn)
    if subject is None:
        return False
    if subject.alarm is not None:
        alarm = alarms.hear_from_actor(turn, subject.alarm)
        if subject.caller is not None:
            alarm = alarm_rules.locate(alarm, subject.caller, sent.place, turn.now)
        alarms.publish(turn, alarm)
    elif subject.detention is not None:
        moved_to = detention_rules.locate(subject.detention, sent.place, turn.now)
        detentions.publish(turn, moved_to)
    words = (("words", sent.words),) if sent.words else ()
    _record(turn, subject, FactKind.LOCATION, ("location", sent.written), *words)
    liveplaces.keep(turn, sent, subject.id, subject.event_id, followed)
    return True


@use_case(Action.RAISE_ALARM)
def attach_file(turn: Turn, media: Media, message_id: int, words: str = "") -> bool:
    """Keep a file, and the words under it, with what it belongs to; say whether to anything."""
    subject = _chosen_subject(turn)
    if subject is None:
        return False
    if words:
        _record(turn, subject, FactKind.EVIDENCE, ("words", words))
    if keep_media(turn, media, subject.event_id, subject.id, message_id) is not None:
        _count_file(turn, subject)
    return True


@use_case(Action.RAISE_ALARM)
def attach_words(turn: Turn, words: str, message_id: int | None) -> bool:
    """Keep what somebody writes after a call with it; say whether it belongs to anything."""
    subject = _chosen_subject(turn)
    if subject is None:
        return False
    if subject.alarm is not None:
        alarm = alarms.hear_from_actor(turn, subject.alarm)
        alarms.publish(turn, alarm_rules.say(alarm, subject.caller, words, turn.now))
    elif subject.detention is not None:
        said = detention_rules.say(subject.detention, words[: alarm_rules.WORDS_KEPT])
        detentions.publish(turn, said)
    _record(turn, subject, FactKind.REPORT, ("words", words))
    chats.take_away(turn, message_id)
    return True


def _moving_with(turn: Turn, followed: Followed | None) -> Subject | None:
    """Say where a live place goes as it moves on: to the actor's own trouble, if there is any now.

    Else to what it was sent with, for as long as it lives, whatever came of that meanwhile. One
    that is not followed was perhaps sent through a link: it goes where a new one would.
    """
    held = detentions.held_actor(turn)
    called = next((one for one in _alarms(turn) if _is_calling(turn, one)), None)
    if followed is None and turn.actor.link_id is not None:
        return _chosen_subject(turn)
    if followed is None and held is None and called is None:
        return find_subject(turn)
    if held is None and called is None and followed is not None:
        called = alarm_rows.get(turn.tx, followed.subject_id)
        held = detention_rows.get(turn.tx, followed.subject_id)
    if held is not None:
        return Subject(held.id, held.event_id, detention=held)
    return None if called is None else _with_call(turn, called)


def _with_call(turn: Turn, alarm: Alarm) -> Subject:
    return Subject(alarm.id, alarm.event_id, alarm=alarm, caller=own_call(turn.actor, alarm))


def _is_calling(turn: Turn, alarm: Alarm) -> bool:
    return alarm.state is not AlarmState.RESOLVED and own_call(turn.actor, alarm) is not None


def _chosen_subject(turn: Turn) -> Subject | None:
    """Give what the actor is in the middle of, unless they have turned to a report since."""
    subject = find_subject(turn)
    if subject is not None and subject.alarm is not None and _reports_since(turn, subject.alarm):
        return None
    return subject


def is_called_since(turn: Turn, begun_at: datetime | None) -> bool:
    """Say whether the actor is held, or has called or answered a call since a question was asked.

    Then a file belongs to that, and not to the question.
    """
    subject = find_subject(turn)
    if subject is None or begun_at is None:
        return subject is not None
    return subject.alarm is None or _last_sign(turn, subject.alarm) >= begun_at


def has_just_called(turn: Turn, begun_at: datetime | None) -> bool:
    """Say whether the actor has called after a question was asked, and is in the middle of it.

    Then what they write goes with the call, not into the question: until the call is over or
    taken back, or nothing has come from them for a while.
    """
    subject = find_subject(turn)
    if subject is None or subject.alarm is None or subject.caller is None:
        return False
    caller, is_over = subject.caller, subject.alarm.state is AlarmState.RESOLVED
    is_after = begun_at is None or caller.pressed_at > begun_at
    is_young = turn.now - caller.last_at <= JUST_NOW
    return is_after and is_young and not is_over and caller.taken_back is None


def _is_in(turn: Turn, alarm: Alarm) -> tuple[bool, datetime, int]:
    """Say how much the actor is in the middle of this alarm: of several, it is the greatest.

    Their own call goes before one that they are on; then it is where they were heard last.
    """
    answers = (one for one in alarm.acknowledgements if one.by == turn.actor.team_id)
    heard = (one.news_at for one in answers if one.news_at is not None)
    return _is_calling(turn, alarm), max([_last_sign(turn, alarm), *heard]), alarm.number


def _last_sign(turn: Turn, alarm: Alarm) -> datetime:
    """Give when the actor was last heard in this alarm, or was last on it."""
    caller = own_call(turn.actor, alarm)
    signs = [one.at for one in alarm.acknowledgements if one.by == turn.actor.team_id]
    if caller is not None:
        signs.append(caller.last_at)
    return max(signs)


def _reports_since(turn: Turn, alarm: Alarm) -> bool:
    """Say whether the actor has turned to a report since their last sign in this alarm.

    Whoever has opened a link since then wants to be nobody, also between two reports.
    """
    last = _last_sign(turn, alarm)
    used_at = reportlinks.used_at(turn)
    if used_at is not None and used_at > last and turn.now - last > JUST_NOW:
        return True
    chat_id = turn.actor.recipient.chat_id
    draft = drafts.current(turn, chat_id)
    if draft is not None and draft.form == REPORT_FORM:
        return turn.now - last > JUST_NOW
    opened = reports.of_chat(turn.tx, chat_id, turn.now)
    if opened is None or opened.until - JOINS_FOR <= last:
        return False
    is_calling = own_call(turn.actor, alarm) is not None and turn.now - last <= JUST_NOW
    return opened.is_unfinished or not is_calling  # a hold, too, leaves something to be joined


def _count_file(turn: Turn, subject: Subject) -> None:
    if subject.alarm is not None:
        alarm = alarms.hear_from_actor(turn, subject.alarm)
        alarms.publish(turn, alarm_rules.add_file(alarm, subject.caller, turn.now))
    elif subject.detention is not None:
        detentions.publish(turn, detention_rules.add_file(subject.detention))


def _source(turn: Turn, subject: Subject) -> PersonId | None:
    if subject.caller is not None:
        return subject.caller.person_id
    mine = (one.person_id for one in turn.actor.participations if one.event_id == subject.event_id)
    return next(mine, None)


def _alarms(turn: Turn) -> list[Alarm]:
    places: list[EventId | None] = [one.event_id for one in turn.actor.participations]
    if turn.actor.team_id is not None:
        places += [None, *turn.tx.live_events()]
    return [
        alarm
        for event_id in dict.fromkeys(places)
        for alarm in alarm_rows.recent(turn.tx, event_id)
    ]


def _takes(turn: Turn, alarm: Alarm) -> bool:
    attach_for = turn.policy.attach_for
    ids = [one.person_id for one in turn.actor.participations if one.event_id == alarm.event_id]
    who: list[PersonId | None] = [*ids, None]
    team_id = turn.actor.team_id
    return any(
        alarm_rules.takes(alarm, person_id, team_id, turn.now, attach_for) for person_id in who
    )


def _marked_lately(turn: Turn) -> Detention | None:
    team_id, oldest = turn.actor.team_id, turn.now - turn.policy.attach_for
    if team_id is None:
        return None
    oldest = max(oldest, reportlinks.used_at(turn) or oldest)
    for detention in reversed(detention_rows.unclosed(turn.tx)):
        if any(one.by == team_id and one.at > oldest for one in detention.sightings):
            return detention
    return None


def _record(turn: Turn, subject: Subject, kind: FactKind, *details: tuple[str, str]) -> None:
    person_id = _source(turn, subject)
    turn.record(
        Fact(
            kind=kind,
            at=turn.now,
            subject_id=subject.id,
            event_id=subject.event_id,
            by_person=person_id,
            by_team=turn.actor.team_id if person_id is None else None,
            details=details,
        )
    )
