"""A case that leaves the server sealed, and what becomes of it on a keyholder's own computer.

Sealing reads nothing of the case. Opening uses the same rules as an export here, and neither
database nor keys of the server.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from coordination import cases, closing
from coordination.cases import GivenRecord, Giving, Picture, Told
from coordination.turns import Work
from safety.cases import Identity
from safety.closing import CaseSeal
from safety.events import Event
from safety.evidence import EvidenceState
from safety.exporting import ExportLevel, Terms
from safety.incidents import person_reference
from safety.people import EventId, Unprinted
from safety.records import CleanCopy
from storage import additions, envelopes, evidence, incidents, receipts
from storage import closing as closed_cases
from storage.bundle import sealed
from storage.bundle.sealed import SealedCase, SealedIncident
from storage.vault.errors import WrongIdentityError
from storage.vault.keys import Key, public_half

Paint = Callable[[Key, Sequence[Picture]], Mapping[int, CleanCopy]]


@dataclass(frozen=True, slots=True, repr=False)
class Letter(Unprinted):
    """What somebody has left for the lawyer: `reference` is what entries call them."""

    reference: str
    left_at: datetime
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class OpenedCase(Unprinted):
    """A case put together from its seal; `damaged` are the numbers of files lost before."""

    reading: Key
    records: tuple[GivenRecord, ...]
    damaged: tuple[int, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Opened(Unprinted):
    """What one identity opens; no case where it was closed before that key was enrolled."""

    case: OpenedCase | None
    letters: tuple[Letter, ...]


def seals_of(work: Work, event_id: EventId) -> tuple[CaseSeal, ...]:
    """Give the seals of a closed case, or make them for one that is open; none without any key.

    Raises:
        LockedError: it is open, and cannot be read now.
    """
    case = closing.look(work, event_id)
    if case is not None:
        return case.seals
    return closed_cases.seal_to(work.tx, event_id, closing.readers(work))


def kept_files(work: Work, event_id: EventId) -> dict[int, int]:
    """Give the numbers of the files that are kept, by their id."""
    return {
        item.id: item.number
        for incident in incidents.at_event(work.tx, event_id)
        for item in evidence.of_incident(work.tx, incident.id)
        if item.state is EvidenceState.STORED
    }


def seal(work: Work, event: Event) -> SealedCase:
    """Put a case together for the keyholders, unread.

    Raises:
        LockedError: it is open, and cannot be read now.
    """
    found = tuple(
        SealedIncident(
            incident,
            incidents.sealed_entries(work.tx, incident),
            tuple(
                replace(item, media=None, recipient=None, message_id=None)
                for item in evidence.of_incident(work.tx, incident.id)
            ),
        )
        for incident in incidents.at_event(work.tx, event.id)
    )
    earlier = (*receipts.checkpoints(work.tx), *closed_cases.checkpoints(work.tx))
    seals = seals_of(work, event.id)
    return SealedCase(
        event_id=event.id,
        title=event.title,
        language=event.language,
        zone=event.zone,
        incidents=found,
        identities=cases.newest_identities(work, event.id),
        seals=seals,
        envelopes=tuple(envelopes.at_event(work.tx, event.id)),
        log=sealed.seal_log(work.tx, len(found), earlier),
        desk=additions.desk(work.tx, event.id, seals),
    )


def open_(case: SealedCase, private: Key, terms: Terms, paint: Paint) -> Opened:
    """Open what this identity opens: the case, what was left for this lawyer, or both.

    On other terms than the lawyer's it opens the case alone. `paint` makes clean copies of
    pictures with the reading half of the case's key, and gives them by number.

    Raises:
        WrongIdentityError: neither was sealed to it.
        BrokenSealError: something was altered, or is another case's.
    """
    public = public_half(private)
    letters = tuple(
        Letter(
            person_reference(one.person_id),
            one.left_at,
            envelopes.open_seal(seal, one.id, private),
        )
        for one in case.envelopes
        for seal in one.seals
        if Key(seal.public) == public
    )
    reading = reading_half(case, private)
    if reading is None and not letters:
        raise WrongIdentityError("this case is not sealed to this identity")
    shown = letters if terms.level is ExportLevel.LAWYER else ()
    if reading is None:
        return Opened(None, shown)
    return Opened(_put_together(case, reading, terms, paint), shown)


def reading_half(case: SealedCase, private: Key) -> Key | None:
    """Give the reading half of a case's key; None where the case was closed before this key came.

    Raises:
        BrokenSealError: it was altered, or is another case's.
    """
    public = public_half(private)
    mine = next((seal for seal in case.seals if Key(seal.public) == public), None)
    return None if mine is None else closed_cases.open_seal(mine, case.event_id, private)


def told(case: SealedCase, reading: Key) -> list[Told]:
    """Open what was said of each incident.

    Raises:
        BrokenSealError: something was altered, or is another case's.
    """
    return [
        Told(one.incident, incidents.opened(reading, one.entries), one.evidence)
        for one in case.incidents
    ]


def known_identities(case: SealedCase, opened: Iterable[Told]) -> Mapping[str, Identity]:
    """Give who may be named: as the roster knew it last, else as the case does."""
    newest = dict(case.identities)
    last = cases.identities_of(opened)
    return {name: newest.get(name, identity) for name, identity in last.items()}


def _put_together(case: SealedCase, reading: Key, terms: Terms, paint: Paint) -> OpenedCase:
    """Open what was said, and make the records of it, as an export of an open case does."""
    opened = told(case, reading)
    known = known_identities(case, opened)
    giving = Giving(ZoneInfo(case.zone), terms, _damaged(case, opened))
    clean = paint(reading, cases.pictures_of(opened, known, giving))
    giving = replace(giving, clean=clean)
    records = tuple(
        cases.given_record(part, record, giving)
        for part, record in cases.records_of(opened, known, giving)
    )
    return OpenedCase(reading, records, tuple(sorted(giving.damaged)))


def _damaged(case: SealedCase, opened: Iterable[Told]) -> frozenset[int]:
    """Find the files that were no longer what was sealed when the case was given out."""
    digests = {number: digest.hex() for number, digest in case.files}
    return frozenset(
        file.number
        for one in opened
        for file in cases.files_of(one)
        if digests.get(file.evidence_id) != file.sealed_sha256
    )
