"""What a person gets to see: finished text and buttons, nothing of Telegram yet."""

from dataclasses import dataclass

from safety.people import Unprinted


@dataclass(frozen=True, slots=True, repr=False)
class Press(Unprinted):
    """One button: its label (plain text) and its packed payload."""

    label: str
    payload: str


Rows = tuple[tuple[Press, ...], ...]


@dataclass(frozen=True, slots=True, repr=False)
class Pin(Unprinted):
    """A point on the map, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, repr=False)
class Screen(Unprinted):
    """One message: HTML text with rows of buttons; or a pin; or a picture with the text under it.

    `key` brings the permanent key with that label; `removes_key` takes it away. `again` is the
    last line of a new message that may have arrived before; a message that is changed has none.
    """

    text: str
    rows: Rows = ()
    key: str | None = None
    removes_key: bool = False
    pin: Pin | None = None
    picture: bytes | None = None
    again: str = ""
