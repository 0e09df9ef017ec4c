"""Evidence: which files are owed and which are kept, and the sealed files themselves.

A file on the disk is named by a random number alone. While it is owed, its row knows where to
fetch it; once it is stored, the row knows only that: name, size and hashes are in the record.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from safety.evidence import EvidenceItem, EvidenceState
from safety.people import ChatId, EventId
from storage import casekeys, counters
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.evidence import EvidenceWriter, read_evidence, sealed_digest
from storage.vault.keys import Key, KeyKind

EVIDENCE: Shelf[EvidenceItem] = Shelf(
    "evidence", EvidenceItem, KeyKind.COMMUNITY, "event_id", "incident_id", "number", "state"
)
MODE = 0o700  # of the directory


@dataclass(frozen=True, slots=True)
class Counts:
    """How many files are kept, and how many are owed in whatever way."""

    stored: int
    owed: int


def next_number(tx: Transaction) -> int:
    """Give the next number that people say ("video 17")."""
    return counters.next_number(tx, "evidence")


def owe(tx: Transaction, item: EvidenceItem) -> None:
    """Note a file as owed."""
    EVIDENCE.put(tx, item)
    tx.effects.downloads = True


def get(tx: Transaction, evidence_id: int) -> EvidenceItem | None:
    """Give a file's row, or None."""
    return EVIDENCE.get(tx, evidence_id)


def owed(tx: Transaction, limit: int = 20) -> list[EvidenceItem]:
    """Give files that are to be fetched, the oldest first."""
    where = "state = ? ORDER BY number LIMIT ?"
    return list(EVIDENCE.find(tx, where, EvidenceState.OWED.value, limit))


def of_incident(tx: Transaction, incident_id: int) -> list[EvidenceItem]:
    """Give the files of an incident, in the order they came."""
    return list(EVIDENCE.find(tx, "incident_id = ? ORDER BY number", incident_id))


def unfetched_at(tx: Transaction, event_id: EventId) -> list[EvidenceItem]:
    """Give the files of an event that nobody has fetched."""
    where = "event_id = ? AND state <> ? ORDER BY number"
    return list(EVIDENCE.find(tx, where, event_id, EvidenceState.STORED.value))


def is_known(tx: Transaction, incident_id: int, unique_id: str) -> bool:
    """Say whether the same file is owed to this incident already."""
    items = of_incident(tx, incident_id)
    return any(item.media is not None and item.media.unique_id == unique_id for item in items)


def count_at(tx: Transaction, event_id: EventId | None) -> Counts:
    """Count the files of an event, or of the team without one."""
    stored = EvidenceState.STORED.value
    return Counts(
        EVIDENCE.count(tx, "event_id IS ? AND state = ?", event_id, stored),
        EVIDENCE.count(tx, "event_id IS ? AND state <> ?", event_id, stored),
    )


def close(tx: Transaction, item: EvidenceItem, state: EvidenceState) -> None:
    """End the fetching of a file: the row lets go of where it came from."""
    EVIDENCE.put(tx, replace(item, state=state, media=None, recipient=None, message_id=None))


def owed_since(tx: Transaction, before: datetime) -> list[EvidenceItem]:
    """Give the files that came earlier and are still to be fetched."""
    found = EVIDENCE.find(tx, "state = ? ORDER BY number", EvidenceState.OWED.value)
    return [item for item in found if item.received_at < before]


def forget_sender(tx: Transaction, chat_id: ChatId) -> None:
    """Let the files that are still owed know no longer which chat they came from."""
    for item in EVIDENCE.find(tx, "state = ?", EvidenceState.OWED.value):
        if item.recipient is not None and item.recipient.chat_id == chat_id:
            EVIDENCE.put(tx, replace(item, recipient=None, message_id=None))


def public_key(tx: Transaction, item: EvidenceItem) -> Key:
    """Give the key to seal this file to.

    Raises:
        LockedError: its event is gone.
    """
    return casekeys.public(tx, item.event_id)


def open_writer(directory: Path, public: Key, evidence_id: int) -> EvidenceWriter:
    """Begin to seal a file; what an earlier attempt left is replaced, since no row speaks of it.

    Raises:
        OSError: there is no room.
    """
    directory.mkdir(mode=MODE, parents=True, exist_ok=True)
    path = path_of(directory, evidence_id)
    path.unlink(missing_ok=True)
    return EvidenceWriter(path, public, evidence_id)


def read(directory: Path, private: Key, evidence_id: int) -> Iterator[bytes]:
    """Give a file's original bytes, piece by piece, each checked.

    Raises:
        BrokenSealError: it was altered or cut; drop what was given.
        OSError: it is not there.
    """
    return read_evidence(path_of(directory, evidence_id), private, evidence_id)


def is_whole(directory: Path, evidence_id: int, digest: str) -> bool:
    """Say whether a sealed file is there and unaltered; `digest` is its SHA-256 in hexadecimal."""
    try:
        return sealed_digest(path_of(directory, evidence_id)).hex() == digest
    except OSError:
        return False


def remove_orphans(tx: Transaction, directory: Path, before: datetime) -> None:
    """Remove files written earlier that are cut off, or belong to no file owed or kept."""
    for path in directory.iterdir():
        name, _, ending = path.name.partition(".")
        is_ours = name.isdecimal() and ending in {"sealed", "sealed.part"}
        if is_ours and path.stat().st_mtime < before.timestamp():
            item = None if ending != "sealed" else get(tx, int(name))
            if item is None or item.state is EvidenceState.BY_HAND:
                path.unlink(missing_ok=True)


def path_of(directory: Path, evidence_id: int) -> Path:
    """Name the sealed file of this number."""
    return directory / f"{evidence_id}.sealed"
