"""What was destroyed is nowhere on the raw disk: no sealed key, no epoch, in no forgotten block.

The disk is a file with ext4 on it, mounted as any other, and read as a whole afterwards. That the
search finds what is there is shown twice: by the keys that are kept, and by a key slot file that
is rewritten in the naive way.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from safety.people import EventId, TeamId
from safety.purges import Purged
from safety.secondaddresses import AddressKind, SecondAddress
from storage import erasure, purges, resealing, retention, secondaddresses
from storage.database import Database
from storage.held import HeldKeys
from storage.secondaddresses import SECOND_ADDRESSES
from storage.transaction import Transaction
from storage.vault import derivation, keyslots, slotimage
from storage.vault.keys import Key, KeyKind
from storage.vault.keyslots import KeySlots
from storage.vault.slotfile import SlotFile
from storage.vault.words import UnlockSecret
from storage.writeahead import FRAME_HEAD, HEADER
from tests.faults.blockdevices import BlockDevice, make_block_device
from tests.made import put_with_chat, somebody

pytestmark = [pytest.mark.torture, pytest.mark.timeout(120)]

NOW = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)
PURGED, KEPT = EventId(7), EventId(8)
MEGABYTES = 16
PAGE = 4096  # bytes
ADDRESS = SecondAddress(TeamId(5), AddressKind.MAIL, "saule.k@example.org", NOW)
HALF = slotimage.ENTRY_BYTES // 2  # a block that was overwritten in part is a remnant as well
Act = Callable[[Transaction], object]


@dataclass(frozen=True, slots=True)
class Story:
    """What was written into a key slot file, in pieces, and the keys that were destroyed.

    `going` held those keys, and the epoch that they were sealed to, before they were destroyed.
    """

    past: frozenset[bytes]
    present: frozenset[bytes]
    going: frozenset[bytes]
    destroyed: tuple[Key, ...]


def _pieces(bank: bytes, places: Iterable[int] = range(slotimage.KEY_PLACES)) -> frozenset[bytes]:
    """Cut what is sealed in a bank, the epoch and the entries, each into two."""
    image = slotimage.decode(bank)
    sealed = (image.sealed_epoch, *(image.entries[place] for place in places))
    return frozenset(half for one in sealed for half in (one[:HALF], one[HALF:]))


class History:
    """Every bank that was ever written, in order."""

    def __init__(self, write: Callable[[SlotFile, bytes], None]) -> None:
        self._write = write
        self.banks: list[bytes] = []

    def write(self, file: SlotFile, bank: bytes) -> None:
        """Note a bank, and write it."""
        self.banks.append(bank)
        self._write(file, bank)


@pytest.fixture
def disk(tmp_path: Path) -> BlockDevice:
    """Give an empty disk."""
    return make_block_device(tmp_path, MEGABYTES)


def _fill(tx: Transaction) -> None:
    for event in (PURGED, KEPT):
        tx.create_event_keys(event)
        for number in range(1, 50):
            put_with_chat(tx, somebody(event, 100 * event + number, NOW))


def _purge(tx: Transaction) -> None:
    retention.forget_event(tx, PURGED)


def _erase(tx: Transaction) -> None:
    erasure.forget_person(tx, somebody(PURGED, 707, NOW))


def _end_the_day(tx: Transaction) -> None:
    resealing.ask(tx, KeyKind.TRANSIT)


ACTS = pytest.mark.parametrize(
    ("act", "going"),
    [
        (_purge, {KeyKind.PEOPLE, KeyKind.ROUTING, KeyKind.TRANSIT}),
        (_erase, {KeyKind.PEOPLE, KeyKind.ROUTING}),
        (_end_the_day, {KeyKind.TRANSIT}),
    ],
    ids=["a purge", "one person", "the day's transit key"],
)


async def _play(
    folder: Path,
    act: Act,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_locked: bool = False,
    write: Callable[[SlotFile, bytes], None] = SlotFile.write,
) -> Story:
    """Fill a vault, and destroy something in it; give what was written until then."""
    history = History(write)
    monkeypatch.setattr(SlotFile, "write", lambda file, bank: history.write(file, bank))  # noqa: PLW0108 - a method of theirs
    slots, secret = keyslots.create(folder / "keys", derivation.FLOOR)
    with slots:
        async with Database(folder / "aman.db", slots) as database:
            await database.write(_fill)
            os.sync()
            before, kept, places = history.banks[-1], dict(slots.keys), dict(slots._places)  # noqa: SLF001 - where they stand
            if is_locked:
                slots.lock()
            await _carry_out(database, act)
            os.sync()
            if is_locked:
                _unlock(slots, secret)
            gone = kept.keys() - slots.names
            present = _pieces(history.banks[-1])
            past = frozenset[bytes]().union(*map(_pieces, history.banks)) - present
            going = _pieces(before, [places[name] for name in gone])
            return Story(past, present, going, tuple(kept[name] for name in gone))


async def _carry_out(database: Database, act: Act) -> None:
    await database.write(act)
    while await database.write(resealing.step):
        pass


def _unlock(slots: KeySlots, secret: UnlockSecret) -> None:
    assert slots.is_rotation_owed
    slots.open_again(secret)
    assert not slots.is_rotation_owed


@ACTS
async def test_nothing_of_a_destroyed_key_is_left_on_the_disk(
    disk: BlockDevice, act: Act, going: set[KeyKind], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its sealed form, nor the epoch that opened it, nor anything sealed to that epoch."""
    with disk.mounted() as folder:
        story = await _play(folder, act, monkeypatch)
    assert len(story.destroyed) == len(going)
    assert story.going <= story.past
    assert disk.count(story.present) == 2 * len(story.present), "the search finds both banks"
    assert disk.count(story.past) == 0
    assert disk.count([key.reveal() for key in story.destroyed]) == 0


