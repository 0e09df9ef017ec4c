"""What each source said of an incident, as claims: side by side, and nobody wins.

A field that sources state differently is left to its claims.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from safety.cases import FACTS, CaseSource, exact, moment, named, one_of
from safety.facts import FactKind
from safety.incidents import Entry, EntryKind
from safety.records import Certainty, Claim, IncidentType, Place, Precision, RecordDate
from safety.reports import When

_TYPED_BY_FACT = {
    FactKind.DETENTION.value: IncidentType.DETENTION,
    FactKind.VENUE_CANCELLED.value: IncidentType.VENUE_REFUSAL,
}

_POINT = re.compile(r"(-?\d{1,3}\.\d{1,8}),(-?\d{1,3}\.\d{1,8})")  # degrees

# How a detail that stands for itself is called in the record.
_FIELDS = {
    "text": "statement",
    "words": "statement",
    "place": "place",
    "transferred": "place",
    "reason": "reason",
    "when": "date",
    "type": "types",
    "group": "types",
}
_NOT_SMALL = frozenset({*_FIELDS, "number", "certainty"})


def types(said: Sequence[Entry]) -> tuple[IncidentType, ...]:
    """Give every type that somebody named, or that follows from what the bot saw."""
    chosen = [kind for one in said if (kind := one_of(IncidentType, one.detail("type")))]
    known = [_TYPED_BY_FACT[one.what] for one in said if one.what in _TYPED_BY_FACT]
    return tuple(dict.fromkeys((*known, *chosen)))


def claims(source: CaseSource, said: Sequence[Entry]) -> tuple[Claim, ...]:
    """Give what each source said, entry by entry; judgements are claims too."""
    return tuple(
        Claim(name, value, named(source, one.source), certainty)
        for one in said
        for name, value, certainty in _stated(source, said, one)
    )


def _stated(
    source: CaseSource, said: Sequence[Entry], entry: Entry
) -> Iterator[tuple[str, str, Certainty]]:
    if entry.what == EntryKind.FALSE.value:
        yield "happened", "no", Certainty.ASSESSED
    elif entry.what in FACTS:
        certainty = _certainty(said, entry)
        if entry.what != FactKind.REPORT.value:
            yield entry.what, _course(source, entry), certainty
        for name, value in entry.details:
            if name in _FIELDS:
                yield _FIELDS[name], _plain(source, entry, name, value), certainty


def _course(source: CaseSource, entry: Entry) -> str:
    """Say when it was, and the small things that go with it."""
    at = moment(source, entry.at)
    small = [f"{name}: {value}" for name, value in entry.details if name not in _NOT_SMALL]
    return "; ".join((at, *small))


def _plain(source: CaseSource, entry: Entry, name: str, value: str) -> str:
    """Give a day that a tap named as that day."""
    when = one_of(When, value) if name == "when" else None
    return value if when is None else _day(source, entry.at, when).value or value


def _certainty(said: Sequence[Entry], entry: Entry) -> Certainty:
    mine = (one.detail("certainty") for one in said if one.source == entry.source)
    stated = [known for one in mine if (known := one_of(Certainty, one))]
    return stated[-1] if stated else Certainty.REPORTED


def date(source: CaseSource, said: Sequence[Entry]) -> RecordDate | None:
    """Give the moment where the bot saw it, the day where a person said so, else nothing."""
    seen = [one for one in said if one.what in FACTS and one.what != FactKind.REPORT.value]
    if seen:
        return exact(source, min(one.at for one in seen))
    days = {
        _day(source, one.at, when) for one in said if (when := one_of(When, one.detail("when")))
    }
    return days.pop() if len(days) == 1 else None


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
    names = {value for one in said if (value := one.detail("place"))}
    points = {point for one in said if (point := point_of(one.detail("location")))}
    name = names.pop() if len(names) == 1 else None
    latitude, longitude = points.pop() if len(points) == 1 else (None, None)
    if name is None and latitude is None:
        return None
    return Place(name=name, latitude=latitude, longitude=longitude)


def point_of(written: str | None) -> tuple[float, float] | None:
    """Read degrees of latitude and longitude, or None."""
    found = _POINT.fullmatch(written or "")
    return None if found is None else (float(found[1]), float(found[2]))
