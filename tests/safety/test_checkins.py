"""What a report changes: the later intake wins, and words never calm a call for help."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from safety.checkins import CheckIn, CheckInKind, is_expected_home, may_count, report
from safety.languages import Language
from safety.people import EventId, PersonId, Presence, Standing
from safety.registration import Person

NOW = datetime(2027, 5, 28, 13, 4, tzinfo=UTC)
SOMEBODY = Person(
    PersonId(1), EventId(7), Standing.APPROVED, Presence.UNANSWERED, None, 0, Language.KK
)
kinds = st.sampled_from(CheckInKind)
people = st.builds(
    lambda presence, needs_help, group: replace(
        SOMEBODY, presence=presence, needs_help=needs_help, group_id=group
    ),
    st.sampled_from(Presence),
    st.booleans(),
    st.sampled_from([None, 5]),
)


@given(
    st.lists(st.integers(1, 50), unique=True, max_size=4), st.integers(1, 50), st.integers(0, 50)
)
def test_a_report_counts_only_after_every_call_and_every_other_report(
    calls: list[int], seq: int, latest: int
) -> None:
    """The order of intake decides, not the order of handling."""
    known = CheckIn(CheckInKind.HERE, NOW, latest) if latest else None
    assert may_count(seq, known, calls) == (seq > max([*calls, latest]))


@given(people, kinds, st.booleans())
def test_words_never_end_a_call_for_help(
    person: Person,
    kind: CheckInKind,
    has_called: bool,  # noqa: FBT001 - drawn, not passed
) -> None:
    """Whoever needed help needs it after every report; "safe" and "home" leave it unverified."""
    after = report(person, CheckIn(kind, NOW, 9), has_called=has_called)
    assert after.needs_help == person.needs_help
    is_calming = kind in (CheckInKind.SAFE, CheckInKind.HOME)
    if is_calming and (person.needs_help or has_called) and person.presence is not Presence.TAKEN:
        assert after.is_unverified
    else:
        assert after.is_unverified == person.is_unverified


@given(people, kinds)
def test_whoever_is_taken_stays_taken(person: Person, kind: CheckInKind) -> None:
    """A phone in other hands reports nothing."""
    taken = replace(person, presence=Presence.TAKEN)
    assert report(taken, CheckIn(kind, NOW, 9), has_called=False) == taken


@given(people, kinds)
def test_whoever_reports_elsewhere_has_left_the_group(person: Person, kind: CheckInKind) -> None:
    """Back at the place, nobody counts in the bus any more; at home it stays known who drove."""
    after = report(person, CheckIn(kind, NOW, 9), has_called=False)
    if (
        after.presence in (Presence.HERE, Presence.ON_THE_WAY)
        and after.presence != person.presence
    ):
        assert after.group_id is None
    else:
        assert after.group_id == person.group_id


def test_safe_says_nothing_of_where_somebody_is() -> None:
    """*I'm safe* is noted, and the place stays what was last said of it."""
    here = replace(SOMEBODY, presence=Presence.HERE)
    after = report(here, CheckIn(CheckInKind.SAFE, NOW, 9), has_called=False)
    assert (after.presence, after.last_seen_at, after.is_unverified) == (Presence.HERE, NOW, False)


def test_only_home_and_taken_people_are_not_asked_for() -> None:
    """Everybody else is expected home, however sure somebody is that all went well."""
    asked = {one for one in Presence if is_expected_home(replace(SOMEBODY, presence=one))}
    assert asked == set(Presence) - {Presence.HOME, Presence.TAKEN}
