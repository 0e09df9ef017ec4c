"""The file that is being written: sealed at every change, and always fit to be carried.

It is sealed to the bot and to whoever writes; nothing of it lies anywhere in the clear. A power
cut leaves it as it was after the last change.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.config import ConfigError
from safety.additions import ID_BYTES, Addition
from safety.statements import Fields, Topic
from storage import additions
from storage.additions import Writer
from storage.vault.errors import VaultError
from storage.vault.keys import Key


class DraftError(ConfigError):
    """A file cannot be gone on with; the text is one clear sentence."""


@dataclass(slots=True, repr=False)
class Draft:
    """The additions of one file, in the order in which they were written."""

    path: Path
    writer: Writer
    additions: tuple[Addition, ...] = field(default=())

    def add(self, record: int, topic: Topic, fields: Fields, now: datetime) -> None:
        """Add a statement, and save.

        Raises:
            FullSheetError: the file takes no more; nothing was added.
            OSError: it cannot be saved; nothing was added.
        """
        one = Addition(os.urandom(ID_BYTES), record, topic, fields, now.replace(microsecond=0))
        self._save((*self.additions, one))

    def drop(self, addition: bytes) -> None:
        """Take an addition out again, if it is there, and save.

        Raises:
            OSError: it cannot be saved; nothing was taken out.
        """
        self._save(tuple(one for one in self.additions if one.id != addition))

    def of(self, record: int) -> list[Addition]:
        """Give what was written to one record."""
        return [one for one in self.additions if one.record == record]

    def _save(self, found: tuple[Addition, ...]) -> None:
        additions.write(self.path, self.writer, found)
        self.additions = found


def take_up(path: Path, writer: Writer, private: Key) -> Draft:
    """Go on with what is in the file, or begin one: it is there at once, so that it can be.

    Raises:
        DraftError: it is somebody else's, of another case, or cannot be read or written.
    """
    try:
        if path.exists():
            return Draft(path, writer, additions.own(writer, additions.read(path, private)))
        additions.write(path, writer, ())
    except VaultError as error:
        raise DraftError(f"{path} cannot be gone on with: {error}.") from None
    except OSError:
        raise DraftError(f"{path} cannot be read or written.") from None
    return Draft(path, writer)


@contextlib.contextmanager
def alone(bundle: Path) -> Iterator[None]:
    """Let one page at a time write beside a case.

    Raises:
        DraftError: another one does, or there is no such directory.
    """
    try:
        descriptor = os.open(bundle, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        raise DraftError(f"{bundle} is no sealed case.") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise DraftError(
            "This case is being written to on another page: end that first."
        ) from None
    finally:
        os.close(descriptor)
