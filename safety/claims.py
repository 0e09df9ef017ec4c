"""What each source said of an incident, as claims: side by side, and nobody wins.

A field that sources state differently is left to its claims.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from safety.agreement import OR, agreed_cities, agreed_date
from safety.cases import FACTS, CaseSource, exact, moment, named, one_of
from safety.facts import TOLD_AFTERWARDS, FactKind
from safety.incidents import Entry, calls_false
from safety.origins import ORIGIN, origin_of
from safety.records import Certainty, Claim, IncidentType, Place, Precision, RecordDate
from safety.reports import When
from safety.statements import (
    RECORDED,
    Topic,
    basis_of,
    certainty_of,
    date_of,
    said_in,
    topic_of,
    written_at,
)

_TYPED_BY_FACT = {
    FactKind.DETENTION.value: IncidentType.DETENTION,
    FactKind.ESCORT.value: IncidentType.FORCED_ESCORT,
    FactKind.INJURY.value: IncidentType.INJURY,
    FactKind.VENUE_CANCELLED.value: IncidentType.VENUE_REFUSAL,
}

_POINT = re.compile(r"(-?\d{1,3}\.\d{1,8}),(-?\d{1,3}\.\d{1,8})")  # degrees

_SAID_LATER = TOLD_AFTERWARDS | {FactKind.INJURY}  # the day is not the one on which it was told

# How a detail that stands for itself is called in the record.
FIELDS = {
    "text": "statement",
    "words": "statement",
    "place": "place",
    "transferred": "brought_to",
    "stop": "brought_to",
    "arrived": "brought_to",
    "item": "data_taken",
    "reason": "reason",
    "when": "date",
    "type": "types",
    "group": "types",
}
_TOLD_FIELDS = {**FIELDS, "location": "place"}  # else it stands in the course of things
_NOT_SMALL = frozenset({*FIELDS, *ORIGIN, "number", "certainty"})


def types(said: Sequence[Entry]) -> tuple[IncidentType, ...]:
    """Give every type that somebody named, or that follows from what the bot saw."""
    chosen = [kind for one in said if (kind := one_of(IncidentType, one.detail("type")))]
    known = [_TYPED_BY_FACT[one.what] for one in said if one.what in _TYPED_BY_FACT]
    return tuple(dict.fromkeys((*known, *chosen)))


def claims(source: CaseSource, said: Sequence[Entry]) -> tuple[Claim, ...]:
    """Give what each source said, entry by entry; judgements are claims too."""
    return tuple(claim for one in said for claim in _stated(source, said, one))


def _stated(source: CaseSource, said: Sequence[Entry], entry: Entry) -> Iterator[Claim]:
    if calls_false(entry):
        by, at = named(source, entry.source), entry.at.astimezone(source.zone)
        yield Claim("happened", "no", by, Certainty.ASSESSED, at)
    if entry.what in FACTS:
        yield from _seen(source, said, entry)
    else:
        yield from _claimed(source, entry)


def _seen(source: CaseSource, said: Sequence[Entry], entry: Entry) -> Iterator[Claim]:
    """Give what a fact says: its course, and each detail that stands for itself."""
    by, at = named(source, entry.source), entry.at.astimezone(source.zone)
    certainty, origin = _certainty(said, entry), origin_of(entry, source)
    fields = FIELDS
    if entry.what in TOLD_AFTERWARDS:
        fields = _TOLD_FIELDS
    elif entry.detail("transferred") is None:  # else it is told where they were brought
        yield Claim(entry.what, _course(source, entry), by, certainty, at)
    for name, value in entry.details:
        if name in fields:
            when = _tapped(source, entry) if name == "when" else None
            field, told = fields[name], (when and when.value) or value
            precision = None if when is None else when.precision
            yield Claim(field, told, by, certainty, at, precision=precision, forwarded=origin)


def _claimed(source: CaseSource, entry: Entry) -> Iterator[Claim]:
    """Give the single fields that a statement adds."""
    by, at = named(source, entry.source), entry.at.astimezone(source.zone)
    for field, value, precision in _added(entry):
        basis, according_to = basis_of(entry), entry.detail("according_to")
        certainty = certainty_of(entry)
        claim = Claim(field, value, by, certainty, at, basis, according_to, precision)
        written = written_at(entry)
        if written is not None:
            claim = replace(claim, written_at=written.astimezone(source.zone))
        yield claim


def _added(entry: Entry) -> Iterator[tuple[str, str, Precision | None]]:
    """Give the single fields that a statement adds, as they stand in the record."""
    topic, told = topic_of(entry), dict(entry.details)
    when = date_of(told) if topic is Topic.DATE else None
    if when is not None:
        yield "date", when.value or "", when.precision
    elif topic is Topic.PLACE:
        if "city" in told:
            yield "city", OR.join(sorted(_cities(told))), None
        for name in ("place", "address"):
            if name in told:
                yield name, told[name], None
    elif topic in {Topic.TYPE, Topic.BIAS, Topic.WORDS}:
        yield RECORDED[topic], said_in(entry)[0], None
    elif topic is Topic.EVIDENCE:
        yield RECORDED[topic], "; ".join(said_in(entry)), None


def _course(source: CaseSource, entry: Entry) -> str:
    """Say when it was, and the small things that go with it."""
    at = moment(source, entry.at)
    small = [f"{name}: {value}" for name, value in entry.details if name not in _NOT_SMALL]
    return "; ".join((at, *small))


def _certainty(said: Sequence[Entry], entry: Entry) -> Certainty:
    taps = (one for one in said if one.source == entry.source and one.what in FACTS)
    mine = (one.detail("certainty") for one in taps)
    stated = [known for one in mine if (known := one_of(Certainty, one))]
    return stated[-1] if stated else Certainty.REPORTED


def date(source: CaseSource, said: Sequence[Entry]) -> RecordDate | None:
    """Give the date on which all agree who stated one, else the moment that the bot saw.

    Where sources contradict each other there is none: the claims tell.
    """
    stated = [date_of(dict(one.details)) for one in said if topic_of(one) is Topic.DATE]
    taps = [_tapped(source, one) for one in said]
    if any(stated):
        return agreed_date(one for one in (*stated, *taps) if one)
    seen = [one for one in said if one.what in FACTS and one.what not in _SAID_LATER]
    if seen:
        return exact(source, min(one.at for one in seen))
    return agreed_date(one for one in taps if one)


def _tapped(source: CaseSource, entry: Entry) -> RecordDate | None:
    """Give the day that a tap named."""
    when = one_of(When, entry.detail("when"))
    return None if when is None else _day(source, entry.at, when)


def _day(source: CaseSource, at: datetime, when: When) -> RecordDate:
    day = at.astimezone(source.zone).date()
    match when:
        case When.TODAY:
            return RecordDate(Precision.DAY, day.isoformat())
        case When.YESTERDAY:
            return RecordDate(Precision.DAY, (day - timedelta(days=1)).isoformat())
        case When.EARLIER:
            return RecordDate(Precision.ON_OR_BEFORE, day.isoformat())


def place(said: Sequence[Entry]) -> Place | None:
    """Give a place that nobody contradicts; of several, the claims tell."""
    names, addresses = _values(said, "place"), _values(said, "address")
    points = {point for one in said if (point := point_of(one.detail("location")))}
    latitude, longitude = points.pop() if len(points) == 1 else (None, None)
    cities = _agreed_cities(said)
    found = Place(
        city=next(iter(cities)) if len(cities) == 1 else None,
        name=names.pop() if len(names) == 1 else None,
        address=addresses.pop() if len(addresses) == 1 else None,
        latitude=latitude,
        longitude=longitude,
        one_of=tuple(sorted(cities)) if len(cities) > 1 else (),
    )
    return None if found == Place() else found


def _values(said: Sequence[Entry], name: str) -> set[str]:
    """Give what facts and statements name; the page that a reply is set against is no place."""
    told = (one for one in said if one.what in FACTS or topic_of(one) is Topic.PLACE)
    return {value for one in told if (value := one.detail(name))}


def _agreed_cities(said: Sequence[Entry]) -> frozenset[str]:
    """What the bot presumes counts only where no person has named a city."""
    stated = [one for one in said if topic_of(one) is Topic.PLACE and one.detail("city")]
    people = [one for one in stated if one.source is not None]
    return agreed_cities(_cities(dict(one.details)) for one in people or stated)


def _cities(told: Mapping[str, str]) -> frozenset[str]:
    return frozenset(told[name] for name in ("city", "or_city") if name in told)


def point_of(written: str | None) -> tuple[float, float] | None:
    """Read degrees of latitude and longitude, or None."""
    found = _POINT.fullmatch(written or "")
    return None if found is None else (float(found[1]), float(found[2]))
