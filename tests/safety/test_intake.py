"""When somebody else is taken to hold the token, however good our own polls are."""

from datetime import UTC, datetime, timedelta

import pytest

from safety.intake import AGAIN_AFTER, DEAD_AFTER, SURE_AFTER, Signs, is_shared, one_more

NOW = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)
SOON = timedelta(seconds=1)


def _signs(*pauses: timedelta) -> Signs:
    """Count signs, the first now, each other one after a pause."""
    signs, now = one_more(None, timedelta(), NOW), NOW
    for pause in pauses:
        now += pause
        signs = one_more(signs, pause, now)
    return signs


@pytest.mark.parametrize("pause", [timedelta(seconds=5), timedelta(minutes=3)])
def test_whoever_keeps_showing_for_a_minute_shares_the_line(pause: timedelta) -> None:
    """Every few seconds or every few minutes: each time updates may be gone."""
    needed = max(SURE_AFTER - 1, DEAD_AFTER // pause)
    assert not is_shared(_signs(*[pause] * (needed - 1)), SOON)
    signs = _signs(*[pause] * needed)
    assert signs.since == NOW
    assert is_shared(signs, SOON)


def test_one_or_two_signs_accuse_nobody_for_good() -> None:
    """A start beside a copy that was just ending, a request that a proxy repeats."""
    assert not is_shared(None, SOON)
    assert not is_shared(_signs(), SOON)
    assert not is_shared(_signs(DEAD_AFTER), SOON)


def test_after_a_quiet_while_it_is_over_and_begins_anew() -> None:
    """Signs of different hours are not added up."""
    shown = _signs(*[timedelta(seconds=20)] * 5)
    assert is_shared(shown, AGAIN_AFTER - SOON)
    assert not is_shared(shown, AGAIN_AFTER)
    again = one_more(shown, AGAIN_AFTER, NOW + timedelta(hours=1))
    assert again == Signs(NOW + timedelta(hours=1))