async def test_a_purge_while_locked_leaves_nothing_once_it_is_unlocked(
    disk: BlockDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The places are overwritten at once, the epoch with the unlocking."""
    with disk.mounted() as folder:
        story = await _play(folder, _purge, monkeypatch, is_locked=True)
    assert len(story.destroyed) == 3
    assert story.going <= story.past
    assert disk.count(story.present) == 2 * len(story.present)
    assert disk.count(story.past) == 0


@pytest.mark.parametrize("is_overwritten", [True, False])
async def test_nothing_of_a_row_whose_key_stays_is_left_on_the_disk(
    disk: BlockDevice, monkeypatch: pytest.MonkeyPatch, *, is_overwritten: bool
) -> None:
    """Another way to wake somebody, taken back: without the overwriting of the log it is there."""
    if not is_overwritten:
        monkeypatch.setattr(HeldKeys, "_wipe_log", lambda *_: True)
    with disk.mounted() as folder:
        slots, _ = keyslots.create(folder / "keys", derivation.FLOOR)
        with slots:
            async with Database(folder / "aman.db", slots) as database:
                pages = await _pages_with_an_address(folder / "aman.db-wal", database)
                os.sync()
                assert disk.count(pages) >= len(pages), "the search finds them"
                await database.write(_take_back)
    assert (disk.count(pages) == 0) is is_overwritten


async def _pages_with_an_address(log: Path, database: Database) -> list[bytes]:
    """Have an address kept; give the pages that this commit has put into the log, in part."""
    before = _pages(log)
    await database.write(lambda tx: SECOND_ADDRESSES.put(tx, ADDRESS))
    return _pages(log)[len(before) :]


def _pages(log: Path) -> list[bytes]:
    frames = log.read_bytes()[HEADER:]
    starts = range(FRAME_HEAD, len(frames), FRAME_HEAD + PAGE)
    return [frames[start : start + PAGE // 2] for start in starts]


def _take_back(tx: Transaction) -> None:
    assert secondaddresses.remove(tx, ADDRESS.id)
    purges.note(tx, NOW, Purged.ADDRESS, ADDRESS.id)


@ACTS
async def test_a_key_slot_file_that_is_rewritten_and_renamed_leaves_copies(
    disk: BlockDevice, act: Act, going: set[KeyKind], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search above can fail: this is how files are usually replaced."""
    del going
    with disk.mounted() as folder:
        story = await _play(folder, act, monkeypatch, write=_rewrites(folder / "keys"))
    assert disk.count(story.past) > 0


def _rewrites(path: Path) -> Callable[[SlotFile, bytes], None]:
    def write(file: SlotFile, bank: bytes) -> None:
        new = path.with_name("keys.new")
        new.write_bytes(bank + bank)
        descriptor = os.open(new, os.O_RDWR)
        os.fsync(descriptor)
        new.replace(path)
        path.chmod(0o600)
        os.dup2(descriptor, file._descriptor)  # noqa: SLF001 - the same file to whoever holds it
        os.close(descriptor)

    return write
