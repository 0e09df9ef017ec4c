"""Detentions: one tap keeps what was sent, empties the phone, and tells the lawyer and organizers.

Whoever is held is never counted as safe; nor after a release, until somebody heard their voice.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from coordination import audience, board, secondchannel
from coordination.alarms import hear_after_release
from coordination.alarms import stand_down as hand_alarms_on
from coordination.quiet import chat_of, end_quiet, go_quiet, unclosed_with, unheard_chats
from coordination.returning import ring_for_what_is_open, tell_what_was_missed
from coordination.telling import bring_key
from coordination.turns import Turn, Work, use_case
from coordination.waking import make_way
from coordination.whereabouts import Whereabouts, find_whereabouts
from coordination.whois import find_approved, holder_of, name_key
from safety import detentions as rules
from safety.alarms import WORDS_KEPT, Alarm, Place
from safety.detentions import (
    LAWYER_PRESENT,
    Detention,
    DetentionRing,
    DetentionState,
    DetentionUpdate,
    LawyerThere,
    RemindOfDetention,
    Sighting,
)
from safety.errors import OutdatedError, RefusalError
from safety.events import Event, current
from safety.facts import Fact, FactKind
from safety.notices import Notice
from safety.people import EventId, PersonId, Presence, Recipient, Role, Standing, TeamId
from safety.permissions import Action
from safety.registration import Situation
from storage import (
    alarms,
    counters,
    detentions,
    disclosure,
    events,
    forms,
    messages,
    people,
    routes,
    team,
)

# ---------------------------------------------------------------- use cases


@use_case(Action.SAY_TAKEN)
def say_taken(turn: Turn, event_id: EventId | None = None) -> None:
    """Note that the actor is being taken, empty their chat, and go quiet; again: nothing."""
    where = find_whereabouts(turn, event_id)
    if detentions.held(turn.tx, where.person_id, where.team_id) is None:
        _detain(turn, where, turn.actor.recipient, Sighting(turn.now, None))


@use_case(Action.MARK)
def mark_taken(turn: Turn, person_id: PersonId) -> Detention:
    """Note that somebody of the team has seen a participant being taken.

    Raises:
        OutdatedError: there is no such approved person any more.
        RefusalError: they are marked already.
    """
    person = people.situation(turn.tx, person_id)
    if person is None or person.standing is not Standing.APPROVED:
        raise OutdatedError
    if detentions.held(turn.tx, person_id, None) is not None:
        raise RefusalError("detention-known")
    where = Whereabouts(person.event_id, person_id, None)
    recipient = routes.of_holder(turn.tx, person_id)
    return _detain(turn, where, recipient, Sighting(turn.now, turn.actor.team_id))


@use_case(Action.MARK)
def add_sighting(
    turn: Turn, detention_id: int, seen: Sighting, point: Place | None = None
) -> None:
    """Add where and when it was seen, as far as whoever marked it knows.

    Raises:
        OutdatedError: the detention cannot be read any more.
    """
    detention = rules.see(known(turn, detention_id), replace(seen, by=turn.require_team_id()))
    if point is not None:
        detention = rules.locate(detention, point, seen.at)
    details = (("place", seen.place or ""), ("when", seen.when or ""))
    record(turn, FactKind.DETENTION, detention, *(one for one in details if one[1]))
    publish(turn, detention)


@use_case(Action.ANSWER_DETENTION)
def answer(turn: Turn, detention_id: int) -> None:
    """Note *I'm on it*: the others see it, and the ringing slows down to reminders.

    Raises:
        OutdatedError: the detention is closed, or gone, or the actor's own.
    """
    detention = known(turn, detention_id)
    if detention.is_closed or _is_own(turn, detention):
        raise OutdatedError
    if turn.actor.team_role is Role.LAWYER and not is_lawyer_told(turn, detention):
        record(turn, FactKind.DETENTION, detention, ("lawyer", "told"))
    publish(turn, rules.answer(detention, turn.require_team_id(), turn.now))


@use_case(Action.ANSWER_DETENTION)
def transfer(turn: Turn, detention_id: int, place: str) -> None:
    """Note where the person was brought; told after a release, it is kept as a sighting.

    Raises:
        OutdatedError: the detention is gone.
    """
    detention = known(turn, detention_id)
    if detention.is_held:
        detention = rules.transfer(detention, place, turn.require_team_id(), turn.now)
    else:
        detention = rules.see(detention, Sighting(turn.now, turn.require_team_id(), place))
    record(turn, FactKind.DETENTION, detention, ("transferred", place))
    publish(turn, detention)


@use_case(Action.ANSWER_DETENTION)
def note_lawyer(turn: Turn, detention_id: int, said: LawyerThere) -> None:
    """Note whether a lawyer is, or was, with the person; said again it changes nothing.

    Raises:
        OutdatedError: the detention is gone.
    """
    detention = known(turn, detention_id)
    if detention.lawyer_there is not said:
        record(turn, FactKind.DETENTION, detention, (LAWYER_PRESENT, said.value))
        publish(turn, replace(detention, lawyer_there=said))


@use_case(Action.ANSWER_DETENTION)
def release(turn: Turn, detention_id: int) -> None:
    """Note a release: the last ends the quiet; nothing is sent, and nothing is verified by it.

    Raises:
        OutdatedError: they are released already, or the detention is gone.
    """
    detention = known(turn, detention_id)
    if not detention.is_held:
        raise OutdatedError
    detention = rules.release(detention, turn.require_team_id(), turn.now)
    record(turn, FactKind.RELEASED, detention)
    publish(turn, detention)
    recipient = chat_of(turn, detention)
    if recipient is not None:
        end_quiet(turn, recipient)
    if detentions.held(turn.tx, detention.person_id, detention.team_id) is None:
        _change_person(turn, detention.person_id, _is_released)


@use_case(Action.ANSWER_DETENTION)
def hear(turn: Turn, detention_id: int) -> None:
    """Note that somebody has heard the released person's voice: whatever held them is closed.

    Only now does the bot write to them by itself again: what holds, and the key that went.

    Raises:
        OutdatedError: they are held, or were heard already, or the detention is gone.
        RefusalError: it is the actor's own, and whoever has that phone could press it; or by
            another card they are held still.
    """
    detention = known(turn, detention_id)
    if detention.is_held or detention.is_closed:
        raise OutdatedError
    if _is_own(turn, detention):
        raise RefusalError("detention-own-voice")
    unheard = unclosed_with(turn, detention)
    for one in unheard:
        if one.is_held:
            raise RefusalError("detention-held-still", number=one.number)
    for one in unheard:
        heard = rules.hear(one, turn.require_team_id(), turn.now)
        _change_person(turn, heard.person_id, _is_heard)
        record(turn, FactKind.VERIFIED, heard)
        publish(turn, heard)
        hear_after_release(turn, heard.event_id, heard.person_id, heard.team_id)
    _tell_what_was_missed(turn, unheard)


def keep_words(turn: Turn, detention: Detention, words: str) -> None:
    """Keep what came from the person's phone as a part of the detention."""
    detention = rules.say(detention, words[:WORDS_KEPT])
    record(turn, FactKind.REPORT, detention, ("words", words[:WORDS_KEPT]))
    publish(turn, detention)


