"""Where fetched evidence goes: sealed on the disk first, then recorded, and only then is it kept.

A crash in between leaves a file that no row speaks of; it is fetched and sealed anew.
"""

import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot import logs
from bot.downloads import Download, Finish, Sink, Store
from coordination.evidence import Kept, leave_to_hand, record_stored
from coordination.turns import Work
from safety.kinds import Kind
from safety.lives import lasting
from storage import evidence
from storage.ballast import MARGIN
from storage.database import Database
from storage.transaction import LockedError, Transaction
from storage.vault.evidence import EvidenceWriter, remove_leftovers

if TYPE_CHECKING:
    from storage.vault.keys import Key

MakeWork = Callable[[Transaction, datetime], Work]


class EvidenceStore:
    """Evidence files in a directory of ours, each sealed to its case's public half."""

    def __init__(self, directory: Path, make_work: MakeWork) -> None:
        self._directory = directory
        self._make_work = make_work
        self._publics: dict[int, Key] = {}

    def store(self) -> Store:
        """Give it as downloads know it; what a crash left half written goes first."""
        if self._directory.exists():
            remove_leftovers(self._directory)
        return Store(self._owed, self._open_sink, self._leave_to_hand)

    async def clear(self, database: Database, now: datetime) -> None:
        """Remove files that were cut off while they came, and those that no row speaks of.

        It goes by what is committed: no file is gone when a failed commit brings its row back.
        """
        if self._directory.exists():
            await database.read(lambda tx: self._clear(tx, now))

    def _clear(self, tx: Transaction, now: datetime) -> None:
        before = now - lasting(Kind.PARTIAL_FILES, self._make_work(tx, now).policy)
        evidence.remove_orphans(tx, self._directory, before)

    def _owed(self, tx: Transaction) -> list[Download]:
        found = []
        for item in evidence.owed(tx):
            if item.media is None:
                continue
            try:
                self._publics[item.id] = evidence.public_key(tx, item)
            except LockedError:
                logs.warn("evidence-without-key")  # its event was purged; its row goes with it
                continue
            found.append(Download(item.id, item.media.file_id, item.media.size))
        return found

    def _open_sink(self, one: Download) -> Sink:
        public = self._publics[one.evidence_id]
        writer = evidence.open_writer(self._directory, public, one.evidence_id)
        return _Sheet(one.evidence_id, writer, self._directory, self._make_work)

    def _leave_to_hand(self, tx: Transaction, now: datetime, one: Download) -> None:
        leave_to_hand(self._make_work(tx, now), one.evidence_id)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One file arriving."""

    evidence_id: int
    writer: EvidenceWriter
    directory: Path
    make_work: MakeWork

    def write(self, piece: bytes) -> None:
        """Seal the next bytes.

        Raises:
            OSError: what is left on the disk is for what people say; a file can be fetched later.
        """
        if shutil.disk_usage(self.directory).free < MARGIN:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.writer.write(piece)

    def finish(self) -> Finish:
        """Make the sealed file durable; give what records its hashes."""
        kept = Kept.of(self.writer.finish())

        def record(tx: Transaction, now: datetime) -> None:
            record_stored(self.make_work(tx, now), self.evidence_id, kept)

        return record

    def abandon(self) -> None:
        """Leave nothing on the disk, unless it is whole."""
        self.writer.__exit__(None, None, None)
