"""A sealed case on a keyholder's own computer, laid open for adding to it; nothing is written.

What is shown are the records that an export for the lawyer would have, by the same rules.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from coordination import cases, sealedcases
from coordination.cases import Giving
from safety.incidents import Entry, Incident
from safety.languages import Language
from safety.people import Unprinted
from safety.records import Record
from safety.statements import correctable
from storage import additions
from storage.additions import Writer
from storage.bundle.sealed import SealedCase
from storage.vault.keys import Key


class UnwritableError(Exception):
    """Nothing can be added to this case from here; the text is one clear sentence."""


@dataclass(frozen=True, slots=True, repr=False)
class OpenRecord(Unprinted):
    """One record, and its statements that can be corrected: the number in the log of each."""

    incident: Incident
    record: Record
    statements: tuple[tuple[int, Entry], ...]


@dataclass(frozen=True, slots=True, repr=False)
class LaidOpen(Unprinted):
    """A case on the desk of one keyholder. `writer` is what they write with."""

    title: str
    language: Language
    zone: ZoneInfo
    records: tuple[OpenRecord, ...]
    writer: Writer


def lay_open(case: SealedCase, private: Key) -> LaidOpen:
    """Open a case for writing.

    Raises:
        WrongIdentityError: it is not sealed to this identity.
        BrokenSealError: something was altered, or is another case's.
        UnwritableError: it was closed before this key came, or sealed by an earlier release.
    """
    if case.desk is None:
        raise UnwritableError("An earlier release has sealed this case: have it given out anew.")
    reading = sealedcases.reading_half(case, private)
    if reading is None:
        raise UnwritableError("The case itself was closed before this key was enrolled.")
    writer = additions.writer_at(case.desk, case.event_id, private)
    zone = ZoneInfo(case.zone)
    opened = sealedcases.told(case, reading)
    known = sealedcases.known_identities(case, opened)
    records = tuple(
        OpenRecord(part.told.incident, record, tuple(correctable(part.entries, part.leaves)))
        for part, record in cases.records_of(opened, known, Giving(zone))
    )
    return LaidOpen(case.title, case.language, zone, records, writer)