def remind(work: Work, timer: RemindOfDetention) -> None:
    """Ring whoever is told of a detention again."""
    detention = detentions.get(work.tx, timer.detention_id)
    if detention is None:
        return
    due, is_ahead = next_ring(work, detention), detention.rung_at > work.now
    if due is not None and (due <= work.now or is_ahead):  # ahead: the clock was set back
        detention = rules.rung(detention, work.now)
        _show(work, detention, DetentionRing(detention.id))
        board.refresh(work, detention.event_id)
    _keep(work, detention)


def stand_down(work: Work, team_id: TeamId) -> None:
    """Ring again at once where somebody was on it who has left, is frozen, or taken."""
    for detention in detentions.unclosed(work.tx):
        left = rules.stand_down(detention, team_id, work.now)
        if left is detention:
            continue
        _keep(work, left)
        is_covered = bool(left.answers)
        _show(work, left, (DetentionUpdate if is_covered else DetentionRing)(left.id))


def set_back(work: Work, by: timedelta) -> None:
    """Let open detentions ring as if the clock had not been set back."""
    for detention in detentions.unclosed(work.tx):
        detentions.put(work.tx, rules.set_back(detention, by))


def next_ring(work: Work, detention: Detention) -> datetime | None:
    """Say when a detention must ring next; None once it is closed."""
    policy, thresholds = work.policy, [one.after for one in work.policy.law.detention]
    return rules.next_ring(
        detention, policy.escalate_after, policy.detention_again_after, thresholds
    )


