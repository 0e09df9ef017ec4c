"""Proposals' rows: what waits for a second person, sealed under the community's key."""

from datetime import datetime

import msgspec

from safety.people import EventId, TeamId
from safety.proposals import INTENTS, Intent, Proposal, ProposalState
from storage.moments import to_row
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.keys import KeyKind

PROPOSALS: Shelf[Proposal] = Shelf(
    "proposals", Proposal, KeyKind.COMMUNITY, "event_id", "state", "expires_at"
)


def add(
    tx: Transaction, intent: Intent, event_id: EventId | None, by: TeamId, expires_at: datetime
) -> Proposal:
    """Store a new open proposal and give it."""
    body = msgspec.msgpack.encode(intent)
    name = type(intent).__name__
    state = ProposalState.OPEN
    proposal = Proposal(tx.new_id(), event_id, state, name, body, by, expires_at)
    PROPOSALS.put(tx, proposal)
    return proposal


def intent_of(proposal: Proposal) -> Intent:
    """Give what is proposed."""
    return msgspec.msgpack.decode(proposal.body, type=INTENTS[proposal.kind])


def forget_old(tx: Transaction, before: datetime) -> None:
    """Drop what is decided, or expired, and whose time was over earlier than that."""
    PROPOSALS.remove(tx, "state <> ? AND expires_at < ?", ProposalState.OPEN.value, to_row(before))


def open_ones(tx: Transaction, now: datetime) -> list[Proposal]:
    """Give the proposals that wait for somebody."""
    found = PROPOSALS.find(tx, "state = ? ORDER BY expires_at", ProposalState.OPEN.value)
    return [proposal for proposal in found if now < proposal.expires_at]
