"""Purge: what is owed is withdrawn, chats emptied, rows deleted, keys destroyed, in this order.

Two people ask for it, or the time that people are kept is over. The case stays and verifies. While
a legal hold stands, neither happens.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from coordination import audience, evidence
from coordination.proposals import propose
from coordination.quiet import chat_of, empty
from coordination.turns import Turn, Work, use_case
from safety import detentions as detention_rules
from safety import retention as rules
from safety.detentions import Detention, DetentionUpdate, RemindOfDetention
from safety.errors import OutdatedError, RefusalError
from safety.events import Event, EventState
from safety.evidence import EvidenceState
from safety.people import EventId, TeamId
from safety.permissions import Action
from safety.proposals import Proposal
from safety.purges import Purged
from safety.retention import (
    PurgeEvent,
    PurgeReceipt,
    Receipt,
    RetentionDue,
    RetentionNews,
    RetentionWarning,
)
from safety.timers import Timer
from storage import (
    alarms,
    detentions,
    events,
    messages,
    outbox,
    people,
    purges,
    receipts,
    retention,
    routes,
    timers,
)
from storage import evidence as evidence_rows
from storage.events import EVENTS
from storage.routes import Route


def keep_until(work: Work, event: Event) -> None:
    """Set when the people of an event are forgotten by the rule, and the warning before."""
    _set_timers(work, event, rules.forgotten_at(event, work.policy))


def go_on(work: Work, event: Event) -> None:
    """Let the rule go on after it has waited, or was changed: nobody is forgotten unwarned."""
    earliest = work.now + rules.WARNED_BEFORE
    _set_timers(work, event, max(rules.forgotten_at(event, work.policy), earliest))


def follow_settings(work: Work) -> None:
    """Let the rule come earlier where a setting says so by now; a later one it sees by itself."""
    for event in list_known(work):
        due = timers.moment_of(work.tx, RetentionDue(event.id))
        is_late = due is None or due > rules.forgotten_at(event, work.policy)
        if is_late and not _waits(work, event):
            earliest = work.now + rules.WARNED_BEFORE
            if due is None or due > earliest:
                go_on(work, event)


def list_planned(work: Work, event: Event) -> Iterator[tuple[datetime, Timer]]:
    """Give when the organizers are warned of an event's end by the rule."""
    due = timers.moment_of(work.tx, RetentionDue(event.id))
    if due is not None:
        yield due - rules.WARNED_BEFORE, RetentionWarning(event.id)


def list_known(work: Work) -> list[Event]:
    """Give the events whose people are still known, the latest first."""
    every = events.not_closed(work.tx)
    return [event for event in every if retention.is_known(work.tx, event.id)]


def look(work: Work, event_id: EventId) -> Event | None:
    """Give an event whose people are still known, or None."""
    event = events.get(work.tx, event_id)
    if event is None or not retention.is_known(work.tx, event.id):
        return None
    return event


def title_of(work: Work, event_id: EventId) -> str | None:
    """Give the neutral title of an event, known or purged."""
    event = events.get(work.tx, event_id)
    return None if event is None else event.title


def count_people(work: Work, event_id: EventId) -> int:
    """Count everybody who has ever begun to register and was not erased."""
    return sum(people.count_by_standing(work.tx, event_id).values())


def due_at(work: Work, event: Event) -> datetime:
    """Say when the people of an event are forgotten by the rule."""
    return rules.forgotten_at(event, work.policy)


def count_held(work: Work, event_id: EventId) -> int:
    """Count those whom the bot still believes to be held, or has not heard since."""
    return sum(not one.is_closed for one in detentions.at_event(work.tx, event_id))


def has_open_alarm(work: Work, event_id: EventId) -> bool:
    """Say whether somebody's call is not resolved: a purge would end it, and ring nobody more."""
    return alarms.has_unresolved_at(work.tx, event_id)


def count_unfetched(work: Work, event_id: EventId) -> int:
    """Count the files that are still at the service: a purge leaves nobody to fetch them."""
    found = evidence_rows.unfetched_at(work.tx, event_id)
    return sum(item.state is EvidenceState.OWED for item in found)


def receipt(work: Work, receipt_id: int) -> Receipt | None:
    """Give a receipt, or None."""
    return receipts.get(work.tx, receipt_id)


def are_keys_left(work: Work, event_id: EventId) -> bool:
    """Say whether the keys of a purge are not overwritten yet, because the disk refused it."""
    return retention.are_keys_left(work.tx, event_id)


@use_case(Action.PURGE)
def ask_to_purge(turn: Turn, event_id: EventId) -> None:
    """Propose to forget everybody of an event; a second person has to confirm.

    Raises:
        OutdatedError: nobody of it is known any more.
        RefusalError: a legal hold stands, or there is nobody who could confirm.
    """
    propose(turn, PurgeEvent(event_id), _require_free(turn, event_id).id)