def publish(work: Work, detention: Detention) -> None:
    """Store a changed detention, and let its cards show it."""
    _keep(work, detention)
    _show(work, detention, DetentionUpdate(detention.id))


# ---------------------------------------------------------------- for what goes on in one


def known(turn: Turn, detention_id: int) -> Detention:
    """Give a detention that is acted on.

    Raises:
        OutdatedError: it cannot be read any more.
    """
    detention = detentions.get(turn.tx, detention_id)
    if detention is None:
        raise OutdatedError
    return detention


def record(turn: Turn, kind: FactKind, detention: Detention, *details: tuple[str, str]) -> None:
    """State what happened, as a part of what this detention has opened.

    Who is held as somebody of another event is not named: what they allow holds for that one.
    """
    is_own = any(one.person_id == detention.person_id for one in turn.actor.participations)
    person = (
        None if detention.person_id is None else people.situation(turn.tx, detention.person_id)
    )
    is_of_another = person is not None and person.event_id != detention.event_id
    turn.record(
        Fact(
            kind=kind,
            at=turn.now,
            subject_id=detention.id,
            event_id=detention.event_id,
            by_person=detention.person_id if is_own and not is_of_another else None,
            by_team=None if is_own else turn.actor.team_id,
            about=None if is_of_another else detention.person_id,
            details=(("number", str(detention.number)), *details),
        )
    )


# ---------------------------------------------------------------- looking


def look(work: Work, detention_id: int) -> Detention | None:
    """Give a detention as it stands; None where it cannot be read any more."""
    return detentions.get(work.tx, detention_id)


def held_actor(turn: Turn) -> Detention | None:
    """Give the detention in which the actor is held, or None."""
    found = (detentions.held(turn.tx, *one) for one in _own_ids(turn))
    return next((one for one in found if one is not None), None)


def held_person(work: Work, person_id: PersonId) -> Detention | None:
    """Give the detention in which a participant is held, or None."""
    return detentions.held(work.tx, person_id, None)


def is_lawyer_told(work: Work, detention: Detention) -> bool:
    """Say whether a lawyer has answered."""
    answered = {one.by for one in detention.answers}
    return any(one.id in answered for one in team.active(work.tx, (Role.LAWYER,)))


def unclosed(work: Work) -> tuple[list[Detention], list[Alarm]]:
    """Give what the lawyer's list shows: detentions and alarms that are not closed."""
    return detentions.unclosed(work.tx), alarms.unresolved(work.tx)


def event_of(work: Work, detention: Detention) -> Event | None:
    """Give the event that a detention belongs to, if any."""
    return None if detention.event_id is None else events.get(work.tx, detention.event_id)


def to_mark(work: Work, event_id: EventId) -> Sequence[Situation]:
    """Give the approved people of an event by name; nameless where the roster is locked."""
    return sorted(find_approved(work, event_id), key=name_key)


def event_to_mark(turn: Turn) -> EventId:
    """Give the event whose people are marked: the one that is on, else the next.

    Raises:
        RefusalError: there is none.
    """
    event = current(events.open_events(turn.tx), turn.now)
    if event is None:
        raise RefusalError("mark-no-event")
    return event.id


# ---------------------------------------------------------------- inside


def _detain(
    turn: Turn, where: Whereabouts, recipient: Recipient | None, sighting: Sighting
) -> Detention:
    detention = Detention(
        id=turn.tx.new_id(),
        event_id=where.event_id,
        person_id=where.person_id,
        team_id=where.team_id,
        number=counters.next_number(turn.tx, "detention"),
        state=DetentionState.OPEN,
        since=turn.now,
        rung_at=turn.now,
        sightings=(sighting,),
    )
    make_way(turn)
    detention = _with_place(turn, detention)
    if recipient is not None:
        detention = _with_draft(turn, detention, recipient)
        go_quiet(turn, recipient)
        holder = holder_of(turn, recipient.chat_id)
        if holder is not None:
            hand_alarms_on(turn, holder)
            stand_down(turn, holder)
    _change_person(turn, where.person_id, _is_taken)
    _keep(turn, detention)
    _record_beginning(turn, detention, sighting)
    _show(turn, detention, DetentionRing(detention.id))
    return detention


