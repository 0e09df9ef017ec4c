"""What a roll call says: nobody is safe who has not said so, and nobody counts twice."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from safety.languages import Language
from safety.people import EventId, PersonId, Presence, Standing, TeamId
from safety.registration import Person
from safety.rollcalls import (
    ROUNDS,
    RollCall,
    RollCallAnswer,
    RollCallState,
    asked_again,
    closed,
    is_asked,
    is_over,
    result,
)

NOW = datetime(2027, 5, 28, 16, 0, tzinfo=UTC)


def person(number: int, presence: Presence, *, help_: bool, unverified: bool) -> Person:
    """Give an approved person."""
    return replace(
        Person(PersonId(number), EventId(7), Standing.APPROVED, presence, None, 0, Language.RU),
        needs_help=help_,
        is_unverified=unverified,
    )


crowds = st.lists(
    st.tuples(st.sampled_from(Presence), st.booleans(), st.booleans()), max_size=8
).map(
    lambda rows: [
        person(number, presence, help_=help_, unverified=unverified)
        for number, (presence, help_, unverified) in enumerate(rows, start=1)
    ]
)
answers = st.dictionaries(
    st.integers(1, 8).map(PersonId), st.sampled_from(RollCallAnswer), max_size=8
)


def test_approved_people_who_are_neither_home_nor_taken_are_asked_and_nobody_else() -> None:
    """Whoever was not approved is told nothing of an event, nor that it needs them."""
    one = person(1, Presence.HERE, help_=False, unverified=False)
    asked = {
        (standing, presence)
        for standing, presence in product(Standing, Presence)
        if is_asked(replace(one, standing=standing, presence=presence))
    }
    there = set(Presence) - {Presence.HOME, Presence.TAKEN}
    assert asked == {(Standing.APPROVED, presence) for presence in there}


@given(crowds, answers)
def test_everybody_who_is_asked_is_in_exactly_one_list(
    crowd: list[Person], said: dict[PersonId, RollCallAnswer]
) -> None:
    """Nobody is forgotten, nobody counts twice."""
    found = result(crowd, said)
    listed = [one.id for one in (*found.safe, *found.help, *found.unheard, *found.silent)]
    assert sorted(listed) == [one.id for one in crowd if is_asked(one)]


@given(crowds, answers)
def test_silence_is_never_safe_and_words_never_calm(
    crowd: list[Person], said: dict[PersonId, RollCallAnswer]
) -> None:
    """Safe is only who said so, without an open call and without an unheard voice."""
    found = result(crowd, said)
    for one in found.safe:
        assert said[one.id] is RollCallAnswer.SAFE
        assert not one.is_unverified
        assert not one.needs_help
    assert all(one.id not in said for one in found.silent)


def test_it_asks_a_few_times_and_then_says_so() -> None:
    """After the last round silence is told, not asked for ever."""
    rollcall = RollCall(1, EventId(7), 1, RollCallState.OPEN, NOW, TeamId(9))
    for _ in range(ROUNDS - 1):
        assert not is_over(rollcall)
        rollcall = asked_again(rollcall)
    assert is_over(rollcall)
    assert closed(rollcall, NOW).state is RollCallState.CLOSED
