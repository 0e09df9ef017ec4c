"""The buttons of a decision. `seen` is the number of the one that stood on the screen, 0: none."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class HoldPress(Payload):
    """*Hold*: counts at once."""

    code = "dch"

    event_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class GoPress(Payload):
    """*Go*: nothing is released by it."""

    code = "dcg"

    event_id: int
    seen: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class MovePress(Payload):
    """*Move*: another place is asked for."""

    code = "dcm"

    event_id: int
    seen: int
