"""The buttons of places: what people press to see one, and organizers to steer it."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ShowPlace(Payload):
    """*Show*: the place, as far as it is told."""

    code = "dps"

    venue_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class SeenPlace(Payload):
    """*I have seen the new place*."""

    code = "dpn"

    venue_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ShowVenue(Payload):
    """*Show*, for whoever decides: all of a venue."""

    code = "dvs"

    venue_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EnterVenue(Payload):
    """Enter a place."""

    code = "dve"

    event_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ReleaseStage(Payload):
    """*Release* the next stage now."""

    code = "dvr"

    event_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class HoldVenue(Payload):
    """*Hold*."""

    code = "dvh"

    event_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ResumeVenue(Payload):
    """End the hold."""

    code = "dvg"

    event_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class MoveVenue(Payload):
    """Another place instead."""

    code = "dvm"

    event_id: int
