"""From entries to a record: nothing is lost, nothing is invented, nobody wins."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from safety.cases import CaseSource, Identity, identity_of, short_names
from safety.evidence import EvidenceItem, EvidenceState, MediaKind
from safety.facts import FactKind
from safety.folding import fold
from safety.incidents import (
    Entry,
    EntryKind,
    Incident,
    IncidentId,
    IncidentKind,
    IncidentState,
    followed,
)
from safety.people import EventId
from safety.questions import contradictions, is_false
from safety.records import Certainty, Precision, Record, RecordDate
from safety.records import Consent as Level
from safety.registration import Consent

AT = datetime(2027, 5, 30, 20, 30, tzinfo=UTC)  # 31 May, 01:30 in Almaty
ZONE = ZoneInfo("Asia/Almaty")
DANA, MIRAS = "person-11", "person-22"


def _incident(state: IncidentState = IncidentState.UNCONFIRMED, number: int = 7) -> Incident:
    return Incident(IncidentId(1), EventId(2), number, IncidentKind.REPORT, 3, state, AT)


def _entry(what: str, source: str | None = DANA, about: str | None = None, **said: str) -> Entry:
    return Entry(7, what, AT, source, about, tuple(said.items()))


def _file_name(number: int, name: str | None) -> str:
    return f"{number}-{name}"


def _fold(*entries: Entry, **known: object) -> Record:
    source = CaseSource(
        incident=known.get("incident", _incident()),  # type: ignore[arg-type] # as given
        entries=entries,
        identities=known.get("identities", {}),  # type: ignore[arg-type] # as given
        evidence=known.get("evidence", ()),  # type: ignore[arg-type] # as given
        names={},
        damaged=frozenset(),
        zone=ZONE,
        file_name=_file_name,
    )
    return fold(source)


def test_a_call_that_ended_as_a_mistake_did_not_happen_unless_somebody_stands_for_it() -> None:
    """Who ended it says so; a confirmation stands beside that, and neither wins."""
    ended = _entry("resolved", "organizer-1", ending="mistaken")
    false = _fold(_entry("alarm"), ended, incident=_incident(IncidentState.FALSE))
    assert ("happened", "no") in {(one.field, one.value) for one in false.claims}
    assert is_false(false)
    stood_for = _fold(
        _entry("alarm"),
        ended,
        _entry("confirmed", "organizer-2"),
        incident=_incident(IncidentState.CONFIRMED),
    )
    assert not is_false(stood_for)
    assert not is_false(_fold(_entry("alarm"), _entry("resolved", "organizer-1", ending="real")))


def test_what_nobody_said_is_absent() -> None:
    """A report without a word is a record with a number and nothing else."""
    assert _fold(_entry("report")) == Record(id=7)


def test_two_days_stand_side_by_side_and_neither_wins() -> None:
    """One source says today, another yesterday: both claims stay, there is no date."""
    record = _fold(_entry("report", DANA, when="today"), _entry("report", MIRAS, when="yesterday"))
    assert record.date is None
    assert contradictions(record) == ("date",)
    assert [claim.value for claim in record.claims] == ["2027-05-31", "2027-05-30"]


def test_a_day_is_the_events_own_day() -> None:
    """Half past one at night there is not yesterday here."""
    assert _fold(_entry("report", when="today")).date == RecordDate(Precision.DAY, "2027-05-31")
    earlier = _fold(_entry("report", when="earlier")).date
    assert earlier == RecordDate(Precision.ON_OR_BEFORE, "2027-05-31")


def test_what_the_bot_saw_itself_has_its_exact_moment() -> None:
    """An alarm is dated by the press, whatever is reported later."""
    record = _fold(_entry("alarm"), _entry("report", MIRAS, when="yesterday"))
    assert record.date == RecordDate(Precision.EXACT, "2027-05-31T01:30:00+05:00")


def test_certainty_is_each_sources_own() -> None:
    """Who was there is a witness for all they said; nobody else is."""
    record = _fold(
        _entry("report", DANA, text="blows"),
        _entry("report", MIRAS, text="shouting"),
        _entry("report", DANA, certainty="witnessed"),
    )
    said = {claim.value: claim.certainty for claim in record.claims}
    assert said == {"blows": Certainty.WITNESSED, "shouting": Certainty.REPORTED}


def test_several_places_are_left_to_the_claims() -> None:
    """One place is a place; two are two claims."""
    one = _fold(_entry("detention", place="station 3"))
    assert one.place is not None
    assert one.place.name == "station 3"
    two = _fold(_entry("detention", place="station 3"), _entry("report", MIRAS, place="station 5"))
    assert two.place is None
    assert contradictions(two) == ("place",)


def test_a_malformed_point_is_only_a_claim() -> None:
    """Whatever stands in a detail, folding never fails."""
    record = _fold(_entry("location", location="north,east"))
    assert record.place is None
    assert "north,east" in record.claims[0].value


def test_taken_liberty_lasts_from_the_first_word_to_the_release() -> None:
    """Since when, until when, and who."""
    late = AT + timedelta(hours=8)
    released = Entry(7, "released", late, "steward-5", DANA)
    record = _fold(_entry("detention", "steward-5", DANA), released)
    (harm,) = record.harm
    assert harm.until == RecordDate(Precision.EXACT, "2027-05-31T09:30:00+05:00")
    assert [victim.reference for victim in record.victims] == [DANA]
    assert _fold(_entry("detention", "steward-5", DANA)).harm[0].until is None


def test_a_name_stands_for_a_reference_only_with_consent() -> None:
    """*Name me* names; the other two do not, and say how far it may be told."""
    named = Identity(Consent.NAME_ME, "Dana", is_minor=False)
    silent = Identity(Consent.LAWYER_ONLY, None, is_minor=True)
    record = _fold(
        _entry("detention", "steward-5", DANA),
        _entry("detention", "steward-5", MIRAS),
        identities={DANA: named, MIRAS: silent},
    )
    assert [(one.reference, one.consent, one.minors) for one in record.victims] == [
        ("Dana", Level.PUBLIC, None),
        (MIRAS, Level.LAWYER, 1),
    ]


def test_a_name_in_an_entry_without_consent_is_not_read() -> None:
    """Even if it stood there by mistake."""
    entry = _entry("identity", None, DANA, consent="lawyer-only", name="Dana")
    assert identity_of(entry).name is None


def test_only_a_confirmed_incident_has_somebody_who_stands_for_it() -> None:
    """Called false afterwards, it says so, and nobody stands for it any more."""
    entries = (_entry("alarm"), _entry("confirmed", "organizer-1"), _entry("false", "organizer-2"))
    record = _fold(*entries, incident=_incident(IncidentState.FALSE))
    assert record.confirmed_by == ()
    assert [claim.value for claim in record.claims if claim.field == "happened"] == ["no"]
    confirmed = _fold(*entries[:2], incident=_incident(IncidentState.CONFIRMED))
    assert [one.by for one in confirmed.confirmed_by] == ["organizer-1"]


def test_a_file_that_is_owed_says_so_and_has_no_name_on_the_disk() -> None:
    """What is missing is visible as missing."""
    item = EvidenceItem(5, EventId(2), 1, 17, EvidenceState.BY_HAND, MediaKind.VIDEO, AT)
    (file,) = _fold(
        _entry("file-owed", id="5", number="17", name="../film.mp4"),
        _entry("file-by-hand", None, id="5", number="17"),
        evidence=(item,),
    ).evidence
    assert (file.is_owed, file.file, file.name) == (True, None, "../film.mp4")
    assert [one.what for one in file.custody] == ["received", "could not be fetched"]


def test_web_pages_and_places_are_evidence_with_their_moment() -> None:
    """Who gave it, and when; the sentence around it is none of it, and no number is made up."""
    record = _fold(
        _entry("report", text="See https://video.example/watch?v=1), and HTTP://x.example."),
        _entry("report", MIRAS, words="again: https://video.example/watch?v=1"),
        _entry("location", location="43.238949,76.889709"),
        _entry("location", location="nowhere"),
    )
    assert [(one.kind.value, one.address, one.given_by, one.id) for one in record.evidence] == [
        ("web_address", "https://video.example/watch?v=1", DANA, None),
        ("web_address", "HTTP://x.example", DANA, None),
        ("location", "geo:43.238949,76.889709", DANA, None),
    ]
    assert {one.captured_at for one in record.evidence} == {AT}


_WORDS = st.text(max_size=20)
_ENTRIES = st.builds(
    Entry,
    incident=st.just(7),
    what=st.sampled_from([*FactKind, *EntryKind]).map(lambda kind: kind.value),
    at=st.integers(-10_000, 10_000).map(lambda minutes: AT + timedelta(minutes=minutes)),
    source=st.sampled_from([None, DANA, MIRAS, "organizer-1"]),
    about=st.sampled_from([None, DANA, MIRAS]),
    details=st.lists(
        st.tuples(
            st.sampled_from(["text", "place", "location", "when", "type", "certainty", "reason"]),
            _WORDS | st.sampled_from(["today", "1.5,2.5", "assault", "witnessed"]),
        ),
        max_size=4,
        unique_by=lambda detail: detail[0],
    ).map(tuple),
)


@given(st.lists(_ENTRIES, max_size=6))
def test_whatever_was_said_stands_in_the_record(entries: list[Entry]) -> None:
    """Folding never fails, and no word that a fact brought is lost."""
    record = _fold(*entries)
    claimed = [claim.value for claim in record.claims]
    facts = {kind.value for kind in FactKind} - {"report"}
    for entry in entries:
        for name, value in entry.details:
            if entry.what in facts and name not in {"when", "certainty"}:
                assert any(value in one for one in claimed)


def test_people_are_called_by_as_few_digits_as_tell_them_apart() -> None:
    """Readable, and found again in the entry as it was committed; two are never one."""
    names = short_names(["person-111112222", "organizer-333334444", "steward-55556666"])
    assert names["person-111112222"] == "participant 2222"
    assert names["organizer-333334444"] == "organizer 4444"
    close = short_names(["person-111112222", "person-999912222", "steward-5"])
    assert len(set(close.values())) == 3


@given(st.sets(st.integers(1, 2**53), max_size=40))
def test_no_two_people_are_called_the_same(numbers: set[int]) -> None:
    """Whoever they are."""
    names = short_names(f"person-{number}" for number in numbers)
    assert len(set(names.values())) == len(numbers)


def test_two_buses_and_two_calls_do_not_contradict_each_other() -> None:
    """Only where one must be wrong it is called a contradiction."""
    record = _fold(
        _entry("alarm", DANA, way="key"),
        _entry("alarm", MIRAS, way="words", words="help"),
        _entry("group-left", "steward-5", plate="1"),
        _entry("group-left", "steward-5", plate="2"),
        _entry("report", DANA, text="blows"),
    )
    assert contradictions(record) == ()
    assert "plate: 2" in record.claims[4].value


def test_a_way_through_several_places_contradicts_nobody() -> None:
    """Brought from one station to the next, and two things taken: all of it is true at once."""
    record = _fold(
        _entry("detention", place="Station 1"),
        _entry("detention", source=MIRAS, transferred="Station 2"),
        _entry("escort", source=MIRAS, escort="arrived", arrived="Taraz"),
        Entry(7, "data-taken", AT, DANA, DANA, (("item", "names"), ("item", "phone_taken"))),
    )
    assert contradictions(record) == ()
    assert record.place is not None
    assert record.place.name == "Station 1"
    there = [one.value for one in record.claims if one.field == "brought_to"]
    assert there == ["Station 2", "Taraz"]


def test_somebody_named_twice_is_one_and_somebody_unnamed_may_be_two() -> None:
    """The same words of somebody who has a name; without one, two sources may have seen two."""
    said = {"topic": "actor", "actor": "individual"}
    named = _fold(
        _entry("statement", source="organizer-1", **said, name="S. K."),
        _entry("statement", source="organizer-2", **said, name="S. K."),
        _entry("statement", source="organizer-1", **said),
        _entry("statement", source="organizer-2", **said),
    )
    assert [(one.name, len(one.said)) for one in named.actors] == [
        ("S. K.", 2),
        (None, 1),
        (None, 1),
    ]


@given(st.lists(st.tuples(st.integers(-48, 48), st.sampled_from(IncidentState)), max_size=8))
def test_an_incident_follows_only_what_was_shortly_before_and_true(
    others: list[tuple[int, IncidentState]],
) -> None:
    """Never something later, long past, or false."""
    earlier = [
        Incident(
            IncidentId(n), EventId(2), n, IncidentKind.ALARM, n, state, AT + timedelta(hours=h)
        )
        for n, (h, state) in enumerate(others)
    ]
    found = followed(earlier, IncidentKind.DETENTION, AT)
    near = [
        one
        for one in earlier
        if one.state is not IncidentState.FALSE
        and timedelta() <= AT - one.opened_at <= timedelta(hours=6)
    ]
    assert (found in near) if near else found is None
    assert followed(earlier, IncidentKind.REPORT, AT) is None
