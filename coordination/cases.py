"""A case: all incidents of an event as records, with what proves them.

Giving a case out is itself recorded first, so that the bundle says of each file that it was given
out, and each record as given out is a leaf of the log.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from coordination import audience
from coordination.turns import Work
from safety import casefiles, exporting, folding
from safety import cases as rules
from safety.cases import CaseSource, Identity
from safety.events import Event, current
from safety.evidence import EvidenceItem, EvidenceState, MediaKind
from safety.exporting import WHOLE, CaseGiven, ExportLevel, Terms
from safety.incidents import Entry, EntryKind, Incident, person_reference
from safety.people import EventId, PersonId, Unprinted
from safety.records import CleanCopy, Record
from safety.registration import Consent, Person
from storage import casekeys, events, evidence, incidents, people, proofs
from storage.bundle import codec
from storage.bundle.contents import evidence_file_name
from storage.events import EVENTS
from storage.incidents import Committed, Stored, Withheld
from storage.transaction import LockedError


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """What may be said of a case in a chat: numbers."""

    entries: int
    leaves: int
    files_stored: int
    files_owed: int
    is_readable: bool


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One kept file: its row, its number, and the SHA-256 of what was sealed, in hexadecimal."""

    evidence_id: int
    number: int
    sealed_sha256: str


@dataclass(frozen=True, slots=True, repr=False)
class GivenFile(Unprinted):
    """One stored file, and the name that its record gives it."""

    evidence_id: int
    file: str


