"""Injuries: kept with the first tap, told to the medic, and remembered to whoever was hurt.

An injury belongs to the call or report that it was said in, else it is an incident of its own.
"""

from dataclasses import replace

from coordination import alarmviews, audience
from coordination.attachments import find_subject
from coordination.evidence import keep_media
from coordination.quiet import unheard_chats
from coordination.turns import Turn, Work, use_case
from coordination.whereabouts import Whereabouts, find_whereabouts
from safety import injuries as rules
from safety.errors import OutdatedError
from safety.events import Event
from safety.evidence import Media
from safety.facts import Fact, FactKind
from safety.injuries import (
    ANSWERS,
    MOST_OPEN,
    STAYS_OPEN,
    Injury,
    InjuryCard,
    InjuryDue,
    InjuryNews,
    InjuryQuestion,
    InjuryReminder,
)
from safety.people import Actor, EventId, Recipient, Role
from safety.permissions import Action
from storage import (
    alarms,
    counters,
    events,
    injuries,
    reports,
    routes,
    team,
)

# ---------------------------------------------------------------- use cases


@use_case(Action.SAY_HURT)
def begin(turn: Turn, event_id: EventId | None = None, subject_id: int = 0) -> Injury:
    """Keep that the actor is hurt; said again within four days it is the same injury.

    `subject_id` is the call or the report that it belongs to, as the button says; another's counts
    for nothing.
    """
    where = find_whereabouts(turn, event_id)
    person_ids = [one.person_id for one in turn.actor.participations]
    recent = [
        one
        for one in injuries.of_holder(turn.tx, person_ids, turn.actor.team_id)
        if one.event_id == where.event_id and turn.now - one.at < STAYS_OPEN
    ]
    for known in recent:
        if not known.is_done or len(recent) >= MOST_OPEN:
            return known
    injury = Injury(
        id=turn.tx.new_id(),
        event_id=where.event_id,
        person_id=where.person_id,
        team_id=where.team_id,
        subject_id=_subject(turn, where, subject_id) or turn.tx.new_id(),
        number=counters.next_number(turn.tx, "injury"),
        at=turn.now,
    )
    _record(turn, injury)
    _keep(turn, injury)
    for recipient in _told(turn, injury):
        turn.owe(recipient, InjuryNews(injury.id), injury.event_id)
    return injury


@use_case(Action.SAY_HURT)
def answer(turn: Turn, injury_id: int, question: InjuryQuestion, value: str) -> Injury:
    """Take one tap.

    Raises:
        OutdatedError: it is not the actor's own injury, or there is no such answer.
    """
    injury = _own(turn, injury_id)
    if value not in ANSWERS[question]:
        raise OutdatedError
    if injury.answer(question) == value:
        return injury
    if question is not InjuryQuestion.REMIND:
        _record(turn, injury, (question.value, value))
    return _keep(turn, rules.answered(replace(injury, is_done=False), question, value))


@use_case(Action.SAY_HURT)
def keep_file(turn: Turn, injury_id: int, media: Media, message_id: int, words: str) -> int | None:
    """Keep a photo or a paper of it; give its number, None if it is owed already.

    Raises:
        OutdatedError: it is not the actor's own injury.
    """
    injury = _own(turn, injury_id)
    if words:
        _record(turn, injury, ("words", words))
    item = keep_media(turn, media, injury.event_id, injury.subject_id, message_id)
    if item is None:
        return None
    _keep(turn, replace(injury, files=injury.files + 1))
    return item.number


@use_case(Action.SAY_HURT)
def end(turn: Turn, injury_id: int) -> Injury:
    """Note that it is enough: nobody is reminded any more; said again it stays so.

    Raises:
        OutdatedError: it is not the actor's own injury.
    """
    return _keep(turn, replace(_own(turn, injury_id), is_done=True))


