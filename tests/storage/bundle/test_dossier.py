"""The dossier says what the records say, to people, and asks nothing of the network."""

import re
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser

import pytest
from typing_extensions import override

from safety import questions
from safety.claims import FIELDS
from safety.datataken import DataItem
from safety.exporting import ExportLevel
from safety.facts import FactKind
from safety.languages import Language
from safety.records import (
    CaseState,
    CaseStep,
    Certainty,
    Claim,
    Custody,
    Evidence,
    EvidenceKind,
    Harm,
    HarmKind,
    IncidentType,
    Link,
    Place,
    Precision,
    Record,
    RecordDate,
)
from safety.statements import RECORDED
from safety.taxonomy import LinkKind
from storage.bundle import charts, dossier
from storage.bundle.charts import charts as charts_of
from tests.storage.bundle.cases import AT, ATTACK, HEARD, RECORDS, TAILED, TEXTS, journal


class Page(HTMLParser):
    """A page as its tags and its words."""

    def __init__(self, html: str) -> None:
        """Read the page."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    @override
    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        """All words in a row."""
        return re.sub(r"\s+", " ", " ".join(self.words))


def _page(*records: Record, language: Language = Language.EN) -> Page:
    kept = journal()
    for record in records:
        if record.id not in kept.entries:
            kept.keep(record)
    return Page(dossier.render(kept.bundle(records, language=language)))


def test_every_statement_stands_with_its_source() -> None:
    """The examples of the brief are all there."""
    text = _page(*RECORDS).text
    for words in (
        *("Youth centre", "Railway station", "presumed", "2026-05-28", "2026-05-29", "steward 2"),
        *("participant 9", "about 30", "the back exit", "led through the front one", "Filed"),
        *("Left without consideration", "no threats found", "searched platform A", "17.mp4"),
        *("Сіздерге мұнда орын жоқ", "on or before", "first said 50", "https://video.example/1"),
    ):
        assert words in text, words


def test_contradictions_and_open_questions_are_named() -> None:
    """What does not fit, and what is missing, is not hidden."""
    text = _page(*RECORDS).text
    assert "Sources differ about: date" in text
    assert "Not known yet: who acted, who was affected, harm, evidence, confirmed by" in text


def test_what_nobody_confirmed_is_shown_and_not_counted() -> None:
    """An automatic record counts only when a person has confirmed it."""
    page = _page(*RECORDS)
    labels = [attrs.get("aria-label") for tag, attrs in page.tags if tag == "svg"]
    counted = ["By kind", "By city", "By who acted", "Complaints, by where they stand"]
    assert labels == ["Timeline", *counted]
    kinds = page.text.split("By kind")[-1].split("By city")[0]
    assert "Physical assault 1" in kinds
    assert "Tailing" not in kinds
    assert "No record has been confirmed" in _page(TAILED).text


def test_a_joint_fact_is_counted_once_and_unknown_is_called_unknown() -> None:
    """Told of two cities, or in one of two: one happening, and no city is chosen for it."""
    linked = Link(LinkKind.COUNT_ONCE, 201, (HEARD,))
    confirmed = ATTACK.confirmed_by
    assault = (IncidentType.ASSAULT,)
    records = (
        Record(201, assault, place=Place(city="Taraz"), confirmed_by=confirmed),
        Record(202, assault, place=Place(city="Almaty"), links=(linked,), confirmed_by=confirmed),
        Record(203, place=Place(one_of=("Almaty", "Oral")), confirmed_by=confirmed),
        Record(204, confirmed_by=confirmed),
    )
    drawn = dict(charts_of(records, journal().bundle(())))
    assert {bar.label: bar.count for bar in drawn["by-city"]} == {
        "Almaty / Taraz": 1,
        "Almaty / Oral": 1,
        "not known": 1,
    }
    assert [(bar.label, bar.count) for bar in drawn["by-type"]] == [
        ("not known", 2),
        ("Physical assault", 1),
    ]
    assert [bar.count for bar in drawn["by-actor"]] == [3]
    reverse = dict(charts_of(records[::-1], journal().bundle(())))
    assert reverse == drawn


def test_each_part_says_who_stated_it_and_what_they_go_by() -> None:
    """A quote, a correction, a place in one of two cities: with source, basis and moment."""
    text = _page(*RECORDS, replace(ATTACK, id=600, place=Place(one_of=("A", "B")))).text
    assert "steward 2 · a document: video 17 · reported · 2026-05-29 13:04" in text
    assert "in one of these cities, to be counted once: A, B" in text
    assert "601 2026-05-28 / 2026-05-29" in _page(replace(ATTACK, id=601, date=None)).text
    assert "who acted: was “crowd; 50” (steward 2) → about 30 (first said 50)" in text.replace(
        "Crowd", "crowd"
    )


def test_where_sources_differ_each_side_stands_with_whoever_says_it() -> None:
    """A reader need not look for what is at odds, nor for who says so.

    Neither day is chosen; what is counted differently is told with both numbers.
    """
    crowds = tuple(
        replace(ATTACK.actors[0], count=count, said=(replace(HEARD, source=source),))
        for count, source in ((30, "steward 2"), (50, "organizer 1"))
    )
    attack = replace(ATTACK, id=700, date=None, actors=crowds)
    text = _page(attack).text
    assert "date : 2026-05-28 (steward 2) ↔ 2026-05-29 (participant 9)" in text.replace(":", " :")
    assert "Crowd; 30 (steward 2, a document: video 17) ↔ Crowd; 50 (organizer 1" in text
    (strip,) = charts.strips([attack])
    assert [day for day, _ in strip.days] == ["2026-05-28", "2026-05-29"]
    assert {(mark.record_id, mark.is_one_of) for mark in strip.marks} == {(700, True)}


def test_what_was_called_false_is_shown_as_such_asked_about_no_more_and_not_counted() -> None:
    """Not among what nobody has confirmed yet: a person has said that it was nothing."""
    denied = Claim("happened", "no", "organizer 1", Certainty.ASSESSED, AT)
    false = Record(710, claims=(denied,), date=RecordDate(Precision.DAY, "2026-05-30"))
    page = _page(*RECORDS, false)
    assert "1 Called false: did not happen" in page.text
    assert page.text.count("Not confirmed") == 3  # the number, and the one that waits, twice
    assert "Record 710 Not known yet" not in page.text
    (strip,) = charts.strips([false, TAILED])
    assert {mark.record_id: mark.is_false for mark in strip.marks} == {710: True, 102: False}
    stood_for = replace(false, confirmed_by=ATTACK.confirmed_by)
    assert questions.open_questions(stood_for)
    assert "Called false: did not happen" not in _page(stood_for).text


def test_moments_are_read_on_the_clocks_of_the_place_and_the_zone_is_said_once() -> None:
    """No T and no seconds; where the offsets of two moments differ, each keeps its own."""
    near = Claim("alarm", "2026-05-28T18:04:05+05:00; way: key", "the bot", Certainty.WITNESSED)
    text = _page(Record(720, claims=(near,))).text
    assert "Times are as the clocks there showed them: UTC+05:00." in text
    assert "2026-05-28 18:04;" in text
    far = replace(near, at=AT)
    text = _page(Record(721, claims=(far,))).text
    assert "Times are" not in text
    assert "2026-05-28 18:04+05:00;" in text
    assert "2026-05-29 13:04+00:00" in text


def _filed(day: str | None, answered: RecordDate | None) -> Record:
    when = None if day is None else RecordDate(Precision.DAY, day)
    answer = CaseStep(CaseState.ARCHIVED, "prosecutor", date=answered)
    return replace(ATTACK, case=(CaseStep(CaseState.FILED, date=when), answer))


def test_how_long_an_answer_took_is_counted_where_both_days_are_known() -> None:
    """Six weeks are 42 days; a month is no day, and nothing is guessed."""
    known = _filed("2026-06-03", RecordDate(Precision.DAY, "2026-07-15"))
    assert questions.days_to_answer(known) == 42
    assert "Record 103 42" in _page(known).text.split("Days from complaint to answer")[-1]
    for unknown in (
        _filed(None, RecordDate(Precision.DAY, "2026-07-15")),
        _filed("2026-06-03", RecordDate(Precision.MONTH, "2026-07")),
        _filed("2026-06-03", RecordDate(Precision.DAY, "2026-05-01")),
        _filed("2026-06-03", None),
        replace(ATTACK, case=()),
    ):
        assert questions.days_to_answer(unknown) is None
        assert "Days from complaint" not in _page(unknown).text


def test_what_still_needs_somebody_stands_before_everything() -> None:
    """Contradictions, answers that disagree, owed files and open questions, record by record."""
    owed = Evidence(EvidenceKind.VIDEO, 44, is_owed=True)
    text = _page(*RECORDS[:2], replace(ATTACK, evidence=(owed,))).text
    first = text.split("What still needs somebody")[1].split("Timeline")[0]
    for words in (
        *("Record 103 Sources differ about: date", "the reply searched platform A"),
        *("Video 44: the original is still owed", "Record 102 Not known yet:"),
    ):
        assert words in first


def test_who_spoke_is_said_in_the_readers_language() -> None:
    """Roles with their digits, the bot, the server's shell; a name stays what it is."""
    claims = tuple(
        replace(ATTACK.claims[0], source=name)
        for name in ("organizer 4444", "the bot", "Organizer of tea", "participant")
    )
    brought = Evidence(
        EvidenceKind.VIDEO, 17, custody=(Custody(AT, "sealed", "the server's shell"),)
    )
    record = replace(ATTACK, claims=claims, evidence=(brought,))
    text = _page(record, language=Language.RU).text
    for words in ("организатор 4444", "бот", "Organizer of tea", "участник", "запечатано"):
        assert words in text
    for words in ("organizer 4444", "the bot", "sealed", "shell"):
        assert words not in text


