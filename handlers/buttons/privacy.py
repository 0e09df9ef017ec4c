"""The buttons of the privacy screen."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ClearChat(Payload):
    """Delete every message of this chat."""

    code = "pvc"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class AskErasure(Payload):
    """Ask whether everything of mine shall go."""

    code = "pva"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EraseMine(Payload):
    """Yes, erase it."""

    code = "pve"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class KeepMine(Payload):
    """No, leave everything as it is."""

    code = "pvk"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class AskLeaveTeam(Payload):
    """Ask whether I shall leave the team."""

    code = "pvl"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class LeaveTeam(Payload):
    """Yes, I leave."""

    code = "pvt"
