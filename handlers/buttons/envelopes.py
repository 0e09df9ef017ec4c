"""The buttons of the lawyer's envelope."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.people import EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class LeaveEnvelope(Payload):
    """*Leave something for the lawyer*."""

    code = "evl"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class TakeEnvelopeBack(Payload):
    """*Take back what I left*."""

    code = "evt"

    event_id: EventId
