"""The ringing stops on an answer or a resolution, on nothing else; being late changes nothing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
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
    hand_on,
    hear_from,
    locate,
    resolve,
    stand_down,
    take_back,
)
from safety.escalation import (
    AT_ONCE,
    LATER,
    ROUNDS,
    is_covered,
    is_left_to_nobody,
    is_only_caller,
    next_ring,
    pause,
    rung,
    rung_roles,
    whom_to_ask,
    whom_to_ring,
    widened,
)
from safety.people import EventId, PersonId, Role, TeamId
from safety.policy import Policy

NOW = datetime(2027, 5, 28, 13, 4, tzinfo=UTC)
POLICY = Policy()
EVERY, AFTER, HOLDS = POLICY.ring_every, POLICY.escalate_after, POLICY.answer_holds
SECOND = timedelta(seconds=1)

ORGANIZER, STEWARD, DEPUTY = TeamId(100), TeamId(101), TeamId(102)
TEAM: Mapping[TeamId, Role] = {
    ORGANIZER: Role.ORGANIZER,
    STEWARD: Role.STEWARD,
    DEPUTY: Role.DEPUTY,
}


def caller(person: int, seq: int, at: datetime) -> Caller:
    """Give the call of one participant."""
    return Caller(PersonId(person), None, Way.KEY, at, seq, seq, at, at)


def opened() -> Alarm:
    """Give an alarm that has just been raised."""
    return Alarm(5, EventId(7), 17, AlarmState.OPEN, NOW, NOW, (caller(0, 1, NOW),))


# What may happen to an alarm: somebody calls, answers, hands on, is taken, says something; or
# only time passes.
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(
            ["call", "answer", "hand on", "stand down", "news", "mistake", "place", "nothing"]
        ),
        st.integers(0, 2),  # who
        st.integers(0, 900),  # seconds later
    ),
    max_size=25,
)
TEAMS = st.dictionaries(
    st.sampled_from(list(TEAM)), st.sampled_from(sorted(LATER)), min_size=1, max_size=3
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
        due = next_ring(alarm, POLICY)
        assert due is not None
        if not is_covered(alarm, now, HOLDS):
            assert due <= now + pause(alarm.since_news, EVERY)
    assert next_ring(resolve(alarm, Ending.REAL, TeamId(9), now), POLICY) is None


@given(HAPPENINGS, TEAMS, st.booleans())
def test_there_is_always_somebody_who_is_rung(
    happenings: list[tuple[str, int, int]],
    team: Mapping[TeamId, Role],
    is_new: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    """Whoever has handed on, left or was taken: an alarm that nobody is on rings for somebody."""
    alarm, now = opened(), NOW
    for seq, (what, who, seconds) in enumerate(happenings, start=2):
        alarm, now = _time_passes(alarm, now, timedelta(seconds=seconds))
        alarm = _happen(alarm, what, who, now, seq)
        whom = whom_to_ring(alarm, team, now, HOLDS, is_new=is_new)
        assert whom <= whom_to_ask(alarm, team)
        assert whom or is_covered(alarm, now, HOLDS)
        on_it = frozenset(one.by for one in alarm.acknowledgements)
        if whom & alarm.cannot:
            assert not whom_to_ask(alarm, team) - alarm.cannot - on_it


@given(HAPPENINGS)
def test_only_somebody_of_the_team_makes_it_quiet(
    happenings: list[tuple[str, int, int]],
) -> None:
    """Nothing but *I'm on it* covers a call: no handing on, no word of the caller, no news."""
    alarm, now = opened(), NOW
    for seq, (what, who, seconds) in enumerate(happenings, start=2):
        now += timedelta(seconds=seconds)
        was_covered = is_covered(alarm, now, HOLDS)
        alarm = _happen(alarm, what, who, now, seq)
        if what != "answer" and not was_covered:
            assert not is_covered(alarm, now, HOLDS)


def _time_passes(alarm: Alarm, now: datetime, by: timedelta) -> tuple[Alarm, datetime]:
    target = now + by
    while (due := next_ring(alarm, POLICY)) is not None and due <= target:
        now = max(now, due)
        alarm = rung(alarm, now, POLICY, is_unanswered=True)
    return alarm, target


def _happen(alarm: Alarm, what: str, who: int, now: datetime, seq: int) -> Alarm:
    mine, team_id = alarm.caller(PersonId(who), None), TeamId(who + 100)
    match what:
        case "call":
            alarm, rings = call(alarm, caller(who, seq, now))
            alarm = rung(alarm, now, POLICY, is_unanswered=False) if rings else alarm
        case "answer":
            alarm = acknowledge(alarm, team_id, now, seq)
        case "hand on":
            alarm = widened(hand_on(alarm, team_id, now, seq))
        case "stand down":
            alarm = stand_down(alarm, team_id, now)
        case "news":
            alarm = hear_from(alarm, team_id, now, HOLDS)
        case "mistake" if mine is not None:
            alarm = take_back(alarm, mine, TakenBack.MISTAKE, now, seq)
        case "place" if mine is not None:
            alarm = locate(alarm, mine, (43.2, 76.8), now)
        case _:
            pass
    return alarm


