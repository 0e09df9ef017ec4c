"""Where fetched files go: sealed piece by piece into the data directory, then recorded.

A file is recorded only after it is durable; a crash in between fetches it again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from typing_extensions import override

from bot.downloads import Download, Finish, Sink, Store
from coordination import evidence
from coordination.evidence import Kept
from coordination.turns import Work
from safety.policy import Policy
from storage import evidence as rows
from storage.transaction import LockedError, Transaction
from storage.vault.evidence import EvidenceWriter, remove_leftovers
from storage.vault.keys import Key


@dataclass(frozen=True, slots=True, repr=False)
class OwedFile(Download):
    """A download, and the key that its content is sealed to."""

    public: Key


class SealedSink(Sink):
    """Seals one file while it comes in."""

    def __init__(self, writer: EvidenceWriter, evidence_id: int, policy: Policy) -> None:
        self._writer = writer
        self._evidence_id = evidence_id
        self._policy = policy

    @override
    def write(self, piece: bytes) -> None:
        self._writer.write(piece)

    @override
    def finish(self) -> Finish:
        kept = Kept.of(self._writer.finish())

        def record(tx: Transaction, now: datetime) -> None:
            evidence.record_stored(Work(tx, now, self._policy), self._evidence_id, kept)

        return record

    @override
    def abandon(self) -> None:
        self._writer.__exit__(None, None, None)


def file_store(directory: Path, policy: Callable[[], Policy]) -> Store:
    """Make the store that seals into `directory`; what a crash left half written goes first."""
    if directory.exists():
        remove_leftovers(directory)

    def open_sink(download: Download) -> Sink:
        assert isinstance(download, OwedFile)  # noqa: S101 - `owed` below gives no other
        writer = rows.open_writer(directory, download.public, download.evidence_id)
        return SealedSink(writer, download.evidence_id, policy())

    def leave_to_hand(tx: Transaction, now: datetime, download: Download) -> None:
        evidence.leave_to_hand(Work(tx, now, policy()), download.evidence_id)

    return Store(owed_files, open_sink, leave_to_hand)


def owed_files(tx: Transaction) -> list[Download]:
    """Give what is to be fetched, with the keys it will be sealed to."""
    found: list[Download] = []
    for item in rows.owed(tx):
        try:
            public = rows.public_key(tx, item)
        except LockedError:
            continue
        if item.media is not None:
            found.append(OwedFile(item.id, item.media.file_id, item.media.size, public))
    return found
