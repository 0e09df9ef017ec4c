"""Closing a case: proposed by one organizer, confirmed by a second, and never taken back.

Both have seen whose keys it will open with: if a key has come or gone in between, nothing happens.
"""

from coordination import audience, checkpoints
from coordination.proposals import propose
from coordination.turns import Turn, Work, use_case
from safety.closing import CaseClosed, CloseCase, ClosedCase
from safety.errors import OutdatedError, RefusalError
from safety.events import Event
from safety.keyholders import CASE_READERS, Keyholder
from safety.people import EventId
from safety.permissions import Action
from safety.proposals import Proposal
from storage import alarms, casekeys, closing, detentions, events, keyholders, proofs


def readers(work: Work) -> list[Keyholder]:
    """Give whose keys would open a case that is closed now."""
    return [one for one in keyholders.current(work.tx) if one.role in CASE_READERS]


def look(work: Work, event_id: EventId | None) -> ClosedCase | None:
    """Give a closed case, or None while it is open."""
    return None if event_id is None else closing.get(work.tx, event_id)


def can_close(work: Work, event_id: EventId | None) -> bool:
    """Say whether this case is open and could be closed, as far as its keys go."""
    return (
        event_id is not None
        and not closing.is_closed(work.tx, event_id)
        and casekeys.can_read(work.tx, event_id)
    )


def event_of(work: Work, event_id: EventId) -> Event | None:
    """Give an event, or None."""
    return events.get(work.tx, event_id)


@use_case(Action.CLOSE_CASE)
def ask_to_close(turn: Turn, event_id: EventId) -> None:
    """Propose to close a case; a second person has to confirm.

    Raises:
        OutdatedError: it is closed already, or unknown.
        RefusalError: no key is enrolled, somebody is in danger, or there is nobody to confirm.
    """
    _require_closable(turn, event_id)
    holders = tuple(one.id for one in readers(turn))
    propose(turn, CloseCase(event_id, holders), event_id)


def carry_out(turn: Turn, intent: CloseCase, proposal: Proposal) -> None:
    """Seal the reading half of the case's key to the keyholders, and destroy it here.

    Raises:
        OutdatedError: it is closed already.
        RefusalError: something has changed that two people have to look at again.
    """
    _require_closable(turn, intent.event_id)
    holders = readers(turn)
    if tuple(one.id for one in holders) != intent.holders:
        raise RefusalError("closing-keys-changed")
    if proofs.size(turn.tx):
        proofs.sign_checkpoint(turn.tx, turn.now)
    case = ClosedCase(
        id=intent.event_id,
        closed_at=turn.now,
        proposed_by=proposal.proposed_by,
        confirmed_by=turn.actor.team_id,
        checkpoint=proofs.latest_note(turn.tx),
        seals=closing.seal_to(turn.tx, intent.event_id, holders),
    )
    closing.close(turn.tx, case)
    checkpoints.follow(turn, is_over=True)
    audience.tell_organizers(turn, CaseClosed(case.id))


def _require_closable(work: Work, event_id: EventId) -> None:
    if events.get(work.tx, event_id) is None or closing.is_closed(work.tx, event_id):
        raise OutdatedError
    if not readers(work):
        raise RefusalError("closing-no-key")
    if alarms.has_unresolved_at(work.tx, event_id):
        raise RefusalError("closing-alarm")
    if any(not one.is_closed for one in detentions.at_event(work.tx, event_id)):
        raise RefusalError("closing-held")
    if not casekeys.can_read(work.tx, event_id):
        raise RefusalError("closing-locked")
