"""Whom the board counts where."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from safety.board import Attendance, Section, counts, own_group, people_in
from safety.languages import Language
from safety.people import EventId, PersonId, Presence, Standing
from safety.registration import Person

SOMEBODY = Person(
    PersonId(1), EventId(7), Standing.APPROVED, Presence.UNANSWERED, None, 0, Language.RU
)
PLACES = (
    Section.UNANSWERED,
    Section.ON_THE_WAY,
    Section.HERE,
    Section.LEFT,
    Section.TAKEN,
    Section.HOME,
)
crowds = st.lists(
    st.builds(
        lambda presence, help_, unverified: replace(
            SOMEBODY, presence=presence, needs_help=help_, is_unverified=unverified
        ),
        st.sampled_from(Presence),
        st.booleans(),
        st.booleans(),
    ),
    max_size=8,
).map(lambda people: tuple(replace(one, id=PersonId(n)) for n, one in enumerate(people)))


@given(crowds)
def test_everybody_is_in_one_place_or_waits_for_a_voice(crowd: tuple[Person, ...]) -> None:
    """The numbers add up: only who says "home" unheard is missing from the places."""
    attendance = Attendance(crowd)
    placed = [one.id for section in PLACES for one in people_in(attendance, section)]
    unheard = [one.id for one in crowd if one.presence is Presence.HOME and one.is_unverified]
    assert sorted([*placed, *unheard]) == [one.id for one in crowd]
    assert dict(counts(attendance)).keys() == set(Section)


@given(crowds)
def test_nobody_is_home_whose_voice_is_unheard(crowd: tuple[Person, ...]) -> None:
    """Words after a call for help do not bring anybody home."""
    assert not any(one.is_unverified for one in people_in(Attendance(crowd), Section.HOME))


def test_whoever_is_still_here_is_missed_once_somebody_has_left() -> None:
    """Before the first group leaves nobody is missed."""
    here = (replace(SOMEBODY, presence=Presence.HERE),)
    assert people_in(Attendance(here), Section.UNSEEN) == ()
    assert people_in(Attendance(here, has_groups=True), Section.UNSEEN) == here


def test_the_own_group_is_only_the_own_group() -> None:
    """Somebody of another group, or of none, is not among them."""
    mine, other, none = (replace(SOMEBODY, group_id=number) for number in (3, 4, None))
    assert own_group((mine, other, none), {3}) == (mine,)
