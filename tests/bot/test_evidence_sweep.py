"""Files that were cut off, or that no row speaks of, leave the disk; all others stay."""

import asyncio
import os
import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.evidence import EvidenceStore
from coordination.turns import Work
from safety.evidence import EvidenceItem, EvidenceState, Media, MediaKind
from safety.kinds import Kind
from safety.lives import lasting
from safety.policy import Policy
from storage import evidence
from storage.ballast import MARGIN
from storage.database import Database
from storage.transaction import Transaction
from storage.vault import derivation, keyslots
from tests.bot.test_ballast import Usage
from tests.storage.test_writer import at_commits

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
            await store.clear(database, WRITTEN + HOUR - minute)
            assert _names(folder) == ORPHANS | OTHERS
            await store.clear(database, WRITTEN + HOUR + minute)
            assert _names(folder) == OTHERS


async def test_a_file_takes_no_room_that_is_for_what_people_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Videos of an attack filled the disk to the last byte, again with each try, while people
    called for help; the file itself is owed and comes when there is room.
    """
    folder, kind = tmp_path / "evidence", MediaKind.VIDEO
    media = Media(kind, "file", "unique", 9, None, None)
    item = EvidenceItem(1, None, 9, 1, EvidenceState.OWED, kind, WRITTEN, media)
    store = EvidenceStore(folder, lambda tx, now: Work(tx, now, Policy())).store()
    slots, _ = keyslots.create(tmp_path / "keys", derivation.FLOOR)
    with slots:
        async with Database(tmp_path / "aman.db", slots) as database:
            await database.write(lambda tx: evidence.owe(tx, item))
            (owed,) = await database.read(store.owed)
    sink = store.open_sink(owed)
    sink.write(b"a piece")
    with monkeypatch.context() as nearly_full:
        nearly_full.setattr(shutil, "disk_usage", lambda _: Usage(2**40, 2**40, MARGIN - 1))
        with pytest.raises(OSError, match="No space"):
            sink.write(b"a piece")
    sink.abandon()
    assert _names(folder) == set()


async def test_no_file_goes_with_a_row_that_a_failed_commit_brings_back(tmp_path: Path) -> None:
    """Both wait for the disk at once; the deletion fails, together with others and alone."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "1.sealed").write_bytes(b"sealed")
    os.utime(folder / "1.sealed", (WRITTEN.timestamp(), WRITTEN.timestamp()))
    item = EvidenceItem(1, None, 9, 1, EvidenceState.STORED, MediaKind.PHOTO, WRITTEN)
    store = EvidenceStore(folder, lambda tx, now: Work(tx, now, Policy()))
    slots, _ = keyslots.create(tmp_path / "keys", derivation.FLOOR)
    commits = iter((False, True, True))  # the first passes; both tries of the deletion do not
    goes_on = threading.Event()

    def fail() -> None:
        if next(commits, False):
            raise OSError(28, "No space left on device")

    async def cannot_delete(database: Database) -> None:
        with pytest.raises(OSError, match="No space"):
            await database.write(lambda tx: tx.run("DELETE FROM evidence WHERE id = 1"))

    with slots:
        async with Database(tmp_path / "aman.db", slots) as database:
            await database.write(lambda tx: evidence.EVIDENCE.put(tx, item))
            with pytest.MonkeyPatch.context() as patch:
                at_commits(patch, database, fail)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(database.write(lambda _: goes_on.wait(10)))
                    await SystemClock().sleep(0.02)
                    tasks.create_task(cannot_delete(database))
                    await SystemClock().sleep(0.02)
                    tasks.create_task(store.clear(database, WRITTEN + 2 * HOUR))
                    await SystemClock().sleep(0.02)
                    goes_on.set()
            assert await database.read(lambda tx: evidence.get(tx, 1)) == item
    assert _names(folder) == {"1.sealed"}


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
