"""What a person may see of a place, asked anew at every look; and who says they have seen it.

Nothing here hands out a place by itself: the rules (safety/venues.py) are asked each time.
"""

from collections.abc import Sequence

from coordination.actors import find_actor
from coordination.board import refresh
from coordination.events import open_event
from coordination.quiet import unheard_chats
from coordination.telling import show_organizers
from coordination.turns import Turn, Work, use_case
from safety import venues as rules
from safety.disclosure import (
    PlacePin,
    PlaceShown,
)
from safety.errors import OutdatedError, RefusalError
from safety.events import Event, EventState
from safety.people import Actor, ChatId, EventId, Role
from safety.permissions import Action
from safety.venues import (
    Stage,
    Venue,
    VenueState,
)
from storage import disclosure, events, people
from storage.transaction import LockedError

# ---------------------------------------------------------------- use cases


@use_case(Action.SEE_PLACE)
def show(turn: Turn, venue_id: int) -> None:
    """Show a person what they may know now, and note that they have looked.

    Raises:
        LockedError: it is locked.
        RefusalError: it is on hold.
        OutdatedError: this venue holds no more, or there is nothing that they may know.
    """
    venue = disclosure.get(turn.tx, venue_id)
    if venue is None or venue.state is not VenueState.CONFIRMED:
        raise OutdatedError
    if venue.hold is not None:
        raise RefusalError("place-on-hold")
    stages = visible(turn, venue, turn.actor.recipient.chat_id)
    if not stages:
        raise OutdatedError
    for holder_id in _holders(turn, venue.event_id):
        disclosure.note_shown(turn.tx, venue.id, stages, holder_id, turn.now)
    turn.reply(PlaceShown(venue.id), venue.event_id)
    pinned = [stage for stage in stages if _has_point(venue, stage)]
    if pinned:
        turn.tell(PlacePin(venue.id, pinned[-1]), venue.event_id)
    show_organizers(turn, venue.event_id)


@use_case(Action.SEE_PLACE)
def confirm_seen(turn: Turn, venue_id: int) -> None:
    """Note *I have seen the new place*, also while it is locked.

    Raises:
        OutdatedError: this venue holds no more, or the person may not know it.
    """
    event_id = event_with_news(turn, venue_id, turn.actor.recipient.chat_id)
    if event_id is None:
        raise OutdatedError
    for holder_id in _holders(turn, event_id):
        disclosure.note_confirmed(turn.tx, venue_id, holder_id, turn.now)
    if disclosure.is_readable(turn.tx, event_id):
        turn.reply(PlaceShown(venue_id), event_id)
    refresh(turn, event_id)


# ---------------------------------------------------------------- looking


def visible(work: Work, venue: Venue, chat_id: ChatId) -> tuple[Stage, ...]:
    """Give the stages that whoever reads this chat may know now.

    From a phone that was out of its owner's hands: none, until their voice was heard; but an
    organizer has to see what they decide about.
    """
    event = events.get(work.tx, venue.event_id)
    if event is None or event.state is not EventState.OPEN:
        return ()
    actor = find_actor(work.tx, work.policy, chat_id, None)
    if actor.team_role is not Role.ORGANIZER and chat_id in unheard_chats(work):
        return ()
    if actor.team_role in (Role.ORGANIZER, Role.STEWARD):
        return rules.open_stages(venue, event.starts_at, work.now)
    for one in actor.participations:
        is_there = one.event_id == event.id
        person = people.situation(work.tx, one.person_id) if is_there else None
        if person is not None:
            start, now = event.starts_at, work.now
            return rules.may_know(venue, person.standing, person.presence, start, now)
    return ()


def shown_to(work: Work, chat_id: ChatId) -> list[tuple[Venue, Event]]:
    """Give the places of which a participant or steward may know something now; locked: none."""
    actor = find_actor(work.tx, work.policy, chat_id, None)
    mine = {one.event_id for one in actor.participations}
    if actor.team_role is Role.STEWARD:
        mine |= {event.id for event in events.open_events(work.tx)}
    pairs = [
        (disclosure.confirmed(work.tx, one), events.get(work.tx, one))
        for one in sorted(mine)
        if disclosure.is_readable(work.tx, one)
    ]
    return [
        (venue, event)
        for venue, event in pairs
        if venue is not None and event is not None and visible(work, venue, chat_id)
    ]


def look(work: Work, venue_id: int) -> Venue | None:
    """Give a venue as it stands; None where it cannot be read."""
    try:
        return disclosure.get(work.tx, venue_id)
    except LockedError:
        return None


def event_with_news(work: Work, venue_id: int, chat_id: ChatId) -> EventId | None:
    """Give the event of a place of which whoever reads this chat may know something now.

    While it is locked: of which they were told that there is something.
    """
    venue, outline = look(work, venue_id), disclosure.outline(work.tx, venue_id)
    if outline is None or not outline.is_told:
        return None
    if venue is not None:
        return outline.event_id if visible(work, venue, chat_id) else None
    actor = find_actor(work.tx, work.policy, chat_id, None)
    told = (disclosure.told_stages(work.tx, venue_id, one) for one in _ids(actor))
    return outline.event_id if any(told) else None


def event_to_wait_for(work: Work, venue_id: int) -> EventId | None:
    """Give the event of a place that is on hold, also while locked; None: nobody has to wait."""
    outline = disclosure.outline(work.tx, venue_id)
    return outline.event_id if outline is not None and outline.is_held else None


def has_confirmed(work: Work, venue: Venue, chat_id: ChatId) -> bool:
    """Say whether this is no new place to whoever reads this chat, or they have seen it."""
    actor = find_actor(work.tx, work.policy, chat_id, None)
    holders = _ids(actor)
    knew = any(disclosure.knew_another(work.tx, venue, one) for one in holders)
    return not knew or any(disclosure.is_confirmed(work.tx, venue.id, one) for one in holders)


def look_event(work: Work, event_id: EventId) -> Event | None:
    """Give an event, whatever became of it."""
    return events.get(work.tx, event_id)


def require_event(work: Work, event_id: EventId) -> Event:
    """Give an open event whose places can be read.

    Raises:
        OutdatedError: it is over, cancelled or unknown.
        LockedError: its places are locked.
    """
    event = open_event(work, event_id)
    if not disclosure.is_readable(work.tx, event_id):
        raise LockedError
    return event


# ---------------------------------------------------------------- inside


def _ids(actor: Actor) -> list[int]:
    own = [int(one.person_id) for one in actor.participations]
    return own if actor.team_id is None else [*own, int(actor.team_id)]


def _holders(turn: Turn, event_id: EventId) -> Sequence[int]:
    own = [int(one.person_id) for one in turn.actor.participations if one.event_id == event_id]
    return own if turn.actor.team_id is None else [*own, int(turn.actor.team_id)]


def _has_point(venue: Venue, stage: Stage) -> bool:
    place = venue.place(stage)
    return place is not None and place.point is not None
