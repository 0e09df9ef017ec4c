"""A report: the first message alone is one; the few questions after it can all be passed over.

For an hour, whatever else the person writes or sends joins the report; then the bot no longer
knows which chat it came from, except through the case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.notices import Notice, notice
from safety.people import EventId, Unprinted
from safety.records import GROUPS, Certainty, IncidentGroup
from safety.timers import Timer, timer

JOINS_FOR = timedelta(hours=1)  # after the last thing that was added
REPORT_FORM = "report"


class ReportQuestion(StrEnum):
    """What is asked after the report itself, one tap each; then nothing more."""

    GROUP = "group"
    TYPE = "type"
    WHEN = "when"
    CERTAINTY = "certainty"
    END = "end"


class When(StrEnum):
    """When it happened, as well as one tap can say it."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True, repr=False)
class OpenReport(Unprinted):
    """The report that a chat is in the middle of. `chosen` is the group that was answered."""

    report_id: int
    incident_id: int
    event_id: EventId | None
    question: ReportQuestion
    chosen: IncidentGroup | None
    until: datetime


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ReportCard(Notice):
    """That the report is kept, and the question that is open now; edited in place."""

    stays = timedelta(hours=2)

    report_id: int

    @override
    def card(self) -> str | None:
        return f"report:{self.report_id}"

    @override
    def tag(self) -> str | None:
        return report_tag(self.report_id)


@timer
@dataclass(frozen=True, slots=True, repr=False)
class ReportCloses(Timer):
    """The hour is over: nothing joins the report any more, and its card goes."""

    report_id: int

    @override
    def key(self) -> str:
        return f"report-closes:{self.report_id}"


def report_tag(report_id: int) -> str:
    """Name the messages about one report that go when it closes."""
    return f"report:{report_id}"


def choices(question: ReportQuestion, chosen: IncidentGroup | None) -> Sequence[str]:
    """Give the answers that a question allows; none where there is nothing to ask."""
    match question:
        case ReportQuestion.GROUP:
            return [group.value for group in IncidentGroup]
        case ReportQuestion.TYPE:
            return [kind.value for group, kinds in GROUPS if group is chosen for kind in kinds]
        case ReportQuestion.WHEN:
            return [when.value for when in When]
        case ReportQuestion.CERTAINTY:
            return [Certainty.WITNESSED.value, Certainty.REPORTED.value]
        case ReportQuestion.END:
            return []


def following(question: ReportQuestion, answer: str | None) -> ReportQuestion:
    """Say what is asked next; the type only where the group is known."""
    match question:
        case ReportQuestion.GROUP:
            return ReportQuestion.WHEN if answer is None else ReportQuestion.TYPE
        case ReportQuestion.TYPE:
            return ReportQuestion.WHEN
        case ReportQuestion.WHEN:
            return ReportQuestion.CERTAINTY
        case ReportQuestion.CERTAINTY | ReportQuestion.END:
            return ReportQuestion.END
