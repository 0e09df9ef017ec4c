"""From what was said of an incident to its record: nothing is added, nobody wins.

A record says what entries say and no more. A field that sources state differently is left to its
claims, side by side. People are references; a name stands for one only where that person has said
so, and where they were erased nothing stands for them any more.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from safety.evidence import EvidenceItem, EvidenceState, MediaKind
from safety.facts import FactKind
from safety.incidents import Entry, EntryKind, Incident, IncidentState
from safety.people import Unprinted
from safety.records import (
    Certainty,
    Claim,
    CleanCopy,
    Confirmation,
    Custody,
    Evidence,
    EvidenceKind,
    Harm,
    HarmKind,
    IncidentType,
    Link,
    LinkKind,
    Place,
    Precision,
    Record,
    RecordDate,
    Victim,
    VictimRole,
)
from safety.records import Consent as Level
from safety.registration import Consent
from safety.reports import When

BOT = "the bot"
SHELL = "the server's shell"  # who brought a file: whoever has an unlock secret there
SHORTEST = 4  # digits of a reference
AS_COPY = ("copy", "clean")  # the detail of a custody entry: not the original left

_LEVELS = {
    Consent.LAWYER_ONLY: Level.LAWYER,
    Consent.SAY_IT_HAPPENED: Level.CONFIDENTIAL,
    Consent.NAME_ME: Level.PUBLIC,
}
_EVIDENCE = {
    MediaKind.PHOTO: EvidenceKind.PHOTO,
    MediaKind.VIDEO: EvidenceKind.VIDEO,
    MediaKind.VOICE: EvidenceKind.AUDIO,
    MediaKind.AUDIO: EvidenceKind.AUDIO,
    MediaKind.DOCUMENT: EvidenceKind.DOCUMENT,
}
ABOUT_FILES = frozenset(
    {
        EntryKind.FILE_OWED,
        EntryKind.FILE_STORED,
        EntryKind.FILE_BY_HAND,
        EntryKind.FILE_DAMAGED,
        EntryKind.CUSTODY,
    }
)
_TYPED_BY_FACT = {
    FactKind.DETENTION.value: IncidentType.DETENTION,
    FactKind.VENUE_CANCELLED.value: IncidentType.VENUE_REFUSAL,
}
_HARMED = frozenset({FactKind.DETENTION.value, FactKind.NEEDS_HELP.value})


_POINT = re.compile(r"(-?\d{1,3}\.\d{1,8}),(-?\d{1,3}\.\d{1,8})")  # degrees

_ADDRESS = re.compile(r"https?://[^\s<>\"«»]+", re.IGNORECASE)
_AFTER_ADDRESS = ".,;:!?)]}'…"  # what a sentence puts behind an address

_E = TypeVar("_E", bound=StrEnum)


class Gone(StrEnum):
    """What an export says of a file."""

    GIVEN_OUT = "given out"
    COPIED = "a clean copy was given out"
    RECEIVED = "received"
    SEALED = "sealed"
    NOT_FETCHED = "could not be fetched"
    DAMAGED = "damaged or lost on the disk"


@dataclass(frozen=True, slots=True, repr=False)
class Identity(Unprinted):
    """What may be said of a person: how far, and by which name, if by any."""

    consent: Consent
    name: str | None
    is_minor: bool


@dataclass(frozen=True, slots=True, repr=False)
class CaseSource(Unprinted):
    """All that the record of one incident is made from.

    `identities` are by reference; `clean` and `digests` (SHA-256 of originals, of the whole case)
    are by the number of the file.
    """

    incident: Incident
    entries: Sequence[Entry]
    identities: Mapping[str, Identity]
    names: Mapping[str, str]  # what each reference is called in this bundle
    evidence: Sequence[EvidenceItem]
    damaged: frozenset[int]  # numbers of files that are no longer what was sealed
    zone: ZoneInfo
    file_name: Callable[[int, str | None], str]
    clean: Mapping[int, CleanCopy] = field(default_factory=dict)
    digests: Mapping[int, str] = field(default_factory=dict)


def identity_of(entry: Entry) -> Identity:
    """Read what an entry says of who a reference is."""
    consent = Consent(entry.detail("consent") or Consent.LAWYER_ONLY.value)
    name = entry.detail("name") if consent is Consent.NAME_ME else None
    return Identity(consent, name, entry.detail("minor") is not None)


def short_names(references: Iterable[str]) -> Mapping[str, str]:
    """Call references by role and their last digits: as few as tell them all apart, four at least.

    Whoever reads an entry as it was committed finds the same digits there.
    """
    known = sorted(set(references))
    digits = {one: one.rsplit("-", 1)[-1] for one in known}
    longest = max((len(number) for number in digits.values()), default=SHORTEST)
    for length in range(SHORTEST, longest + 1):
        if len({number[-length:] for number in digits.values()}) == len(known):
            return {one: _short(one, number[-length:]) for one, number in digits.items()}
    return {one: one for one in known}


def role_of(reference: str) -> str:
    """Give the role in which a reference stands, which says nothing of who it is."""
    role = reference.rsplit("-", 1)[0]
    return "participant" if role == "person" else role


def _short(reference: str, number: str) -> str:
    return f"{role_of(reference)} {number}"


def fold(source: CaseSource) -> Record:
    """Make the record of one incident."""
    said = [one for one in source.entries if one.what != EntryKind.IDENTITY.value]
    return Record(
        id=source.incident.number,
        types=_types(said),
        claims=_claims(source, said),
        date=_date(source, said),
        place=_place(said),
        victims=_victims(source, said),
        harm=_harm(source, said),
        evidence=_evidence(source, said),
        links=_links(said),
        confirmed_by=_confirmed_by(source, said),
    )


def _types(said: Sequence[Entry]) -> tuple[IncidentType, ...]:
    chosen = [kind for one in said if (kind := _one_of(IncidentType, one.detail("type")))]
    known = [_TYPED_BY_FACT[one.what] for one in said if one.what in _TYPED_BY_FACT]
    return tuple(dict.fromkeys((*known, *chosen)))


def _claims(source: CaseSource, said: Sequence[Entry]) -> tuple[Claim, ...]:
    """Give what each source said, entry by entry; judgements are claims too."""
    return tuple(
        Claim(name, value, _named(source, one.source), certainty)
        for one in said
        for name, value, certainty in _stated(source, said, one)
    )


def _stated(
    source: CaseSource, said: Sequence[Entry], entry: Entry
) -> Iterator[tuple[str, str, Certainty]]:
    if entry.what == EntryKind.FALSE.value:
        yield "happened", "no", Certainty.ASSESSED
    elif entry.what in _FACTS:
        certainty = _certainty(said, entry)
        if entry.what != FactKind.REPORT.value:
            yield entry.what, _course(source, entry), certainty
        for name, value in entry.details:
            if name in _FIELDS:
                yield _FIELDS[name], _plain(source, entry, name, value), certainty


def _course(source: CaseSource, entry: Entry) -> str:
    """Say when it was, and the small things that go with it."""
    moment = _moment(source, entry.at)
    small = [f"{name}: {value}" for name, value in entry.details if name not in _NOT_SMALL]
    return "; ".join((moment, *small))


def _plain(source: CaseSource, entry: Entry, name: str, value: str) -> str:
    """Give a day that a tap named as that day."""
    when = _one_of(When, value) if name == "when" else None
    return value if when is None else _day(source, entry.at, when).value or value


def _moment(source: CaseSource, at: datetime) -> str:
    return at.astimezone(source.zone).isoformat(timespec="seconds")


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
_FACTS = frozenset(kind.value for kind in FactKind)


def _certainty(said: Sequence[Entry], entry: Entry) -> Certainty:
    mine = (one.detail("certainty") for one in said if one.source == entry.source)
    stated = [known for one in mine if (known := _one_of(Certainty, one))]
    return stated[-1] if stated else Certainty.REPORTED


def _date(source: CaseSource, said: Sequence[Entry]) -> RecordDate | None:
    """Give the moment where the bot saw it, the day where a person said so, else nothing."""
    seen = [one for one in said if one.what in _FACTS and one.what != FactKind.REPORT.value]
    if seen:
        return _exact(source, min(one.at for one in seen))
    days = {
        _day(source, one.at, when) for one in said if (when := _one_of(When, one.detail("when")))
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


def _place(said: Sequence[Entry]) -> Place | None:
    """Give a place that nobody contradicts; of several, the claims tell."""
    names = {value for one in said if (value := one.detail("place"))}
    points = {point for one in said if (point := _point(one.detail("location")))}
    name = names.pop() if len(names) == 1 else None
    latitude, longitude = points.pop() if len(points) == 1 else (None, None)
    if name is None and latitude is None:
        return None
    return Place(name=name, latitude=latitude, longitude=longitude)


def _point(written: str | None) -> tuple[float, float] | None:
    found = _POINT.fullmatch(written or "")
    return None if found is None else (float(found[1]), float(found[2]))


def _victims(source: CaseSource, said: Sequence[Entry]) -> tuple[Victim, ...]:
    references = [one.about for one in said if one.what in _HARMED and one.about is not None]
    return tuple(_victim(source, one) for one in dict.fromkeys(references))


def _victim(source: CaseSource, reference: str) -> Victim:
    identity = source.identities.get(reference)
    named = _named(source, reference)
    if identity is None:
        return Victim(VictimRole.PARTICIPANT, 1, reference=named)
    minors = 1 if identity.is_minor else None
    level = _LEVELS[identity.consent]
    return Victim(VictimRole.PARTICIPANT, 1, minors, named, level)


def _harm(source: CaseSource, said: Sequence[Entry]) -> tuple[Harm, ...]:
    """Give the liberty that was taken, from the first word of it to the release."""
    taken = [one for one in said if one.what == FactKind.DETENTION.value and one.about]
    released = [one for one in said if one.what == FactKind.RELEASED.value]
    harm = []
    for reference in dict.fromkeys(one.about for one in taken):
        since = min(one.at for one in taken if one.about == reference)
        until = [one.at for one in released if one.about == reference]
        harm.append(
            Harm(
                HarmKind.LIBERTY,
                victim=_named(source, reference),
                since=_exact(source, since),
                until=_exact(source, max(until)) if until else None,
            )
        )
    return tuple(harm)


def _exact(source: CaseSource, moment: datetime) -> RecordDate:
    return RecordDate(Precision.EXACT, _moment(source, moment))


def _evidence(source: CaseSource, said: Sequence[Entry]) -> tuple[Evidence, ...]:
    files = (_one_file(source, item, said) for item in source.evidence)
    return (*files, *_addresses(source, said))


def _addresses(source: CaseSource, said: Sequence[Entry]) -> tuple[Evidence, ...]:
    """Give what points elsewhere, web pages and places, each by whoever gave it first."""
    found: dict[str, Evidence] = {}
    for one in said:
        for kind, address in _pointed(one):
            at = one.at.astimezone(source.zone)
            by = _named(source, one.source)
            new = Evidence(kind, address=address, captured_at=at, given_by=by)
            found.setdefault(address, new)
    return tuple(found.values())


def _pointed(entry: Entry) -> Iterator[tuple[EvidenceKind, str]]:
    if entry.what not in _FACTS:
        return
    for name, value in entry.details:
        point = _point(value) if name == "location" else None
        if point is not None:
            yield EvidenceKind.LOCATION, f"geo:{value}"
        if name in {"text", "words"}:
            for address in _ADDRESS.findall(value):
                yield EvidenceKind.WEB_ADDRESS, address.rstrip(_AFTER_ADDRESS)


def _one_file(source: CaseSource, item: EvidenceItem, said: Sequence[Entry]) -> Evidence:
    mine = [one for one in said if one.what in ABOUT_FILES and _is_about(one, item)]
    facts = {name: value for one in mine for name, value in one.details}
    is_stored = item.state is EvidenceState.STORED and item.number not in source.damaged
    given = [one.source for one in mine if one.what == EntryKind.FILE_OWED.value and one.source]
    return Evidence(
        id=item.number,
        kind=_EVIDENCE[item.kind],
        sha256=facts.get("sha256"),
        size=int(facts["size"]) if "size" in facts else None,
        file=source.file_name(item.number, facts.get("name")) if is_stored else None,
        name=facts.get("name"),
        received_at=item.received_at.astimezone(source.zone),
        given_by=_named(source, given[0]) if given else None,
        is_owed=None if is_stored else True,
        clean=source.clean.get(item.number),
        same_as=_same_as(source, item.number),
        custody=tuple(_custody(source, one) for one in mine),
    )


def _same_as(source: CaseSource, number: int) -> tuple[int, ...]:
    """Name the other files of the case with the very same bytes."""
    mine = source.digests.get(number)
    others = (other for other, digest in source.digests.items() if digest == mine)
    return () if mine is None else tuple(sorted(other for other in others if other != number))


def digests_of(entries: Iterable[Entry]) -> Mapping[int, str]:
    """Read the SHA-256 of each stored original, by the number of the file."""
    found = ((one.detail("number"), one.detail("sha256")) for one in entries)
    return {int(number): digest for number, digest in found if number and digest}


def _is_about(entry: Entry, item: EvidenceItem) -> bool:
    return str(item.number) in (entry.detail("number") or "").split(",")


def _custody(source: CaseSource, entry: Entry) -> Custody:
    what = {
        EntryKind.FILE_OWED.value: Gone.RECEIVED,
        EntryKind.FILE_STORED.value: Gone.SEALED,
        EntryKind.FILE_BY_HAND.value: Gone.NOT_FETCHED,
        EntryKind.FILE_DAMAGED.value: Gone.DAMAGED,
    }.get(entry.what, Gone.COPIED if AS_COPY in entry.details else Gone.GIVEN_OUT)
    by = entry.detail("brought") or _named(source, entry.source)
    return Custody(entry.at.astimezone(source.zone), what.value, by)


def _links(said: Sequence[Entry]) -> tuple[Link, ...]:
    numbers = [one.detail("record") for one in said if one.what == EntryKind.LINK.value]
    return tuple(Link(LinkKind.FOLLOWS, int(number)) for number in numbers if number)


def _confirmed_by(source: CaseSource, said: Sequence[Entry]) -> tuple[Confirmation, ...]:
    if source.incident.state is not IncidentState.CONFIRMED:
        return ()
    return tuple(
        Confirmation(_named(source, one.source), one.at.astimezone(source.zone))
        for one in said
        if one.what == EntryKind.CONFIRMED.value
    )


def _named(source: CaseSource, reference: str | None) -> str:
    if reference is None:
        return BOT
    identity = source.identities.get(reference)
    if identity is None or identity.name is None:
        return source.names.get(reference, reference)
    return identity.name


def _one_of(kind: type[_E], value: str | None) -> _E | None:
    """Read a value that may have been typed freely: what is no member says nothing here."""
    return next((one for one in kind if one.value == value), None)
