"""The buttons of the menu: each stands for a command."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class MenuEntry(Payload):
    """The same as writing the command `name`."""

    code = "mn"

    name: str
