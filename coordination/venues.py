"""Venues: entered by one, confirmed by another, told in stages, held by one, moved by two.

Releasing, resuming and moving take a second person; holding takes one, and counts at once.
"""

from dataclasses import dataclass, replace

from coordination.actors import find_actor
from coordination.audience import tell_organizers
from coordination.board import refresh
from coordination.disclosure import look, require_event
from coordination.events import open_event
from coordination.proposals import propose
from coordination.telling import advance, show_organizers, tell_holders
from coordination.turns import Turn, Work, use_case
from safety import venues as rules
from safety.disclosure import (
    ConfirmVenue,
    EndHold,
    HoldOn,
    NewPlace,
    PlacePin,
    PlaceShown,
    PlacesOver,
    Release,
    ReleaseNow,
    RelocateTo,
    StageDue,
    TellHolders,
    TellMore,
    VenueDetails,
    VenueOpened,
    place_tag,
)
from safety.errors import OutdatedError, RefusalError
from safety.events import Event
from safety.facts import Fact, FactKind
from safety.people import ChatId, EventId, Role, Unprinted
from safety.permissions import Action
from safety.proposals import Proposal
from safety.venues import (
    Place,
    Reason,
    Stage,
    StageTimes,
    Venue,
    VenueState,
)
from storage import disclosure, events, messages, outbox
from storage.disclosure import Outline


@dataclass(frozen=True, slots=True, repr=False)
class Entry(Unprinted):
    """What was entered of a venue. `address` None: a steward walks people in."""

    area: str
    meeting_point: Place
    address: Place | None
    times: StageTimes | None = None  # None: as before, or the usual ones


@dataclass(frozen=True, slots=True)
class StageCount:
    """To how many a stage was told, and how many of them have pressed *Show*."""

    stage: Stage
    told: int
    shown: int


@dataclass(frozen=True, slots=True, repr=False)
class VenueView(Unprinted):
    """An event's venue as organizers see it: no place, only times and numbers."""

    event: Event
    venue: Venue | None
    proposed: Venue | None
    told: tuple[StageCount, ...]
    next: Stage | None
    locked: Outline | None = None  # all that is known of it while it is locked
    is_locked: bool = False
    copies_left: int = 0  # messages about any of its places that nobody can take back


# ---------------------------------------------------------------- use cases


@use_case(Action.SET_VENUE)
def open_card(turn: Turn, event_id: EventId) -> None:
    """Show the venue's card at the bottom of the chat."""
    turn.tell(VenueOpened(event_id), event_id)


@use_case(Action.SET_VENUE)
def enter(turn: Turn, event_id: EventId, entry: Entry) -> Venue:
    """Keep a venue, and ask a second person to confirm it.

    Raises:
        RefusalError: there is one that holds already, or nobody else can confirm.
    """
    event = require_event(turn, event_id)
    if disclosure.confirmed(turn.tx, event_id) is not None:
        raise RefusalError("venue-exists")
    venue = _new_venue(turn, event, entry)
    propose(turn, ConfirmVenue(venue.id), event_id)
    show_organizers(turn, event_id)
    return venue


def carry_venue(turn: Turn, intent: ConfirmVenue, _proposal: Proposal) -> None:
    """Let a venue hold, now that a second person has confirmed it."""
    venue, event = _proposed(turn, intent.venue_id)
    if disclosure.confirmed(turn.tx, event.id) is not None:
        raise OutdatedError
    confirmed = replace(venue, state=VenueState.CONFIRMED)
    disclosure.put(turn.tx, confirmed)
    advance(turn, confirmed, event)
    tell_organizers(turn, VenueOpened(event.id), event.id)


@use_case(Action.RELEASE)
def release_next(turn: Turn, event_id: EventId) -> None:
    """Ask a second person to let the next stage be told now.

    Raises:
        RefusalError: all is told, it is on hold, no venue holds, or nobody else can confirm.
    """
    event, venue = require_event(turn, event_id), _confirmed(turn, event_id)
    if venue.hold is not None:
        raise RefusalError("venue-on-hold")
    stage = rules.next_stage(venue, event.starts_at, turn.now)
    if stage is None:
        raise RefusalError("venue-all-told")
    propose(turn, ReleaseNow(venue.id, stage), event_id)


def carry_release(turn: Turn, intent: ReleaseNow, _proposal: Proposal) -> None:
    """Tell a stage before its time, now that a second person has confirmed it."""
    venue, event = _venue_that_holds(turn, intent.venue_id)
    if venue.hold is not None:
        raise RefusalError("venue-on-hold")
    released = rules.release(venue, intent.stage)
    disclosure.put(turn.tx, released)
    advance(turn, released, event)


