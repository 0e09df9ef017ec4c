"""The buttons of closing a case: looking at what it means, and proposing it."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.people import EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class CloseCasePress(Payload):
    """*Close the case*: what that would mean."""

    code = "ccl"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class AskToClose(Payload):
    """*Propose to close it*: a second person has to confirm."""

    code = "cca"

    event_id: EventId
