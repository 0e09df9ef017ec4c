"""After an event: who invited whom, whoever was not approved, and who was where go at their time.

Nothing of it waits for the roster's key.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from coordination.erasure import erase_person, forget_person
from coordination.turns import Work
from safety import retention as rules
from safety.events import Event
from safety.people import EventId, PersonId, Standing
from safety.registration import hearing
from safety.retention import EventOver, TracesOver
from storage import (
    alarms,
    detentions,
    envelopes,
    events,
    messages,
    people,
    routes,
    timers,
    traces,
)
from storage.transaction import Transaction

IsLeft = Callable[[Transaction, EventId], bool]

LOOKS_AGAIN = timedelta(hours=6)  # while somebody is held
UNAPPROVED = (Standing.INVITED, Standing.PENDING, Standing.WAITING, Standing.DECLINED)


def set_lives(work: Work, event: Event) -> None:
    """Set when the event's vouching, its unapproved registrations and its traces go."""
    vouched_until = rules.vouched_until(event, work.policy)
    work.set_timer(vouched_until, EventOver(event.id), event.id)
    work.set_timer(rules.traced_until(event, work.policy), TracesOver(event.id), event.id)


def follow_settings(work: Work) -> None:
    """Let lives end at their time where a timer was lost, or a setting says earlier by now."""
    for event in events.not_closed(work.tx):
        has_vouching = traces.is_vouching_left(work.tx, event.id)
        until = (rules.vouched_until if has_vouching else rules.awaited_until)(event, work.policy)
        _follow(work, EventOver(event.id), until, traces.is_vouching_left)
        traced_until = rules.traced_until(event, work.policy)
        _follow(work, TracesOver(event.id), traced_until, traces.are_left)


def _follow(work: Work, timer: EventOver | TracesOver, until: datetime, is_left: IsLeft) -> None:
    due, latest = timers.moment_of(work.tx, timer), max(until, work.now + LOOKS_AGAIN)
    is_lost = due is None and (work.now < until or is_left(work.tx, timer.event_id))
    if is_lost or (due is not None and due > latest):
        work.set_timer(max(until, work.now), timer, timer.event_id)


def end_event(work: Work, timer: EventOver) -> None:
    """The event has ended: nobody needs to know who invited whom, and who was not approved.

    Called off, whoever might still have come stays until they have had the time to read of it.
    """
    event = events.get(work.tx, timer.event_id)
    if event is None:
        return
    if work.now < rules.vouched_until(event, work.policy):
        set_lives(work, event)  # a setting has changed since the timer was set
        return
    traces.forget_vouching(work.tx, event.id)
    awaited_until = rules.awaited_until(event, work.policy)
    kept: Sequence[Standing] = ()
    if work.now < awaited_until:
        kept = hearing(event.state)
        work.set_timer(awaited_until, timer, event.id)
    _forget_unapproved(work, event.id, [one for one in UNAPPROVED if one not in kept])


def forget_traces(work: Work, timer: TracesOver) -> None:
    """The time of an evening's traces is over; while somebody is unheard it waits for the roster.

    Whoever was kept at the end of the event for such a reason goes now, too.
    """
    event = events.get(work.tx, timer.event_id)
    if event is None:
        return
    is_early = work.now < rules.traced_until(event, work.policy)
    if is_early or (_is_unsettled(work, event.id) and _may_wait(work, event)):
        until = rules.traced_until(event, work.policy)
        work.set_timer(until if is_early else work.now + LOOKS_AGAIN, timer, event.id)
        return
    traces.forget(work.tx, event.id)
    end_event(work, EventOver(event.id))


def _may_wait(work: Work, event: Event) -> bool:
    return work.now < rules.forgotten_at(event, work.policy)


def _is_unsettled(work: Work, event_id: EventId) -> bool:
    is_held = any(not one.is_closed for one in detentions.at_event(work.tx, event_id))
    return is_held or alarms.has_unresolved_at(work.tx, event_id)


def _forget_unapproved(work: Work, event_id: EventId, standings: Sequence[Standing]) -> None:
    alarm = alarms.unresolved_at(work.tx, event_id)
    if alarm is None and alarms.has_unresolved_at(work.tx, event_id):
        return  # nobody can say who calls in it
    calling = {caller.person_id for caller in alarm.callers} if alarm is not None else set()
    held = {one.person_id for one in detentions.at_event(work.tx, event_id) if not one.is_closed}
    for person_id in people.ids_with_standing(work.tx, event_id, *standings):
        has_left_something = envelopes.of_person(work.tx, person_id) is not None
        if person_id not in calling | held and not has_left_something:
            _forget(work, person_id)


def _forget(work: Work, person_id: PersonId) -> None:
    """Erase somebody; whoever has another place as well keeps what is about that one."""
    person = people.situation(work.tx, person_id)
    recipient = routes.of_holder(work.tx, person_id)
    if person is None:
        return
    if recipient is None or len(routes.of_chat(work.tx, recipient.chat_id)) == 1:
        erase_person(work, person)
        return
    work.remove(messages.take_event(work.tx, person.event_id, recipient.chat_id))
    forget_person(work, person)
