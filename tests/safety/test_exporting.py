"""What the public reads of a record: kinds, months, cities, roles, and no small number."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safety import records
from safety.cases import Identity
from safety.exporting import (
    FEWEST,
    ExportLevel,
    Terms,
    agrees,
    is_given,
    names_at,
    shown,
    sift,
)
from safety.facts import FactKind
from safety.incidents import Entry, EntryKind, Incident, IncidentId, IncidentKind, IncidentState
from safety.records import (
    Certainty,
    Precision,
    Record,
    RecordDate,
    Said,
    Victim,
    VictimRole,
)
from safety.registration import Consent
from safety.statements import Topic, entry_of
from storage.bundle import codec
from tests.storage.bundle.test_codec import DATES

PUBLIC, CONFIDENTIAL = Terms(ExportLevel.PUBLIC), Terms(ExportLevel.CONFIDENTIAL)
CHOSEN = {
    one.value
    for kind in vars(records).values()
    if isinstance(kind, type) and issubclass(kind, StrEnum)
    for one in kind
}
COARSE = re.compile(r"\d{4}(-\d\d)?")


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


@given(st.from_type(Record))
@settings(max_examples=60, deadline=None)
def test_no_words_of_anybody_reach_the_public(record: Record) -> None:
    """Whatever a record holds, also what no screen asks for: a field is named, or it is out."""
    public = shown(record, PUBLIC, frozenset())
    allowed = CHOSEN | {one.source for one in record.claims}
    allowed |= {one.by for one in record.confirmed_by}
    city = record.place.city if record.place is not None else None
    allowed |= set() if city is None else {city}
    allowed |= set() if record.place is None else set(record.place.one_of)
    for said in _strings(json.loads(codec.canonical(public))):
        assert said in allowed or COARSE.fullmatch(said), said
    for item in public.evidence:
        assert (item.sha256, item.file, item.clean, item.captured_at) == (None,) * 4
    assert all(one.minors is None and one.reference is None for one in public.victims)
    counts = [one.count for one in public.victims] + [one.count for one in public.actors]
    assert all(count is None or count >= FEWEST for count in counts)


@given(st.from_type(Record))
@settings(max_examples=30, deadline=None)
def test_no_original_and_no_hash_of_one_leaves_a_confidential_case(record: Record) -> None:
    """Who finds the same file on a phone learns nothing from the bundle."""
    for item in shown(record, CONFIDENTIAL, frozenset()).evidence:
        if item.id is not None:
            assert (item.sha256, item.size, item.file, item.name) == (None,) * 4


@given(DATES)
def test_a_date_is_never_finer_than_its_month(when: RecordDate) -> None:
    """And "on or before" a day names no month for certain."""
    public = shown(Record(1, date=when), PUBLIC, frozenset()).date
    if when.precision in {Precision.NONE, Precision.ON_OR_BEFORE}:
        assert public is None
    else:
        assert public is not None
        assert public.precision in {Precision.MONTH, Precision.YEAR}
        assert (when.value or "").startswith(public.value or "-")


@pytest.mark.parametrize(("counts", "told"), [((1, 1, 2), None), ((1, 4), 5), ((), None)])
def test_people_of_one_role_are_counted_together(
    counts: tuple[int, ...], told: int | None
) -> None:
    """Five and more are a number, fewer are not."""
    victims = tuple(Victim(VictimRole.PARTICIPANT, count, 1, "P-9") for count in counts)
    public = shown(Record(1, victims=victims), PUBLIC, frozenset()).victims
    assert [one.count for one in public] == ([told] if counts else [])


@pytest.mark.parametrize(("counts", "told"), [((6, 6), 6), ((6, 7), None), ((25,), 25)])
def test_numbers_that_sources_stated_are_never_added_up(
    counts: tuple[int, ...], told: int | None
) -> None:
    """Two sources may have counted the same people."""
    said = Said("organizer 1", Certainty.WITNESSED, datetime(2027, 5, 28, tzinfo=UTC))
    victims = (
        Victim(VictimRole.PARTICIPANT, 1, reference="P-9"),
        *(Victim(VictimRole.PARTICIPANT, count, said=(said,)) for count in counts),
    )
    (public,) = shown(Record(1, victims=victims), PUBLIC, frozenset()).victims
    assert public == Victim(VictimRole.PARTICIPANT, told)


def test_what_the_team_alone_has_stated_is_given_out_and_what_was_told_stays_with_its_teller() -> (
    None
):
    """A place that was taken back is in no report; a visit is, whatever others call it."""
    now = datetime(2027, 5, 28, tzinfo=UTC)
    state, kind = IncidentState.CONFIRMED, IncidentKind.VENUE
    incident = Incident(IncidentId(1), None, 1, kind, 1, state, now)
    typed = entry_of(1, now, "organizer-1", Topic.TYPE, (("type", "venue_refusal"),))
    city = entry_of(1, now, None, Topic.PLACE, (("city", "Almaty"), ("basis", "presumed")))
    told = Entry(1, FactKind.REPORT.value, now, "person-2", details=(("text", "They came."),))
    for terms in (PUBLIC, CONFIDENTIAL):
        for entries, is_there in (([city, typed], True), ([city], False), ([told, typed], False)):
            assert is_given(incident, entries, sift(entries, {}, terms), terms) is is_there


def test_what_was_stated_of_a_file_goes_with_the_file() -> None:
    """Where nobody may know that a file is there, nobody reads what it is, and of when."""
    now = datetime(2027, 5, 28, tzinfo=UTC)
    told = (("evidence", "screenshot"), ("precision", "day"), ("date", "2027-05-01"))
    owed = Entry(1, EntryKind.FILE_OWED.value, now, "person-2", details=(("number", "17"),))
    of_file = entry_of(1, now, "organizer-1", Topic.EVIDENCE, (*told, ("file", "17")))
    of_page = entry_of(1, now, "organizer-1", Topic.EVIDENCE, (*told, ("page", "example.org")))
    for consent, is_there in ((Consent.LAWYER_ONLY, False), (Consent.NAME_ME, True)):
        known = {"person-2": Identity(consent, None, is_minor=False)}
        _, file, page = sift([owed, of_file, of_page], known, CONFIDENTIAL)
        assert (file is not None) is is_there
        assert page is not None
        assert page.detail("page") == ("example.org" if is_there else None)


def test_a_role_that_nobody_knows_agrees_to_nothing() -> None:
    """New kinds of references are withheld until somebody has decided about them."""
    silent = Identity(Consent.LAWYER_ONLY, None, is_minor=False)
    named = Identity(Consent.NAME_ME, "Dana", is_minor=False)
    for terms in (PUBLIC, CONFIDENTIAL):
        assert agrees(None, {}, terms)
        assert agrees("organizer-1", {}, terms)
        assert not agrees("witness-1", {}, terms)
        assert not agrees("participant-1", {}, terms)
        assert not agrees("person-1", {"person-1": silent}, terms)
        assert agrees("person-1", {"person-1": named}, terms)
    assert names_at(PUBLIC, {"person-12345": "participant 2345"}) == {
        "person-12345": "participant"
    }
