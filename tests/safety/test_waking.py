"""Wake tests: rung for a while, counted for a week, and nobody twice within a day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.people import TeamId
from safety.waking import (
    RESTS,
    ROUNDS,
    WITHIN,
    WakeState,
    WakeWhen,
    Waking,
    Woken,
    begins,
    count,
    may_begin,
    next_ring,
    ring,
    stop,
    wake,
)

NOW = datetime(2027, 5, 26, 5, 0, tzinfo=UTC)
EVERY = timedelta(seconds=30)
WEEK = timedelta(days=7)
AIGUL, DANA, SAULE = TeamId(1), TeamId(2), TeamId(3)


def waits(begins_at: datetime = NOW) -> Waking:
    """Give a test that has not rung yet."""
    return Waking(AIGUL, WakeState.WAITS, begins_at)


def test_it_rings_like_an_alarm_for_some_rounds_and_then_it_is_over() -> None:
    """Every thirty seconds; whoever has not pressed by the end was not woken."""
    waking, now = waits(), NOW
    for number in range(1, ROUNDS + 1):
        assert next_ring(waking, EVERY) == now
        waking = ring(waking, now)
        assert (waking.state, waking.rounds) == (WakeState.RINGS, number)
        now += EVERY
    over = ring(waking, now)
    assert over.state is WakeState.ASLEEP
    assert next_ring(over, EVERY) is None


def test_a_press_counts_only_while_it_rings() -> None:
    """Not before, since an old button stays clickable; once; and not when it is over."""
    assert wake(None, NOW) is None
    assert wake(waits(), NOW) is None
    awake, said = wake(ring(waits(), NOW), NOW) or (None, None)
    assert awake is not None
    assert (awake.state, said) == (WakeState.AWAKE, Woken.NOTED)
    assert wake(awake, NOW) == (awake, Woken.BEFORE)
    asleep = replace(awake, state=WakeState.ASLEEP)
    assert wake(asleep, NOW) == (asleep, Woken.TOO_LATE)
    assert wake(stop(ring(waits(), NOW), NOW), NOW) is None


@given(st.integers(0, 2**63 - 1))
def test_an_unannounced_test_begins_some_time_within_a_day(draw: int) -> None:
    """Whatever number is drawn."""
    assert NOW <= begins(WakeWhen.UNANNOUNCED, NOW, draw) < NOW + WITHIN
    assert begins(WakeWhen.AT_ONCE, NOW, draw) == NOW


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.integers(0, 2**40)), max_size=30))
def test_nobody_is_woken_twice_within_a_day(asked: list[tuple[int, bool, int]]) -> None:
    """However often somebody begins a test, at once or unannounced, and stops it again."""
    waking: Waking | None = None
    now, first_rings = NOW, list[datetime]()
    for hours, is_at_once, draw in asked:
        until = now + timedelta(hours=hours)
        waking = _pass(waking, until, first_rings)
        now = until
        if draw % 5 == 0 and waking is not None:
            waking = stop(waking, now)
        if may_begin(waking, now):
            when = WakeWhen.AT_ONCE if is_at_once else WakeWhen.UNANNOUNCED
            waking = waits(begins(when, now, draw))
    for earlier, later in pairwise(first_rings):
        assert later - earlier >= RESTS


def _pass(waking: Waking | None, until: datetime, first_rings: list[datetime]) -> Waking | None:
    while waking is not None and (due := next_ring(waking, EVERY)) is not None and due <= until:
        waking = ring(waking, due)
        if waking.rounds == 1:
            first_rings.append(due)
    return waking


def test_only_who_has_pressed_lately_counts_as_somebody_who_can_be_woken() -> None:
    """Three are rung by an alarm: one woke, one did not, one was tested too long ago."""
    awake = Waking(AIGUL, WakeState.AWAKE, NOW - timedelta(days=2))
    asleep = Waking(DANA, WakeState.ASLEEP, NOW - timedelta(days=1))
    old = Waking(SAULE, WakeState.AWAKE, NOW - WEEK)
    latest = {one.id: one for one in (awake, asleep, old)}
    found = count(latest, (AIGUL, DANA, SAULE), NOW, WEEK)
    assert found.awake == {AIGUL}
    assert found.asleep == {DANA}
    assert found.untested == {SAULE}
    assert found.of == 3
    assert found.since == awake.begins_at


@pytest.mark.parametrize("state", [WakeState.WAITS, WakeState.RINGS, WakeState.STOPPED])
def test_a_test_without_a_result_shows_nothing(state: WakeState) -> None:
    """Neither that somebody woke, nor that they did not."""
    found = count({AIGUL: replace(waits(), state=state)}, (AIGUL,), NOW, WEEK)
    assert found.untested == {AIGUL}
    assert found.since is None
    assert found.still_open == int(state is not WakeState.STOPPED)


def test_whoever_is_rung_by_no_alarm_any_more_is_not_counted() -> None:
    """They have left, or are frozen."""
    gone = Waking(DANA, WakeState.AWAKE, NOW)
    assert count({DANA: gone}, (AIGUL,), NOW, WEEK).of == 1
