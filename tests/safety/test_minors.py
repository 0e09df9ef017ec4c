"""Where minors are not told of, numbers agree with who is shown, whatever was stated where."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from safety.cases import Identity
from safety.exporting import ExportLevel, Terms, sift
from safety.incidents import Entry, EntryKind
from safety.records import VictimRole
from safety.registration import Consent
from safety.statements import Topic, entry_of, topic_of

NOW = datetime(2027, 5, 28, 5, 0, tzinfo=UTC)
CONFIDENTIAL, PUBLIC = Terms(ExportLevel.CONFIDENTIAL), Terms(ExportLevel.PUBLIC)
PEOPLE = VictimRole.PARTICIPANT
MINOR = Identity(Consent.NAME_ME, None, is_minor=True)


def stated(count: int | None, minors: int | None) -> Entry:
    """Give what somebody counted."""
    found = (("count", count), ("minors", minors))
    told = tuple((name, str(number)) for name, number in found if number is not None)
    return entry_of(1, NOW, "organizer-9", Topic.VICTIM, (("victim", PEOPLE.value), *told))


def shown(entries: Sequence[Entry], known: int = 0, terms: Terms = CONFIDENTIAL) -> list[Entry]:
    """Give what is left of these statements; `known` minors are known one by one."""
    identities = {f"person-{number}": MINOR for number in range(known)}
    about = (Entry(1, EntryKind.IDENTITY.value, NOW, about=reference) for reference in identities)
    sifted = sift([*entries, *about], identities, terms)
    return [one for one in sifted if one is not None and topic_of(one) is Topic.VICTIM]


def numbers(entries: Sequence[Entry]) -> list[tuple[str | None, str | None]]:
    """Give what is counted, and how sure that is."""
    return [(one.detail("count"), one.detail("count_precision")) for one in entries]


@given(
    grown=st.integers(0, 30),
    minors=st.integers(0, 30),
    named=st.integers(0, 3),
    is_apart=st.booleans(),
    terms=st.sampled_from([CONFIDENTIAL, PUBLIC]),
)
def test_no_number_counts_a_minor(
    *, grown: int, minors: int, named: int, is_apart: bool, terms: Terms
) -> None:
    """Counted in one statement or in two, or known by reference: what is shown is never too many.

    What one source says of both is exact; all else says that it is a least number.
    """
    both = [stated(grown + minors, minors)]
    apart = [stated(grown + minors, None), stated(None, minors)]
    entries = apart if is_apart else both
    for one in shown(entries, min(named, minors), terms):
        count, precision = one.detail("count"), one.detail("count_precision")
        assert one.detail("minors") is None
        assert count is None or int(count) <= grown
        if is_apart and minors and count is not None:
            assert precision == "at_least"
        if not is_apart:
            assert (count, precision) == (str(grown), None)


def test_who_is_counted_and_who_are_minors_can_be_told_apart() -> None:
    """Five of whom two are minors are three; two who are both minors are nobody to tell of."""
    assert numbers(shown([stated(5, 2)])) == [("3", None)]
    assert shown([stated(2, 2), stated(None, 2)]) == []
    assert numbers(shown([stated(5, None), stated(None, 2)])) == [("3", "at_least")]
    assert numbers(shown([stated(5, 1)], known=2)) == [("3", "at_least")]
    assert numbers(shown([stated(2, None)], known=3)) == [(None, None)]
    (same,) = shown([stated(5, None)])
    assert numbers([same]) == [("5", None)]


def test_the_lawyer_who_wants_minors_reads_what_was_stated() -> None:
    """As it was said, to the letter."""
    entry = stated(5, 2)
    terms = Terms(ExportLevel.CONFIDENTIAL, with_minors=True)
    assert shown([entry], terms=terms) == [entry]
    assert shown([entry], terms=Terms()) == [entry]


def test_a_correction_that_tells_of_minors_alone_still_takes_back_what_it_corrects() -> None:
    """Else the wrong number would stand again."""
    fields = (("victim", PEOPLE.value), ("minors", "2"), ("corrects", "7"))
    correction = entry_of(1, NOW, "organizer-9", Topic.VICTIM, fields)
    (sifted,) = sift([correction], {}, CONFIDENTIAL)
    assert sifted is not None
    assert topic_of(sifted) is Topic.TAKEN_BACK
