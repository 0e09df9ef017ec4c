"""When the lawyer is rung: soon, then as a reminder, at the limit, and until a voice was heard."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from safety.detentions import (
    Detention,
    DetentionState,
    Sighting,
    answer,
    escort,
    follow,
    following,
    hear,
    next_ring,
    passed,
    release,
    rung,
    say,
    transfer,
)
from safety.escorts import Stop, arrive, expect, pass_by
from safety.lawrules import Threshold
from safety.people import EventId, PersonId, TeamId

NOW = datetime(2027, 5, 28, 13, 4, tzinfo=UTC)
SOON = timedelta(seconds=90)
AGAIN = timedelta(minutes=30)
LIMIT = timedelta(hours=3)
LIMITS = (LIMIT, timedelta(hours=24))
LAWYER = TeamId(4)


def held() -> Detention:
    """Give a detention that has just begun."""
    seen = (Sighting(NOW, None),)
    return Detention(1, EventId(7), PersonId(2), None, 1, DetentionState.OPEN, NOW, NOW, seen)


def test_it_rings_soon_while_nobody_is_on_it_and_later_afterwards() -> None:
    """An answer turns the ringing into reminders."""
    assert next_ring(held(), SOON, AGAIN, LIMITS) == NOW + SOON
    assert next_ring(answer(held(), LAWYER, NOW), SOON, AGAIN, LIMITS) == NOW + AGAIN


def test_it_rings_at_the_limit_itself() -> None:
    """Three hours are a moment in law: the lawyer is rung then, not at the next reminder."""
    answered = answer(held(), LAWYER, NOW)
    almost = rung(answered, NOW + LIMIT - timedelta(minutes=5))
    assert next_ring(almost, SOON, AGAIN, LIMITS) == NOW + LIMIT
    at_limit = rung(almost, NOW + LIMIT)
    assert next_ring(at_limit, SOON, AGAIN, LIMITS) == NOW + LIMIT + AGAIN


def test_a_transferred_person_is_still_held() -> None:
    """Another station is no release."""
    moved = transfer(held(), "Station 3", LAWYER, NOW)
    assert moved.is_held
    assert next_ring(moved, SOON, AGAIN, LIMITS) is not None


def test_a_release_is_not_closed_until_a_voice_was_heard() -> None:
    """The reminders go on until then."""
    released = release(held(), LAWYER, NOW)
    assert not released.is_held
    assert not released.is_closed
    assert next_ring(released, SOON, AGAIN, LIMITS) is not None
    closed = hear(released, LAWYER, NOW)
    assert closed.is_closed
    assert next_ring(closed, SOON, AGAIN, LIMITS) is None


@given(st.integers(0, 60))
def test_words_from_the_phone_never_grow_without_end(times: int) -> None:
    """Whoever holds the phone can write as much as they like; the latest words are kept."""
    detention = held()
    for number in range(times):
        detention = say(detention, str(number))
    assert len(detention.words) <= 20
    assert not times or detention.words[-1] == str(times - 1)


@given(st.lists(st.integers(1, 100), max_size=5), st.integers(0, 400), st.booleans())
def test_no_threshold_is_passed_without_a_ring(
    hours: list[int], minutes: int, is_answered: object
) -> None:
    """However often it has rung: the next ring is never after the next threshold."""
    thresholds = [timedelta(hours=one) for one in sorted(hours)]
    detention = answer(held(), LAWYER, NOW) if is_answered else held()
    rung_at = NOW + timedelta(minutes=minutes)
    due = next_ring(rung(detention, rung_at), SOON, AGAIN, thresholds)
    coming = [NOW + one for one in thresholds if NOW + one > rung_at]
    assert due is not None
    assert rung_at < due <= min((rung_at + AGAIN, *coming))


def test_the_words_of_the_last_threshold_count_until_the_next() -> None:
    """None before the first, none after the last to wait for."""
    first, last = Threshold(timedelta(hours=3)), Threshold(timedelta(hours=24))
    both, moment = (first, last), NOW + timedelta(hours=3)
    assert (passed(held(), both, NOW), following(held(), both, NOW)) == (None, first)
    assert (passed(held(), both, moment), following(held(), both, moment)) == (first, last)
    moment += timedelta(hours=21)
    assert (passed(held(), both, moment), following(held(), both, moment)) == (last, None)


def test_a_late_arrival_rings_at_its_moment_and_an_arrival_is_no_release() -> None:
    """Whoever is on the way is held; so is whoever has arrived."""
    due_at = NOW + timedelta(minutes=7)
    on_the_way = answer(escort(held(), LAWYER, NOW), LAWYER, NOW)
    assert next_ring(on_the_way, SOON, AGAIN, LIMITS) == NOW + AGAIN
    assert on_the_way.escort is not None
    expected = follow(on_the_way, expect(on_the_way.escort, due_at))
    assert next_ring(expected, SOON, AGAIN, LIMITS) == due_at
    assert expected.escort is not None
    assert expected.escort.is_overdue(due_at)
    seen = follow(expected, pass_by(expected.escort, Stop(NOW, LAWYER, "bridge")))
    assert seen.where == "bridge"
    assert seen.escort is not None
    there = follow(seen, arrive(seen.escort, Stop(due_at, LAWYER, "the next city")))
    assert there.where == "the next city"
    assert there.is_held
    assert there.escort is None
    assert next_ring(there, SOON, AGAIN, LIMITS) == NOW + AGAIN