def test_what_is_withheld_is_not_called_unknown() -> None:
    """Below the lawyer's level a blank says nothing of what is known."""
    kept = journal()
    for level in (ExportLevel.CONFIDENTIAL, ExportLevel.PUBLIC):
        page = Page(dossier.render(replace(kept.bundle(RECORDS), level=level)))
        assert "Not known yet" not in page.text
        assert "What still needs somebody" not in page.text


def test_the_public_reads_no_small_number_in_a_chart() -> None:
    """Four are fewer than five; five are five."""
    kept = journal()
    records = [replace(ATTACK, id=200 + number, evidence=()) for number in range(5)]
    for record in records:
        kept.keep(record)
    for shown, words in ((records[:4], "Physical assault fewer than 5"), (records, "assault 5")):
        bundle = replace(kept.bundle(shown), level=ExportLevel.PUBLIC)
        chart = Page(dossier.render(bundle)).text.split("By kind")[-1].split("By city")[0]
        assert words in chart


def test_hostile_words_stay_words() -> None:
    """Nothing that people wrote becomes markup."""
    hostile = '"><img src=x onerror=alert(1)><script>alert(1)</script>{{ 7*7 }}'
    harmed = replace(RECORDS[2], quotes=(replace(RECORDS[2].quotes[0], language=hostile),))
    page = _page(*RECORDS[:2], replace(harmed, id=500))
    assert not {"img", "script", "iframe", "link", "object"} & {tag for tag, _ in page.tags}
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text


