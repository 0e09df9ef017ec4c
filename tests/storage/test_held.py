"""The keys around a commit: what a crash leaves is found, and nothing that a row needs is lost."""

import errno
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from safety.people import EventId
from storage import resealing
from storage.database import Database
from storage.held import HeldKeys
from storage.transaction import Connection, Transaction
from storage.vault import derivation, keyslots
from storage.vault.keys import Key, KeyKind, KeyName, new_key
from storage.vault.keyslots import Destruction, KeySlots

EVENT, LOST = EventId(7), EventId(8)


def _events(slots: KeySlots) -> set[int | None]:
    return {name.event_id for name in slots.names if name.event_id is not None}


async def _replace_transit(database: Database) -> None:
    await database.write(lambda tx: resealing.ask(tx, KeyKind.TRANSIT))
    await database.write(resealing.step)


async def test_keys_of_an_event_that_never_came_to_be_go_with_the_next_key_that_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between the key slot file and the commit leaves keys that no row will ever need.

    They do not go at the start: on a database that was set back by mistake they are the keys of
    what is missing in it, and whoever notices within the day has lost nothing.
    """
    folder, image = tmp_path / "data", tmp_path / "image"
    folder.mkdir()
    slots, secret = keyslots.create(folder / "keys", derivation.FLOOR)
    store = slots.store

    def stores(new: dict[KeyName, Key]) -> None:
        store(new)
        if KeyName(KeyKind.PEOPLE, LOST) in new:
            shutil.copytree(folder, image)

    monkeypatch.setattr(slots, "store", stores)
    with slots:
        async with Database(folder / "aman.db", slots) as database:
            for event in (EVENT, LOST):
                await database.write(lambda tx, e=event: tx.create_event_keys(e))  # type: ignore[misc] # a default
    with keyslots.unlock(image / "keys", secret) as slots:
        async with Database(image / "aman.db", slots) as database:
            assert _events(slots) == {EVENT, LOST}
            await _replace_transit(database)
            assert _events(slots) == {EVENT}
            assert await database.read(lambda tx: tx.has_key(KeyKind.CASE_PRIVATE, EVENT))


async def test_a_next_version_that_no_row_used_before_a_crash_is_used_from_then_on(
    tmp_path: Path, slots: KeySlots
) -> None:
    """It is as good as another; what is sealed under the version before still opens."""
    path = tmp_path / "aman.db"

    def put(tx: Transaction) -> None:
        tx.create_event_keys(EVENT)

    async with Database(path, slots) as database:
        await database.write(put)
    slots.store({KeyName(KeyKind.PEOPLE, EVENT, 2): new_key()})
    async with Database(path, slots) as database:
        assert await database.read(lambda tx: tx.version(KeyKind.PEOPLE, EVENT).version) == 2
        assert await database.read(lambda tx: len(tx.keys(KeyKind.PEOPLE, EVENT))) == 2
        await database.write(lambda tx: resealing.ask(tx, KeyKind.PEOPLE, EVENT))
        await database.write(resealing.step)
    kept = [name.version for name in slots.names if name.kind is KeyKind.PEOPLE]
    assert kept == [3]


async def test_a_destruction_that_came_to_the_key_slots_but_not_to_the_database_starts(
    tmp_path: Path, slots: KeySlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database lists a key that is gone, and knows that it was to go."""
    path, image = tmp_path / "aman.db", tmp_path / "image"
    destroy = slots.destroy

    def destroys(names: Iterable[KeyName]) -> None:
        destroy(names)
        image.mkdir()
        for file in tmp_path.glob("aman.db*"):
            shutil.copy(file, image)

    async with Database(path, slots) as database:
        await database.write(lambda tx: tx.create_event_keys(EVENT))
        monkeypatch.setattr(slots, "destroy", destroys)
        await database.write(lambda tx: tx.destroy_keys(EVENT, KeyKind.PEOPLE))
        monkeypatch.undo()
    async with Database(image / "aman.db", slots) as database:
        listed = "SELECT COUNT(*) FROM kept_keys WHERE event_id = ?"
        assert await database.read(lambda tx: tx.number(listed, EVENT)) == 3
        assert await database.read(lambda tx: tx.number("SELECT 1 FROM key_destructions")) == 0


async def test_whatever_is_destroyed_leaves_the_keys_of_every_known_event(
    database: Database, slots: KeySlots
) -> None:
    """Of many events one is purged; the others read on."""
    for number in range(1, 9):
        await database.write(lambda tx, e=number: tx.create_event_keys(EventId(e)))  # type: ignore[misc] # a default
    await database.write(lambda tx: tx.destroy_keys(EventId(3), KeyKind.PEOPLE, KeyKind.ROUTING))
    await _replace_transit(database)
    left = [(name.event_id, name.kind) for name in slots.names if name.event_id is not None]
    assert len(left) == 8 * 4 - 2
    assert (3, KeyKind.CASE_PRIVATE) in left
    assert (3, KeyKind.PEOPLE) not in left


async def test_keys_of_a_failed_commit_go_only_after_another_one_was_really_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit of nothing writes nothing: the failed one may still be what a crash leaves."""
    log = tmp_path / "aman.db-wal"
    written: list[bytes] = []
    slots, _ = keyslots.create(tmp_path / "keys", derivation.FLOOR)
    store, destroy = HeldKeys.store, slots.destroy

    def stores(held: HeldKeys, new: dict[KeyName, Key]) -> None:
        store(held, new)
        monkeypatch.setattr(HeldKeys, "note_generation", _cannot)

    def destroys(names: Iterable[KeyName]) -> Destruction:
        written.append(log.read_bytes())
        return destroy(names)

    with slots:
        async with Database(tmp_path / "aman.db", slots) as database:
            with monkeypatch.context() as patch:
                note = HeldKeys.note_generation
                patch.setattr(HeldKeys, "store", stores)
                with pytest.raises(OSError, match="Input/output"):
                    await database.write(lambda tx: tx.create_event_keys(LOST))
            monkeypatch.setattr(HeldKeys, "note_generation", note)
            before = log.read_bytes()
            monkeypatch.setattr(slots, "destroy", destroys)
            await database.write(lambda _: None)
            assert _events(slots) == set()
    assert written
    assert written[0] != before


def _cannot(_held: HeldKeys, _connection: Connection) -> None:
    raise OSError(errno.EIO, "Input/output error")


async def test_what_is_locked_goes_by_the_keys_that_a_transaction_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unlock arrives on another thread: a flag that comes a moment before the keys misleads.

    What waits for an unlock would be looked at, found unreadable, and not looked at again.
    """
    slots, _ = keyslots.create(tmp_path / "keys", derivation.FLOOR)
    with slots:
        async with Database(tmp_path / "aman.db", slots) as database:
            await database.write(lambda tx: tx.create_event_keys(EVENT))
            slots.lock()
            monkeypatch.setattr(KeySlots, "is_locked", False)
            assert await database.read(lambda tx: tx.is_locked)
            assert await database.write(lambda tx: tx.is_locked)
