"""The second person's answer: what is proposed happens when somebody else confirms it, once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar, cast

from coordination import closing, events, legalhold, retention, team, venues
from coordination.proposals import close, decide
from coordination.turns import Turn, Work, use_case
from safety.closing import CloseCase
from safety.disclosure import (
    ConfirmVenue,
    EndHold,
    ReleaseNow,
    RelocateTo,
)
from safety.events import AllowMinors
from safety.legalhold import LiftLegalHold, PlaceLegalHold
from safety.people import TeamId
from safety.permissions import Action
from safety.proposals import Intent, Proposal, ProposalOver, ProposalState
from safety.retention import PurgeEvent
from safety.team import AddTeamPerson, RemoveTeamPerson, RestoreTeamPerson
from storage import proposals
from storage.proposals import PROPOSALS

Carry = Callable[[Turn, Intent, Proposal], None]
Drop = Callable[[Work, Intent, Proposal], None]

_I = TypeVar("_I", bound=Intent)


def _carries(
    kind: type[_I], run: Callable[[Turn, _I, Proposal], None]
) -> tuple[type[Intent], Carry]:
    """Write one line of the table; `run` gets exactly this kind of intent."""
    return kind, cast("Carry", run)


def _drops(kind: type[_I], run: Callable[[Work, _I, Proposal], None]) -> tuple[type[Intent], Drop]:
    """Write one line of the table of what a no, or nobody's yes in time, has to undo."""
    return kind, cast("Drop", run)


def _carry_removal(turn: Turn, intent: RemoveTeamPerson, proposal: Proposal) -> None:
    """A second person has agreed: with somebody goes what they have proposed, and their links.

    Nobody stands behind it any more, and the account may be in wrong hands.
    """
    void_all_of(turn, intent.team_id)
    team.void_links_of(turn, intent.team_id)
    team.confirm_removal(turn, intent, proposal)


CONFIRMED: Mapping[type[Intent], Carry] = dict(
    (
        # team
        _carries(AddTeamPerson, team.confirm_adding),
        _carries(RemoveTeamPerson, _carry_removal),
        _carries(RestoreTeamPerson, team.confirm_restoring),
        # events
        _carries(AllowMinors, events.confirm_minors),
        # retention
        _carries(PurgeEvent, retention.carry_out),
        # closing
        _carries(CloseCase, closing.carry_out),
        # legal hold
        _carries(PlaceLegalHold, legalhold.place),
        _carries(LiftLegalHold, legalhold.lift),
        # disclosure
        _carries(ConfirmVenue, venues.carry_venue),
        _carries(RelocateTo, venues.carry_relocation),
        _carries(ReleaseNow, venues.carry_release),
        _carries(EndHold, venues.carry_resume),
    )
)
DECLINED: Mapping[type[Intent], Drop] = dict(  # where a no undoes something
    (
        # team
        _drops(AddTeamPerson, team.drop_adding),
        # disclosure
        _drops(ConfirmVenue, venues.drop_venue),
        _drops(RelocateTo, venues.drop_venue),
    )
)


@use_case(Action.CONFIRM)
def confirm(turn: Turn, proposal_id: int) -> None:
    """Carry out what somebody else has proposed.

    Raises:
        RefusalError: it is the actor's own proposal.
        OutdatedError: it is decided, too old, or unknown.
    """
    proposal = decide(turn, proposal_id, ProposalState.CONFIRMED)
    intent = proposals.intent_of(proposal)
    CONFIRMED[type(intent)](turn, intent, proposal)


@use_case(Action.CONFIRM)
def decline(turn: Turn, proposal_id: int) -> None:
    """Say no to a proposal, or take one's own back.

    Raises:
        OutdatedError: it is decided, too old, or unknown.
    """
    _drop(turn, decide(turn, proposal_id, ProposalState.DECLINED))


def expire(work: Work, timer: ProposalOver) -> None:
    """Nobody has confirmed in time."""
    proposal = PROPOSALS.get(work.tx, timer.proposal_id)
    if proposal is not None and proposal.state is ProposalState.OPEN:
        _close(work, proposal, ProposalState.EXPIRED)


def void_all_of(work: Work, team_id: TeamId) -> None:
    """Void what somebody has proposed and nobody has confirmed yet: the account is not theirs."""
    for proposal in proposals.open_ones(work.tx, work.now):
        if proposal.proposed_by == team_id:
            _close(work, proposal, ProposalState.DECLINED)


def list_open(work: Work) -> list[Proposal]:
    """Give what waits for a second person, the most pressing first."""
    return proposals.open_ones(work.tx, work.now)


def look(work: Work, proposal_id: int) -> tuple[Proposal, Intent] | None:
    """Give a proposal with what it proposes, or None."""
    proposal = PROPOSALS.get(work.tx, proposal_id)
    return None if proposal is None else (proposal, proposals.intent_of(proposal))


def _close(work: Work, proposal: Proposal, state: ProposalState) -> None:
    closed = replace(proposal, state=state, decided_at=work.now)
    close(work, closed)
    _drop(work, closed)


def _drop(work: Work, proposal: Proposal) -> None:
    intent = proposals.intent_of(proposal)
    dropped = DECLINED.get(type(intent))
    if dropped is not None:
        dropped(work, intent, proposal)
