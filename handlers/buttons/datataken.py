"""The buttons of the list of what was taken. They carry what is ticked, so that nothing is kept
before *Done*; a number that no list holds ticks nothing.
"""

from dataclasses import dataclass
from enum import StrEnum

from handlers.buttons import Payload, payload


class Way(StrEnum):
    """What a press on the list means; another page is a tick that changes nothing."""

    OPEN = "o"
    TICK = "t"
    DONE = "d"
    CANCEL = "c"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class DataOf(Payload):
    """What the team knows of a detention."""

    code = "dda"

    detention_id: int
    way: Way = Way.OPEN
    mask: int = 0
    page: int = 0


@payload
@dataclass(frozen=True, slots=True, repr=False)
class DataOwn(Payload):
    """What somebody says of themselves."""

    code = "ddo"

    event_id: int
    way: Way = Way.OPEN
    mask: int = 0
    page: int = 0
