"""The buttons of the purge: looking at what would go, and proposing it."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.people import EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ShowPurge(Payload):
    """What a purge of this event would forget."""

    code = "pgs"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class AskPurge(Payload):
    """*Forget these people…*: a second person has to confirm."""

    code = "pga"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class PurgePage(Payload):
    """Another page of the events whose people are known."""

    code = "pgl"

    page: int
