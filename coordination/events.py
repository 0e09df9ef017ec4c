"""Events: planned, changed, called off by an organizer; minors only where two organizers agree."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from coordination import proposals
from coordination.audience import update_organizers
from coordination.quiet import unheard_chats
from coordination.schedule import schedule
from coordination.turns import Turn, Work, use_case
from coordination.whois import find_teammate
from safety.dates import AHEAD, LONGEST
from safety.errors import OutdatedError, RefusalError
from safety.events import (
    LIVE_EVENTS,
    AllowMinors,
    Event,
    EventNews,
    EventScreen,
    EventState,
    NumberNews,
    Plan,
    TellNews,
    current,
    moved,
)
from safety.people import EventId, Recipient, Role, Standing
from safety.permissions import Action
from safety.proposals import Proposal
from safety.registration import FORM_NAME, QueueNews, hearing
from safety.team import TeamPerson
from safety.timers import CHUNK, CHUNK_EVERY
from storage import events, forms, people, team
from storage.events import EVENTS
from storage.transaction import LockedError

TOLD_OF_NUMBER = (Role.ORGANIZER, Role.DEPUTY, Role.STEWARD)


@dataclass(frozen=True, slots=True)
class Numbers:
    """An event in numbers of people."""

    opened: int  # have opened their invitation and not finished
    pending: int
    approved: int
    waiting: int
    declined: int


def look(work: Work, event_id: EventId | None) -> Event | None:
    """Give this event, or the one that a word without an event means."""
    if event_id is not None:
        return events.get(work.tx, event_id)
    return current(events.open_events(work.tx), work.now)


def list_open(work: Work) -> list[Event]:
    """Give the open events, the earliest first."""
    return events.open_events(work.tx)


def count(work: Work, event: Event) -> Numbers:
    """Count an event's people, opening no row."""
    found = people.count_by_standing(work.tx, event.id)
    return Numbers(
        opened=found.get(Standing.INVITED, 0),
        pending=found.get(Standing.PENDING, 0),
        approved=found.get(Standing.APPROVED, 0),
        waiting=found.get(Standing.WAITING, 0),
        declined=found.get(Standing.DECLINED, 0),
    )


@use_case(Action.MANAGE_EVENT)
def require_room(turn: Turn) -> None:
    """Make sure, before anything is asked, that another event can be planned.

    Raises:
        LockedError: what is locked stays so, also for those who would come.
        RefusalError: there are too many events, or too many cases that are kept.
    """
    if turn.tx.is_locked:
        raise LockedError
    if len(turn.tx.live_events()) >= LIVE_EVENTS:
        raise RefusalError("event-too-many")
    if not turn.tx.has_room_for_event():
        raise RefusalError("event-no-key-room")


@use_case(Action.MANAGE_EVENT)
def create(turn: Turn, plan: Plan) -> Event:
    """Make an event with keys of its own, and set what is due when.

    Raises:
        LockedError: nobody new can be known now.
        RefusalError: its time makes no sense, or there are too many events or cases.
    """
    require_room(turn)
    event = Event(
        id=EventId(turn.tx.new_id()),
        state=EventState.OPEN,
        title=plan.title,
        city=plan.city,
        zone=plan.zone,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        capacity=plan.capacity,
        language=plan.language,
        created_by=turn.require_team_id(),
        voice_number=plan.voice_number,
    )
    _require_sense(turn, event)
    turn.tx.create_event_keys(event.id)
    EVENTS.put(turn.tx, event)
    schedule(turn, event)
    turn.reply(EventScreen(event.id))
    return event


@use_case(Action.MANAGE_EVENT)
def move(turn: Turn, event_id: EventId, starts_at: datetime, ends_at: datetime) -> None:
    """Change when an event starts and ends; everybody registered is told, every timer moves.

    Raises:
        RefusalError: the new time makes no sense, is too late, or the event is over.
        OutdatedError: the event is not open.
    """
    event = moved(movable(turn, event_id), starts_at, ends_at)
    _require_sense(turn, event)
    EVENTS.put(turn.tx, event)
    schedule(turn, event)
    _tell_everybody(turn, event)
    turn.reply(EventScreen(event.id))


@use_case(Action.MANAGE_EVENT)
def set_capacity(turn: Turn, event_id: EventId, capacity: int) -> None:
    """Change how many people there is room for.

    Raises:
        OutdatedError: the event is not open.
    """
    EVENTS.put(turn.tx, replace(open_event(turn, event_id), capacity=capacity))
    turn.reply(EventScreen(event_id))


@use_case(Action.MANAGE_EVENT)
def set_number(turn: Turn, event_id: EventId, number: str) -> None:
    """Change whom to call when the bot does not answer; an empty number: nobody.

    The others of the team learn it at once: an account in wrong hands must not lead the calls of
    everybody elsewhere unseen.

    Raises:
        OutdatedError: the event is not open.
    """
    event = open_event(turn, event_id)
    EVENTS.put(turn.tx, replace(event, voice_number=number))
    turn.reply(EventScreen(event_id))
    if number != event.voice_number:
        actor = find_teammate(turn, turn.actor.team_id)
        news = NumberNews(event_id, "" if actor is None else actor.name)
        for person, recipient in _team_to_tell(turn, TOLD_OF_NUMBER):
            if person.id != turn.actor.team_id:
                turn.owe(recipient, news, event_id)


