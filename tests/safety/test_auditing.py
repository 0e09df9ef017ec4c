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
    assert lag_of(due, timer_at, NOW) is lag
