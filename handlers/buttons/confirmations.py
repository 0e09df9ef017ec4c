"""The second person's buttons. `is_listed`: pressed in the list of all that waits."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ProposalConfirm(Payload):
    """Yes, do it."""

    code = "pc"

    proposal_id: int
    is_listed: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ProposalDecline(Payload):
    """No; or, of one's own, take it back."""

    code = "pd"

    proposal_id: int
    is_listed: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ProposalPage(Payload):
    """Another page of what waits for a second person."""

    code = "pl"

    page: int
