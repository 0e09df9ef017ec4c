"""A case: all incidents of an event as records, with what proves them.

Giving a case out is itself recorded first, so that the bundle says of each file that it was given
out, and each record as given out is a leaf of the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from coordination.turns import Work
from safety import cases as rules
from safety.cases import CaseSource, Identity
from safety.events import Event, current
from safety.evidence import EvidenceItem, EvidenceState
from safety.incidents import Entry, EntryKind, Incident, person_reference
from safety.people import EventId, PersonId, Unprinted
from safety.records import Record
from safety.registration import Consent
from storage import casekeys, events, evidence, incidents, people, proofs
from storage.bundle import codec
from storage.bundle.contents import evidence_file_name
from storage.events import EVENTS
from storage.incidents import Committed, Stored
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
    committed: tuple[Committed, ...]
    files: tuple[GivenFile, ...]


def event_in_mind(work: Work) -> EventId | None:
    """Give the event that is on or next, else the latest that has incidents, else none."""
    event = current(events.open_events(work.tx), work.now)
    if event is not None:
        return event.id
    return next(iter(events_with_incidents(work)), None)


def event_of(work: Work, event_id: EventId | None) -> Event | None:
    """Give an event, or None; a closed one is still known by its title."""
    return None if event_id is None else events.get(work.tx, event_id)


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
    found = []
    for incident in incidents.at_event(work.tx, event.id):
        said = [one.entry for one in incidents.entries(work.tx, incident)]
        for item in _kept(evidence.of_incident(work.tx, incident.id)):
            digests = [one.detail("sealed_sha256") for one in said if _is_sealing(one, item)]
            found.append(StoredFile(item.id, item.number, (digests or [None])[-1] or ""))
    return found


def give_out(work: Work, event: Event, damaged: frozenset[int]) -> tuple[GivenRecord, ...]:
    """Make every incident of an event a record, and note that it was given out.

    `damaged` are numbers of files that are no longer what was sealed: they are noted as such, and
    left out.

    Raises:
        LockedError: the case cannot be read now.
    """
    found = incidents.at_event(work.tx, event.id)
    names = _names(work, found)
    return tuple(_give_out(work, event, incident, names, damaged) for incident in found)


def _names(work: Work, found: list[Incident]) -> Mapping[str, str]:
    entries = [one.entry for each in found for one in incidents.entries(work.tx, each)]
    references = {name for one in entries for name in (one.source, one.about)}
    return rules.short_names(name for name in references if name is not None)


def _give_out(
    work: Work,
    event: Event,
    incident: Incident,
    names: Mapping[str, str],
    damaged: frozenset[int],
) -> GivenRecord:
    files = evidence.of_incident(work.tx, incident.id)
    kept = _kept(files)
    whole = [item for item in kept if item.number not in damaged]
    _note(work, incident, EntryKind.FILE_DAMAGED, [one for one in kept if one not in whole])
    _note(work, incident, EntryKind.CUSTODY, whole)
    stored = incidents.entries(work.tx, incident)
    record = rules.fold(
        CaseSource(
            incident=incident,
            entries=[one.entry for one in stored],
            identities=_identities(work, stored),
            names=names,
            evidence=files,
            damaged=damaged,
            zone=event.tzinfo,
            file_name=evidence_file_name,
        )
    )
    itself = incidents.add_text(work.tx, work.now, incident, codec.canonical(record))
    shown = [one.committed for one in stored if one.entry.what != EntryKind.IDENTITY.value]
    return GivenRecord(record, (*shown, itself), _files(record, whole))


def _kept(files: list[EvidenceItem]) -> list[EvidenceItem]:
    return [item for item in files if item.state is EvidenceState.STORED]


def _is_sealing(entry: Entry, item: EvidenceItem) -> bool:
    return entry.what == EntryKind.FILE_STORED.value and entry.detail("id") == str(item.id)


def _note(work: Work, incident: Incident, what: EntryKind, files: list[EvidenceItem]) -> None:
    if files:
        numbers = (("number", ",".join(str(item.number) for item in files)),)
        entry = Entry(incident.number, what.value, work.now, details=numbers)
        incidents.add_entry(work.tx, work.now, incident, entry)


def _files(record: Record, stored: list[EvidenceItem]) -> tuple[GivenFile, ...]:
    names = {item.id: item.file for item in record.evidence}
    return tuple(
        GivenFile(item.id, name) for item in stored if (name := names.get(item.number)) is not None
    )


def _identities(work: Work, stored: list[Stored]) -> Mapping[str, Identity]:
    """Read who may be named; while the roster lives, its newest word on consent counts."""
    entries = [one.entry for one in stored if one.entry.what == EntryKind.IDENTITY.value]
    found = {one.about: rules.identity_of(one) for one in entries if one.about is not None}
    return {
        reference: newest
        for reference, identity in found.items()
        if (newest := _newest(work, reference, identity)) is not None
    }


def _newest(work: Work, reference: str, known: Identity) -> Identity | None:
    number = reference.rsplit("-", 1)[-1]
    try:
        person = people.get(work.tx, PersonId(int(number)))
    except LockedError:
        return known
    if person is None or person_reference(person.id) != reference:
        return known
    name = person.name if person.consent is Consent.NAME_ME else None
    return Identity(person.consent, name, person.is_minor)