@use_case(Action.HOLD)
def hold(turn: Turn, event_id: EventId) -> int:
    """Stop all releases at once; everybody who knew something is told to wait. Give the venue.

    Raises:
        OutdatedError: the event is over, cancelled or unknown.
        RefusalError: there is no venue, or it is on hold already.
    """
    open_event(turn, event_id)
    held = disclosure.outline_at(turn.tx, event_id)
    if held is None:
        raise RefusalError("hold-nothing")
    if held.hold is not None:
        raise RefusalError("hold-already")
    disclosure.hold(turn.tx, event_id, turn.require_team_id(), turn.now)
    outbox.withdraw_kind(turn.tx, event_id, Release, NewPlace, PlaceShown, PlacePin)
    tell_holders(turn, TellHolders(held.id))
    _record(turn, FactKind.HOLD, held)
    tell_organizers(turn, VenueOpened(event_id), event_id)
    refresh(turn, event_id)
    return held.id


@use_case(Action.HOLD)
def explain_hold(turn: Turn, venue_id: int, reason: Reason, words: str | None) -> None:
    """Add why it is on hold; while that is locked, to the case alone.

    Raises:
        OutdatedError: it is not on hold any more.
    """
    venue = disclosure.outline(turn.tx, venue_id)
    if venue is None or venue.hold is None:
        raise OutdatedError
    known = look(turn, venue_id)
    if known is not None:
        disclosure.put(turn.tx, rules.explain(known, reason, words))
    said = (("reason", reason.value), *((("words", words),) if words else ()))
    kind = FactKind.VENUE_CANCELLED if reason is Reason.CANCELLED else FactKind.HOLD
    _record(turn, kind, venue, *said)
    show_organizers(turn, venue.event_id)


@use_case(Action.HOLD)
def ask_resume(turn: Turn, event_id: EventId) -> None:
    """Ask a second person to let the hold end.

    Raises:
        RefusalError: it is not on hold, or nobody else can confirm.
    """
    venue = _confirmed(turn, event_id)
    if venue.hold is None:
        raise RefusalError("hold-not")
    propose(turn, EndHold(venue.id, venue.holds), event_id)


def carry_resume(turn: Turn, intent: EndHold, _proposal: Proposal) -> None:
    """End a hold: whoever waits is told to go on, and what was due meanwhile is told."""
    venue, event = _venue_that_holds(turn, intent.venue_id)
    if venue.hold is None or venue.holds != intent.holds:
        raise OutdatedError
    resumed = rules.resume(venue)
    disclosure.put(turn.tx, resumed)
    outbox.withdraw_kind(turn.tx, event.id, HoldOn)
    tell_holders(turn, TellHolders(venue.id))
    advance(turn, resumed, event)
    tell_organizers(turn, VenueOpened(event.id), event.id)


@use_case(Action.RELOCATE)
def relocate(
    turn: Turn, event_id: EventId, entry: Entry, reason: Reason, words: str | None
) -> Venue:
    """Keep a new venue in place of the one that holds, and ask a second person.

    Raises:
        RefusalError: no venue holds, or nobody else can confirm.
    """
    event, old = require_event(turn, event_id), _confirmed(turn, event_id)
    entered = _new_venue(turn, event, replace(entry, times=entry.times or old.times))
    venue = replace(entered, replaces=old.id, reason=reason, reason_words=words)
    disclosure.put(turn.tx, venue)
    propose(turn, RelocateTo(venue.id), event_id)
    show_organizers(turn, event_id)
    return venue


def carry_relocation(turn: Turn, intent: RelocateTo, _proposal: Proposal) -> None:
    """Let the new venue hold: whoever had the old place learns it first, the old one leaves."""
    new, event = _proposed(turn, intent.venue_id)
    old = _confirmed(turn, event.id)
    if new.replaces != old.id:
        raise OutdatedError
    told = {*disclosure.told_stages(turn.tx, old.id), *old.released}
    reason = new.reason or Reason.OTHER
    disclosure.put(turn.tx, rules.replaced_by(old, reason))
    taken_over = rules.take_over(new, told)
    disclosure.put(turn.tx, taken_over)
    _forget_timers(turn, old)
    kinds = (Release, NewPlace, PlaceShown, PlacePin, HoldOn)
    outbox.withdraw_kind(turn.tx, event.id, *kinds)
    said = [("reason", reason.value)]
    said += [("words", new.reason_words)] if new.reason_words else []
    if reason is Reason.CANCELLED:
        _record(turn, FactKind.VENUE_CANCELLED, old, *said)
    _record(turn, FactKind.RELOCATION, old, *said)
    if taken_over.hold is not None:  # some may not have heard of it yet
        tell_holders(turn, TellHolders(taken_over.id))
    advance(turn, taken_over, event)
    tell_organizers(turn, VenueOpened(event.id), event.id)


