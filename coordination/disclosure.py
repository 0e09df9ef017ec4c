"""What a person may see of a place, asked anew at every look; and who says they have seen it.

Nothing here hands out a place by itself: the rules (safety/venues.py) are asked each time.
"""

from collections.abc import Sequence

from coordination.actors import find_actor
from coordination.board import refresh
from coordination.telling import show_organizers
from coordination.turns import Turn, Work, use_case
from safety import venues as rules
from safety.disclosure import (
    PlacePin,
    PlaceShown,
)
from safety.errors import OutdatedError, RefusalError
from safety.events import Event, EventState
from safety.people import ChatId, EventId, Role
from safety.permissions import Action
from safety.venues import (
    Stage,
    Venue,
    VenueState,
)
from storage import disclosure, events, people

# ---------------------------------------------------------------- use cases


@use_case(Action.SEE_PLACE)
def show(turn: Turn, venue_id: int) -> None:
    """Show a person what they may know now, and note that they have looked.

    Raises:
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
    """Note *I have seen the new place*.

    Raises:
        OutdatedError: this venue holds no more, or the person may not know it.
    """
    venue = disclosure.get(turn.tx, venue_id)
    if venue is None or not visible(turn, venue, turn.actor.recipient.chat_id):
        raise OutdatedError
    for holder_id in _holders(turn, venue.event_id):
        disclosure.note_confirmed(turn.tx, venue.id, holder_id, turn.now)
    turn.reply(PlaceShown(venue.id), venue.event_id)
    refresh(turn, venue.event_id)


# ---------------------------------------------------------------- looking


def visible(work: Work, venue: Venue, chat_id: ChatId) -> tuple[Stage, ...]:
    """Give the stages that whoever reads this chat may know now."""
    event = events.get(work.tx, venue.event_id)
    if event is None or event.state is not EventState.OPEN:
        return ()
    actor = find_actor(work.tx, work.policy, chat_id, None)
    if actor.team_role in (Role.ORGANIZER, Role.STEWARD):
        return rules.open_stages(venue, event.starts_at, work.now)
    for one in actor.participations:
        person = people.get(work.tx, one.person_id) if one.event_id == event.id else None
        if person is not None:
            start, now = event.starts_at, work.now
            return rules.may_know(venue, person.standing, person.presence, start, now)
    return ()


def shown_to(work: Work, chat_id: ChatId) -> list[tuple[Venue, Event]]:
    """Give the places of which a participant or steward may know something now."""
    actor = find_actor(work.tx, work.policy, chat_id, None)
    mine = {one.event_id for one in actor.participations}
    if actor.team_role is Role.STEWARD:
        mine |= {event.id for event in events.open_events(work.tx)}
    pairs = [
        (disclosure.confirmed(work.tx, one), events.get(work.tx, one)) for one in sorted(mine)
    ]
    return [
        (venue, event)
        for venue, event in pairs
        if venue is not None and event is not None and visible(work, venue, chat_id)
    ]


def look(work: Work, venue_id: int) -> Venue | None:
    """Give a venue as it stands; None where it cannot be read."""
    return disclosure.get(work.tx, venue_id)


def has_confirmed(work: Work, venue: Venue, chat_id: ChatId) -> bool:
    """Say whether this is no new place to whoever reads this chat, or they have seen it."""
    actor = find_actor(work.tx, work.policy, chat_id, None)
    holders = [int(one.person_id) for one in actor.participations]
    holders += [] if actor.team_id is None else [int(actor.team_id)]
    knew = any(disclosure.knew_another(work.tx, venue, one) for one in holders)
    return not knew or any(disclosure.is_confirmed(work.tx, venue.id, one) for one in holders)


def look_event(work: Work, event_id: EventId) -> Event | None:
    """Give an event, whatever became of it."""
    return events.get(work.tx, event_id)


def require_event(work: Work, event_id: EventId) -> Event:
    """Give an open event whose places can be read.

    Raises:
        OutdatedError: it is over, cancelled or unknown.
        RefusalError: its places are locked.
    """
    event = events.get(work.tx, event_id)
    if event is None or event.state is not EventState.OPEN:
        raise OutdatedError
    if not disclosure.is_readable(work.tx, event_id):
        raise RefusalError("venue-locked")
    return event


# ---------------------------------------------------------------- inside


def _holders(turn: Turn, event_id: EventId) -> Sequence[int]:
    own = [int(one.person_id) for one in turn.actor.participations if one.event_id == event_id]
    return own if turn.actor.team_id is None else [*own, int(turn.actor.team_id)]


def _has_point(venue: Venue, stage: Stage) -> bool:
    place = venue.place(stage)
    return place is not None and place.point is not None
