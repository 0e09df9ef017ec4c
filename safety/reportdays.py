"""How much one person reports in a day: far more than anybody has to tell, and not without end.

An account that was taken over must not fill the store. A call for help is bounded by nothing, nor
is what is sent after one. What was told weighs less as time goes by: whoever told too much is
heard again within the hour, and the first that somebody tells is always taken (ADR-0034).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from safety.people import EventId

DAY = timedelta(days=1)
REPORT_WEIGHS = 6  # as much as six words, places or small files that join one
PIECE = 4 * 1024 * 1024  # bytes: a file weighs one for each that it has begun
MOST_A_DAY = 600  # by one person: a hundred reports, or fewer with more in each
_WEIGHS_NO_MORE_AFTER = DAY // MOST_A_DAY  # for each unit: all of it after a day
ENOUGH = "report-enough"


@dataclass(frozen=True, slots=True)
class ReportDay:
    """The weight at a moment of what one person has told, and how often it was too much since."""

    event_id: EventId | None
    at: datetime
    spent: int = 0
    refused: int = 0

    def spent_at(self, now: datetime) -> int:
        """Give what of it still weighs."""
        gone = max(now - self.at, timedelta()) // _WEIGHS_NO_MORE_AFTER
        return max(self.spent - gone, 0)


def weight_of(size: int) -> int:
    """Give the weight of a file of `size` bytes; one of unknown size is a small one."""
    return max(1, -(-size // PIECE))


def spend(
    day: ReportDay | None, weight: int, event_id: EventId | None, now: datetime
) -> ReportDay | None:
    """Give the day after one more thing was told; None where that is too much."""
    known = day or ReportDay(event_id, now)
    before = known.spent_at(now)
    if before and before + weight > MOST_A_DAY:
        return None
    refused = known.refused if before else 0
    return ReportDay(event_id, now, before + weight, refused)


def refuse(day: ReportDay) -> ReportDay:
    """Count one thing more that was not taken."""
    return replace(day, refused=day.refused + 1)
