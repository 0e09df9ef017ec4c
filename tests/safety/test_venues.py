"""Who may know a place: nobody before its stage, nobody on hold, nobody who is not approved."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from safety.people import EventId, Presence, Standing, TeamId
from safety.policy import Policy
from safety.venues import (
    Place,
    Reason,
    Stage,
    StageTimes,
    Venue,
    VenueState,
    due_at,
    hold,
    may_know,
    next_stage,
    open_stages,
    release,
    replaced_by,
    resume,
    take_over,
    told_so_far,
    usual_times,
)

START = datetime(2027, 5, 28, 13, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BY = TeamId(9)

moments = st.integers(min_value=-3 * 24 * 60, max_value=24 * 60).map(lambda m: START + m * MINUTE)
times = st.tuples(*(st.integers(min_value=0, max_value=2 * 24 * 60) for _ in range(3))).map(
    lambda minutes: StageTimes(*(m * MINUTE for m in sorted(minutes, reverse=True)))
)
stages = st.lists(st.sampled_from(Stage), unique=True)


def venue_of(told_before: StageTimes, *, is_walked: bool = False) -> Venue:
    """Give a venue that holds."""
    address = None if is_walked else Place("Green street 40")
    return Venue(
        id=1,
        event_id=EventId(7),
        number=1,
        state=VenueState.CONFIRMED,
        area="Park",
        meeting_point=Place("Fountain"),
        address=address,
        times=told_before,
        entered_by=BY,
        entered_at=START,
    )


venues = st.builds(lambda told, walked: venue_of(told, is_walked=walked), times, st.booleans())


@given(venues, moments)
def test_no_stage_is_known_before_its_time(venue: Venue, now: datetime) -> None:
    """Whatever the times: a stage that is neither due nor released is not there."""
    known = may_know(venue, Standing.APPROVED, Presence.UNANSWERED, START, now)
    assert all(due_at(venue, stage, START) <= now for stage in known)


@given(venues, moments, st.sampled_from(Stage))
def test_a_stage_that_is_due_is_known_with_all_before_it(
    venue: Venue, now: datetime, stage: Stage
) -> None:
    """Nobody has to ask for what is due."""
    known = may_know(venue, Standing.APPROVED, Presence.ON_THE_WAY, START, now)
    if stage in venue.stages and due_at(venue, stage, START) <= now:
        assert stage in known
    assert known == venue.stages[: len(known)]


@given(venues, moments, stages)
def test_nobody_but_approved_people_with_their_phone_knows_anything(
    venue: Venue, now: datetime, released: list[Stage]
) -> None:
    """A waiting, declined or taken person learns nothing, released early or not."""
    for stage in released:
        if stage in venue.stages:
            venue = release(venue, stage)
    for standing, presence in product(Standing, Presence):
        known = may_know(venue, standing, presence, START, now)
        if standing is not Standing.APPROVED or presence is Presence.TAKEN:
            assert known == ()


@given(venues, moments, stages)
def test_nothing_is_known_on_hold_and_the_same_afterwards(
    venue: Venue, now: datetime, released: list[Stage]
) -> None:
    """*Hold* takes everything back; its end gives back exactly what is due."""
    for stage in released:
        if stage in venue.stages:
            venue = release(venue, stage)
    held = hold(venue, BY, now)
    assert open_stages(held, START, now) == ()
    assert next_stage(held, START, now) == next_stage(venue, START, now)
    assert open_stages(resume(held), START, now) == open_stages(venue, START, now)


@given(venues, moments, st.sampled_from(VenueState))
def test_only_a_confirmed_venue_tells_anything(
    venue: Venue, now: datetime, state: VenueState
) -> None:
    """A proposed, declined, cancelled or replaced venue is nobody's place."""
    known = open_stages(replace(venue, state=state), START, now)
    assert known == () or state is VenueState.CONFIRMED


@given(times, moments)
def test_no_address_is_ever_known_where_a_steward_walks_people_in(
    told: StageTimes, now: datetime
) -> None:
    """There is none to tell."""
    venue = venue_of(told, is_walked=True)
    assert Stage.ADDRESS not in told_so_far(venue, START, now)


@given(times, times, stages, st.booleans(), st.booleans())
def test_a_new_place_tells_as_much_as_the_old_one_had(
    old_times: StageTimes,
    new_times: StageTimes,
    told: list[Stage],
    old_walked: bool,  # noqa: FBT001 - drawn, not passed
    new_walked: bool,  # noqa: FBT001 - drawn, not passed
) -> None:
    """Whoever knew the meeting point learns the new one at once, and nothing more exact."""
    old = venue_of(old_times, is_walked=old_walked)
    known = [stage for stage in old.stages if stage in told]
    new = take_over(venue_of(new_times, is_walked=new_walked), known)
    long_before = START - timedelta(days=30)
    reach = [*Stage].index(known[-1]) + 1 if known else 0
    assert open_stages(new, START, long_before) == new.stages[:reach]


def test_releasing_what_is_vague_takes_back_nothing_exact() -> None:
    """Two proposals may be confirmed in either order."""
    released = release(venue_of(usual_times(Policy())), Stage.MEETING_POINT)
    assert release(released, Stage.AREA) == released


def test_a_second_hold_changes_nothing() -> None:
    """Two organizers press it: the first one counts."""
    held = hold(venue_of(usual_times(Policy())), BY, START)
    assert hold(held, TeamId(8), START + MINUTE) == held


def test_the_old_place_is_cancelled_or_replaced_and_tells_nothing() -> None:
    """What it is called depends on why; that it tells nothing does not."""
    old = venue_of(usual_times(Policy()))
    for reason, state in (
        (Reason.CANCELLED, VenueState.CANCELLED),
        (Reason.UNSAFE, VenueState.REPLACED),
        (Reason.OTHER, VenueState.REPLACED),
    ):
        after = replaced_by(old, reason)
        assert after.state is state
        assert open_stages(after, START, START) == ()


def test_the_usual_times_are_those_of_the_policy() -> None:
    """24 hours, 3 hours, 1 hour."""
    usual = usual_times(Policy())
    assert [usual.before(stage) // MINUTE for stage in Stage] == [1440, 180, 60]
