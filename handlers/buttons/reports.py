"""The buttons under a report: one tap an answer, and each question can be passed over."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.reports import ReportQuestion


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ReportAnswer(Payload):
    """One of the offered answers."""

    code = "rpa"

    report_id: int
    question: ReportQuestion
    value: str


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ReportPage(Payload):
    """Another page of the offered answers."""

    code = "rpp"

    report_id: int
    page: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ReportSkip(Payload):
    """*Skip* one question."""

    code = "rps"

    report_id: int
    question: ReportQuestion


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ReportGoOn(Payload):
    """*Go on* with a report that is not finished."""

    code = "rpg"

    report_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ReportDone(Payload):
    """*Done*: nothing more to add."""

    code = "rpd"

    report_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class VisitPress(Payload):
    """*Somebody came*, in the days after."""

    code = "rpv"

    event_id: int
