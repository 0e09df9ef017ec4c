"""Two banks in one file, overwritten in place: at every moment one of them is whole.

Never both at once: a bank is written and flushed before the other one is touched, and after a
failure the damaged one is written first. An acknowledged write stands in both, so what was
destroyed is in neither. Renaming a new file over the old one would leave the old keys on the disk.
"""

import errno
import fcntl
import os
import stat
from pathlib import Path

from storage.vault import slotimage
from storage.vault.errors import (
    BrokenKeySlotsError,
    BusyKeySlotsError,
    ExposedKeySlotsError,
    ForeignKeySlotsError,
)
from storage.vault.streams import flush_directory

BANKS = 2
FILE_BYTES = BANKS * slotimage.BANK_BYTES
OTHERS = 0o077


class SlotFile:
    """An open key slot file; it is locked against other writers until `close`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._intact: set[int] = set()

    def newest(self) -> bytes:
        """Read the newest whole bank.

        Raises: BrokenKeySlotsError, ForeignKeySlotsError, NewerKeySlotsError.
        """
        banks = [
            os.pread(self._descriptor, slotimage.BANK_BYTES, number * slotimage.BANK_BYTES)
            for number in range(BANKS)
        ]
        whole = [number for number in range(BANKS) if slotimage.is_whole(banks[number])]
        if not whole:
            raise _unreadable(banks)
        images = {number: slotimage.decode(banks[number]) for number in whole}
        newest = max(whole, key=lambda number: images[number].generation)
        for number in whole:
            if images[number].file_id != images[newest].file_id:
                raise BrokenKeySlotsError("the two banks come from different key slot files")
            if banks[number] == banks[newest]:
                self._intact.add(number)
            elif images[number].generation == images[newest].generation:
                raise BrokenKeySlotsError("the two banks contradict each other")
        return banks[newest]

    @property
    def is_uneven(self) -> bool:
        """Whether a bank is torn, or older than the other: a write did not come to its end."""
        return len(self._intact) < BANKS

    def write(self, bank: bytes) -> None:
        """Overwrite both banks, one after the other; durable when it returns.

        Raises: OSError; then the file holds the old or the new state, and may be written again.
        """
        for number in sorted(range(BANKS), key=lambda number: number in self._intact):
            self._intact.discard(number)
            _overwrite(self._descriptor, bank, number * slotimage.BANK_BYTES)
            self._intact.add(number)

    def close(self) -> None:
        """Let go of the file and its lock; closing again does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def create(path: Path, bank: bytes) -> SlotFile:
    """Make the file (mode 0600), with both banks written; durable when it returns.

    Raises: FileExistsError and other OSErrors.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        _lock(descriptor)
        os.ftruncate(descriptor, FILE_BYTES)
        file = SlotFile(descriptor)
        file.write(bank)
        flush_directory(path.parent)
    except BaseException:
        os.close(descriptor)
        path.unlink()
        raise
    return file


def open_(path: Path, *, to_write: bool) -> SlotFile:
    """Open an existing file; only one process at a time may open it to write.

    Raises: ExposedKeySlotsError, BusyKeySlotsError, ForeignKeySlotsError for a link, OSError.
    """
    mode = os.O_RDWR if to_write else os.O_RDONLY
    try:
        descriptor = os.open(path, mode | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ForeignKeySlotsError("the key slot file is a link, not the file") from None
        raise
    try:
        _require_private(descriptor)
        if to_write:
            _lock(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return SlotFile(descriptor)


def _unreadable(banks: list[bytes]) -> BrokenKeySlotsError | ForeignKeySlotsError:
    if any(bank.startswith(slotimage.MAGIC) for bank in banks):
        return BrokenKeySlotsError("the key slot file is damaged or cut short")
    return ForeignKeySlotsError("this is not a key slot file")


def _require_private(descriptor: int) -> None:
    mode = os.fstat(descriptor).st_mode
    if mode & OTHERS or not stat.S_ISREG(mode):
        raise ExposedKeySlotsError("others can read the key slot file: give it mode 0600")


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BusyKeySlotsError("another process is using the key slot file") from None


def _overwrite(descriptor: int, content: bytes, offset: int) -> None:
    written = 0
    while written < len(content):
        written += os.pwrite(descriptor, content[written:], offset + written)
    os.fsync(descriptor)
    if hasattr(fcntl, "F_FULLFSYNC"):  # macOS: fsync alone stops at the drive's cache
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
