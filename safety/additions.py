"""Additions: statements that a keyholder writes at length, on their own computer, and has brought.

They are the same statements as in a chat, by the same table (ADR-0026), only carried in a file
(ADR-0033). Where a record is confirmed, what was brought since stands in it with its source and
decides nothing until a person confirms the record anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from safety.dates import read_past
from safety.errors import RefusalError
from safety.incidents import Entry, EntryKind, Incident, IncidentState
from safety.keyholders import Keyholder
from safety.notices import Notice, notice
from safety.people import EventId, Unprinted
from safety.records import Precision, Record, Said
from safety.statements import (
    ABOUT,
    FIELDS,
    LEAVES,
    Fields,
    Rule,
    Topic,
    entry_of,
    fits,
    is_city,
    is_language,
    is_sound,
    says_anything,
    written_at,
)

MOST = 500  # additions of one file: bringing more at once would keep an alarm waiting
ID_BYTES = 16
_CONFIRMS = frozenset({EntryKind.CONFIRMED.value})
ASIDE = frozenset({"corrects", "of"})  # which other statement is meant: it was pressed, not typed


@dataclass(frozen=True, slots=True, repr=False)
class Addition(Unprinted):
    """One statement as it was written. `id` is 16 random bytes: brought twice, it counts once.

    `record` is the number of the record; `written_at` is aware, by the clock of that computer.
    """

    id: bytes
    record: int
    topic: Topic
    fields: Fields
    written_at: datetime


@notice
@dataclass(frozen=True, slots=True, repr=False)
class AdditionsBrought(Notice):
    """Additions were brought: by whom they were written, and how many to how many records."""

    stays = timedelta(hours=12)

    event_id: EventId
    name: str
    additions: int
    records: int


def reference(holder: Keyholder) -> str:
    """Name a keyholder in entries, by role, like everybody of the team."""
    return f"{holder.role.value}-{holder.id}"


def is_fitting(one: Addition, leaves: Mapping[int, frozenset[int]]) -> bool:
    """Say whether its record is there, and what it corrects or links.

    `leaves` are the numbers in the log of all that was said, by the number of the record.
    """
    said = dict(one.fields)
    meant = {int(said[name]) for name in ASIDE if name in said}
    linked = said.get("record")
    return (
        meant <= leaves.get(one.record, frozenset())
        and {one.record} | ({int(linked)} if linked else set()) <= leaves.keys()
    )


def is_addition(one: Addition) -> bool:
    """Say whether it is a statement by the table, written at a moment that says its zone."""
    is_ours = "written" not in dict(one.fields) and one.written_at.tzinfo is not None
    return is_ours and len(one.id) == ID_BYTES and is_sound(one.topic, one.fields)


def entry(one: Addition, brought_at: datetime, source: str) -> Entry:
    """Make the entry that an addition is, at the moment at which it was brought.

    Raises:
        ValueError: it is none.
    """
    if not is_addition(one):
        raise ValueError(one.topic.value)
    fields = (*one.fields, ("written", one.written_at.isoformat()))
    return entry_of(one.record, brought_at, source, one.topic, fields)


# ---------------------------------------------------------------- what waits for a person


def waiting(entries: Sequence[Entry]) -> list[Entry]:
    """Give what was brought after a person has confirmed the record for the last time."""
    return [one for one in entries[_confirmed(entries) :] if written_at(one) is not None]


def waits(incident: Incident, entries: Sequence[Entry]) -> int:
    """Count what was brought to a record that counts, and that nobody has confirmed since."""
    return len(waiting(entries)) if incident.state is IncidentState.CONFIRMED else 0


def deciding(incident: Incident, entries: Sequence[Entry]) -> list[Entry]:
    """Leave out what waits for a person: of a record that counts, it decides nothing."""
    if incident.state is not IncidentState.CONFIRMED:
        return list(entries)
    last = _confirmed(entries)
    return [*entries[:last], *(one for one in entries[last:] if written_at(one) is None)]


def _confirmed(entries: Sequence[Entry]) -> int:
    """Count the entries up to where a person has confirmed the record for the last time."""
    places = (place for place, one in enumerate(entries, 1) if one.what in _CONFIRMS)
    return max(places, default=0)


def is_waiting(record: Record) -> bool:
    """Say whether something was brought to a record that counts, and confirmed by nobody since."""
    parts: list[tuple[Said, ...]] = [
        *(one.said for one in record.actors),
        *(one.said for one in record.victims),
        *(one.said for one in record.harm),
        *(one.said for one in record.quotes),
        *(one.said for one in record.promises),
        *(one.said for one in record.links),
    ]
    brought = [
        *(one.at for one in record.claims if one.written_at),
        *(one.at for one in record.corrections if one.written_at),
        *(one.at for part in parts for one in part if one.written_at),
    ]
    return any(is_unconfirmed(record, at) for at in brought)


def is_unconfirmed(record: Record, brought: datetime | None) -> bool:
    """Say whether it came to a record that counts after a person confirmed that the last time."""
    moments = [one.at for one in record.confirmed_by if one.at is not None]
    return brought is not None and bool(moments) and max(moments) < brought


# ---------------------------------------------------------------- what was typed


@dataclass(frozen=True, slots=True)
class Desk:
    """What typed words are read with: now, the event's zone, and the numbers of its records."""

    now: datetime
    zone: ZoneInfo
    records: frozenset[int]