def carry_out(turn: Turn, intent: PurgeEvent, proposal: Proposal) -> None:
    """Forget everybody, as two people have decided.

    Raises:
        OutdatedError: nobody of it is known any more.
        RefusalError: a legal hold stands.
    """
    event = _require_free(turn, intent.event_id)
    purge_event(turn, event, By(proposal.proposed_by, turn.actor.team_id))


def warn(work: Work, timer: RetentionWarning) -> None:
    """Tell the organizers when the rule will forget an event's people; a hold tells by itself."""
    event = look(work, timer.event_id)
    if event is not None and event.legal_hold is None:
        due_at = timers.moment_of(work.tx, RetentionDue(event.id))
        news = RetentionNews(event.id, due_at or rules.forgotten_at(event, work.policy))
        audience.tell_organizers(work, news, event.id)


def forget_by_rule(work: Work, timer: RetentionDue) -> None:
    """Forget an event's people because their time is over.

    It waits while a legal hold stands, while somebody is still held, and where a setting has given
    them more time since.
    """
    event = look(work, timer.event_id)
    if event is None:
        return
    if work.now < rules.forgotten_at(event, work.policy):
        keep_until(work, event)
    elif _waits(work, event):
        work.set_timer(work.now + rules.WAITS_FOR, timer, event.id)
    else:
        purge_event(work, event, By())


@dataclass(frozen=True, slots=True)
class By:
    """Who decided a purge: two people, or nobody but the rule."""

    proposed_by: TeamId | None = None
    confirmed_by: TeamId | None = None


def purge_event(work: Work, event: Event, by: By) -> Receipt:
    """Forget everybody of an event, for good; the case stays."""
    withdrawn = outbox.withdraw_event(work.tx, event.id)
    _carry_over(work, event.id)
    evidence.stop_fetching(work, event.id)
    removed = _empty_chats(work, event.id)
    forgotten = retention.forget_event(work.tx, event.id)
    purges.note(work.tx, work.now, Purged.EVENT, event.id)
    EVENTS.put(work.tx, replace(event, state=EventState.CLOSED, voice_number=""))
    made = receipts.add(
        work.tx,
        Receipt(
            id=work.tx.new_id(),
            event_id=event.id,
            at=work.now,
            title=event.title,
            people=forgotten.people,
            invitations=forgotten.invitations,
            messages=removed,
            withdrawn=withdrawn,
            by_rule=by.confirmed_by is None,
            confirmed_by=by.confirmed_by,
            checkpoint=None,
            proposed_by=by.proposed_by,
            rows=forgotten.rows,
            keys=forgotten.keys,
            is_epoch_owed=forgotten.is_epoch_owed,
        ),
    )
    audience.tell_organizers(work, PurgeReceipt(made.id))
    return made


def _carry_over(work: Work, event_id: EventId) -> None:
    """Whoever is held and known from elsewhere, or of the team, stays so there.

    Their phone may be in other hands, so it stays quiet; and nobody could ever end that if nothing
    said any more who it is. Their cards went with the event, so they stand anew.
    """
    for one in detentions.unclosed(work.tx):
        place = _other_place(work, one, event_id) if one.event_id == event_id else None
        if place is not None:
            carried = detention_rules.carried_to(
                one, place.event_id, place.person_id, place.team_id
            )
            detentions.put(work.tx, carried)
            work.set_timer(work.now, RemindOfDetention(one.id), place.event_id)
            for _, recipient in audience.told_of(work, carried):
                work.owe(recipient, DetentionUpdate(one.id), place.event_id)


def _other_place(work: Work, one: Detention, event_id: EventId) -> Route | None:
    recipient = chat_of(work, one)
    known = [] if recipient is None else routes.of_chat(work.tx, recipient.chat_id)
    return next((place for place in known if place.event_id != event_id), None)


def _empty_chats(work: Work, event_id: EventId) -> int:
    """Have all messages about the event deleted, and whole chats of whoever has no other place."""
    before = messages.count(work.tx)
    for place in retention.places(work.tx, event_id):
        if place.is_only:
            empty(work, place.recipient)
            retention.forget_chat(work.tx, place.recipient.chat_id)
    work.remove(messages.take_event(work.tx, event_id))
    return before - messages.count(work.tx)


def _set_timers(work: Work, event: Event, due_at: datetime) -> None:
    work.set_timer(due_at - rules.WARNED_BEFORE, RetentionWarning(event.id), event.id)
    work.set_timer(due_at, RetentionDue(event.id), event.id)


def _waits(work: Work, event: Event) -> bool:
    is_held = count_held(work, event.id) > 0 and rules.may_wait(event, work.policy, work.now)
    return event.legal_hold is not None or is_held


def _require_free(work: Work, event_id: EventId) -> Event:
    event = look(work, event_id)
    if event is None:
        raise OutdatedError
    if event.legal_hold is not None:
        raise RefusalError("purge-held-back")
    return event