@use_case(Action.MANAGE_EVENT)
def cancel(turn: Turn, event_id: EventId) -> None:
    """Call an event off: everybody is told, no place of it any more.

    Alarms, detentions, roll calls and reports go on: people may be on their way, or in trouble.

    Raises:
        OutdatedError: it is not open.
    """
    cancelled = EventState.CANCELLED
    event = replace(open_event(turn, event_id), state=cancelled, cancelled_at=turn.now)
    EVENTS.put(turn.tx, event)
    schedule(turn, event)
    _tell_everybody(turn, event)
    update_organizers(turn, QueueNews(event_id), event_id)
    turn.reply(EventScreen(event_id))


@use_case(Action.MANAGE_EVENT)
def ask_for_minors(turn: Turn, event_id: EventId, *, allows: bool) -> None:
    """Propose that people under 18 may register with a companion, or no longer may.

    Raises:
        RefusalError: there is nobody who could confirm.
        OutdatedError: the event is not open, or it stands so already.
    """
    if open_event(turn, event_id).allows_minors is allows:
        raise OutdatedError
    proposals.propose(turn, AllowMinors(event_id, allows), event_id)


def confirm_minors(turn: Turn, intent: AllowMinors, _proposal: Proposal) -> None:
    """Another organizer agrees; a deputy's word is not enough for this.

    Raises:
        RefusalError: the actor is no organizer.
        OutdatedError: the event is not open.
    """
    if turn.actor.team_role is not Role.ORGANIZER:
        raise RefusalError("event-minors-organizers")
    event = open_event(turn, intent.event_id)
    EVENTS.put(turn.tx, replace(event, allows_minors=intent.allows))


def open_event(work: Work, event_id: EventId) -> Event:
    """Give an event that is still open.

    Raises:
        OutdatedError: it is not.
    """
    event = events.get(work.tx, event_id)
    if event is None or event.state is not EventState.OPEN:
        raise OutdatedError
    return event


def movable(work: Work, event_id: EventId) -> Event:
    """Give an event whose time can still be changed; what is kept of people counts from its end.

    Raises:
        OutdatedError: it is not open.
        RefusalError: it is over.
    """
    event = open_event(work, event_id)
    if event.ends_at <= work.now:
        raise RefusalError("event-over")
    return event


def _require_sense(turn: Turn, event: Event) -> None:
    if event.starts_at <= turn.now:
        raise RefusalError("event-day-over")
    if not event.starts_at < event.ends_at <= event.starts_at + LONGEST:
        raise RefusalError("event-too-long")
    if event.starts_at > turn.now + AHEAD:
        raise RefusalError("event-day-far")


def _tell_everybody(turn: Turn, event: Event) -> None:
    """Tell everybody who counts on the event, the team at once.

    Not a phone that was released, until its owner's voice was heard.
    """
    for person, recipient in _team_to_tell(turn, (Role.ORGANIZER, Role.STEWARD)):
        if person.id != turn.actor.team_id:
            turn.owe(recipient, EventNews(event.id), event.id)
    tell_news(turn, TellNews(event.id))


def tell_news(work: Work, timer: TellNews) -> None:
    """Tell the next who have registered how the event stands now, also while the roster is locked.

    That it is called off also whoever is about to. Not a phone that was released, as above.
    """
    event = events.get(work.tx, timer.event_id)
    if event is None:
        return
    unheard, told = unheard_chats(work), hearing(event.state)
    found = people.next_with_standing(work.tx, event.id, told, timer.after, CHUNK)
    for person_id in found:
        recipient = people.recipient_of(work.tx, person_id)
        if recipient is None:
            continue
        if event.state is EventState.CANCELLED:
            _stop_asking(work, event.id, recipient)
        if recipient.chat_id not in unheard:
            work.owe(recipient, EventNews(event.id), event.id)
    if len(found) == CHUNK:
        more = TellNews(event.id, found[-1])
        work.set_timer(work.now + CHUNK_EVERY, more, event.id)


def _stop_asking(work: Work, event_id: EventId, recipient: Recipient) -> None:
    """Drop what somebody has answered so far, if they were registering for this event."""
    draft = forms.get(work.tx, recipient.chat_id)
    if draft is not None and draft.form == FORM_NAME and draft.event_id == event_id:
        forms.remove(work.tx, recipient.chat_id)


def _team_to_tell(work: Work, roles: Collection[Role]) -> list[tuple[TeamPerson, Recipient]]:
    """Give whom a change is told: no steward who is out, and whose voice nobody has heard."""
    unheard = unheard_chats(work)
    return [
        (person, recipient)
        for person, recipient in team.reachable(work.tx, roles)
        if person.role is not Role.STEWARD or recipient.chat_id not in unheard
    ]