# ---------------------------------------------------------------- when


def test_an_unanswered_alarm_rings_every_thirty_seconds() -> None:
    """Not earlier, not later, for half an hour."""
    alarm, now = opened(), NOW
    for _ in range(ROUNDS):
        assert next_ring(alarm, POLICY) == now + timedelta(seconds=30)
        now += EVERY
        alarm = rung(alarm, now, POLICY, is_unanswered=True)
    assert now == NOW + timedelta(minutes=30)
    assert next_ring(alarm, POLICY) == now + timedelta(minutes=2)


@pytest.mark.parametrize("every", [20, 30, 40, 600])
def test_more_people_are_asked_in_time_whatever_the_pace(every: int) -> None:
    """Deputies come in when nobody has answered for so long, also between two rounds."""
    policy = replace(POLICY, ring_every=timedelta(seconds=every))
    alarm = opened()
    for _ in range(10):
        if not alarm.is_wide:
            alarm = rung(alarm, next_ring(alarm, policy) or NOW, policy, is_unanswered=True)
    assert alarm.is_wide
    assert alarm.rung_at == NOW + AFTER


def test_taking_it_back_does_not_stop_the_ringing() -> None:
    """A forced word must not make everybody look away."""
    alarm = opened()
    taken = take_back(alarm, alarm.callers[0], TakenBack.SAFE, NOW, 2)
    assert next_ring(taken, POLICY) == NOW + EVERY


def test_an_answer_holds_for_a_while_and_then_it_rings() -> None:
    """Without news the quiet ends by itself, and deputies are asked as well."""
    answered = acknowledge(opened(), STEWARD, NOW + SECOND, 2)
    until = NOW + SECOND + HOLDS
    assert next_ring(answered, POLICY) == until
    assert is_covered(answered, NOW + HOLDS, HOLDS)
    assert not is_covered(answered, until, HOLDS)
    again = rung(answered, until, POLICY, is_unanswered=True)
    assert again.is_wide
    assert next_ring(again, POLICY) == until + EVERY


def test_news_of_whoever_is_on_it_lets_the_answer_count_anew() -> None:
    """For the calls that it was an answer to, and for nobody who has called since."""
    answered = acknowledge(opened(), STEWARD, NOW, 2)
    heard = hear_from(answered, STEWARD, NOW + 8 * EVERY, HOLDS)
    assert next_ring(heard, POLICY) == NOW + 8 * EVERY + HOLDS
    assert hear_from(answered, ORGANIZER, NOW + 8 * EVERY, HOLDS) == answered
    joined, _ = call(answered, caller(1, 3, NOW + EVERY))
    later = NOW + 2 * EVERY
    assert not is_covered(hear_from(joined, STEWARD, later, HOLDS), later, HOLDS)
    assert hear_from(answered, STEWARD, NOW + HOLDS, HOLDS) == answered  # too old by then


def test_an_answer_does_not_cover_who_calls_after_it() -> None:
    """Also if both came at the same moment: the order of intake decides."""
    answered = acknowledge(opened(), STEWARD, NOW, 2)
    joined, _ = call(answered, caller(1, 3, NOW))
    assert not is_covered(joined, NOW, HOLDS)
    assert next_ring(joined, POLICY) == NOW + EVERY
    overtaken, _ = call(acknowledge(opened(), STEWARD, NOW, 9), caller(1, 3, NOW))
    assert is_covered(overtaken, NOW, HOLDS)


def test_nobody_covers_their_own_call() -> None:
    """Somebody of the team who calls and is on it for another person still needs somebody."""
    own = Caller(None, STEWARD, Way.COMMAND, NOW, 2, 2, NOW, NOW)
    joined, _ = call(opened(), own)
    answered = acknowledge(joined, STEWARD, NOW + SECOND, 3)
    assert not is_covered(answered, NOW + SECOND, HOLDS)
    assert is_covered(acknowledge(answered, ORGANIZER, NOW + SECOND, 4), NOW + 2 * SECOND, HOLDS)


def test_a_late_timer_rings_once_and_goes_on_from_there() -> None:
    """After a night without power everybody is rung once, not for every missed round."""
    late = NOW + timedelta(hours=8)
    again = rung(opened(), late, POLICY, is_unanswered=True)
    assert next_ring(again, POLICY) == late + EVERY


@given(st.integers(0, 10_000))
def test_the_pause_grows_and_stays_within_ten_minutes(rounds: int) -> None:
    """People who are rung every half minute for a day stop looking; silence would be worse."""
    assert EVERY <= pause(rounds, EVERY) <= pause(rounds + 1, EVERY) <= timedelta(minutes=10)


def test_a_sign_of_the_caller_brings_the_first_pace_back() -> None:
    """Whoever presses again after hours, or sends a place, is not rung for every ten minutes."""
    tired = replace(opened(), since_news=5 * ROUNDS, level=5 * ROUNDS, is_wide=True)
    assert next_ring(tired, POLICY) == NOW + timedelta(minutes=10)
    pressed, rings = call(tired, caller(0, 9, NOW + SECOND))
    assert not rings
    moved = locate(tired, tired.callers[0], (43.2, 76.8), NOW + SECOND)
    for alarm in (pressed, moved):
        assert next_ring(alarm, POLICY) == NOW + EVERY