def drop_venue(work: Work, intent: ConfirmVenue | RelocateTo, _proposal: Proposal) -> None:
    """Put a venue aside that nobody has confirmed."""
    venue = disclosure.outline(work.tx, intent.venue_id)
    if venue is not None and disclosure.put_aside(work.tx, venue.id):
        show_organizers(work, venue.event_id)


@use_case(Action.CONFIRM)
def show_details(turn: Turn, venue_id: int) -> None:
    """Show all of a venue to an organizer, or to a deputy while it waits for a second person.

    Raises:
        OutdatedError: there is nothing to decide for a deputy any more.
    """
    if not may_see_details(turn, venue_id, turn.actor.recipient.chat_id):
        raise OutdatedError
    turn.tell(VenueDetails(venue_id), disclosure.event_of(turn.tx, venue_id))


# ---------------------------------------------------------------- looking


def view(work: Work, event_id: EventId) -> VenueView | None:
    """Give what the organizers' card shows."""
    event = events.get(work.tx, event_id)
    if event is None:
        return None
    if not disclosure.is_readable(work.tx, event_id):
        locked = disclosure.outline_at(work.tx, event_id)
        return VenueView(event, None, None, (), None, locked, is_locked=True)
    venue = disclosure.confirmed(work.tx, event_id)
    waiting = disclosure.proposed(work.tx, event_id)
    venues = disclosure.venues_of(work.tx, event_id)
    left = sum(messages.nameless_tagged(work.tx, place_tag(one)) for one in venues)
    if venue is None:
        return VenueView(event, None, waiting, (), None, copies_left=left)
    told = tuple(
        StageCount(one, *disclosure.count_told(work.tx, venue.id, one)) for one in venue.stages
    )
    following = rules.next_stage(venue, event.starts_at, work.now)
    return VenueView(event, venue, waiting, told, following, copies_left=left)


def may_see_details(work: Work, venue_id: int, chat_id: ChatId) -> bool:
    """Say whether whoever reads this chat decides about this venue."""
    venue = disclosure.get(work.tx, venue_id)
    role = find_actor(work.tx, work.policy, chat_id, None).team_role
    if venue is None or role not in (Role.ORGANIZER, Role.DEPUTY):
        return False
    return role is Role.ORGANIZER or venue.state is VenueState.PROPOSED


def require_venue(work: Work, event_id: EventId) -> Venue:
    """Give the venue that holds for an open event.

    Raises:
        OutdatedError: the event is over, cancelled or unknown.
        LockedError: its places are locked.
        RefusalError: no venue holds.
    """
    require_event(work, event_id)
    return _confirmed(work, event_id)


# ---------------------------------------------------------------- inside


def _new_venue(turn: Turn, event: Event, entry: Entry) -> Venue:
    for old in (disclosure.proposed(turn.tx, event.id),):
        if old is not None:
            disclosure.put(turn.tx, replace(old, state=VenueState.DECLINED))
    venue = Venue(
        id=turn.tx.new_id(),
        event_id=event.id,
        number=disclosure.next_number(turn.tx, event.id),
        state=VenueState.PROPOSED,
        area=entry.area,
        meeting_point=entry.meeting_point,
        address=entry.address,
        times=entry.times or rules.usual_times(turn.policy),
        entered_by=turn.require_team_id(),
        entered_at=turn.now,
    )
    disclosure.put(turn.tx, venue)
    return venue


def _proposed(turn: Turn, venue_id: int) -> tuple[Venue, Event]:
    venue = disclosure.get(turn.tx, venue_id)
    if venue is None or venue.state is not VenueState.PROPOSED:
        raise OutdatedError
    return venue, require_event(turn, venue.event_id)


def _venue_that_holds(turn: Turn, venue_id: int) -> tuple[Venue, Event]:
    venue = disclosure.get(turn.tx, venue_id)
    if venue is None or venue.state is not VenueState.CONFIRMED:
        raise OutdatedError
    return venue, require_event(turn, venue.event_id)


def _confirmed(work: Work, event_id: EventId) -> Venue:
    venue = disclosure.confirmed(work.tx, event_id)
    if venue is None:
        raise RefusalError("venue-none")
    return venue


def _forget_timers(work: Work, venue: Venue) -> None:
    for stage in Stage:
        work.cancel_timer(StageDue(venue.id, stage))
    for timer in (TellMore(venue.id), TellHolders(venue.id), PlacesOver(venue.id)):
        work.cancel_timer(timer)


def _record(turn: Turn, kind: FactKind, venue: Venue | Outline, *details: tuple[str, str]) -> None:
    said = (("venue", str(venue.number)), *details)
    event_id, by = venue.event_id, turn.actor.team_id
    turn.record(Fact(kind, turn.now, venue.id, event_id, by_team=by, details=said))
