"""Statements: what somebody of the team adds to a record, one field or part at a time.

A statement is an entry like any other, only ever appended. What it may hold is one table: each
topic, its fields, and what each field may say. A correction is a statement that names the one it
corrects and says why; what it corrects stays in the log and in the record's corrections.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from safety.cases import one_of
from safety.incidents import Entry, EntryKind, Incident, IncidentKind
from safety.records import (
    Certainty,
    EvidenceKind,
    HarmKind,
    IncidentType,
    Precision,
    RecordDate,
    VictimRole,
)
from safety.taxonomy import ActorKind, Basis, BiasIndicator, CountPrecision, LinkKind

Fields = tuple[tuple[str, str], ...]
Rule = frozenset[str] | range | int  # one of these; a number in this range; words, so many at most

LONG, SHORT = 10_000, 120  # characters that a record takes
TYPED = 1000  # characters that a chat takes at once
YES_OR_NO = frozenset({"yes", "no"})
NUMBERS = range(1_000_000)
LEAVES = range(2**53)  # numbers of entries in the proof log
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47, as far as people need it
_CITY = re.compile(r"[^\W\d_][^\W\d_ .'’-]*(?:[ .'’-]+[^\W\d_]+)*\.?")  # words, no house number


class Topic(StrEnum):
    """What a statement is about."""

    TYPE = "type"
    DATE = "date"
    PLACE = "place"
    ACTOR = "actor"
    VICTIM = "victim"
    HARM = "harm"
    BIAS = "bias"
    QUOTE = "quote"
    PROMISE = "promise"
    ACT = "act"  # what happened of a promise that an earlier statement tells of
    LINK = "link"
    EVIDENCE = "evidence"  # what a file is and when it was taken, or where a page stands
    WORDS = "words"
    TAKEN_BACK = "taken-back"  # corrects another statement, and puts nothing in its place


_WHEN: Mapping[str, Rule] = {
    "date": 32,
    "precision": frozenset(Precision) - {Precision.NONE},
}
FIELDS: Mapping[Topic, Mapping[str, Rule]] = {
    Topic.TYPE: {"type": frozenset(IncidentType)},
    Topic.DATE: _WHEN,
    Topic.PLACE: {"city": 40, "or_city": 40, "place": SHORT, "address": SHORT},
    Topic.ACTOR: {
        "actor": frozenset(ActorKind),
        "count": NUMBERS,
        "count_precision": frozenset(CountPrecision),
        "description": LONG,
        "vehicle": SHORT,
        "uniform": SHORT,
        "badge": SHORT,
        "name": SHORT,
    },
    Topic.VICTIM: {"victim": frozenset(VictimRole), "count": NUMBERS, "minors": NUMBERS},
    Topic.HARM: {
        "harm": frozenset(HarmKind),
        "description": LONG,
        "treated": YES_OR_NO,
        "examined": YES_OR_NO,
        "certificate": YES_OR_NO,
        "value": SHORT,
        "where": SHORT,
        "lawyer_present": YES_OR_NO,
        "items": LONG,
    },
    Topic.BIAS: {"bias": frozenset(BiasIndicator)},
    Topic.QUOTE: {"quote": LONG, "language": 12, "speaker": SHORT, **_WHEN},
    Topic.PROMISE: {"promised": LONG, "by": SHORT, "happened": LONG, **_WHEN},
    Topic.ACT: {"happened": LONG, "of": LEAVES},
    Topic.LINK: {"link": frozenset(LinkKind), "record": NUMBERS},
    Topic.EVIDENCE: {
        "evidence": frozenset(EvidenceKind) - {EvidenceKind.LOCATION},
        "file": NUMBERS,
        "page": TYPED,
        **_WHEN,
    },
    Topic.WORDS: {"text": LONG},
    Topic.TAKEN_BACK: {"corrects": LEAVES},
}
ABOUT: Mapping[str, Rule] = {
    "topic": frozenset(Topic),
    "basis": frozenset(Basis),
    "according_to": SHORT,
    "corrects": LEAVES,
    "why": LONG,
    "written": 40,  # on a computer: when that was, by the clock there
}
NAMED = frozenset({"minors", "treated", "examined", "certificate", "lawyer_present"})
CERTAINTY: Mapping[Basis, Certainty] = {
    Basis.SAW: Certainty.WITNESSED,
    Basis.TOLD: Certainty.REPORTED,
    Basis.DOCUMENT: Certainty.REPORTED,
    Basis.PRESUMED: Certainty.PRESUMED,
    Basis.CONCLUDED: Certainty.ASSESSED,
}
# What is told later says itself where it was; what was decided happened nowhere.
_AT_EVENT = frozenset(
    {
        IncidentKind.ALARM,
        IncidentKind.DETENTION,
        IncidentKind.VENUE,
        IncidentKind.HELP,
        IncidentKind.MOVEMENT,
    }
)
# What stands in a record under which name.
RECORDED: Mapping[Topic, str] = {
    Topic.TYPE: "types",
    Topic.DATE: "date",
    Topic.PLACE: "place",
    Topic.ACTOR: "actors",
    Topic.VICTIM: "victims",
    Topic.HARM: "harm",
    Topic.BIAS: "bias",
    Topic.QUOTE: "quotes",
    Topic.PROMISE: "promises",
    Topic.ACT: "promises",
    Topic.LINK: "links",
    Topic.EVIDENCE: "evidence",
    Topic.WORDS: "statement",
    Topic.TAKEN_BACK: "corrections",
}


def is_sound(topic: Topic, fields: Fields) -> bool:
    """Say whether a statement says something, and no field what it may not."""
    rules, said = {**FIELDS[topic], **ABOUT}, dict(fields)
    if len(said) != len(fields) or "topic" in said or not says_anything(topic, said):
        return False
    if not all(name in rules and fits(rules[name], value) for name, value in fields):
        return False
    if "why" in said and "corrects" not in said:
        return False
    return _are_one(topic, said)


def fits(rule: Rule, value: str) -> bool:
    """Say whether a field may hold this."""
    match rule:
        case frozenset():
            return value in rule
        case range():
            is_number = value.isascii() and value.isdigit() and len(value) < SHORT
            return is_number and int(value) in rule and value == str(int(value))
        case int():
            return 0 < len(value.strip()) <= rule


def says_anything(topic: Topic, said: Mapping[str, str]) -> bool:
    """Say whether the field is there without which a statement is none; a place has two."""
    first = next(iter(FIELDS[topic]))
    return first in said or (topic is Topic.PLACE and "place" in said)


def is_city(typed: str) -> bool:
    """Say whether this may be the name of a city: words alone, with no number of a house."""
    return _CITY.fullmatch(typed) is not None


def is_language(typed: str) -> bool:
    """Say whether this is a language as BCP 47 writes it."""
    return _LANGUAGE.fullmatch(typed) is not None


def _are_one(topic: Topic, said: Mapping[str, str]) -> bool:
    """Hold the fields against each other."""
    cities = [said[name] for name in ("city", "or_city") if name in said]
    needed = {Topic.ACT: "of", Topic.LINK: "record"}.get(topic)
    return (
        (needed is None or needed in said)
        and (topic is not Topic.EVIDENCE or "file" in said or "page" in said)
        and (said.keys().isdisjoint(_WHEN) or date_of(said) is not None)
        and all(is_city(city) for city in cities)
        and len(set(cities)) == len(cities)
        and is_language(said.get("language", "kk"))
        and ("written" not in said or _moment_of(said["written"]) is not None)
        and int(said.get("minors", "0")) <= int(said.get("count", str(NUMBERS.stop)))
    )


def date_of(said: Mapping[str, str]) -> RecordDate | None:
    """Read the date of a statement; None where it is none."""
    try:
        return RecordDate(Precision(said.get("precision", "")), said.get("date"))
    except ValueError:
        return None


def _moment_of(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment


def entry_of(
    incident: int, at: datetime, source: str | None, topic: Topic, fields: Fields
) -> Entry:
    """Make the entry that a statement is.

    Raises:
        ValueError: it says nothing, or what no statement may.
    """
    if not is_sound(topic, fields):
        raise ValueError(topic.value)
    details = (("topic", topic.value), *fields)
    return Entry(incident, EntryKind.STATEMENT.value, at, source, None, details)


def presumed_city(incident: Incident, city: str, at: datetime) -> Entry | None:
    """Presume that what happens at an event is in its city; a report says itself where it was."""
    if incident.kind not in _AT_EVENT or not is_city(city):
        return None
    fields = (("city", city), ("basis", Basis.PRESUMED.value))
    return entry_of(incident.number, at, None, Topic.PLACE, fields)


def topic_of(entry: Entry) -> Topic | None:
    """Say what an entry states; None where it is no statement, or was cut down to nothing."""
    if entry.what != EntryKind.STATEMENT.value:
        return None
    topic = one_of(Topic, entry.detail("topic"))
    return topic if topic is not None and says_anything(topic, dict(entry.details)) else None


def certainty_of(entry: Entry) -> Certainty:
    """Say how sure a statement is, by what it goes by."""
    basis = basis_of(entry)
    return Certainty.REPORTED if basis is None else CERTAINTY[basis]


def basis_of(entry: Entry) -> Basis | None:
    """Say what whoever stated it goes by, if they said so."""
    return one_of(Basis, entry.detail("basis"))


def written_at(entry: Entry) -> datetime | None:
    """Say when a statement was written on a computer; None where it was not.

    Its own moment is the one at which it was brought.
    """
    return None if topic_of(entry) is None else _moment_of(entry.detail("written") or "")


def number_in(entry: Entry, name: str) -> int | None:
    """Give a detail that is a whole number; None where it is missing, or says something else."""
    written = entry.detail(name)
    return int(written) if written is not None and fits(LEAVES, written) else None


def said_in(entry: Entry) -> tuple[str, ...]:
    """Give what a statement says, field by field, without what is said about it.

    What says little alone, a yes or a number of minors, stands behind the name of its field.
    """
    return tuple(
        f"{name}: {value}" if name in NAMED else value
        for name, value in entry.details
        if name not in {*ABOUT, "of"}
    )


def corrected_by(entries: Iterable[Entry]) -> Mapping[int, Entry]:
    """Give the last correction of each entry, by the number of that entry in the log."""
    found = ((one.detail("corrects"), one) for one in entries if topic_of(one) is not None)
    return {int(leaf): one for leaf, one in found if leaf and fits(LEAVES, leaf)}


def correctable(entries: Sequence[Entry], leaves: Sequence[int]) -> list[tuple[int, Entry]]:
    """Give the statements that nobody has corrected, each with its number in the log, the newest
    first; what takes another one back is corrected by stating anew.
    """
    corrected = corrected_by(entries)
    return [
        (leaf, one)
        for leaf, one in zip(leaves[::-1], entries[::-1], strict=True)
        if topic_of(one) not in {None, Topic.TAKEN_BACK} and leaf not in corrected
    ]


def unanswered(found: Iterable[tuple[int, Entry]]) -> list[int]:
    """Give the promises of which nobody said what came of them, by their number in the log."""
    said = list(found)
    answered = {one.detail("of") for _, one in said}
    return [
        leaf
        for leaf, one in said
        if topic_of(one) is Topic.PROMISE
        and one.detail("happened") is None
        and str(leaf) not in answered
    ]


def standing(entries: Sequence[Entry], leaves: Sequence[int]) -> list[Entry]:
    """Leave out the statements that a later one corrects; everything else stands."""
    corrected = corrected_by(entries)
    return [
        one
        for one, leaf in zip(entries, leaves, strict=True)
        if topic_of(one) is None or leaf not in corrected
    ]