# ---------------------------------------------------------------- whom


def test_more_people_are_rung_when_nobody_answers_but_never_press_or_allies() -> None:
    """Deputies join later; whoever only gets releases is never alarmed."""
    assert rung_roles(opened()) == AT_ONCE
    assert rung_roles(widened(opened())) == AT_ONCE | {Role.DEPUTY}


def test_where_only_deputies_can_be_reached_they_are_rung_at_once() -> None:
    """The only organizer is frozen or taken: nobody waits for them."""
    alone = {DEPUTY: Role.DEPUTY}
    assert whom_to_ring(opened(), alone, NOW, HOLDS, is_new=True) == {DEPUTY}


def test_whoever_hands_on_is_rung_no_more_and_the_others_are() -> None:
    """Deputies too, although nobody has waited yet."""
    handed = widened(hand_on(opened(), ORGANIZER, NOW, 2))
    for is_new in (True, False):
        assert whom_to_ring(handed, TEAM, NOW, HOLDS, is_new=is_new) == {STEWARD, DEPUTY}


def test_where_everybody_has_handed_on_everybody_is_rung_again() -> None:
    """Nobody is left silent; and whoever comes to the team now is rung alone."""
    alarm = opened()
    for seq, one in enumerate(TEAM, start=2):
        alarm = widened(hand_on(alarm, one, NOW, seq))
    assert is_left_to_nobody(alarm, TEAM)
    assert whom_to_ring(alarm, TEAM, NOW, HOLDS, is_new=False) == frozenset(TEAM)
    lawyer = TeamId(9)
    with_one_more = {**TEAM, lawyer: Role.LAWYER}
    assert not is_left_to_nobody(alarm, with_one_more)
    assert whom_to_ring(alarm, with_one_more, NOW, HOLDS, is_new=False) == {lawyer}


def test_whoever_has_handed_it_on_is_left_alone_while_everybody_else_is_on_it() -> None:
    """Everybody is rung again only where nobody comes."""
    alarm = acknowledge(hand_on(opened(), STEWARD, NOW, 2), ORGANIZER, NOW, 3)
    team = {ORGANIZER: Role.ORGANIZER, STEWARD: Role.STEWARD}
    assert whom_to_ring(alarm, team, NOW + SECOND, HOLDS, is_new=False) == frozenset()


def test_whoever_is_on_it_is_told_of_another_call_and_not_rung_again_for_it() -> None:
    """They have their hands full; once nobody else is left they are rung after all."""
    answered = acknowledge(opened(), STEWARD, NOW, 2)
    joined, _ = call(answered, caller(1, 3, NOW))
    assert STEWARD in whom_to_ring(joined, TEAM, NOW, HOLDS, is_new=True)
    assert whom_to_ring(joined, TEAM, NOW, HOLDS, is_new=False) == {ORGANIZER}
    handed = hand_on(joined, ORGANIZER, NOW, 4)
    two = {ORGANIZER: Role.ORGANIZER, STEWARD: Role.STEWARD}
    assert whom_to_ring(handed, two, NOW, HOLDS, is_new=False) == frozenset(two)


def test_an_answer_takes_back_a_handing_on_and_the_other_way_round() -> None:
    """The latest press of a person counts."""
    handed = hand_on(acknowledge(opened(), STEWARD, NOW, 2), STEWARD, NOW, 3)
    assert not is_covered(handed, NOW, HOLDS)
    assert handed.cannot == {STEWARD}
    again = acknowledge(handed, STEWARD, NOW, 4)
    assert is_covered(again, NOW, HOLDS)
    assert not again.cannot


def test_the_answer_of_somebody_who_was_taken_covers_nobody() -> None:
    """Whoever was on it cannot be any more, and has not silenced the others by it."""
    left = stand_down(acknowledge(opened(), STEWARD, NOW, 2), STEWARD, NOW + SECOND)
    assert not is_covered(left, NOW + SECOND, HOLDS)
    assert next_ring(left, POLICY) == NOW + EVERY
    assert stand_down(opened(), STEWARD, NOW) == opened()
    assert STEWARD in whom_to_ring(left, TEAM, NOW + SECOND, HOLDS, is_new=False)


def test_somebody_of_the_team_who_calls_is_not_rung_for_it() -> None:
    """They have their own card; once somebody else joins they are rung like everybody."""
    own = Caller(None, TeamId(3), Way.COMMAND, NOW, 1, 1, NOW, NOW)
    alarm = Alarm(5, None, 17, AlarmState.OPEN, NOW, NOW, (own,))
    assert is_only_caller(alarm, TeamId(3))
    assert not is_only_caller(alarm, TeamId(4))
    assert not is_only_caller(opened(), TeamId(3))
    joined, _ = call(alarm, caller(1, 2, NOW))
    assert not is_only_caller(joined, TeamId(3))
