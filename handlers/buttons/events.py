"""The buttons of an event's screen."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.people import EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EventOpen(Payload):
    """Show this event."""

    code = "eo"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EventChangePress(Payload):
    """What can be changed of it."""

    code = "eg"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EventsPress(Payload):
    """*Other events*; `event_id` is the one that was looked at."""

    code = "el"

    event_id: EventId
    page: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EventNew(Payload):
    """Plan another event."""

    code = "en"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EventMove(Payload):
    """Change its time."""

    code = "em"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EventCapacity(Payload):
    """Change how many people there is room for."""

    code = "ec"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EventNumber(Payload):
    """Change whom to call."""

    code = "eb"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EventMinors(Payload):
    """Propose to allow people under 18, or to allow them no longer."""

    code = "ei"

    event_id: EventId
    allows: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EventCancelAsk(Payload):
    """Call it off; it is asked once more."""

    code = "eq"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EventCancel(Payload):
    """Yes, call it off."""

    code = "ex"

    event_id: EventId
