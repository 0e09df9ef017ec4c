"""When the lawyer is rung: soon, then as a reminder, at the limit, and until a voice was heard."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from safety.detentions import (
    Detention,
    DetentionState,
    Sighting,
    answer,
    hear,
    next_ring,
    release,
    rung,
    say,
    transfer,
)
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
