"""The buttons of the board."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.board import Section


@payload
@dataclass(frozen=True, slots=True, repr=False)
class BoardPress(Payload):
    """The board of an event."""

    code = "bd"

    event_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class BoardNamesPress(Payload):
    """*Names*: which lists there are."""

    code = "bn"

    event_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class BoardSectionPress(Payload):
    """The names of one list."""

    code = "bs"

    event_id: int
    section: Section


@payload
@dataclass(frozen=True, slots=True, repr=False)
class BoardSectionPage(Payload):
    """Another page of them."""

    code = "bsp"

    event_id: int
    section: Section
    page: int
