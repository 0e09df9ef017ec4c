"""The second person's answer: what is proposed happens when somebody else confirms it, once."""

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from coordination.proposals import decide
from coordination.turns import Turn, use_case
from safety.permissions import Action
from safety.proposals import Intent, Proposal, ProposalState
from storage import proposals

Carry = Callable[[Turn, Intent, Proposal], None]

_I = TypeVar("_I", bound=Intent)


def _carries(
    kind: type[_I], run: Callable[[Turn, _I, Proposal], None]
) -> tuple[type[Intent], Carry]:
    """Write one line of the table; `run` gets exactly this kind of intent."""
    return kind, cast("Carry", run)


CONFIRMED: Mapping[type[Intent], Carry] = dict[type[Intent], Carry]()
DECLINED: Mapping[type[Intent], Carry] = dict[type[Intent], Carry]()  # where a no has to be told


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
    proposal = decide(turn, proposal_id, ProposalState.DECLINED)
    intent = proposals.intent_of(proposal)
    declined = DECLINED.get(type(intent))
    if declined is not None:
        declined(turn, intent, proposal)
