"""Ballast: room on the disk that is kept from everything else, and given up when it is full.

On a full disk even deleting a row fails. Giving up a file of ours lets the very write that failed
be made again at once; whoever runs the machine then has the time that this room lasts.
"""

import contextlib
import os
import shutil
from pathlib import Path

from storage.trouble import may_lack_room
from storage.vault.streams import flush_directory

SIZE = 4 * 1024 * 1024  # bytes; a write-ahead log grows so far before it is used anew
MARGIN = 16 * 1024 * 1024  # bytes that must stay free beside it, or it would soon go again
OWN_FILE = 0o600
_SECTOR = 512  # bytes; what `st_blocks` counts in, on every system


class Ballast:
    """The file that holds room. It says nothing: random bytes, which no file system makes less."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def is_held(self) -> bool:
        """Say whether the room is really there: whole, and with no holes in it."""
        try:
            found = self._path.stat()
        except OSError:
            return False
        return found.st_size == SIZE and found.st_blocks * _SECTOR >= SIZE

    @property
    def is_affordable(self) -> bool:
        """Say whether there is room for it and for a good deal more."""
        return shutil.disk_usage(self._path.parent).free >= SIZE + MARGIN

    def take(self) -> bool:
        """Hold the room if there is enough of it; say whether it is held now."""
        if self.is_held:
            return True
        try:
            self._path.unlink(missing_ok=True)  # what a crash has left of an earlier try
            if self.is_affordable:
                self._fill()
        except OSError:
            self.give_up()
        return self.is_held

    def makes_room(self, error: BaseException) -> bool:
        """Give it up if `error` may come of a full disk; say whether that made room."""
        return may_lack_room(error) and self.give_up()

    def give_up(self) -> bool:
        """Let the room go to whatever needs it now; say whether there was any."""
        try:
            self._path.unlink()
        except OSError:
            return False
        with contextlib.suppress(OSError):  # some file systems free it only with their journal
            flush_directory(self._path.parent)
        return True

    def _fill(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with os.fdopen(os.open(self._path, flags, OWN_FILE), "wb") as file:
            file.write(os.urandom(SIZE))
            file.flush()
            os.fsync(file.fileno())
