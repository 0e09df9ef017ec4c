"""The buttons of a legal hold: keeping an event's people longer, and no longer."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.people import EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class AskLegalHold(Payload):
    """*Keep them longer…*: asks for the reason, then for a second person."""

    code = "lha"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class LiftHold(Payload):
    """*Keep them no longer…*: a second person has to confirm."""

    code = "lhl"

    event_id: EventId
