"""What a record is made from: the entries of one incident, and what its references are called.

People are references; a name stands for one only where that person has said so, and where they
were erased nothing stands for them any more.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from safety.evidence import EvidenceItem
from safety.facts import FactKind
from safety.incidents import Entry, EntryKind, Incident
from safety.people import Unprinted
from safety.records import CleanCopy, Precision, RecordDate
from safety.registration import Consent

BOT = "the bot"
SHELL = "the server's shell"  # who brought a file: whoever has an unlock secret there
SHORTEST = 4  # digits of a reference
FACTS = frozenset(kind.value for kind in FactKind)

_E = TypeVar("_E", bound=StrEnum)


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
    are by the number of the file; `leaves` are the numbers of the entries in the proof log.
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
    leaves: Sequence[int] = ()


def identity_of(entry: Entry) -> Identity:
    """Read what an entry says of who a reference is."""
    consent = Consent(entry.detail("consent") or Consent.LAWYER_ONLY.value)
    name = entry.detail("name") if consent is Consent.NAME_ME else None
    return Identity(consent, name, entry.detail("minor") is not None)


def identities_in(entries: Iterable[Entry]) -> Mapping[str, Identity]:
    """Read who may be named, by reference, as entries say it last."""
    said = (one for one in entries if one.what == EntryKind.IDENTITY.value)
    ordered = sorted(said, key=lambda entry: entry.at)
    return {one.about: identity_of(one) for one in ordered if one.about is not None}


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


def named(source: CaseSource, reference: str | None) -> str:
    """Say in the record who that is: the bot, a role with digits, or a name where they agree."""
    if reference is None:
        return BOT
    identity = source.identities.get(reference)
    if identity is None or identity.name is None:
        return source.names.get(reference, reference)
    return identity.name


def moment(source: CaseSource, at: datetime) -> str:
    """Write a moment as the clocks of the event show it."""
    return at.astimezone(source.zone).isoformat(timespec="seconds")


def exact(source: CaseSource, at: datetime) -> RecordDate:
    """Give a moment that was seen as a date."""
    return RecordDate(Precision.EXACT, moment(source, at))


def one_of(kind: type[_E], value: str | None) -> _E | None:
    """Read a value that may have been typed freely: what is no member says nothing here."""
    if value is None:
        return None  # most entries have few of the details that are asked for
    return next((one for one in kind if one.value == value), None)
