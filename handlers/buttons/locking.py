"""The buttons of *Lock*."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class LockPress(Payload):
    """*Lock*."""

    code = "lk"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class LockObject(Payload):
    """*Object*: it stays open."""

    code = "lko"
