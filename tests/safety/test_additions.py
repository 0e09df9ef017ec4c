"""What is written on a computer is a statement like any other, and decides nothing unasked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from safety.additions import (
    Addition,
    Desk,
    asked,
    entry,
    is_addition,
    is_fitting,
    is_waiting,
    read,
    waits,
)
from safety.cases import CaseSource
from safety.errors import RefusalError
from safety.evidence import EvidenceItem, EvidenceState, MediaKind
from safety.exporting import ExportLevel, Terms, sift
from safety.folding import fold
from safety.incidents import Entry, EntryKind, Incident, IncidentId, IncidentKind, IncidentState
from safety.people import EventId
from safety.records import EvidenceKind, IncidentType, Precision, Record, RecordDate
from safety.statements import LONG, TYPED, Topic, entry_of, is_sound

AT = datetime(2027, 5, 30, 20, 30, tzinfo=UTC)
ALMATY = ZoneInfo("Asia/Almaty")
DESK = Desk(AT, ALMATY, frozenset({7, 8}))
BASIS = {"basis": "told", "according_to": "N."}
DEATH = (("type", "death_threat"), ("basis", "told"))


def _addition(topic: Topic = Topic.TYPE, fields: tuple[tuple[str, str], ...] = DEATH) -> Addition:
    return Addition(bytes(16), 7, topic, fields, AT - timedelta(hours=3))


@pytest.mark.parametrize(
    ("topic", "typed", "fields"),
    [
        (Topic.TYPE, {"type": "tailing"}, {"type": "tailing"}),
        (
            Topic.DATE,
            {"precision": "exact", "date": "28.05.2027 18:30"},
            {"precision": "exact", "date": "2027-05-28T18:30:00+05:00"},
        ),
        (
            Topic.PLACE,
            {"city": "Taraz", "or_city": "Shymkent", "place": " Station ", "address": ""},
            {"city": "Taraz", "or_city": "Shymkent", "place": "Station"},
        ),
        (
            Topic.ACTOR,
            {"actor": "crowd", "count": "30", "count_precision": "about", "badge": "A 17"},
            {"actor": "crowd", "count": "30", "count_precision": "about", "badge": "A 17"},
        ),
        (
            Topic.HARM,
            {"harm": "physical", "description": "a" * LONG, "treated": "yes"},
            {"harm": "physical", "description": "a" * LONG, "treated": "yes"},
        ),
        (
            Topic.QUOTE,
            {
                "quote": "Уходите!\nСейчас.",
                "language": "ru",
                "precision": "month",
                "date": "05.2027",
            },
            {
                "quote": "Уходите!\nСейчас.",
                "language": "ru",
                "precision": "month",
                "date": "2027-05",
            },
        ),
        (Topic.LINK, {"link": "part_of", "record": "8"}, {"link": "part_of", "record": "8"}),
        (Topic.ACT, {"happened": "Locked.", "of": "5"}, {"happened": "Locked.", "of": "5"}),
    ],
)
def test_what_is_typed_is_read_as_a_chat_reads_it(
    topic: Topic, typed: dict[str, str], fields: dict[str, str]
) -> None:
    """The same fields and the same dates; what was left empty is absent, never filled in."""
    found = read(DESK, 7, topic, typed | BASIS | {"name_of_no_field": "x", "why": "unasked"})
    assert dict(found) == fields | BASIS
    assert is_sound(topic, found)


@pytest.mark.parametrize(
    ("topic", "typed", "key"),
    [
        (Topic.WORDS, {"text": "  "}, "additions-nothing-said"),
        (Topic.WORDS, {"text": "x" * (LONG + 1)}, "additions-too-long"),
        (Topic.WORDS, {"text": "x", "basis": ""}, "additions-basis-missing"),
        (Topic.WORDS, {"text": "x", "corrects": "3"}, "additions-why-missing"),
        (Topic.TAKEN_BACK, {"corrects": "3", "basis": ""}, "additions-why-missing"),
        (Topic.TYPE, {"type": "murder"}, "additions-not-together"),
        (Topic.DATE, {"date": "28.05.2027"}, "additions-precision-missing"),
        (Topic.QUOTE, {"quote": "x", "date": "28.05.2027"}, "additions-precision-missing"),
        (Topic.DATE, {"precision": "day", "date": "tomorrow"}, "statement-date-unreadable"),
        (Topic.DATE, {"precision": "day", "date": "01.06.2027"}, "statement-date-coming"),
        (Topic.PLACE, {"city": "Taraz 7"}, "statement-city-unreadable"),
        (Topic.QUOTE, {"quote": "x", "language": "Russian?"}, "statement-language-unreadable"),
        (Topic.ACTOR, {"actor": "crowd", "count": "-3"}, "statement-number-unreadable"),
        (
            Topic.VICTIM,
            {"victim": "participant", "count": "2", "minors": "3"},
            "additions-not-together",
        ),
        (Topic.LINK, {"link": "part_of", "record": "7"}, "statement-record-unknown"),
        (Topic.LINK, {"link": "part_of", "record": "9"}, "statement-record-unknown"),
    ],
)
def test_what_cannot_be_so_is_refused_and_never_guessed(
    topic: Topic, typed: dict[str, str], key: str
) -> None:
    """Each refusal says which field it is about."""
    with pytest.raises(RefusalError) as refused:
        read(DESK, 7, topic, BASIS | typed)
    assert refused.value.key == key


def test_a_chat_takes_less_at_once_than_a_computer() -> None:
    """What is long is written at length; and every topic can be."""
    assert TYPED < LONG
    assert all("why" in asked(topic, corrects=True) for topic in Topic)
    assert not any(
        {"corrects", "of", "written"} & asked(topic, corrects=True).keys() for topic in Topic
    )


@pytest.mark.parametrize(
    "wrong",
    [
        replace(_addition(), fields=(*DEATH, ("written", AT.isoformat()))),
        replace(_addition(), fields=(("type", "murder"),)),
        replace(_addition(), fields=()),
        replace(_addition(), written_at=AT.replace(tzinfo=None)),
        replace(_addition(), id=b"short"),
        replace(_addition(), topic=Topic.LINK, fields=(("link", "part_of"), ("record", "07"))),
    ],
)
def test_what_is_no_statement_is_no_addition(wrong: Addition) -> None:
    """Nobody states by file what nobody could state in a chat, nor when it was written."""
    assert is_addition(_addition())
    assert not is_addition(wrong)
    with pytest.raises(ValueError, match=wrong.topic.value):
        entry(wrong, AT, "lawyer-3")


def test_what_it_corrects_or_links_has_to_be_there() -> None:
    """In the same record, whatever it was; a linked record at the same event."""
    leaves = {7: frozenset({3, 4}), 8: frozenset({5})}
    back = (("corrects", "4"), ("why", "misattributed"))
    link = (("link", "part_of"), ("record", "8"), ("basis", "saw"))
    assert is_fitting(_addition(), leaves)
    assert is_fitting(_addition(Topic.TAKEN_BACK, back), leaves)
    assert is_fitting(_addition(Topic.LINK, link), leaves)
    assert not is_fitting(replace(_addition(), record=9), leaves)
    assert not is_fitting(_addition(Topic.TAKEN_BACK, (("corrects", "5"), back[1])), leaves)
    assert not is_fitting(_addition(Topic.LINK, (link[0], ("record", "9"), link[2])), leaves)


# ---------------------------------------------------------------- what waits for a person


def _incident(state: IncidentState) -> Incident:
    return Incident(IncidentId(1), EventId(2), 7, IncidentKind.REPORT, 3, state, AT)


def _fold(state: IncidentState, *entries: Entry, files: Sequence[EvidenceItem] = ()) -> Record:
    source = CaseSource(
        incident=_incident(state),
        entries=entries,
        identities={},
        names={},
        evidence=files,
        damaged=frozenset(),
        zone=ALMATY,
        file_name=lambda number, _name: str(number),
        leaves=range(100, 100 + len(entries)),
    )
    return fold(source)


def _confirmed(after: int) -> Entry:
    at = AT + timedelta(minutes=after)
    return Entry(7, EntryKind.CONFIRMED.value, at, "organizer-1")


BROUGHT = AT + timedelta(minutes=5)
SAID = entry_of(7, AT, "organizer-1", Topic.TYPE, (("type", "tailing"), ("basis", "saw")))
TYPE = entry(_addition(), BROUGHT, "lawyer-3")
DAY = entry(
    _addition(Topic.DATE, (("precision", "day"), ("date", "2027-05-28"), ("basis", "document"))),
    BROUGHT,
    "lawyer-3",
)


def test_what_was_brought_since_a_person_confirmed_decides_nothing() -> None:
    """It stands as a claim with its source and both moments; kind, date and count wait."""
    record = _fold(IncidentState.CONFIRMED, SAID, _confirmed(1), TYPE, DAY)
    assert record.types == (IncidentType.TAILING,)
    assert record.date is None
    claims = {one.value: one for one in record.claims}
    assert claims["death_threat"].source == "lawyer-3"
    assert claims["death_threat"].at == BROUGHT
    assert claims["death_threat"].written_at == AT - timedelta(hours=3)
    assert claims["tailing"].written_at is None
    assert is_waiting(record)
    assert waits(_incident(IncidentState.CONFIRMED), [SAID, _confirmed(1), TYPE, DAY]) == 2


def test_what_is_brought_of_a_file_or_page_is_not_what_it_is_until_somebody_confirms() -> None:
    """A picture stays one, and nobody knows when it was taken; the claim says who says so."""
    photo = EvidenceItem(1, EventId(2), 1, 17, EvidenceState.STORED, MediaKind.PHOTO, AT)
    told = (("evidence", "official_reply"), ("precision", "day"), ("date", "2027-05-01"))
    page = ("page", "https://example.org/a")
    seen = entry_of(7, AT, "organizer-1", Topic.EVIDENCE, (("evidence", "screenshot"), page))
    brought = [
        entry(_addition(Topic.EVIDENCE, (*told, one)), BROUGHT, "lawyer-3")
        for one in (("file", "17"), page)
    ]
    waits_for_it = (seen, _confirmed(1), *brought)
    file, web = _fold(IncidentState.CONFIRMED, *waits_for_it, files=[photo]).evidence
    assert (file.kind, file.taken, web.taken) == (EvidenceKind.PHOTO, None, None)
    confirmed = _fold(IncidentState.CONFIRMED, *waits_for_it, _confirmed(9), files=[photo])
    taken = RecordDate(Precision.DAY, "2027-05-01")
    file, web = confirmed.evidence
    assert (file.kind, file.taken, web.taken) == (EvidenceKind.OFFICIAL_REPLY, taken, taken)
    assert len([one for one in confirmed.claims if one.source == "lawyer-3"]) == 2


def test_whoever_confirms_anew_stands_for_it() -> None:
    """From then on it is like all the rest; and so it is in a record that counts nowhere yet."""
    told = (SAID, _confirmed(1), TYPE, DAY)
    for state, entries in (
        (IncidentState.CONFIRMED, (*told, _confirmed(9))),
        (IncidentState.UNCONFIRMED, (SAID, TYPE, DAY)),
    ):
        record = _fold(state, *entries)
        assert record.types == (IncidentType.TAILING, IncidentType.DEATH_THREAT)
        assert record.date == RecordDate(Precision.DAY, "2027-05-28")
        assert not is_waiting(record)
        assert waits(_incident(state), entries) == 0


def test_the_public_reads_nothing_that_waits_and_nothing_that_was_found_wrong() -> None:
    """Whether or not a person has looked at the correction."""
    wrong = entry(
        _addition(Topic.TAKEN_BACK, (("corrects", "100"), ("why", "misattributed"))),
        BROUGHT,
        "lawyer-3",
    )
    entries = (SAID, _confirmed(1), TYPE, wrong)
    public = sift(entries, {}, Terms(ExportLevel.PUBLIC))
    assert public[2] is None
    assert public[3] is not None
    kept = [one for one in public if one is not None]
    assert _fold(IncidentState.CONFIRMED, *kept).types == ()
    confidential = sift(entries, {}, Terms(ExportLevel.CONFIDENTIAL))
    assert confidential[2] is not None
    assert confidential[2].detail("written") is not None