@dataclass(frozen=True, slots=True, repr=False)
class GivenRecord(Unprinted):
    """One record as it is given out, its committed states (the last is itself), and its files."""

    record: Record
    committed: tuple[Committed | Withheld, ...]
    files: tuple[GivenFile, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Told(Unprinted):
    """All that is kept of one incident, opened."""

    incident: Incident
    stored: Sequence[Stored]
    evidence: Sequence[EvidenceItem]


@dataclass(frozen=True, slots=True, repr=False)
class Giving(Unprinted):
    """One giving out: on which terms, and of which files, by number, what may be given.

    `damaged` are no longer what was sealed; `clean` are copies that were painted anew.
    """

    zone: ZoneInfo
    terms: Terms = WHOLE
    damaged: frozenset[int] = frozenset()
    clean: Mapping[int, CleanCopy] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class Part(Unprinted):
    """One incident as far as it is told: its entries, each as it is, cut down, or None."""

    told: Told
    sifted: tuple[Entry | None, ...]

    @property
    def entries(self) -> list[Entry]:
        """Give what is told, in the order it came."""
        return [one for one in self.sifted if one is not None]

    @property
    def leaves(self) -> list[int]:
        """Give the number in the log of each entry that is told."""
        pairs = zip(self.told.stored, self.sifted, strict=True)
        return [one.committed.leaf for one, told in pairs if told is not None]


@dataclass(frozen=True, slots=True)
class Picture:
    """A kept picture of which a clean copy may be made: its row and its number."""

    evidence_id: int
    number: int


def event_in_mind(work: Work) -> EventId | None:
    """Give the event that is on or next, else the latest that has incidents, else none."""
    event = current(events.open_events(work.tx), work.now)
    if event is not None:
        return event.id
    return next(iter(events_with_incidents(work)), None)


def event_of(work: Work, event_id: EventId | None) -> Event | None:
    """Give an event, or None; a closed one is still known by its title."""
    return None if event_id is None else events.get(work.tx, event_id)


def zone_at(work: Work, event_id: EventId | None) -> ZoneInfo:
    """Give the zone of an event, or the team's own without one."""
    event = event_of(work, event_id)
    return ZoneInfo(work.policy.zone) if event is None else event.tzinfo


def events_with_incidents(work: Work) -> list[EventId | None]:
    """Give the events that have incidents, the latest first; None: the team without an event."""
    found: list[EventId | None] = [
        event.id
        for event in EVENTS.find(work.tx, "1 = 1 ORDER BY starts_at DESC")
        if incidents.at_event(work.tx, event.id)
    ]
    if incidents.at_event(work.tx, None):
        found.append(None)
    return found


def count(work: Work, event_id: EventId | None) -> CaseCounts:
    """Count what a case holds, opening nothing."""
    files = evidence.count_at(work.tx, event_id)
    return CaseCounts(
        entries=incidents.count_entries(work.tx, incidents.at_event(work.tx, event_id)),
        leaves=proofs.size(work.tx),
        files_stored=files.stored,
        files_owed=files.owed,
        is_readable=casekeys.can_read(work.tx, event_id),
    )


def find_event(work: Work, named: str) -> list[Event]:
    """Find events by number or by neutral title; several may have the same title."""
    wanted = named.strip().casefold()
    every = EVENTS.find(work.tx, "1 = 1 ORDER BY starts_at DESC")
    return [one for one in every if wanted in {str(one.id), one.title.strip().casefold()}]


def stored_files(work: Work, event: Event) -> list[StoredFile]:
    """Give the files of a case that are kept, with the digest that each was sealed with.

    Raises:
        LockedError: the case cannot be read now.
    """
    return [file for told in _told_at(work, event) for file in files_of(told)]


def files_of(told: Told) -> list[StoredFile]:
    """Give the files of one incident that are kept."""
    found = []
    for item in _kept(told.evidence):
        digests = [
            one.entry.detail("sealed_sha256")
            for one in told.stored
            if _is_sealing(one.entry, item)
        ]
        found.append(StoredFile(item.id, item.number, (digests or [None])[-1] or ""))
    return found


def give_out(work: Work, event: Event, giving: Giving) -> tuple[GivenRecord, ...]:
    """Make every incident of an event a record, note which files are given out, and tell who
    decides.

    What is damaged is noted as such, and left out.

    Raises:
        LockedError: the case cannot be read now.
    """
    _note_giving(work, event.id, giving)
    told = _told_at(work, event)
    given = []
    for part, record in records_of(told, _known(work, told), giving):
        text = codec.canonical(record)
        itself = incidents.add_text(work.tx, work.now, part.told.incident, text)
        given.append(given_record(part, record, giving, itself))
    audience.tell_deciders(work, CaseGiven(giving.terms.level, len(given), is_sealed=False))
    return tuple(given)


def pictures(work: Work, event: Event, giving: Giving) -> list[Picture]:
    """Give the pictures of a case of which a clean copy may leave.

    Raises:
        LockedError: the case cannot be read now.
    """
    told = _told_at(work, event)
    return pictures_of(told, _known(work, told), giving)


def give_out_sealed(work: Work, event_id: EventId, giving: Giving) -> None:
    """Note that a case is given out unread, and tell who decides."""
    _note_giving(work, event_id, giving, casefiles.AS_SEALED)
    count = len(incidents.at_event(work.tx, event_id))
    audience.tell_deciders(work, CaseGiven(giving.terms.level, count, is_sealed=True))


def _note_giving(work: Work, event_id: EventId, giving: Giving, *how: tuple[str, str]) -> None:
    """Note of each file that it is given out, how and by whom, or that it is damaged.

    Nothing is read for it.
    """
    level = giving.terms.level
    for incident in incidents.at_event(work.tx, event_id):
        kept = _kept(evidence.of_incident(work.tx, incident.id))
        spoilt = [item for item in kept if item.number in giving.damaged]
        _note(work, incident, EntryKind.FILE_DAMAGED, spoilt)
        whole = [item for item in kept if item not in spoilt]
        if level is ExportLevel.LAWYER:
            _note(work, incident, EntryKind.CUSTODY, whole, *how, casefiles.BY_SHELL)
        copied = [item for item in whole if item.number in giving.clean]
        _note(work, incident, EntryKind.CUSTODY, copied, casefiles.AS_COPY, casefiles.BY_SHELL)


def records_of(
    told: Sequence[Told], identities: Mapping[str, Identity], giving: Giving
) -> Iterator[tuple[Part, Record]]:
    """Make a record of each incident that may be told, as far as it may be."""
    terms = giving.terms
    parts = [_part(one, identities, terms) for one in told]
    left = [one for one in parts if _is_given(one, terms)]
    numbers = frozenset(one.told.incident.number for one in left)
    names = exporting.names_at(terms, _names_of(told))
    digests = casefiles.digests_of(one for part in left for one in part.entries)
    for part in left:
        source = CaseSource(
            incident=part.told.incident,
            entries=part.entries,
            identities=exporting.identities_at(terms, identities),
            names=names,
            evidence=_listed(part, terms),
            damaged=giving.damaged,
            zone=giving.zone,
            file_name=evidence_file_name,
            clean=giving.clean,
            digests=digests,
            leaves=part.leaves,
        )
        yield part, exporting.shown(folding.fold(source), terms, numbers)


def given_record(part: Part, record: Record, giving: Giving, *itself: Committed) -> GivenRecord:
    """Put a record together with what proves it, and with its originals that are given out."""
    shown: list[Committed | Withheld] = []
    for one, told in zip(part.told.stored, part.sifted, strict=True):
        if told is one.entry and giving.terms.level is not ExportLevel.PUBLIC:
            shown.append(one.committed)
        elif one.entry.what != EntryKind.IDENTITY.value:
            shown.append(Withheld.of(one.committed))
    whole = [item for item in _kept(part.told.evidence) if item.number not in giving.damaged]
    return GivenRecord(record, (*shown, *itself), _files(record, whole))


def pictures_of(
    told: Sequence[Told], identities: Mapping[str, Identity], giving: Giving
) -> list[Picture]:
    """Give the pictures of which a clean copy may leave; on other terms there are none."""
    if giving.terms.level is not ExportLevel.CONFIDENTIAL:
        return []
    return [
        Picture(item.id, item.number)
        for part in (_part(one, identities, giving.terms) for one in told)
        for item in _kept(_listed(part, giving.terms))
        if item.number not in giving.damaged and _is_picture(part.told, item)
    ]


def identities_of(told: Iterable[Told]) -> Mapping[str, Identity]:
    """Read who may be named, as it was said last in the whole case."""
    return rules.identities_in(one.entry for each in told for one in each.stored)


def known_in(work: Work, entries: Iterable[Entry]) -> Mapping[str, Identity]:
    """Give what everybody whom entries know has agreed to: their newest word."""
    return {
        reference: newest
        for reference, last in rules.identities_in(entries).items()
        if (newest := _newest(work, reference, last)) is not None
    }


def _names_of(case: Sequence[Told]) -> Mapping[str, str]:
    """Say what each reference is called in a bundle of this case."""
    entries = [one.entry for told in case for one in told.stored]
    references = {name for one in entries for name in (one.source, one.about)}
    return rules.short_names(name for name in references if name is not None)


def _part(told: Told, identities: Mapping[str, Identity], terms: Terms) -> Part:
    return Part(told, exporting.sift([one.entry for one in told.stored], identities, terms))


def _is_given(part: Part, terms: Terms) -> bool:
    entries = [one.entry for one in part.told.stored]
    return exporting.is_given(part.told.incident, entries, part.sifted, terms)


def _listed(part: Part, terms: Terms) -> Sequence[EvidenceItem]:
    """Give the files of which an entry is left that says how they came."""
    if terms.level is ExportLevel.LAWYER:
        return part.told.evidence
    entries = [one for one in part.entries if one.what == EntryKind.FILE_OWED.value]
    numbers = {one.detail("number") for one in entries}
    return [item for item in part.told.evidence if str(item.number) in numbers]


def newest_identities(work: Work, event_id: EventId) -> tuple[tuple[str, Identity], ...]:
    """Give the newest word on consent of everybody whom the case knows, while the roster lives."""
    known = ((number, _person(work, number)) for number in incidents.people_of(work.tx, event_id))
    return tuple((person_reference(number), _identity(one)) for number, one in known if one)


def _told_at(work: Work, event: Event) -> list[Told]:
    return [
        Told(
            incident,
            incidents.entries(work.tx, incident),
            evidence.of_incident(work.tx, incident.id),
        )
        for incident in incidents.at_event(work.tx, event.id)
    ]


def _kept(files: Iterable[EvidenceItem]) -> list[EvidenceItem]:
    return [item for item in files if item.state is EvidenceState.STORED]


def _is_sealing(entry: Entry, item: EvidenceItem) -> bool:
    return entry.what == EntryKind.FILE_STORED.value and entry.detail("id") == str(item.id)


def _is_picture(told: Told, item: EvidenceItem) -> bool:
    """Say whether somebody's phone called it a picture; whoever opens it finds out."""
    types = (
        one.entry.detail("type")
        for one in told.stored
        if one.entry.what == EntryKind.FILE_OWED.value
        and one.entry.detail("number") == str(item.number)
    )
    return item.kind is MediaKind.PHOTO or any((one or "").startswith("image/") for one in types)


def _note(
    work: Work,
    incident: Incident,
    what: EntryKind,
    files: list[EvidenceItem],
    *details: tuple[str, str],
) -> None:
    if files:
        numbers = ("number", ",".join(str(item.number) for item in files))
        entry = Entry(incident.number, what.value, work.now, details=(numbers, *details))
        incidents.add_entry(work.tx, work.now, incident, entry)


def _files(record: Record, stored: list[EvidenceItem]) -> tuple[GivenFile, ...]:
    names = {item.id: item.file for item in record.evidence}
    return tuple(
        GivenFile(item.id, name) for item in stored if (name := names.get(item.number)) is not None
    )


def _known(work: Work, told: Sequence[Told]) -> Mapping[str, Identity]:
    return known_in(work, [one.entry for each in told for one in each.stored])


def _newest(work: Work, reference: str, known: Identity) -> Identity | None:
    """While the roster lives, its newest word on consent counts."""
    number = reference.rsplit("-", 1)[-1]
    person = _person(work, PersonId(int(number)))
    if person is None or person_reference(person.id) != reference:
        return known
    return _identity(person)


def _person(work: Work, person_id: PersonId) -> Person | None:
    try:
        return people.get(work.tx, person_id)
    except LockedError:
        return None


def _identity(person: Person) -> Identity:
    name = person.name if person.consent is Consent.NAME_ME else None
    return Identity(person.consent, name, person.is_minor)
