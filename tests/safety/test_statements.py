"""What the team adds to a record: field by field, side by side, corrected in the open."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.agreement import agreed_date
from safety.cases import CaseSource, Identity
from safety.evidence import EvidenceItem, EvidenceState, MediaKind
from safety.exporting import ExportLevel, Terms, sift
from safety.folding import fold
from safety.incidents import Entry, Incident, IncidentId, IncidentKind, IncidentState
from safety.people import EventId
from safety.questions import contradictions
from safety.records import (
    Certainty,
    EvidenceKind,
    Precision,
    Record,
    RecordDate,
)
from safety.registration import Consent
from safety.statements import (
    ABOUT,
    FIELDS,
    Fields,
    Rule,
    Topic,
    entry_of,
    is_sound,
    presumed_city,
)
from safety.taxonomy import ActorKind, Basis

AT = datetime(2027, 5, 30, 20, 30, tzinfo=UTC)
AIGUL, BOTA, DANA = "organizer-1", "organizer-2", "person-11"


def _incident(kind: IncidentKind = IncidentKind.REPORT) -> Incident:
    return Incident(IncidentId(1), EventId(2), 7, kind, 3, IncidentState.UNCONFIRMED, AT)


def _say(topic: Topic, source: str | None = AIGUL, after: int = 0, **fields: str) -> Entry:
    return entry_of(7, AT + timedelta(minutes=after), source, topic, tuple(fields.items()))


def _fold(*entries: Entry, files: Sequence[int] = ()) -> Record:
    """Fold entries whose numbers in the log are 100, 101 and so on, beside photos that came."""
    evidence = [
        EvidenceItem(one, EventId(2), 1, one, EvidenceState.STORED, MediaKind.PHOTO, AT)
        for one in files
    ]
    return fold(
        CaseSource(
            incident=_incident(),
            entries=entries,
            identities={},
            names={},
            evidence=evidence,
            damaged=frozenset(),
            zone=ZoneInfo("Asia/Almaty"),
            file_name=lambda number, _name: str(number),
            leaves=range(100, 100 + len(entries)),
        )
    )


def _values(rule: Rule) -> st.SearchStrategy[str]:
    match rule:
        case frozenset():
            return st.sampled_from(sorted(rule))
        case range():
            return st.integers(0, 10**9).map(str) | st.sampled_from(["-1", "²", "1.5", "٣"])
        case int():
            odd = st.sampled_from(["", " ", "kk", "Алматы", "2026-05-28", "x" * (rule + 1)])
            return odd | st.text(max_size=30)


_FIELDS = st.sampled_from(Topic).flatmap(
    lambda topic: st.tuples(
        st.just(topic),
        st.fixed_dictionaries(
            {},
            optional={
                name: _values(rule) for name, rule in (*FIELDS[topic].items(), *ABOUT.items())
            },
        ).map(lambda said: tuple(said.items())),
    )
)


@given(_FIELDS)
def test_a_statement_says_what_its_table_allows_or_is_none(stated: tuple[Topic, Fields]) -> None:
    """Whatever is sound can be folded, stands in the record as it was said, and nothing else."""
    topic, fields = stated
    if not is_sound(topic, fields):
        with pytest.raises(ValueError, match=topic.value):
            entry_of(7, AT, AIGUL, topic, fields)
        return
    record = _fold(entry_of(7, AT, AIGUL, topic, fields))
    written = _all_words(record)
    for name, value in fields:
        if name in FIELDS[topic] and name not in {"of", "corrects", "precision"}:
            told = {"yes": "True", "no": "False"}.get(value, value)
            assert all(part.strip() in written for part in told.split(";")), name
    assert _fold() == Record(id=7)


def _all_words(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(_all_words(each) for each in value)
    if hasattr(value, "__slots__") and not isinstance(value, datetime):
        return " ".join(_all_words(getattr(value, name)) for name in value.__slots__)
    return str(value)


def test_two_sources_say_28_and_29_may_and_neither_wins() -> None:
    """Both days stand, each with its source, its moment and what it goes by; there is no date."""
    record = _fold(
        _say(Topic.DATE, precision="day", date="2026-05-28", basis="saw"),
        _say(
            *(Topic.DATE, BOTA),
            precision="day",
            date="2026-05-29",
            basis="document",
            according_to="letter of the hotel",
        ),
    )
    assert record.date is None
    assert contradictions(record) == ("date",)
    first, second = record.claims
    assert (first.value, first.source, first.certainty) == (
        "2026-05-28",
        AIGUL,
        Certainty.WITNESSED,
    )
    assert (second.basis, second.according_to) == (Basis.DOCUMENT, "letter of the hotel")
    assert second.at == AT


@pytest.mark.parametrize(
    ("dates", "agreed"),
    [
        ([(Precision.MONTH, "2026-05"), (Precision.DAY, "2026-05-28")], "2026-05-28"),
        ([(Precision.ON_OR_BEFORE, "2026-05-29"), (Precision.DAY, "2026-05-28")], "2026-05-28"),
        ([(Precision.ON_OR_BEFORE, "2026-05-27"), (Precision.DAY, "2026-05-28")], None),
        ([(Precision.ON_OR_BEFORE, d) for d in ("2026-05-29", "2026-05-28")], "2026-05-28"),
        ([(Precision.DAY, "2026-05-28"), (Precision.EXACT, "2026-05-28T01:00:00+05:00")], "T01"),
        (
            [(Precision.EXACT, f"2026-05-28T0{hour}:00:00+05:00") for hour in (1, 2)],
            None,
        ),
        ([(Precision.YEAR, "2025"), (Precision.MONTH, "2026-05")], None),
        ([(Precision.NONE, None)], None),
    ],
)
def test_a_day_and_its_month_agree_and_two_days_do_not(
    dates: Sequence[tuple[Precision, str | None]], agreed: str | None
) -> None:
    """The most exact one is given that all the others allow; the order does not matter."""
    for order in (1, -1):
        found = agreed_date([RecordDate(*one) for one in dates][::order])
        assert (found is None) if agreed is None else agreed in ((found and found.value) or "")


def test_what_is_corrected_leaves_the_record_and_stands_in_its_corrections() -> None:
    """Who, why, what it was and whose; nothing is overwritten, and the last correction counts."""
    record = _fold(
        _say(Topic.ACTOR, actor="crowd", count="50", basis="saw"),
        _say(
            Topic.ACTOR, BOTA, 1, actor="crowd", count="30", corrects="100", why="seen the video"
        ),
        _say(Topic.TYPE, after=2, type="assault"),
        _say(Topic.TAKEN_BACK, BOTA, 3, corrects="102", why="pressed by mistake"),
    )
    assert [one.count for one in record.actors] == [30]
    assert record.types == ()
    better, back = record.corrections
    assert (better.field, better.was, better.was_by) == ("actors", "crowd; 50", AIGUL)
    assert (better.value, better.by, better.why) == ("crowd; 30", BOTA, "seen the video")
    assert (back.value, back.was, back.why) == (None, "assault", "pressed by mistake")
    assert contradictions(record) == ()


def test_a_correction_reaches_nothing_but_a_statement() -> None:
    """What a witness wrote stands, whatever number a statement names."""
    words = Entry(7, "report", AT, DANA, None, (("text", "blows"),))
    record = _fold(words, _say(Topic.TAKEN_BACK, corrects="100", why="no"))
    assert [one.value for one in record.claims] == ["blows"]
    assert record.corrections == ()


def test_in_one_of_two_cities_is_one_place_until_a_source_knows() -> None:
    """A joint fact: neither city is chosen; one that both sources allow is."""
    joint = _say(Topic.PLACE, city="Almaty", or_city="Shymkent", basis="told")
    record = _fold(joint)
    assert record.place is not None
    assert (record.place.city, record.place.one_of) == (None, ("Almaty", "Shymkent"))
    known = _fold(joint, _say(Topic.PLACE, BOTA, city="Shymkent", place="station"))
    assert known.place is not None
    assert (known.place.city, known.place.one_of) == ("Shymkent", ())
    assert contradictions(known) == ()
    assert contradictions(_fold(joint, _say(Topic.PLACE, city="Astana"))) == ("city",)


def test_what_the_bot_presumes_yields_to_what_a_person_says() -> None:
    """An alarm at an event is presumed in its city; a report is not."""
    presumed = presumed_city(_incident(IncidentKind.ALARM), "Almaty", AT)
    assert presumed is not None
    record = _fold(presumed)
    assert record.place is not None
    assert record.place.city == "Almaty"
    assert record.claims[0].certainty is Certainty.PRESUMED
    told = _fold(presumed, _say(Topic.PLACE, city="Taraz", basis="saw"))
    assert told.place is not None
    assert told.place.city == "Taraz"
    assert contradictions(told) == ()
    assert presumed_city(_incident(IncidentKind.REPORT), "Almaty", AT) is None
    assert presumed_city(_incident(IncidentKind.ALARM), "K-7 Lane 3", AT) is None


def test_sources_that_count_one_crowd_differently_contradict_each_other() -> None:
    """One source that names two groups has seen two groups."""
    thirty = _say(Topic.ACTOR, actor="crowd", count="30", count_precision="about")
    fifty = _say(Topic.ACTOR, BOTA, actor="crowd", count="50", count_precision="at_least")
    assert contradictions(_fold(thirty, fifty)) == ("actors",)
    assert contradictions(_fold(thirty, _say(Topic.ACTOR, actor="crowd", count="5"), fifty)) == ()
    assert contradictions(_fold(thirty, _say(Topic.ACTOR, BOTA, actor="police", count="5"))) == ()


def test_a_promise_and_what_came_of_it_stand_side_by_side() -> None:
    """Also when the promise was corrected in between; taken back, what happened still stands."""
    promise = _say(Topic.PROMISE, promised="the back exit", by="an official", basis="saw")
    act = _say(Topic.ACT, BOTA, 1, happened="led through the front one", of="100", basis="saw")
    (pair,) = _fold(promise, act).promises
    assert (pair.promised, pair.happened) == ("the back exit", "led through the front one")
    assert [one.source for one in pair.said] == [AIGUL, BOTA]
    better = _say(Topic.PROMISE, after=2, promised="the yard exit", corrects="100", why="misheard")
    (pair,) = _fold(promise, act, better).promises
    assert (pair.promised, pair.happened) == ("the yard exit", "led through the front one")
    back = _say(Topic.TAKEN_BACK, after=3, corrects="100", why="another evening")
    alone = _fold(promise, act, back)
    assert alone.promises == ()
    assert [one.value for one in alone.claims] == ["led through the front one"]


def test_below_the_lawyer_words_of_statements_need_everybodys_word() -> None:
    """Kinds, numbers and dates stay; names, quotes, badges, places and minors go."""
    entries = [
        Entry(7, "report", AT, DANA, None, (("text", "blows"),)),
        _say(Topic.ACTOR, actor="police", count="2", badge="KZ 17", name="A. B.", basis="saw"),
        _say(Topic.QUOTE, quote="You have no place here", language="ru"),
        _say(Topic.PLACE, city="Almaty", address="Lane 7"),
        _say(Topic.VICTIM, victim="participant", count="4", minors="2"),
        _say(Topic.HARM, harm="physical", description="bruises"),
        _say(Topic.HARM, harm="minors", corrects="105", why="it was the children"),
    ]
    silent = {DANA: Identity(Consent.LAWYER_ONLY, None, is_minor=False)}
    agreed = {DANA: Identity(Consent.SAY_IT_HAPPENED, None, is_minor=False)}
    terms = Terms(ExportLevel.CONFIDENTIAL)
    _, actor, quote, place, victim, harm, back = sift(entries, silent, terms)
    assert actor is not None
    assert dict(actor.details) == {
        "topic": "actor",
        "actor": "police",
        "count": "2",
        "basis": "saw",
    }
    assert (quote, place) == (None, None)
    assert victim is not None
    assert victim.detail("minors") is None
    assert harm is not None
    assert back is not None  # it still takes back what it corrects
    assert back.details == (("topic", "taken-back"), ("corrects", "105"))
    told = sift(entries, agreed, terms)
    assert [one for one in told if one is None] == []
    assert told[1] is entries[1]
    public = sift(
        entries, {DANA: Identity(Consent.NAME_ME, None, is_minor=False)}, Terms(ExportLevel.PUBLIC)
    )
    city = public[3]
    assert city is not None
    assert dict(city.details) == {"topic": "place", "city": "Almaty"}


def test_a_web_address_in_a_statement_is_evidence_with_its_moment() -> None:
    """As in a report."""
    (page,) = _fold(_say(Topic.WORDS, text="See https://video.example/7.")).evidence
    assert (page.address, page.given_by) == ("https://video.example/7", AIGUL)
    assert page.captured_at == AT


def test_a_file_is_what_people_call_it_and_was_made_when_they_say_where_they_agree() -> None:
    """No phone knows a screenshot, or when it was made; where two differ, both claims stand."""
    page = "https://video.example/7"
    day = {"date": "2027-05-20", "precision": "day"}
    shot = (("evidence", "screenshot"), ("file", "4"), ("page", page), *day.items())
    one = entry_of(7, AT, AIGUL, Topic.EVIDENCE, shot)
    same = _say(Topic.EVIDENCE, BOTA, 1, evidence="screenshot", file="4")
    (file,) = _fold(one, same, files=(4,)).evidence
    assert (file.kind, file.address, file.id) == (EvidenceKind.SCREENSHOT, page, 4)
    assert file.taken == RecordDate(Precision.DAY, "2027-05-20")
    letter = (("evidence", "document"), ("file", "4"), *(day | {"date": "2027-05-21"}).items())
    other = entry_of(7, AT, BOTA, Topic.EVIDENCE, letter)
    record = _fold(one, other, files=(4,))
    assert (record.evidence[0].kind, record.evidence[0].taken) == (EvidenceKind.PHOTO, None)
    assert [claim.field for claim in record.claims] == ["evidence", "evidence"]
    seen = _say(
        Topic.EVIDENCE, evidence="web_address", page=page, date="2027-05", precision="month"
    )
    (web,) = _fold(seen).evidence
    assert (web.kind, web.address) == (EvidenceKind.WEB_ADDRESS, page)
    assert web.taken == RecordDate(Precision.MONTH, "2027-05")
    assert not is_sound(Topic.EVIDENCE, (("evidence", "screenshot"),))  # of what?


def test_every_kind_of_actor_can_be_said() -> None:
    """The table holds what the record knows."""
    record = _fold(*(_say(Topic.ACTOR, actor=kind.value) for kind in ActorKind))
    assert [one.kind for one in record.actors] == list(ActorKind)
