"""Files that were cut off, or that no row speaks of, leave the disk; all others stay."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.evidence import EvidenceStore
from coordination.turns import Work
from safety.evidence import EvidenceItem, EvidenceState, MediaKind
from safety.kinds import Kind
from safety.lives import lasting
from safety.policy import Policy
from storage import evidence
from storage.database import Database
from storage.transaction import Transaction
from storage.vault import derivation, keyslots

WRITTEN = datetime(2027, 5, 28, 18, tzinfo=UTC)
HOUR = lasting(Kind.PARTIAL_FILES, Policy())
ORPHANS = {"4.sealed", "5.sealed", "1.sealed.part"}  # by hand; without a row; cut off
OTHERS = {"1.sealed", "2.sealed", "notes.txt"}


async def test_what_no_row_speaks_of_goes_after_an_hour(tmp_path: Path) -> None:
    """A crash between the disk and the row leaves nothing behind for good."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    for name in ORPHANS | OTHERS:
        (folder / name).write_bytes(b"sealed")
        os.utime(folder / name, (WRITTEN.timestamp(), WRITTEN.timestamp()))
    states = {1: EvidenceState.STORED, 2: EvidenceState.OWED, 4: EvidenceState.BY_HAND}

    def plant(tx: Transaction) -> None:
        for number, state in states.items():
            kind = MediaKind.PHOTO
            item = EvidenceItem(number, None, 9, number, state, kind, WRITTEN)
            evidence.EVIDENCE.put(tx, item)

    store = EvidenceStore(folder, lambda tx, now: Work(tx, now, Policy()))
    slots, _ = keyslots.create(tmp_path / "keys", derivation.FLOOR)
    minute = timedelta(minutes=1)
    with slots:
        async with Database(tmp_path / "aman.db", slots) as database:
            await database.write(plant)
            await database.write(lambda tx: store.sweep(tx, WRITTEN + HOUR - minute))
            assert _names(folder) == ORPHANS | OTHERS
            await database.write(lambda tx: store.sweep(tx, WRITTEN + HOUR + minute))
            assert _names(folder) == OTHERS


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