def asked(topic: Topic, *, corrects: bool) -> Mapping[str, Rule]:
    """Give the fields that are typed or chosen for a statement, in their order."""
    about = [] if topic is Topic.TAKEN_BACK else ["basis", "according_to"]
    names = sorted(FIELDS[topic], key=lambda name: name == "date")  # after how exactly it is known
    rules: dict[str, Rule] = {name: FIELDS[topic][name] for name in names}
    rules |= {name: ABOUT[name] for name in (*about, *(["why"] if corrects else []))}
    return {name: rule for name, rule in rules.items() if name not in ASIDE}


def read(desk: Desk, record: int, topic: Topic, typed: Mapping[str, str]) -> Fields:
    """Read a statement as it was typed; a field that was left empty is unknown, and absent.

    Raises:
        RefusalError: says what cannot be so, in the words of the chat where it has some.
    """
    rules = {**asked(topic, corrects="corrects" in typed), **_aside(topic)}
    filled = {name: words for name in rules if (words := typed.get(name, "").strip())}
    said = {name: _field(desk, record, (name, rules[name]), filled) for name in filled}
    if not says_anything(topic, said):
        raise RefusalError("additions-nothing-said")
    if "basis" in rules and "basis" not in said:
        raise RefusalError("additions-basis-missing")
    if "why" in rules and "why" not in said:
        raise RefusalError("additions-why-missing")
    fields = tuple(said.items())
    if not is_sound(topic, fields):
        raise RefusalError("additions-not-together")
    return fields


def _aside(topic: Topic) -> Mapping[str, Rule]:
    return {"corrects": LEAVES, **({"of": LEAVES} if topic is Topic.ACT else {})}


def _field(desk: Desk, record: int, of: tuple[str, Rule], filled: Mapping[str, str]) -> str:
    name, rule = of
    words = filled[name]
    match name:
        case "date":
            return _date(desk, words, filled.get("precision"))
        case "record" if words not in {str(one) for one in desk.records - {record}}:
            raise RefusalError("statement-record-unknown")
        case "city" | "or_city" if not is_city(words):
            raise RefusalError("statement-city-unreadable")
        case "language" if not is_language(words):
            raise RefusalError("statement-language-unreadable")
        case _:
            return _fitting(rule, words)


def _fitting(rule: Rule, words: str) -> str:
    if fits(rule, words):
        return words
    if isinstance(rule, range):
        raise RefusalError("statement-number-unreadable")
    if isinstance(rule, int):
        raise RefusalError("additions-too-long", most=rule)
    raise RefusalError("additions-not-together")


def _date(desk: Desk, words: str, precision: str | None) -> str:
    if precision not in set(Precision) - {Precision.NONE}:
        raise RefusalError("additions-precision-missing")
    return read_past(words, Precision(precision), desk.now, desk.zone)
