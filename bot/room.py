"""Room on the disk: no command takes what the running bot needs to record an alarm.

It is looked at before anything is written, and again at each piece: others write there, too, and
whoever waits for it may have given up.
"""

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

from bot.config import ConfigError
from bot.exits import AmissError
from storage.ballast import MARGIN

MEBIBYTE = 1024 * 1024  # bytes

P = ParamSpec("P")
T = TypeVar("T")


class NoRoomError(AmissError):
    """There is too little room; the text is one clear sentence."""


def require_folder(out: Path) -> None:
    """Make sure that something new can be written under that name.

    Raises:
        ConfigError: what it would stand in is no directory, or is not this user's to write to.
    """
    folder = out.absolute().parent
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no directory: nothing was written.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(f"This user may not write to {folder}: nothing was written.")


class GivenUpError(Exception):
    """Nobody waits any more for what was being written."""


@dataclass(frozen=True, slots=True)
class Room:
    """A directory to write to, and how much must stay free there (bytes)."""

    directory: Path
    left: int
    _is_given_up: threading.Event = field(default_factory=threading.Event, compare=False)

    @classmethod
    def beside(cls, data: Path, directory: Path) -> Self:
        """Leave the bot its room, if it is on the disk where the bot's `data` directory is.

        Raises: OSError.
        """
        is_shared = directory.stat().st_dev == data.stat().st_dev
        return cls(directory, MARGIN if is_shared else 0)

    def require(self, size: int) -> None:
        """Make sure that so many bytes find room there.

        Raises: NoRoomError, OSError.
        """
        usage, needed = shutil.disk_usage(self.directory), size + self.left
        if usage.total and usage.free < needed:  # some that lie on other machines tell nothing
            ours = f", {self.left // MEBIBYTE} of them for the bot to go on" if self.left else ""
            raise NoRoomError(
                f"There is no room in {self.directory.absolute()}: {-(-needed // MEBIBYTE)} MiB "
                f"must be free{ours}, and {usage.free // MEBIBYTE} are. Nothing was written."
            )

    def watched(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Give on what is about to be written, as long as it is wanted and there is room.

        Raises: NoRoomError, GivenUpError, OSError.
        """
        for piece in pieces:
            self.check(len(piece))
            yield piece

    def check(self, size: int) -> None:
        """Make sure that the next so many bytes are still wanted, and find room.

        Raises: NoRoomError, GivenUpError, OSError.
        """
        if self._is_given_up.is_set():
            raise GivenUpError
        if self.left:  # asking a disk that is far away takes long, and that one may be filled
            self.require(size)

    async def write(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """Have `work` write in a thread what it watches here; Ctrl-C ends it with its next piece.

        Raises: what `work` raises.
        """
        try:
            return await asyncio.to_thread(work, *given, **named)
        except asyncio.CancelledError:
            self._is_given_up.set()
            raise
