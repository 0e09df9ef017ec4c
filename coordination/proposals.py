"""Asking for a second person: store what is proposed, and ask everybody who may confirm it."""

from dataclasses import replace

from coordination.turns import Turn, Work
from safety.errors import OutdatedError, RefusalError
from safety.people import EventId, Role
from safety.permissions import ALLOWED, Action
from safety.proposals import (
    Intent,
    Proposal,
    ProposalCard,
    ProposalOver,
    ProposalState,
    may_decide,
)
from storage import proposals, team
from storage.proposals import PROPOSALS


def propose(turn: Turn, intent: Intent, event_id: EventId | None = None) -> Proposal:
    """Ask every other organizer and deputy to confirm `intent`.

    Raises:
        RefusalError: there is nobody else yet who could confirm.
    """
    by = turn.actor.team_id
    if by is None or not has_second_person(turn):
        raise RefusalError("second-person-missing")
    expires_at = turn.now + turn.policy.proposal_life
    proposal = proposals.add(turn.tx, intent, event_id, by, expires_at)
    turn.set_timer(expires_at, ProposalOver(proposal.id), event_id)
    show_everybody(turn, proposal)
    return proposal


def has_second_person(turn: Turn) -> bool:
    """Say whether anybody else of the team could confirm what this actor proposes."""
    deciders = team.active(turn.tx, ALLOWED[Action.CONFIRM])
    return any(person.id != turn.actor.team_id for person in deciders)


def is_alone(turn: Turn) -> bool:
    """Say whether this actor is the only one who decides; a frozen colleague still counts.

    Otherwise somebody could freeze everybody else and then decide alone.
    """
    deciders = team.counted(turn.tx, ALLOWED[Action.CONFIRM])
    return all(person.id == turn.actor.team_id for person in deciders)


def decide(turn: Turn, proposal_id: int, state: ProposalState) -> Proposal:
    """Close an open proposal and give it.

    Raises:
        RefusalError: it is the actor's own; one person alone decides nothing.
        OutdatedError: it has been decided already, is too old, or is unknown.
    """
    proposal = PROPOSALS.get(turn.tx, proposal_id)
    if proposal is None:
        raise OutdatedError
    if proposal.proposed_by == turn.actor.team_id and state is ProposalState.CONFIRMED:
        raise RefusalError("own-proposal")
    if not may_decide(proposal, turn.actor.team_id, turn.now) and not _withdraws(turn, proposal):
        raise OutdatedError
    decided = replace(proposal, state=state, decided_by=turn.actor.team_id, decided_at=turn.now)
    close(turn, decided)
    return decided


def close(work: Work, proposal: Proposal) -> None:
    """Store a proposal that is no longer open, and show everybody."""
    PROPOSALS.put(work.tx, proposal)
    work.cancel_timer(ProposalOver(proposal.id))
    show_everybody(work, proposal)


def _withdraws(turn: Turn, proposal: Proposal) -> bool:
    """Whoever proposed something may take it back while it is open."""
    is_open = proposal.state is ProposalState.OPEN and turn.now < proposal.expires_at
    return is_open and proposal.proposed_by == turn.actor.team_id


def show_everybody(work: Work, proposal: Proposal) -> None:
    """Owe organizers and deputies the card of a proposal as it stands now."""
    for _, recipient in team.reachable(work.tx, (Role.ORGANIZER, Role.DEPUTY)):
        work.owe(recipient, ProposalCard(proposal.id), proposal.event_id)
