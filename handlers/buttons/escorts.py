"""The buttons of whoever is brought out of the city."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EscortBegun(Payload):
    """*Out of the city*: noted at once; when they should arrive is asked afterwards."""

    code = "dec"

    detention_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EscortSeen(Payload):
    """*Seen on the way*: asks where."""

    code = "des"

    detention_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EscortArrived(Payload):
    """*Arrived*: asks where."""

    code = "dea"

    detention_id: int
