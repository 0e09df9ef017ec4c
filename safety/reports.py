"""A report: the first message alone is one; the few questions after it can all be passed over.

For an hour, whatever else the person writes or sends joins the report. One whose questions are
open can be gone on with for a day; then the bot no longer knows which chat it came from, except
through the case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.events import Event
from safety.facts import FactKind
from safety.notices import Notice, notice
from safety.people import EventId, Unprinted
from safety.records import GROUPS, Certainty, IncidentGroup, IncidentType
from safety.timers import AtMoment, timer

JOINS_FOR = timedelta(hours=1)  # after the last thing that was added
RESUMABLE_FOR = timedelta(hours=24)  # after the last thing that was added, if a question is open
EARLIEST = timedelta(hours=6)  # before the start: from then on it is about the event itself …
LATEST = timedelta(hours=12)  # … until so long after its end
REPORT_FORM = "report"


class ReportQuestion(StrEnum):
    """What is asked after the report itself, one tap each; then nothing more."""

    QUICK = "quick"  # what fits the time: before the event, during it, afterwards
    GROUP = "group"
    TYPE = "type"
    WHEN = "when"
    CERTAINTY = "certainty"
    END = "end"


class Phase(StrEnum):
    """Where in the life of its event a report is made."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


OTHER = "other"  # none of what fits the time: the groups are shown
FITTING: Mapping[Phase, tuple[IncidentType, ...]] = {
    Phase.BEFORE: (
        IncidentType.CALL_TO_VIOLENCE,
        IncidentType.DEATH_THREAT,
        IncidentType.TAILING,
        IncidentType.IDENTITY_CIRCULATED,
    ),
    Phase.DURING: (
        IncidentType.DISRUPTION,
        IncidentType.ASSAULT,
        IncidentType.INJURY,
        IncidentType.DATA_COLLECTION,
    ),
    Phase.AFTER: (
        IncidentType.FOLLOW_UP_VISIT,
        IncidentType.PRESSURE_ON_MINOR,
        IncidentType.DEATH_THREAT,
        IncidentType.COERCED_NOTE,
    ),
}
FOLLOWED = frozenset(
    {FactKind.HOLD, FactKind.VENUE_CANCELLED, FactKind.RELOCATION, FactKind.DATA_TAKEN}
)
"""What whoever causes such a fact sends next belongs to it, as to a report of theirs."""


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
    until: datetime  # what comes until then joins it by itself

    @property
    def is_unfinished(self) -> bool:
        """Say whether a question is open."""
        return self.question is not ReportQuestion.END

    @property
    def kept_until(self) -> datetime:
        """Say how long it is known which chat it came from."""
        return self.until - JOINS_FOR + RESUMABLE_FOR if self.is_unfinished else self.until


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ReportCard(Notice):
    """That the report is kept, and the question that is open now; edited in place."""

    stays = timedelta(hours=2)

    report_id: int
    page: int = 0  # of the offered answers

    @override
    def card(self) -> str | None:
        return f"report:{self.report_id}"

    @override
    def tag(self) -> str | None:
        return report_tag(self.report_id)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ReportOffer(Notice):
    """That a report is not finished: go on with it, or call it finished."""

    stays = timedelta(hours=2)

    report_id: int

    @override
    def tag(self) -> str | None:
        return report_tag(self.report_id)


@timer
@dataclass(frozen=True, slots=True, repr=False)
class ReportCloses(AtMoment):
    """The hour is over, or the day: nothing joins the report any more, and its card goes."""

    report_id: int

    @override
    def key(self) -> str:
        return f"report-closes:{self.report_id}"


def report_tag(report_id: int) -> str:
    """Name the messages about one report that go when it closes."""
    return f"report:{report_id}"


def phase_at(event: Event | None, now: datetime) -> Phase:
    """Say whether it is before an event, during it or afterwards; without one, before it."""
    if event is None or now < event.starts_at - EARLIEST:
        return Phase.BEFORE
    return Phase.DURING if now < event.over_at + LATEST else Phase.AFTER


def may_answer(question: ReportQuestion, chosen: IncidentGroup | None, answer: str) -> bool:
    """Say whether there is such an answer; what fitted a moment ago is one still."""
    phases = Phase if question is ReportQuestion.QUICK else (Phase.BEFORE,)
    return any(answer in choices(question, chosen, phase) for phase in phases)


def choices(
    question: ReportQuestion, chosen: IncidentGroup | None, phase: Phase = Phase.BEFORE
) -> Sequence[str]:
    """Give the answers that a question allows; none where there is nothing to ask."""
    match question:
        case ReportQuestion.QUICK:
            return [*(kind.value for kind in FITTING[phase]), OTHER]
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
        case ReportQuestion.QUICK:
            return ReportQuestion.GROUP if answer == OTHER else ReportQuestion.WHEN
        case ReportQuestion.GROUP:
            return ReportQuestion.WHEN if answer is None else ReportQuestion.TYPE
        case ReportQuestion.TYPE:
            return ReportQuestion.WHEN
        case ReportQuestion.WHEN:
            return ReportQuestion.CERTAINTY
        case ReportQuestion.CERTAINTY | ReportQuestion.END:
            return ReportQuestion.END
