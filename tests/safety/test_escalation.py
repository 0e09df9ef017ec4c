"""The ringing stops on an answer or a resolution, on nothing else; being late changes nothing."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from safety.alarms import (
    Alarm,
    AlarmState,
    Caller,
    Ending,
    TakenBack,
    Way,
    acknowledge,
    call,
    resolve,
    take_back,
)
from safety.escalation import (
    AT_ONCE,
    is_covered,
    is_only_caller,
    next_ring,
    pause,
    rung,
    rung_roles,
)
from safety.people import EventId, PersonId, Role, TeamId

NOW = datetime(2027, 5, 28, 13, 4, tzinfo=UTC)
AFTER = timedelta(seconds=90)
HOLDS = timedelta(minutes=10)
SECOND = timedelta(seconds=1)


def caller(person: int, seq: int, at: datetime) -> Caller:
    """Give the call of one participant."""
    return Caller(PersonId(person), None, Way.KEY, at, seq, seq, at, at)


def opened() -> Alarm:
    """Give an alarm that has just been raised."""
    return Alarm(5, EventId(7), 17, AlarmState.OPEN, NOW, NOW, (caller(0, 1, NOW),))


# What may happen to an alarm: somebody calls, answers, takes it back; or only time passes.
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["call", "answer", "mistake", "nothing"]),
        st.integers(0, 3),  # who
        st.integers(0, 900),  # seconds later
    ),
    max_size=25,
)


@given(HAPPENINGS)
def test_it_rings_until_somebody_answers_whatever_happens(
    happenings: list[tuple[str, int, int]],
) -> None:
    """At every moment either somebody is on it for every caller, or it rings in time."""
    alarm, now = opened(), NOW
    for seq, (what, who, seconds) in enumerate(happenings, start=2):
        alarm, now = _time_passes(alarm, now, timedelta(seconds=seconds))
        alarm = _happen(alarm, what, who, now, seq)
        due = next_ring(alarm, AFTER, HOLDS)
        assert due is not None
        if not is_covered(alarm, now, HOLDS):
            assert due <= now + pause(alarm.level, AFTER)
    assert next_ring(resolve(alarm, Ending.REAL, TeamId(9), now), AFTER, HOLDS) is None


def _time_passes(alarm: Alarm, now: datetime, by: timedelta) -> tuple[Alarm, datetime]:
    target = now + by
    while (due := next_ring(alarm, AFTER, HOLDS)) is not None and due <= target:
        now = max(now, due)
        alarm = rung(alarm, now, is_unanswered=True)
    return alarm, target


def _happen(alarm: Alarm, what: str, who: int, now: datetime, seq: int) -> Alarm:
    if what == "call":
        joined, rings = call(alarm, caller(who, seq, now))
        return rung(joined, now, is_unanswered=False) if rings else joined
    if what == "answer":
        return acknowledge(alarm, TeamId(who + 100), now, seq)
    mine = alarm.caller(PersonId(who), None)
    if what == "mistake" and mine is not None:
        return take_back(alarm, mine, TakenBack.MISTAKE, now, seq)
    return alarm


def test_an_unanswered_alarm_rings_after_the_policys_patience() -> None:
    """Not earlier, not later."""
    assert next_ring(opened(), AFTER, HOLDS) == NOW + AFTER


def test_taking_it_back_does_not_stop_the_ringing() -> None:
    """A forced word must not make everybody look away."""
    alarm = opened()
    taken = take_back(alarm, alarm.callers[0], TakenBack.SAFE, NOW, 2)
    assert next_ring(taken, AFTER, HOLDS) == NOW + AFTER


def test_an_answer_holds_for_a_while_and_then_it_rings() -> None:
    """Without news the quiet ends by itself."""
    answered = acknowledge(opened(), TeamId(1), NOW + SECOND, 2)
    assert next_ring(answered, AFTER, HOLDS) == NOW + SECOND + HOLDS
    assert is_covered(answered, NOW + HOLDS, HOLDS)
    assert not is_covered(answered, NOW + SECOND + HOLDS, HOLDS)


def test_an_answer_does_not_cover_who_calls_after_it() -> None:
    """Also if both came at the same moment: the order of intake decides."""
    answered = acknowledge(opened(), TeamId(1), NOW, 2)
    joined, _ = call(answered, caller(1, 3, NOW))
    assert not is_covered(joined, NOW, HOLDS)
    assert next_ring(joined, AFTER, HOLDS) == NOW + AFTER
    overtaken, _ = call(acknowledge(opened(), TeamId(1), NOW, 9), caller(1, 3, NOW))
    assert is_covered(overtaken, NOW, HOLDS)


def test_a_late_timer_rings_once_and_goes_on_from_there() -> None:
    """After a night without power everybody is rung once, not for every missed round."""
    late = NOW + timedelta(hours=8)
    again = rung(opened(), late, is_unanswered=True)
    assert next_ring(again, AFTER, HOLDS) == late + AFTER


@given(st.integers(0, 10_000))
def test_the_pause_grows_and_stays_within_half_an_hour(level: int) -> None:
    """People who are rung every minute for a day stop looking; silence would be worse."""
    assert AFTER <= pause(level, AFTER) <= pause(level + 1, AFTER) <= timedelta(minutes=30)


def test_more_people_are_rung_when_nobody_answers_but_never_press_or_allies() -> None:
    """Deputies join in the second round; whoever only gets releases is never alarmed."""
    assert rung_roles(0) == AT_ONCE
    for level in range(1, 30):
        assert rung_roles(level) == AT_ONCE | {Role.DEPUTY}


def test_somebody_of_the_team_who_calls_is_not_rung_for_it() -> None:
    """They have their own card; once somebody else joins they are rung like everybody."""
    own = Caller(None, TeamId(3), Way.COMMAND, NOW, 1, 1, NOW, NOW)
    alarm = Alarm(5, None, 17, AlarmState.OPEN, NOW, NOW, (own,))
    assert is_only_caller(alarm, TeamId(3))
    assert not is_only_caller(alarm, TeamId(4))
    assert not is_only_caller(opened(), TeamId(3))
    joined, _ = call(alarm, caller(1, 2, NOW))
    assert not is_only_caller(joined, TeamId(3))
