"""The buttons of a place's ledger."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class LedgerPress(Payload):
    """What was agreed, promised, refused and said of a place."""

    code = "ldg"

    venue_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class LedgerAdd(Payload):
    """Another entry."""

    code = "lda"

    venue_id: int
