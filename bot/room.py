"""Room on the disk: no command takes what the running bot needs to record an alarm.

It is looked at before anything is written, and again while it is: others write there, too.
"""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from storage.ballast import MARGIN

MEBIBYTE = 1024 * 1024  # bytes


class NoRoomError(Exception):
    """There is too little room; the text is one clear sentence."""


@dataclass(frozen=True, slots=True)
class Room:
    """A directory to write to, and how much must stay free there (bytes)."""

    directory: Path
    left: int

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
        """Give pieces on that are about to be written, as long as there is room.

        Raises: NoRoomError, OSError.
        """
        for piece in pieces:
            self.require(len(piece))
            yield piece
