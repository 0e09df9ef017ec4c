"""The buttons that say which event a command means."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EventPress(Payload):
    """The command `command`, for this event."""

    code = "cev"

    command: str
    event_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EventChoicePage(Payload):
    """Another page of the events that a command can mean."""

    code = "cep"

    command: str
    page: int
