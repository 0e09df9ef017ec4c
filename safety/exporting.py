"""What of a case may be given to whom: whole to the lawyer, less to a body, least to the public.

Three levels (ADR-0025). A statement stands where everybody whom it is by or about agrees to that
level. Words, places and files stand where everybody agrees whom the incident knows: others write
about those who do not. A person whose word is unknown, or was erased, agrees to nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from safety.additions import waiting
from safety.alarms import Ending
from safety.casefiles import ABOUT_FILES
from safety.cases import SHELL, Identity, role_of
from safety.datataken import ITEM, DataItem
from safety.detentions import LAWYER_PRESENT, LawyerThere
from safety.evidence import MediaKind
from safety.facts import FactKind
from safety.incidents import Entry, EntryKind, Incident, IncidentKind, IncidentState, kind_of
from safety.injuries import NO, YES, Hurt, Treated
from safety.minors import adults
from safety.notices import Lane, Notice, notice
from safety.origins import KIND, nameless
from safety.people import TEAM_ROLES
from safety.records import (
    Actor,
    CaseState,
    CaseStep,
    Certainty,
    Claim,
    Confirmation,
    Evidence,
    Harm,
    HarmKind,
    IncidentGroup,
    IncidentType,
    Link,
    Place,
    Precision,
    Record,
    RecordDate,
    Victim,
    VictimRole,
)
from safety.registration import Consent
from safety.replies import Says
from safety.reports import When
from safety.statements import ABOUT, FIELDS, Topic, topic_of
from safety.taxonomy import ActorKind, BiasIndicator, CountPrecision, OriginKind

_T = TypeVar("_T")


FEWEST = 5  # people: the public reads no smaller number of them
_OFFICES = frozenset({"team", *TEAM_ROLES})
_FACTS = {kind.value: kind for kind in FactKind}
_CHOSEN: Mapping[str, frozenset[str]] = {  # answers that were taps, and stand for no words
    "type": frozenset(IncidentType),
    "group": frozenset(IncidentGroup),
    "when": frozenset(When),
    "certainty": frozenset(Certainty),
    "kind": frozenset(MediaKind),
    "copy": frozenset({"clean", "sealed"}),
    "by": frozenset({SHELL}),
    "brought": frozenset({SHELL}),
    ITEM: frozenset(DataItem),
    "escort": frozenset({"begun", "arrived"}),
    "state": frozenset(CaseState),
    "authority": frozenset(ActorKind),
    "says": frozenset(Says),
    "hurt": frozenset(Hurt),
    "treated": frozenset(Treated),
    "examined": frozenset({YES, NO}),
    "certificate": frozenset({YES, NO}),
    KIND: frozenset(OriginKind),
    LAWYER_PRESENT: frozenset(LawyerThere),
    "ending": frozenset(Ending),
}

_TAPS = frozenset(  # fields of statements that hold no words of anybody
    name
    for rules in (ABOUT, *FIELDS.values())
    for name, rule in rules.items()
    if not isinstance(rule, int)
)
_HAPPENED = frozenset(Topic) - {
    *(Topic.DATE, Topic.PLACE, Topic.LINK, Topic.EVIDENCE, Topic.TAKEN_BACK)
}
_OF_MINORS = ("harm", HarmKind.MINORS.value)


class ExportLevel(StrEnum):
    """For whom a case is given out."""

    LAWYER = "lawyer"
    CONFIDENTIAL = "confidential"  # a submission that its reader does not publish
    PUBLIC = "public"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class CaseGiven(Notice):
    """A case has left the server: for whom, how many records, and whether it is sealed.

    Whoever sits at the server's shell needs nobody else for it, so nobody does it in silence.
    """

    lane = Lane.HOLD

    level: ExportLevel
    records: int
    is_sealed: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """How a case is given out. `with_minors`: the lawyer wants minors in a confidential one."""

    level: ExportLevel = ExportLevel.LAWYER
    with_minors: bool = False


WHOLE = Terms()
_AGREE: Mapping[ExportLevel, frozenset[Consent]] = {
    ExportLevel.LAWYER: frozenset(Consent),
    ExportLevel.CONFIDENTIAL: frozenset({Consent.SAY_IT_HAPPENED, Consent.NAME_ME}),
    ExportLevel.PUBLIC: frozenset({Consent.NAME_ME}),
}


def agrees(reference: str | None, identities: Mapping[str, Identity], terms: Terms) -> bool:
    """Say whether what is by or about somebody may stand at this level.

    The bot (None) and the team, who act in an office, may; of others their own last word counts.
    """
    if terms.level is ExportLevel.LAWYER or reference is None:
        return True
    if reference.rsplit("-", 1)[0] in _OFFICES:
        return True
    identity = identities.get(reference)
    if identity is None or identity.consent not in _AGREE[terms.level]:
        return False
    return _with_minors(terms) or not identity.is_minor


def sift(
    entries: Sequence[Entry], identities: Mapping[str, Identity], terms: Terms
) -> tuple[Entry | None, ...]:
    """Give each entry of one incident: as it is, cut down to chosen answers, or None."""
    if terms.level is ExportLevel.LAWYER:
        return tuple(None if one.what == EntryKind.IDENTITY.value else one for one in entries)
    agreed = [_all_agree([one], identities, terms) for one in entries]
    has_words = terms.level is ExportLevel.CONFIDENTIAL and _all_agree(entries, identities, terms)
    given = {
        one.detail("number")
        for one, may in zip(entries, agreed, strict=True)
        if may and one.what == EntryKind.FILE_OWED.value
    }
    may_list = has_words or terms.level is ExportLevel.PUBLIC
    numbers = frozenset(number for number in given if number) if may_list else frozenset()
    has_city = _all_agree(entries, identities, terms)
    counted = entries if _with_minors(terms) else adults(entries, identities)
    unread = {id(one) for one in waiting(counted) if terms.level is ExportLevel.PUBLIC}
    return tuple(
        None
        if not may
        else _without_words(one)
        if id(one) in unread or _is_of_withheld(one, numbers)
        else _sifted_statement(one, terms, has_words=has_words, has_city=has_city)
        if one.what == EntryKind.STATEMENT.value
        else _sifted(one, numbers, has_words=has_words)
        for one, may in zip(counted, agreed, strict=True)
    )


def _with_minors(terms: Terms) -> bool:
    return terms.with_minors and terms.level is ExportLevel.CONFIDENTIAL


def is_given(
    incident: Incident, entries: Sequence[Entry], sifted: Sequence[Entry | None], terms: Terms
) -> bool:
    """Say whether a record stands at all: something that happened is left, and it may be told.

    Where somebody told of it, or the bot saw it, some of that is left. What the team alone has
    stated, a place that was taken back, stands on its statements. A decision happened to nobody.
    """
    if terms.level is ExportLevel.LAWYER:
        return True
    if terms.level is ExportLevel.PUBLIC and incident.state is not IncidentState.CONFIRMED:
        return False
    if incident.kind is IncidentKind.DECISION:
        return False
    begun = [left for one, left in zip(entries, sifted, strict=True) if _opens(one)]
    if begun:
        return any(left is not None for left in begun)
    return any(one is not None and one.source and topic_of(one) in _HAPPENED for one in sifted)


def names_at(terms: Terms, names: Mapping[str, str]) -> Mapping[str, str]:
    """Give what references are called: the public reads a role, which joins no two statements."""
    if terms.level is not ExportLevel.PUBLIC:
        return names
    return {reference: role_of(reference) for reference in names}


def identities_at(terms: Terms, known: Mapping[str, Identity]) -> Mapping[str, Identity]:
    """Give who may be named: nobody to the public, whatever was said of a detention."""
    if terms.level is not ExportLevel.PUBLIC:
        return known
    return {reference: replace(one, name=None) for reference, one in known.items()}


def shown(record: Record, terms: Terms, given: frozenset[int]) -> Record:
    """Give a record as its readers may have it; `given` are the ids of the records beside it."""
    match terms.level:
        case ExportLevel.LAWYER:
            return record
        case ExportLevel.CONFIDENTIAL:
            evidence = tuple(_without_original(one) for one in record.evidence)
            return replace(record, evidence=evidence, links=_links(record, given))
        case ExportLevel.PUBLIC:
            return _coarse(record, given)


def _opens(entry: Entry) -> bool:
    fact = _FACTS.get(entry.what)
    return fact is not None and kind_of(fact) is not None


def _all_agree(entries: Iterable[Entry], identities: Mapping[str, Identity], terms: Terms) -> bool:
    names = (name for one in entries for name in (one.source, one.about))
    return all(agrees(name, identities, terms) for name in names)


def _sifted(entry: Entry, files: frozenset[str], *, has_words: bool) -> Entry | None:
    if entry.what == EntryKind.IDENTITY.value:
        return None
    if entry.what in ABOUT_FILES:
        return _sifted_file(entry, files)
    if entry.what == EntryKind.LINK.value:
        return entry
    if has_words:
        kept = nameless(entry.details)
        return entry if kept == entry.details else replace(entry, details=kept)
    details = ((name, value) for name, value in entry.details if _is_chosen(name, value))
    return replace(entry, details=tuple(details))


def _sifted_file(entry: Entry, files: frozenset[str]) -> Entry | None:
    """Leave out name and hashes: who finds the same file on a phone would know whose it was."""
    numbers = [one for one in (entry.detail("number") or "").split(",") if one in files]
    if not numbers:
        return None
    kept = ((name, value) for name, value in entry.details if _is_chosen(name, value))
    return replace(entry, details=(("number", ",".join(numbers)), *kept))


def _is_chosen(name: str, value: str) -> bool:
    """Say whether it was a tap; the number that keeps complaints apart is no words of anybody."""
    is_number = name == "complaint" and value.isdecimal()
    return is_number or value in _CHOSEN.get(name, frozenset())


def _sifted_statement(
    entry: Entry, terms: Terms, *, has_words: bool, has_city: bool
) -> Entry | None:
    """Keep of a statement what was chosen or counted, its date, and a city where all agree.

    Where nothing of a correction is left, it still takes back what it corrects.
    """
    names = {"date", "written", *_TAPS, *({"city", "or_city"} if has_city else ())}
    kept = [(name, value) for name, value in entry.details if has_words or name in names]
    if not _with_minors(terms):
        kept = [one for one in kept if one != _OF_MINORS]
    sifted = replace(entry, details=tuple(kept))
    if topic_of(sifted) is not None:
        return entry if sifted == entry else sifted  # whoever is told all sees the proof of it
    return _without_words(sifted)


def _is_of_withheld(entry: Entry, files: frozenset[str]) -> bool:
    """Say whether it states something of a file of which nobody is told that it is there."""
    file = entry.detail("file")
    return topic_of(entry) is Topic.EVIDENCE and file is not None and file not in files


def _without_words(entry: Entry) -> Entry | None:
    """Leave nothing of a statement but that it takes back another one, if it does."""
    corrects = entry.detail("corrects")
    back = (("topic", Topic.TAKEN_BACK.value), ("corrects", corrects or ""))
    return None if corrects is None else replace(entry, details=back)


def _without_original(item: Evidence) -> Evidence:
    """Say of a file that it is there, but give only its clean copy; an address is no file."""
    if item.id is None:
        return item
    return replace(
        item,
        sha256=None,
        size=None,
        file=None,
        name=None,
        is_withheld=None if item.clean is not None or item.is_owed else True,
    )


def _links(record: Record, given: frozenset[int]) -> tuple[Link, ...]:
    return tuple(link for link in record.links if link.record in given)


# ---------------------------------------------------------------- for the public


def _coarse(record: Record, given: frozenset[int]) -> Record:
    """Keep kinds, months, cities and large numbers; a field that is not named here is left out."""
    return Record(
        id=record.id,
        types=record.types,
        claims=_unique(
            Claim(one.field, one.value, one.source, one.certainty)
            for one in record.claims
            if _is_public(one)
        ),
        date=_month(record.date),
        place=_city(record.place),
        actors=_unique(
            Actor(
                one.kind,
                count=_many(one.count),
                count_precision=one.count_precision if _many(one.count) else None,
            )
            for one in record.actors
        ),
        victims=_victims(record.victims),
        harm=_unique(Harm(one.kind) for one in record.harm),
        evidence=_unique(Evidence(one.kind, one.id, is_withheld=True) for one in record.evidence),
        case=_unique(CaseStep(one.state, date=_month(one.date)) for one in record.case),
        links=_unique(Link(one.kind, one.record) for one in _links(record, given)),
        confirmed_by=_unique(Confirmation(one.by) for one in record.confirmed_by),
    )


def _is_public(claim: Claim) -> bool:
    values = {
        "bias": frozenset[str](BiasIndicator),
        "types": frozenset[str](IncidentType) | frozenset[str](IncidentGroup),
    }
    return claim.value in values.get(claim.field, frozenset())


def _month(when: RecordDate | None) -> RecordDate | None:
    """Round to the month; "on or before" a day says nothing that sure of any month."""
    if when is None or when.value is None or when.precision is Precision.ON_OR_BEFORE:
        return None
    if when.precision is Precision.YEAR:
        return when
    return RecordDate(Precision.MONTH, when.value[:7])


def _city(place: Place | None) -> Place | None:
    found = Place() if place is None else Place(city=place.city, one_of=place.one_of)
    return None if found == Place() else found


def _many(count: int | None) -> int | None:
    return count if count is not None and count >= FEWEST else None


def _victims(victims: Sequence[Victim]) -> tuple[Victim, ...]:
    """Put people of one role together: how many, where they are not few.

    Those who are known one by one are added up; numbers that were stated are not, since two
    sources may speak of the same people: they stand only where all are the same.
    """
    roles = dict.fromkeys(one.role for one in victims)
    return tuple(_victim(role, *_total(role, victims)) for role in roles)


def _victim(role: VictimRole, count: int | None, precision: CountPrecision | None) -> Victim:
    is_told = _many(count) is not None
    return Victim(role, _many(count), count_precision=precision if is_told else None)


def _total(
    role: VictimRole, victims: Sequence[Victim]
) -> tuple[int | None, CountPrecision | None]:
    mine = [one for one in victims if one.role is role]
    stated = {(one.count, one.count_precision) for one in mine if one.said}
    if stated:
        return stated.pop() if len(stated) == 1 else (None, None)
    return sum(one.count or 0 for one in mine), None


def _unique(values: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(values))
