"""The power may go at any byte of any write: the file opens to the old or to the new state.

The real writes are recorded at the system call, and what a disk could hold afterwards is rebuilt:
each prefix of the write in flight, and any mixture of its sectors.
"""

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.vault import keyslots, slotimage
from storage.vault.derivation import FLOOR
from storage.vault.keys import Key, KeyKind, KeyName, keys_of_new_event
from storage.vault.keyslots import KeySlots
from storage.vault.slotfile import SlotFile
from storage.vault.words import UnlockSecret

BANK = slotimage.BANK_BYTES
SECTOR = 512  # bytes; what a disk writes whole
PEOPLE = KeyName(KeyKind.PEOPLE, 7)
REAL_PWRITE = os.pwrite


@dataclass(slots=True)
class Disk:
    """Stands at the system call: notes each write, and may fail one after a part of it."""

    writes: list[tuple[int, bytes]] = field(default_factory=list)
    flushed_after: list[int] = field(default_factory=list)
    fails_at: int = -1
    part: int = 0  # bytes of the failing write that arrive

    def pwrite(self, descriptor: int, content: bytes, offset: int) -> int:
        """Write, or fail like a bad sector."""
        number = len(self.writes)
        self.writes.append((offset, content))
        if number == self.fails_at:
            REAL_PWRITE(descriptor, content[: self.part], offset)
            raise OSError(errno.EIO, "input/output error")
        return REAL_PWRITE(descriptor, content, offset)

    def fsync(self, descriptor: int) -> None:
        """Note the flush; the order is what counts here."""
        assert descriptor >= 0
        self.flushed_after.append(len(self.writes))


@dataclass(slots=True)
class Scene:
    """A vault with one event, its secret, and the disk that watches it."""

    path: Path
    slots: KeySlots
    secret: UnlockSecret
    disk: Disk


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """Give a vault with one event, watched from now on."""
    slots, secret = keyslots.create(tmp_path / "keys", FLOOR)
    slots.store(keys_of_new_event(7))
    disk = Disk()
    monkeypatch.setattr(os, "pwrite", disk.pwrite)
    monkeypatch.setattr(os, "fsync", disk.fsync)
    yield Scene(tmp_path / "keys", slots, secret, disk)
    slots.close()


def _destroys(slots: KeySlots) -> None:
    slots.destroy([PEOPLE])


def _stores(slots: KeySlots) -> None:
    slots.store(keys_of_new_event(8))


def _destroys_while_locked(slots: KeySlots) -> None:
    slots.lock()
    slots.destroy([PEOPLE])


def _adds_a_secret(slots: KeySlots) -> None:
    slots.add_secret("second", FLOOR)


CHANGES = pytest.mark.parametrize(
    "change", [_destroys, _stores, _destroys_while_locked, _adds_a_secret]
)


@CHANGES
def test_each_bank_is_flushed_before_the_other_is_touched(
    scene: Scene, change: Callable[[KeySlots], None]
) -> None:
    """Never are both banks in flight."""
    change(scene.slots)
    assert scene.disk.flushed_after == [1, 2]
    assert {offset for offset, _ in scene.disk.writes} == {0, BANK}
    assert {len(content) for _, content in scene.disk.writes} == {BANK}


@pytest.mark.torture
def test_a_write_torn_at_any_byte_leaves_the_old_or_the_new_state(
    scene: Scene, tmp_path: Path
) -> None:
    """Of 40,960 images of one destruction each opens, none to anything else."""
    before = scene.path.read_bytes()
    scene.slots.destroy([PEOPLE])
    old, new = before[:BANK], scene.disk.writes[0][1]
    seen = []
    with _image(tmp_path / "image", before) as descriptor:
        for offset, content in scene.disk.writes:
            for at in range(BANK):
                REAL_PWRITE(descriptor, content[at : at + 1], offset + at)
                seen.append(SlotFile(descriptor).newest() == new)
                assert seen[-1] or SlotFile(descriptor).newest() == old
    assert seen == sorted(seen), "once the new state is there, it stays"
    assert seen[BANK - 1], "one whole bank is enough"


