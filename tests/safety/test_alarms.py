"""What an alarm is: who joins, what only a voice can calm, and what comes too early to matter."""

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
    Heard,
    TakenBack,
    Way,
    acknowledge,
    call,
    hand_on,
    handed_on_at,
    hear,
    locate,
    may_resolve,
    may_still_calm,
    resolve,
    seen_at,
    take_back,
    takes,
)
from safety.people import EventId, PersonId, TeamId

NOW = datetime(2027, 5, 28, 13, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STEWARD = TeamId(900)


def caller(person: int = 1, seq: int = 10, at: datetime = NOW) -> Caller:
    """Give the call of one participant."""
    return Caller(PersonId(person), None, Way.KEY, at, seq, seq, at, at)


def alarm(*callers: Caller) -> Alarm:
    """Give an open alarm with these callers."""
    return Alarm(5, EventId(7), 17, AlarmState.OPEN, NOW, NOW, callers or (caller(),))


def test_a_new_person_joins_and_rings() -> None:
    """A second call is the same alarm, and it rings."""
    joined, rings = call(alarm(), caller(person=2, seq=11))
    assert rings
    assert [one.person_id for one in joined.callers] == [1, 2]


def test_the_same_person_joins_only_once_and_does_not_ring() -> None:
    """Fifty presses are one call with fifty presses."""
    pressed = alarm()
    for seq in range(11, 60):
        pressed, rings = call(pressed, caller(seq=seq))
        assert not rings
    assert [(one.presses, one.seq, one.first_seq) for one in pressed.callers] == [(50, 59, 10)]


def test_two_of_the_team_who_call_are_two_callers() -> None:
    """Neither is a participant, and that makes nobody the same person."""
    first, second = (
        Caller(None, TeamId(team), Way.KEY, NOW, seq, seq, NOW, NOW)
        for team, seq in ((1, 10), (2, 11))
    )
    joined, rings = call(alarm(first), second)
    assert rings
    assert [one.team_id for one in joined.callers] == [1, 2]


def test_a_press_without_words_takes_none_away_and_later_words_count() -> None:
    """What was said first stands until something else is said."""
    said, _ = call(alarm(), replace(caller(seq=11), words="a knife"))
    pressed, _ = call(said, caller(seq=12))
    assert pressed.callers[0].words == "a knife"
    later, _ = call(pressed, replace(caller(seq=13), words="the back door"))
    assert later.callers[0].words == "the back door"


@given(st.permutations(range(10, 16)))
def test_presses_in_any_order_keep_the_latest_of_intake(order: list[int]) -> None:
    """Alarms overtake at intake, so an earlier press may be handled later."""
    pressed = alarm(caller(seq=order[0]))
    for seq in order[1:]:
        pressed, _ = call(pressed, caller(seq=seq))
    assert pressed.callers[0].seq == max(order)


@given(st.integers(0, 100), st.lists(st.integers(0, 100), max_size=5))
def test_only_what_came_after_every_call_may_calm(seq: int, calls: list[int]) -> None:
    """A check-in with an earlier place in the intake never changes a later alarm."""
    callers = [caller(person=number, seq=place) for number, place in enumerate(calls)]
    assert may_still_calm(callers, seq) == all(seq > place for place in calls)


def test_a_mistake_from_before_the_latest_press_changes_nothing() -> None:
    """*It was a mistake*, pressed first and handled last, does not calm the press after it."""
    pressed, _ = call(alarm(), caller(seq=20))
    assert take_back(pressed, pressed.callers[0], TakenBack.MISTAKE, NOW, seq=15) is pressed


@pytest.mark.parametrize("how", TakenBack)
def test_taking_it_back_leaves_it_unverified(how: TakenBack) -> None:
    """A word is not enough: it cannot be closed until somebody heard a voice."""
    opened = alarm()
    taken = take_back(opened, opened.callers[0], how, NOW, seq=11)
    assert taken.state is AlarmState.UNVERIFIED
    assert not may_resolve(taken)


def test_one_of_two_taking_it_back_leaves_the_alarm_open() -> None:
    """The other one still calls."""
    both = alarm(caller(1, 10), caller(2, 11))
    taken = take_back(both, both.callers[0], TakenBack.SAFE, NOW, 12)
    assert taken.state is AlarmState.OPEN
    assert not may_resolve(taken)  # one unheard voice is enough
    heard = hear(taken, taken.callers[0], Heard.SAFE, STEWARD, NOW)
    assert heard.state is AlarmState.OPEN
    assert may_resolve(heard)


@pytest.mark.parametrize(
    ("first", "second", "ending"),
    [
        (TakenBack.MISTAKE, TakenBack.MISTAKE, Ending.MISTAKEN),
        (TakenBack.MISTAKE, TakenBack.SAFE, Ending.REAL),
        (TakenBack.SAFE, TakenBack.SAFE, Ending.REAL),
    ],
)
def test_the_last_voice_heard_safe_resolves_it(
    first: TakenBack, second: TakenBack, ending: Ending
) -> None:
    """Every caller's own voice closes the alarm; mistaken only if all of them said so."""
    both = alarm(caller(1, 10), caller(2, 11))
    both = take_back(both, both.callers[0], first, NOW, 12)
    both = take_back(both, both.callers[1], second, NOW, 13)
    both = hear(both, both.callers[0], Heard.SAFE, STEWARD, NOW)
    assert both.state is AlarmState.UNVERIFIED
    both = hear(both, both.callers[1], Heard.SAFE, STEWARD, NOW)
    assert both.state is AlarmState.RESOLVED
    assert both.ending is ending


def test_a_voice_that_needs_help_opens_it_again() -> None:
    """Whoever was forced to press says otherwise with their voice."""
    opened = alarm()
    taken = take_back(opened, opened.callers[0], TakenBack.MISTAKE, NOW, 11)
    stands = hear(taken, taken.callers[0], Heard.NEEDS_HELP, STEWARD, NOW)
    assert stands.state is AlarmState.OPEN
    assert may_resolve(stands)


def test_calling_again_after_it_was_over_rings_again() -> None:
    """Taken back or heard, a new press is a new call, and earlier answers do not cover it."""
    opened = acknowledge(alarm(), STEWARD, NOW, 11)
    taken = take_back(opened, opened.callers[0], TakenBack.MISTAKE, NOW, 12)
    again, rings = call(taken, caller(seq=13, at=NOW + MINUTE))
    assert rings
    assert again.state is AlarmState.OPEN
    assert seen_at(again, again.callers[0]) is None


def test_calling_again_after_a_voice_was_heard_rings_again_whatever_was_said_before() -> None:
    """Whoever was heard after a release had taken nothing back."""
    both = alarm(caller(1, 10), caller(2, 11))
    heard = hear(both, both.callers[0], Heard.SAFE, STEWARD, NOW)
    again, rings = call(heard, caller(seq=13, at=NOW + MINUTE))
    assert rings
    assert again.callers[0].heard_by is None


def test_whoever_called_is_told_only_of_a_handing_on_after_that_call() -> None:
    """Who did so before that call has said nothing about it."""
    handed_on = hand_on(alarm(), STEWARD, NOW, 11)
    joined, _ = call(handed_on, caller(person=2, seq=12))
    assert handed_on_at(joined, joined.callers[0]) == NOW
    assert handed_on_at(joined, joined.callers[1]) is None


def test_an_answer_from_before_a_call_does_not_show_as_seen() -> None:
    """Nobody is told that they were seen when nobody has seen them."""
    answered = acknowledge(alarm(), STEWARD, NOW, 11)
    joined, _ = call(answered, caller(person=2, seq=12))
    assert seen_at(joined, joined.callers[0]) is not None
    assert seen_at(joined, joined.callers[1]) is None


def test_a_resolved_alarm_cannot_be_taken_back() -> None:
    """It is over."""
    over = resolve(alarm(), Ending.REAL, STEWARD, NOW)
    assert take_back(over, over.callers[0], TakenBack.SAFE, NOW, 99) is over


def test_what_is_sent_lately_belongs_to_the_alarm() -> None:
    """Places and files of callers and of whoever is on it, for a while after their last sign."""
    opened = acknowledge(alarm(), STEWARD, NOW, 11)
    hour = timedelta(hours=1)
    assert takes(opened, PersonId(1), None, NOW + hour, 2 * hour)
    assert takes(opened, None, STEWARD, NOW + hour, 2 * hour)
    assert not takes(opened, PersonId(2), None, NOW, 2 * hour)
    assert not takes(opened, None, TeamId(1), NOW, 2 * hour)
    assert not takes(opened, PersonId(1), None, NOW + 2 * hour, 2 * hour)
    moved = locate(opened, opened.callers[0], (43.2, 76.9), NOW + hour)
    assert takes(moved, PersonId(1), None, NOW + 2 * hour, 2 * hour)
