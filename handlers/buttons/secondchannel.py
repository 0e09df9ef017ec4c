"""The buttons of one's own second address: open, give, show the topic, try, take back."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class SecondOpen(Payload):
    """Look at one's own other way."""

    code = "2o"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class SecondGive(Payload):
    """Give an address, in place of the one before."""

    code = "2g"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class SecondShow(Payload):
    """Show the topic, once."""

    code = "2s"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class SecondTry(Payload):
    """Send a test."""

    code = "2t"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class SecondDrop(Payload):
    """Take it back."""

    code = "2d"