def _with_place(work: Work, detention: Detention) -> Detention:
    """Take over where the person was last, as an alarm of theirs knows it."""
    alarm = alarms.unresolved_at(work.tx, detention.event_id)
    caller = None if alarm is None else alarm.caller(detention.person_id, detention.team_id)
    if caller is None or caller.place is None or caller.place_at is None:
        return detention
    return rules.locate(detention, caller.place, caller.place_at)


def _with_draft(work: Work, detention: Detention, recipient: Recipient) -> Detention:
    """Keep what the person had begun to write of who went where, before their chat is emptied.

    Of any other form the answers go: a place that is planned, a name, what hurts is not for those
    who read this.
    """
    draft = forms.get(work.tx, recipient.chat_id)
    if draft is not None and draft.form in rules.KEPT_FORMS:
        for _, typed in draft.answers:
            detention = rules.say(detention, typed)
    return detention


def _record_beginning(turn: Turn, detention: Detention, sighting: Sighting) -> None:
    details = [("said-by", "person" if sighting.by is None else "team")]
    if detention.words:
        details.append(("words", "\n".join(detention.words)))
    if detention.place is not None:
        details.append(("location", f"{detention.place[0]:.6f},{detention.place[1]:.6f}"))
    record(turn, FactKind.DETENTION, detention, *details)


def _own_ids(turn: Turn) -> list[tuple[PersonId | None, TeamId | None]]:
    team_id, others = turn.actor.team_id, turn.actor.participations
    return [*((one.person_id, None) for one in others), *([(None, team_id)] if team_id else [])]


def _is_own(turn: Turn, detention: Detention) -> bool:
    return any(detention.is_of(*one) for one in _own_ids(turn))


def _tell_what_was_missed(turn: Turn, heard: Sequence[Detention]) -> None:
    """Tell all of it; not an account that is frozen: it is not its owner's until two say so."""
    recipient = chat_of(turn, heard[0])
    if recipient is None or recipient.chat_id in unheard_chats(turn):
        return
    for one in heard:
        event_id, person_id = one.event_id, one.person_id
        if event_id and person_id and disclosure.knows_any(turn.tx, event_id, person_id):
            bring_key(turn, event_id, person_id, recipient)
    tell_what_was_missed(turn, recipient)
    holder = holder_of(turn, recipient.chat_id)
    if holder is not None:
        ring_for_what_is_open(turn, holder, recipient, but_shown=True)


def _keep(work: Work, detention: Detention) -> None:
    detentions.put(work.tx, detention)
    due = next_ring(work, detention)
    if due is None:
        work.cancel_timer(RemindOfDetention(detention.id))
    else:
        work.set_timer(due, RemindOfDetention(detention.id), detention.event_id)
    secondchannel.follow_detention(work, detention)


def _show(work: Work, detention: Detention, notice: Notice) -> None:
    told = [recipient for _, recipient in audience.told_of(work, detention)]
    for recipient in told:
        work.owe(recipient, notice, detention.event_id)
    update = DetentionUpdate(detention.id)  # for whoever was rung while nobody else was left
    for recipient in messages.chats_with(work.tx, update.card()):
        if recipient not in told:
            work.owe(recipient, update, detention.event_id)


def _change_person(
    work: Work, person_id: PersonId | None, change: Callable[[Situation], Situation]
) -> None:
    person = None if person_id is None else people.situation(work.tx, person_id)
    if person is not None:
        people.change(work.tx, change(person))


def _is_taken(person: Situation) -> Situation:
    return replace(person, presence=Presence.TAKEN, needs_help=True, is_unverified=False)


def _is_released(person: Situation) -> Situation:
    return replace(person, presence=Presence.UNANSWERED, is_unverified=True)


def _is_heard(person: Situation) -> Situation:
    return replace(person, needs_help=False, is_unverified=False)