@CHANGES
def test_after_a_torn_write_the_file_unlocks_and_both_banks_are_mended(
    scene: Scene, tmp_path: Path, change: Callable[[KeySlots], None]
) -> None:
    """No live key is lost, and none that was destroyed in the state that opens is there."""
    before, old_names = scene.path.read_bytes(), scene.slots.names
    change(scene.slots)
    writes = tuple(scene.disk.writes)
    for number, (offset, content) in enumerate(writes):
        for cut in range(0, BANK, 9 * SECTOR):
            image = bytearray(before)
            for done_at, done in writes[:number]:
                image[done_at : done_at + BANK] = done
            image[offset : offset + cut] = content[:cut]
            keys = _unlock(tmp_path / "image", bytes(image), scene.secret)
            assert keys.keys() == (scene.slots.names if number else old_names)
            mended = (tmp_path / "image").read_bytes()
            assert mended[:BANK] == mended[BANK:]


@given(st.sets(st.integers(0, BANK // SECTOR - 1)), st.integers(0, 1))
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
def test_any_mixture_of_sectors_leaves_the_old_or_the_new_state(
    scene: Scene, sectors: set[int], number: int
) -> None:
    """A disk may write the sectors of one write in any order, and drop some."""
    before = scene.path.read_bytes()
    scene.disk.writes.clear()
    scene.slots.destroy([PEOPLE])
    image = bytearray(before)
    for offset, content in scene.disk.writes[:number]:
        image[offset : offset + BANK] = content
    offset, content = scene.disk.writes[number]
    for start in (sector * SECTOR for sector in sectors):
        image[offset + start : offset + start + SECTOR] = content[start : start + SECTOR]
    with _image(scene.path.with_name("image"), bytes(image)) as descriptor:
        assert SlotFile(descriptor).newest() in {before[:BANK], content}


@CHANGES
@pytest.mark.parametrize("failing", [0, 1])
@pytest.mark.parametrize("part", [0, 7 * SECTOR, BANK])
def test_after_a_failed_write_the_next_one_never_risks_the_last_whole_bank(
    scene: Scene, tmp_path: Path, change: Callable[[KeySlots], None], failing: int, part: int
) -> None:
    """An I/O error is told, memory stays as it was, and power loss at the retry loses nothing."""
    names = scene.slots.names
    scene.disk.fails_at, scene.disk.part = failing, part
    with pytest.raises(OSError, match="input/output"):
        change(scene.slots)
    assert scene.slots.names == names
    before = scene.path.read_bytes()
    scene.disk.writes.clear()
    scene.disk.fails_at = -1
    scene.slots.store(keys_of_new_event(9))
    with _image(tmp_path / "image", before) as descriptor:
        for offset, content in scene.disk.writes:
            for at in range(0, BANK, SECTOR):
                REAL_PWRITE(descriptor, content[at : at + SECTOR], offset + at)
                assert SlotFile(descriptor).newest() in {before[:BANK], before[BANK:], content}
    assert KeyName(KeyKind.PEOPLE, 9) in _unlock(
        tmp_path / "image", scene.path.read_bytes(), scene.secret
    )


def test_a_disk_that_takes_little_at_a_time_gets_all_of_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel may write less than it was given, and that is no error."""

    def little(descriptor: int, content: bytes, offset: int) -> int:
        return REAL_PWRITE(descriptor, content[:SECTOR], offset)

    monkeypatch.setattr(os, "pwrite", little)
    _destroys(scene.slots)
    content = scene.path.read_bytes()
    assert content[:BANK] == content[BANK:]
    assert PEOPLE not in _unlock(scene.path.with_name("image"), content, scene.secret)


def test_a_file_that_cannot_be_made_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has made room sets up again: no half file stands in the way."""
    monkeypatch.setattr(os, "pwrite", Disk(fails_at=1).pwrite)
    with pytest.raises(OSError, match="input/output"):
        keyslots.create(tmp_path / "keys", FLOOR)
    monkeypatch.undo()
    assert not (tmp_path / "keys").exists()


class _Image:
    """What a disk holds, as an open file."""

    def __init__(self, path: Path, content: bytes) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        REAL_PWRITE(self._descriptor, content, 0)

    def __enter__(self) -> int:
        return self._descriptor

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def _image(path: Path, content: bytes) -> _Image:
    return _Image(path, content)


def _unlock(path: Path, content: bytes, secret: UnlockSecret) -> dict[KeyName, Key]:
    with _image(path, content):
        pass
    with keyslots.unlock(path, secret) as slots:
        return dict(slots.keys)
