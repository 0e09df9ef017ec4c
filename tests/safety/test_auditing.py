"""What counts as fallen behind, and what does not."""

from datetime import UTC, datetime, timedelta

import pytest

from safety.auditing import GRACE, Lag, lag_of

NOW = datetime(2027, 5, 28, 18, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)

CASES = {
    "nothing has to ring": (None, None, None),
    "it rings later, and will": (NOW + SECOND, NOW + SECOND, None),
    "it is due, and is about to be run": (NOW - SECOND, NOW - SECOND, None),
    "it rings sooner than it has to": (NOW + SECOND, NOW, None),
    "nothing would ring it": (NOW + SECOND, None, Lag.NO_TIMER),
    "it would ring too late": (NOW + SECOND, NOW + 2 * SECOND, Lag.NO_TIMER),
    "it was due, and its row is there": (NOW - 2 * GRACE, NOW - 2 * GRACE, Lag.NOT_RUN),
    "it was due, and its row is gone": (NOW - 2 * GRACE, None, Lag.NOT_RUN),
}


@pytest.mark.parametrize(("due", "timer_at", "lag"), CASES.values(), ids=CASES)
def test_a_ring_is_compared_with_its_plan(
    due: datetime | None, timer_at: datetime | None, lag: Lag | None
) -> None:
    """Whatever became of the timer, a ring that is due is missed after a moment."""
    assert lag_of(due, NOW - timedelta(minutes=5), timer_at, NOW) is lag


def test_what_was_rung_in_the_future_was_overtaken_by_the_clock() -> None:
    """It was set back, and the next ring would be as late as that; a little is no jump."""
    rung_at = NOW + timedelta(hours=1)
    due = rung_at + timedelta(seconds=30)
    assert lag_of(due, rung_at, due, NOW) is Lag.SET_BACK
    assert lag_of(None, rung_at, None, NOW) is None
    assert lag_of(NOW + GRACE, NOW + SECOND, NOW + GRACE, NOW) is None
