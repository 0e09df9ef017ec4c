"""The buttons of roll calls. *I need help* overtakes everything else at intake."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class RollCallStart(Payload):
    """Ask everybody now."""

    code = "rs"

    event_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class RollCallSafe(Payload):
    """*I'm safe*."""

    code = "ra"

    rollcall_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class RollCallHelp(Payload):
    """*I need help*."""

    code = "sosr"

    rollcall_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class RollCallNamesPress(Payload):
    """*Names* of whoever is silent or needs help."""

    code = "rn"

    rollcall_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class RollCallNamesPage(Payload):
    """Another page of them."""

    code = "rnp"

    rollcall_id: int
    page: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class RollCallClose(Payload):
    """End it."""

    code = "rx"

    rollcall_id: int
