"""The buttons of wake tests. None of them overtakes: nobody is in danger."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.waking import WakeWhen


@payload
@dataclass(frozen=True, slots=True, repr=False)
class WakeScreenPress(Payload):
    """*Test whether people wake*: what is known, and how to begin."""

    code = "wks"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class WakeBegin(Payload):
    """Begin a test."""

    code = "wkb"

    when: WakeWhen


@payload
@dataclass(frozen=True, slots=True, repr=False)
class WakeStop(Payload):
    """End the tests that wait or ring."""

    code = "wkx"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class WakeNamesPress(Payload):
    """Who did not wake."""

    code = "wkn"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class AwakePress(Payload):
    """*I'm awake*."""

    code = "wka"
