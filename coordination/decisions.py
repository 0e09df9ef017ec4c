"""Go, hold or move: decided by one organizer, recorded with its reason and with what was known.

Holding and moving are the use cases of the place, with their own rules; *go* changes nothing else.
Whoever decides over a decision that they have not seen is told of it first, but never before a
hold: that counts at once.
"""

from dataclasses import replace

from coordination import audience, incidents, threats, venues
from coordination.actors import find_actor
from coordination.events import open_event
from coordination.turns import Turn, Work, use_case
from safety import decisions as rules
from safety import threats as threat_rules
from safety.decisions import AskToDecide, Choice, Decision, DecisionAsked, DecisionNews, Reasoned
from safety.errors import OutdatedError, RefusalError
from safety.events import Event, EventState
from safety.facts import Fact, FactKind
from safety.incidents import IncidentKind, IncidentState
from safety.people import ChatId, EventId
from safety.permissions import Action
from safety.venues import told_so_far
from storage import disclosure, events
from storage.events import EVENTS


def number_at(work: Work, event_id: EventId) -> int:
    """Give the number of the decision in force; 0: there is none."""
    decision = in_force(work, event_id)
    return 0 if decision is None else decision.number


def in_force(work: Work, event_id: EventId) -> Decision | None:
    """Give the decision in force at an event, or None."""
    event = events.get(work.tx, event_id)
    return None if event is None else event.decision


def is_by_reader(work: Work, decision: Decision, chat_id: ChatId) -> bool:
    """Say whether whoever reads this chat has made the decision."""
    return find_actor(work.tx, work.policy, chat_id, None).team_id == decision.by


@use_case(Action.DECIDE)
def require_open(turn: Turn, event_id: EventId, choice: Choice) -> None:
    """Make sure, before anything is asked, that this can be decided.

    Raises:
        OutdatedError: the event is over, cancelled or unknown.
        LockedError: there is a place to move from, and it is locked.
        RefusalError: there is none, or the same is decided and nothing is new since.
    """
    event = open_event(turn, event_id)
    decision = event.decision
    if decision is not None and decision.choice is choice:
        signs = threats.signs_at(turn, event)
        if not threat_rules.since(signs.found, decision):
            raise RefusalError("decision-already")
    if choice is Choice.MOVE:
        venues.require_venue(turn, event_id)


@use_case(Action.DECIDE)
def decide(turn: Turn, event_id: EventId, said: Reasoned, seen: int) -> None:
    """Decide *go* or *move*, knowing the decision with the number `seen`; tell the others.

    Raises:
        OutdatedError: the event is over, or another decision has been made meanwhile.
    """
    event = open_event(turn, event_id)
    if seen != number_at(turn, event_id):
        raise OutdatedError
    require_open(turn, event_id, said.choice)
    _put(turn, event, said.choice, said)
    audience.tell_organizers(turn, DecisionNews(event_id), event_id, turn.actor.team_id)


@use_case(Action.DECIDE)
def decide_to_hold(turn: Turn, event_id: EventId) -> int:
    """Decide *hold*, which holds at once, whatever was decided meanwhile; give the venue.

    Raises:
        OutdatedError: the event is over, cancelled or unknown.
        RefusalError: there is no place, or hold is decided and it is on hold already.
    """
    event = open_event(turn, event_id)
    place = disclosure.outline_at(turn.tx, event_id)
    is_decided = event.decision is not None and event.decision.choice is Choice.HOLD
    if place is not None and place.hold is not None:
        if is_decided:
            raise RefusalError("hold-already")
        venue_id = place.id
    else:
        venue_id = venues.hold(turn, event_id)
    _put(turn, event, Choice.HOLD, None)
    return venue_id


@use_case(Action.DECIDE)
def explain_hold(turn: Turn, event_id: EventId, venue_id: int, said: Reasoned) -> None:
    """Say why it was decided to hold, also when something else is decided by now.

    While it is on hold, the place's own hold gets the reason; own words stand in the case alone.

    Raises:
        OutdatedError: the event is over, cancelled or unknown.
    """
    event = open_event(turn, event_id)
    place = disclosure.outline(turn.tx, venue_id)
    if place is not None and place.event_id == event_id and place.hold is not None:
        venues.explain_hold(turn, venue_id, rules.reason_of(said.why), None)
    decision = event.decision
    if decision is not None and decision.choice is Choice.HOLD:
        EVENTS.put(turn.tx, replace(event, decision=replace(decision, why=said.why)))
    _record(turn, event_id, threat_rules.details_of(Choice.HOLD, said, None))


def remind(work: Work, timer: AskToDecide) -> None:
    """Ask the organizers to decide, once, while nothing of the place is told.

    Raises:
        LockedError: the place is locked.
    """
    event = events.get(work.tx, timer.event_id)
    if event is None or event.state is not EventState.OPEN or work.now >= event.starts_at:
        return
    venue = disclosure.confirmed(work.tx, event.id)
    is_told = venue is None or bool(told_so_far(venue, event.starts_at, work.now))
    is_held = venue is not None and venue.hold is not None
    if event.decision is None and not (event.is_decision_asked or is_told or is_held):
        EVENTS.put(work.tx, replace(event, is_decision_asked=True))
        audience.tell_organizers(work, DecisionAsked(event.id), event.id)


def _put(turn: Turn, event: Event, choice: Choice, said: Reasoned | None) -> None:
    by = turn.actor.team_id
    if by is None:
        raise OutdatedError
    number = 1 if event.decision is None else event.decision.number + 1
    decision = Decision(number, choice, turn.now, by, None if said is None else said.why)
    signs = threats.signs_at(turn, event)
    EVENTS.put(turn.tx, replace(event, decision=decision))
    turn.remove_tagged(rules.asked_tag(event.id))
    incident = incidents.incident_of(turn, event.id, event.id, IncidentKind.DECISION)
    if incident.state is IncidentState.UNCONFIRMED:
        incidents.confirm(turn, incident.id, 0)  # whoever decides stands for it
    board = signs.numbers if signs.is_read else None
    _record(turn, event.id, threat_rules.details_of(choice, said, board))


def _record(turn: Turn, event_id: EventId, details: tuple[tuple[str, str], ...]) -> None:
    by = turn.actor.team_id
    turn.record(Fact(FactKind.DECISION, turn.now, event_id, event_id, by_team=by, details=details))
