"""The button of the board of signs."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ThreatsPress(Payload):
    """The signs before an event, and what is decided."""

    code = "thb"

    event_id: int
