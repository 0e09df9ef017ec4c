"""Evidence: which files are owed and which are kept, and the sealed files themselves.

A file on the disk is named by a random number alone. While it is owed, its row knows where to
fetch it; once it is stored, the row knows only that: name, size and hashes are in the record.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from safety.evidence import EvidenceItem, EvidenceState
from safety.people import ChatId, EventId
from storage import casekeys, counters
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.evidence import (
    EvidenceWriter,
    make_directory,
    read_evidence,
    sealed_digest,
    size_of_original,
)
from storage.vault.keys import Key, KeyKind
from storage.vault.streams import PART, create_private, flush_directory

EVIDENCE: Shelf[EvidenceItem] = Shelf(
    "evidence", EvidenceItem, KeyKind.COMMUNITY, "event_id", "incident_id", "number", "state"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many files are kept, and how many are owed in whatever way."""

    stored: int
    owed: int


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A sealed file: its row, the number people say, the SHA-256 of what lies on the disk.

    A file that was stored by an early version has no digest here.
    """

    id: int
    number: int
    sha256: bytes | None

    def is_whole_in(self, directory: Path) -> bool:
        """Say whether the file is there, and unaltered as far as that can be known."""
        path = path_of(directory, self.id)
        try:
            return path.stat().st_size > 0 and self.sha256 in {None, sealed_digest(path)}
        except OSError:
            return False


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


def of_number(tx: Transaction, number: int) -> EvidenceItem | None:
    """Give the file of the number that people say, or None."""
    return next(iter(EVIDENCE.find(tx, "number = ?", number)), None)


def every(tx: Transaction) -> list[EvidenceItem]:
    """Give all files, owed and kept, in the order they came."""
    return list(EVIDENCE.find(tx, "1 = 1 ORDER BY number"))


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


def note_file(tx: Transaction, evidence_id: int, sha256: bytes) -> None:
    """Remember the SHA-256 of a sealed file, so that every copy of it can be compared."""
    sql = "INSERT OR REPLACE INTO evidence_files (id, sha256) VALUES (?, ?)"
    tx.run(sql, evidence_id, sha256)
    tx.effects.keeps = True


def sealed_sha256(tx: Transaction, evidence_id: int) -> str | None:
    """Give the SHA-256 of a sealed file in hexadecimal, or None where none was noted."""
    sql = "SELECT sha256 FROM evidence_files WHERE id = ?"
    row = tx.one(tuple[bytes | None], sql, evidence_id)
    return None if row is None or row[0] is None else row[0].hex()


def kept_files(tx: Transaction) -> list[KeptFile]:
    """Give every file that is kept, in the order they came."""
    rows = tx.all(
        tuple[int, int, bytes | None],
        "SELECT evidence.id, number, sha256 FROM evidence "
        "LEFT JOIN evidence_files ON evidence_files.id = evidence.id "
        "WHERE state = ? ORDER BY number",
        EvidenceState.STORED.value,
    )
    return [KeptFile(*row) for row in rows]


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
    make_directory(directory)
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


def copy_file(source: Path, target: Path, file: KeptFile) -> None:
    """Copy a sealed file to another directory; it appears there when it was read back whole.

    Raises:
        OSError: it cannot be copied, or does not come out as it was.
    """
    make_directory(target)
    path = path_of(target, file.id)
    temporary = path.with_name(path.name + PART)
    try:
        with path_of(source, file.id).open("rb") as original, create_private(temporary) as copy:
            shutil.copyfileobj(original, copy)
            copy.flush()
            os.fsync(copy.fileno())
        if sealed_digest(temporary) != (file.sha256 or sealed_digest(path_of(source, file.id))):
            raise OSError(errno.EIO, "a copy differs from what was sealed")
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)
    flush_directory(target)


def is_whole(directory: Path, evidence_id: int, digest: str) -> bool:
    """Say whether a sealed file is there and unaltered; `digest` is its SHA-256 in hexadecimal."""
    try:
        return sealed_digest(path_of(directory, evidence_id)).hex() == digest
    except OSError:
        return False


def original_size(directory: Path, evidence_id: int) -> int | None:
    """Give the size of an original (bytes) by its sealed file, or None where that is not there."""
    try:
        return size_of_original(path_of(directory, evidence_id))
    except OSError:
        return None


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
