"""The buttons of links for reporting: take one, end it, stop one or all of an event."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.people import EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class TakeReportLink(Payload):
    """*A link for later*."""

    code = "rlt"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class EndReportLink(Payload):
    """*End this link*: whoever has its token may; empty: the one by which this chat came."""

    code = "rle"

    token: str


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ReportLinksPress(Payload):
    """*Links for reporting*, to an organizer."""

    code = "rll"

    event_id: EventId
    page: int = 0


@payload
@dataclass(frozen=True, slots=True, repr=False)
class StopReportLink(Payload):
    """*Stop* one link."""

    code = "rls"

    link_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class AskStopReportLinks(Payload):
    """*Stop all*: asks once more."""

    code = "rlq"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class StopReportLinks(Payload):
    """*Yes, stop all*."""

    code = "rla"

    event_id: EventId
