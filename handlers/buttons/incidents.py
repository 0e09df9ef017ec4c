"""The buttons of the incident store: looking, and standing for what happened."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class IncidentPage(Payload):
    """Another page of an event's incidents; `event_id` 0: those without an event."""

    code = "inp"

    event_id: int
    page: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ShowIncident(Payload):
    """*Show*, or a line of the list."""

    code = "ish"

    incident_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ConfirmIncident(Payload):
    """*Confirm that it happened*, or what was added. `seen`: how much of it was on the screen."""

    code = "ico"

    incident_id: int
    seen: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class FalseIncident(Payload):
    """*It did not happen*: visible as false, never counted."""

    code = "ifa"

    incident_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class IncidentMorePress(Payload):
    """What else can be done with a case, and other events; `event_id` as above."""

    code = "ine"

    event_id: int
    page: int
