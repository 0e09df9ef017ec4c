"""Bounds of what is reported: nobody's first is refused, and no account fills the store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety import reportdays, reportlinks
from safety.people import EventId
from safety.reportdays import DAY, MOST_A_DAY, REPORT_WEIGHS, ReportDay, weight_of
from safety.reportlinks import MOST_A_DAY_IN_ALL, OWN_SHARE, ReportLink

NOW = datetime(2027, 5, 26, 5, 0, tzinfo=UTC)
EVENT = EventId(7)
LINK = ReportLink(1, EVENT, NOW + 100 * DAY)
MEGABYTE = 1024 * 1024  # bytes


@given(
    st.lists(
        st.tuples(st.integers(1, REPORT_WEIGHS), st.integers(-60, 1440)), min_size=1, max_size=400
    )
)
def test_no_day_holds_more_than_two_and_the_first_is_always_taken(
    told: list[tuple[int, int]],
) -> None:
    """Whatever somebody sends, and however their clock jumps; `told`: weights, minutes between."""
    day: ReportDay | None = None
    at, taken = NOW, []
    for weight, minutes in told:
        at += timedelta(minutes=minutes)
        after = reportdays.spend(day, weight, EVENT, at)
        assert after is not None or (day is not None and day.spent_at(at))
        if after is not None:
            taken.append((at, weight))
            day = after
    if all(later >= earlier for (earlier, _), (later, _) in pairwise(taken)):
        for begin, _ in taken:
            within = [weight for when, weight in taken if begin <= when < begin + DAY]
            assert sum(within) <= 2 * MOST_A_DAY


def test_whoever_told_too_much_is_heard_again_within_the_hour() -> None:
    """A person who has their account back does not wait for a day."""
    full = ReportDay(EVENT, NOW, MOST_A_DAY, refused=3)
    assert reportdays.spend(full, 1, EVENT, NOW) is None
    later = reportdays.spend(full, REPORT_WEIGHS, EVENT, NOW + timedelta(hours=1))
    assert later is not None
    assert later.refused == 3
    anew = reportdays.spend(full, REPORT_WEIGHS, EVENT, NOW + DAY)
    assert anew == ReportDay(EVENT, NOW + DAY, REPORT_WEIGHS)


@pytest.mark.parametrize(
    ("size", "weight"),
    [(0, 1), (1, 1), (4 * MEGABYTE, 1), (4 * MEGABYTE + 1, 2), (20 * MEGABYTE, 5)],
)
def test_a_file_weighs_by_its_size(size: int, weight: int) -> None:
    """Twelve gigabytes a day of one account are no bound."""
    assert weight_of(size) == weight


def test_links_that_were_collected_use_up_no_other_links_first_report() -> None:
    """With everything spent that all links have together, a fresh one takes a report and more."""
    fresh = reportlinks.spend(LINK, NOW, MOST_A_DAY_IN_ALL, REPORT_WEIGHS, is_report=True)
    assert (fresh.spent, fresh.reports) == (REPORT_WEIGHS, 1)
    video = reportlinks.spend(fresh, NOW, MOST_A_DAY_IN_ALL, 5, is_report=False)
    assert video.spent == REPORT_WEIGHS + 5
    full = replace(fresh, spent=OWN_SHARE)
    assert reportlinks.spend(full, NOW, MOST_A_DAY_IN_ALL, 1, is_report=False) is full
    assert reportlinks.spend(full, NOW, OWN_SHARE, 1, is_report=False).spent == OWN_SHARE + 1


def test_what_a_link_refused_is_counted_for_its_day_only() -> None:
    """Tomorrow it works again, and says nothing of yesterday."""
    used = reportlinks.spend(LINK, NOW, 0, REPORT_WEIGHS, is_report=True)
    refused = reportlinks.refuse(reportlinks.refuse(used))
    assert refused.refused_at(NOW) == 2
    assert refused.refused_at(NOW + DAY) == 0
    assert reportlinks.spend(refused, NOW + DAY, 0, 1, is_report=False).refused == 0