def test_the_page_refers_to_nothing_outside() -> None:
    """No address is loaded, none can be pressed."""
    page = _page(*RECORDS)
    for tag, attrs in page.tags:
        assert "src" not in attrs
        assert not (attrs.get("href") or "#").startswith(("http", "/", "data:"))
        assert tag not in {"link", "script", "img", "iframe", "base", "form"}
    policy = [attrs["content"] for _, attrs in page.tags if "http-equiv" in attrs]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


@pytest.mark.parametrize("language", list(Language))
def test_it_speaks_each_language(language: Language) -> None:
    """Every word that may be needed is there, and the page says which language it is in."""
    assert set(dossier.keys()) <= TEXTS.keys
    page = _page(*RECORDS, language=language)
    assert ("html", {"lang": language.value}) in page.tags
    assert TEXTS.plain(language, "dossier-contradiction") in page.text


@pytest.mark.parametrize("language", [Language.RU, Language.KK])
def test_nothing_that_a_record_may_name_is_shown_raw(language: Language) -> None:
    """Each field, each kind of entry, each chosen answer has its words on the page."""
    told = partial(TEXTS.plain, language)
    named = {*FIELDS.values(), *RECORDED.values(), "city", "address", "happened"}
    claims = [Claim(name, "…", "the bot", Certainty.REPORTED) for name in sorted(named)]
    moment = "2026-05-28T18:00:00+05:00"
    small = f"{moment}; way: key; asked: roll-call; hurt: head; signs-witnessed: 2"
    claims += [Claim(one.value, small, "the bot", Certainty.WITNESSED) for one in FactKind]
    claims += [Claim("reason", "unsafe", "the bot", Certainty.REPORTED)]
    harm = Harm(HarmKind.DATA_TAKEN, items=tuple(DataItem))
    page = _page(Record(id=1, claims=tuple(claims), harm=(harm,)), language=language)
    raw = {*named, *(one.value for one in FactKind), *DataItem, "unsafe", "the bot"}
    assert not raw & {part for words in page.words for part in words.strip().split(", ")}
    assert "way" not in page.text
    for key in ("detail-way", "detail-asked-roll-call", "injury-hurt-head", "venue-reason-unsafe"):
        assert told(key) in page.text


def test_no_word_is_kept_that_no_page_needs() -> None:
    """The catalogue and the page name the same keys."""
    ours = {key for key in TEXTS.keys if key.startswith("dossier-")}
    needed = set(dossier.keys())
    assert ours == {key for key in needed if key.startswith("dossier-")}


def test_an_unknown_field_leaves_no_trace_on_the_page() -> None:
    """No empty heading, no None."""
    page = _page(Record(id=7))
    assert "None" not in page.text
    for heading in ("What the sources say", "Said, word for word", "Complaint and its course"):
        assert heading not in page.text
