"""As whom somebody acts: a participant of one event, else one of the team, with or without one."""

from dataclasses import dataclass

from coordination.turns import Turn
from safety.events import AFTER, BEFORE, EventState, current
from safety.people import EventId, PersonId, TeamId, Unprinted
from storage import events


@dataclass(frozen=True, slots=True, repr=False)
class Whereabouts(Unprinted):
    """Who it is and at which event; exactly one of the two ids is there."""

    event_id: EventId | None
    person_id: PersonId | None
    team_id: TeamId | None


def find_whereabouts(turn: Turn, wanted: EventId | None = None) -> Whereabouts:
    """Find as whom the actor acts: at the event they name, else at the one that is on or next.

    Somebody of the team who is no participant there acts at the event that is on, or at none.
    """
    mine = {one.event_id: one.person_id for one in turn.actor.participations}
    if wanted is not None and wanted in mine:
        return Whereabouts(wanted, mine[wanted], None)
    if turn.actor.team_id is not None:
        on = _event_that_is_on(turn, wanted)
        if on is not None and on in mine:
            return Whereabouts(on, mine[on], None)
        return Whereabouts(on, None, turn.actor.team_id)
    found = [event for event in (events.get(turn.tx, one) for one in mine) if event is not None]
    chosen = current(found, turn.now)
    event_id = max(mine) if chosen is None else chosen.id
    return Whereabouts(event_id, mine[event_id], None)


def _event_that_is_on(turn: Turn, wanted: EventId | None) -> EventId | None:
    named = None if wanted is None else events.get(turn.tx, wanted)
    if named is not None and named.state is EventState.OPEN:
        return named.id
    event = current(events.open_events(turn.tx), turn.now)
    if event is None or not event.starts_at - BEFORE <= turn.now < event.ends_at + AFTER:
        return None
    return event.id