def remind(work: Work, timer: InjuryDue) -> None:
    """Remind whoever still wants it and is still there; of several moments only once."""
    injury = injuries.get(work.tx, timer.injury_id)
    if injury is None:
        return
    injury = rules.passed(injury, work.policy.law, work.now)
    recipient = _recipient(work, injury)
    if recipient is not None and recipient.chat_id not in unheard_chats(work):
        work.owe(recipient, InjuryReminder(injury.id), injury.event_id)
    _keep(work, injury)


# ---------------------------------------------------------------- looking


def look(work: Work, injury_id: int) -> Injury | None:
    """Give an injury as it stands; None where it cannot be read any more."""
    return injuries.get(work.tx, injury_id)


def look_at_own(work: Work, actor: Actor, injury_id: int) -> Injury | None:
    """Give an injury to the person whose it is, and to nobody else."""
    injury = injuries.get(work.tx, injury_id)
    person_ids = [one.person_id for one in actor.participations]
    return injury if injury is not None and injury.is_of(person_ids, actor.team_id) else None


def every(work: Work) -> list[Injury]:
    """Give every injury that can be read, the newest first."""
    return injuries.every(work.tx)


def event_of(work: Work, injury: Injury) -> Event | None:
    """Give the event that an injury belongs to, if any."""
    return None if injury.event_id is None else events.get(work.tx, injury.event_id)


def show_card(turn: Turn, injury: Injury) -> None:
    """Show what is kept, at the bottom."""
    turn.tell(InjuryCard(injury.id), injury.event_id)


# ---------------------------------------------------------------- inside


def _told(work: Work, injury: Injury) -> list[Recipient]:
    """Give the medics who can be written to, else the organizers: somebody has to learn of it."""
    for found in (
        audience.writable(work, (Role.MEDIC,)),
        team.reachable(work.tx, (Role.ORGANIZER,)),
    ):
        others = [recipient for person, recipient in found if person.id != injury.team_id]
        if others:
            return others
    return []


def _own(turn: Turn, injury_id: int) -> Injury:
    injury = look_at_own(turn, turn.actor, injury_id)
    if injury is None:
        raise OutdatedError
    return injury


def _subject(turn: Turn, where: Whereabouts, wanted: int) -> int | None:
    """Give the call or report that this belongs to: the named one if it is the actor's own.

    A report by a link is nobody's own: who is hurt would say whose it is.
    """
    alarm = alarms.get(turn.tx, wanted)
    if alarm is not None and alarm.event_id == where.event_id:
        return alarm.id if alarmviews.own_call(turn.actor, alarm) is not None else None
    chat_id, is_own = turn.actor.recipient.chat_id, turn.actor.link_id is None
    opened = reports.of_chat(turn.tx, chat_id, turn.now) if is_own else None
    if opened is not None and (opened.report_id, opened.event_id) == (wanted, where.event_id):
        return opened.report_id
    found = find_subject(turn)
    if found is None or found.event_id != where.event_id or found.caller is None:
        return None
    return found.id


def _keep(work: Work, injury: Injury) -> Injury:
    injuries.put(work.tx, injury)
    due = rules.next_reminder(injury, work.policy.law)
    if due is None:
        work.cancel_timer(InjuryDue(injury.id))
    else:
        work.set_timer(due, InjuryDue(injury.id), injury.event_id)
    return injury


def _recipient(work: Work, injury: Injury) -> Recipient | None:
    holder = injury.team_id if injury.person_id is None else injury.person_id
    return None if holder is None else routes.of_holder(work.tx, holder)


def _record(turn: Turn, injury: Injury, *details: tuple[str, str]) -> None:
    turn.record(
        Fact(
            kind=FactKind.INJURY,
            at=turn.now,
            subject_id=injury.subject_id,
            event_id=injury.event_id,
            by_person=injury.person_id,
            by_team=injury.team_id,
            about=injury.person_id,
            details=(("injury", str(injury.number)), *details),
        )
    )
