"""A legal hold: placed by two, lifted by two, and never forgotten in between.

Organizers are told of it every 14 days for as long as it stands.
"""

from dataclasses import replace

from coordination import audience, retention
from coordination.proposals import propose
from coordination.turns import Turn, Work, use_case
from safety.errors import OutdatedError
from safety.events import Event
from safety.legalhold import (
    REMINDED_EVERY,
    LegalHold,
    LegalHoldNews,
    LegalHoldStands,
    LiftLegalHold,
    PlaceLegalHold,
)
from safety.people import EventId
from safety.permissions import Action
from safety.proposals import Proposal
from storage.events import EVENTS


@use_case(Action.PURGE)
def ask_to_place(turn: Turn, event_id: EventId, reason: str) -> None:
    """Propose to keep an event's people for a reason.

    Raises:
        OutdatedError: nobody of it is known any more, or a hold stands already.
        RefusalError: there is nobody who could confirm.
    """
    event = _event(turn, event_id, is_held=False)
    propose(turn, PlaceLegalHold(event.id, reason), event.id)


@use_case(Action.PURGE)
def ask_to_lift(turn: Turn, event_id: EventId) -> None:
    """Propose that the rule goes on.

    Raises:
        OutdatedError: no hold stands.
        RefusalError: there is nobody who could confirm.
    """
    event = _event(turn, event_id, is_held=True)
    propose(turn, LiftLegalHold(event.id), event.id)


def place(turn: Turn, intent: PlaceLegalHold, proposal: Proposal) -> None:
    """A second person agrees: from now on the rule waits.

    Raises:
        OutdatedError: nobody of it is known any more, or a hold stands already.
    """
    event = _event(turn, intent.event_id, is_held=False)
    by = turn.actor.team_id
    if by is None:
        raise OutdatedError
    hold = LegalHold(intent.reason, turn.now, proposal.proposed_by, by)
    EVENTS.put(turn.tx, replace(event, legal_hold=hold))
    _tell(turn, event.id)


def lift(turn: Turn, intent: LiftLegalHold, _proposal: Proposal) -> None:
    """A second person agrees: the rule goes on, a day from now at the earliest.

    Raises:
        OutdatedError: no hold stands.
    """
    event = replace(_event(turn, intent.event_id, is_held=True), legal_hold=None)
    EVENTS.put(turn.tx, event)
    turn.cancel_timer(LegalHoldStands(event.id))
    audience.tell_organizers(turn, LegalHoldNews(event.id), event.id)
    retention.go_on(turn, event)


def remind(work: Work, timer: LegalHoldStands) -> None:
    """Tell the organizers again that a hold stands."""
    event = retention.look(work, timer.event_id)
    if event is not None and event.legal_hold is not None:
        _tell(work, event.id)


def _tell(work: Work, event_id: EventId) -> None:
    audience.tell_organizers(work, LegalHoldNews(event_id), event_id)
    work.set_timer(work.now + REMINDED_EVERY, LegalHoldStands(event_id), event_id)


def _event(work: Work, event_id: EventId, *, is_held: bool) -> Event:
    event = retention.look(work, event_id)
    if event is None or (event.legal_hold is not None) is not is_held:
        raise OutdatedError
    return event
