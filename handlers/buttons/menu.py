"""The buttons of the menu: each stands for a command, or for another page."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.menu import MenuPage


@payload
@dataclass(frozen=True, slots=True, repr=False)
class MenuEntry(Payload):
    """The same as writing the command `name`."""

    code = "mn"

    name: str


@payload
@dataclass(frozen=True, slots=True, repr=False)
class MenuTurn(Payload):
    """Another page of the menu, in place of the one that stands there."""

    code = "mt"

    page: MenuPage
    part: int = 0
