"""`aman evidence`: an original that the service does not give is brought to the server by hand.

It works beside a running bot, as a guest: the file is sealed while it is read, bit-exact, and
recorded only then, with the keys of that moment, since a long film outlasts some of them. What is
given is read and never opened; a link or a pipe is not even read.
"""

import argparse
import asyncio
import contextlib
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from bot.clock import SystemClock
from bot.config import Config, ConfigError, load_safe
from bot.printing import say
from bot.room import Room
from bot.unlocking import find_root, open_keys
from coordination.evidence import Kept, record_stored, same_as
from coordination.turns import Work
from safety.cases import SHELL
from safety.evidence import EvidenceItem, EvidenceState
from storage import evidence
from storage.database import Database
from storage.transaction import LockedError, Transaction
from storage.vault import keyslots
from storage.vault.evidence import make_directory
from storage.vault.keys import Key
from storage.vault.keyslots import KeySlots
from storage.vault.streams import pieces

SEALS = 1000  # what is sealed grows by less than its thousandth part


class BringingError(ConfigError):
    """The file is not taken; the text is one clear sentence."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was stored: how many bytes, their SHA-256, and the files with the very same ones."""

    size: int
    sha256: str
    same_as: tuple[int, ...]


def run(parsed: argparse.Namespace) -> int:
    """Add an owed original, or list what is owed and kept."""
    if parsed.action == "add":
        return _add(parsed)
    config = load_safe(parsed.config)
    with open_keys(config, to_write=False) as slots:
        lines = asyncio.run(list_files(config, slots))
    for line in lines or ["There is no evidence."]:
        say(line)
    return 0


def _add(parsed: argparse.Namespace) -> int:
    number: int = parsed.owed
    config = load_safe(parsed.config)
    with open_original(parsed.file) as original:
        root = find_root(config)
        open_ = partial(keyslots.unlock_with, config.keys_path, root, to_write=False)
        taken = asyncio.run(take(config, open_, number, original))
    say(f"Stored: file {number} ({taken.size} bytes, SHA-256 {taken.sha256}).")
    if taken.same_as:
        others = ", ".join(map(str, taken.same_as))
        say(f"The very same bytes are kept as: file {others}.")
    return 0


@contextlib.contextmanager
def open_original(path: Path) -> Iterator[BinaryIO]:
    """Open a file that lies there itself, without following a link or waiting for a pipe.

    Raises:
        BringingError: it is none, is empty, or cannot be read.
    """
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(path, flags)
    except OSError:
        why = "is a link" if path.is_symlink() else "cannot be read"
        raise BringingError(f"{path} {why}: nothing was stored.") from None
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_size == 0:
        os.close(descriptor)
        why = "is empty" if stat.S_ISREG(found.st_mode) else "is no file"
        raise BringingError(f"{path} {why}: nothing was stored.")
    with os.fdopen(descriptor, "rb") as file:
        yield file


async def take(
    config: Config,
    open_: Callable[[], AbstractContextManager[KeySlots]],
    number: int,
    original: BinaryIO | FileIO,
) -> Taken:
    """Seal an original to its case, and record that it was brought.

    `open_` opens the key slots as they are now, for reading.

    Raises:
        NoRoomError: the bot itself needs the room that it would take.
        BringingError: nobody waits for that file, or it cannot be read or stored.
        OvertakenKeySlotsError: keys were made or destroyed at the very moment of recording.
    """
    with _alone(config.evidence_path):
        with open_() as slots:
            async with Database(config.database_path, slots, is_guest=True) as database:
                item, public = await database.read(lambda tx: _owed(tx, number))
        size = os.fstat(original.fileno()).st_size
        room = Room.beside(config.directory, config.evidence_path)
        room.require(size + size // SEALS)
        kept = await room.write(_seal, config, item, public, original, room)
        now = SystemClock().now()
        with open_() as slots:
            async with Database(config.database_path, slots, is_guest=True) as database:
                await database.write(
                    lambda tx: record_stored(Work(tx, now, config.policy), item.id, kept, SHELL)
                )
                others = await database.read(
                    lambda tx: same_as(Work(tx, now, config.policy), item.id, kept.sha256)
                )
    return Taken(kept.size, kept.sha256, others)


async def list_files(config: Config, slots: KeySlots) -> list[str]:
    """Give one line for each file: number, kind, where it stands, size; nothing of people."""
    async with Database(config.database_path, slots, is_guest=True) as database:
        items = await database.read(evidence.every)
    return [_line(config, item) for item in items]


_STATES = {
    EvidenceState.OWED: "is being fetched",
    EvidenceState.BY_HAND: "owed: bring the original",
    EvidenceState.STORED: "stored",
}


def _line(config: Config, item: EvidenceItem) -> str:
    size = item.media.size if item.media is not None else None
    if item.state is EvidenceState.STORED:
        size = evidence.original_size(config.evidence_path, item.id)
    said = f"{size} bytes" if size else "size unknown"
    if item.state is EvidenceState.STORED and size is None:
        said = "lost on this disk"
    return f"{item.number}  {item.kind.value}  {_STATES[item.state]}  {said}"


def _owed(tx: Transaction, number: int) -> tuple[EvidenceItem, Key]:
    item = evidence.of_number(tx, number)
    if item is None:
        raise BringingError(f"There is no file {number}: see aman evidence list.")
    if item.state is EvidenceState.STORED:
        raise BringingError(f"File {number} is stored already: nothing was changed.")
    if item.state is EvidenceState.OWED:
        raise BringingError(f"File {number} is still being fetched: nothing was stored.")
    try:
        return item, evidence.public_key(tx, item)
    except LockedError:
        raise BringingError(f"The event of file {number} is gone: nothing was stored.") from None


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Let one command at a time write here; the bot itself leaves a file that is owed alone."""
    make_directory(directory)
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BringingError("Another file is being brought: do it again after that.") from None
    finally:
        os.close(descriptor)


def _seal(
    config: Config, item: EvidenceItem, public: Key, original: BinaryIO | FileIO, room: Room
) -> Kept:
    before = os.fstat(original.fileno())
    try:
        with evidence.open_writer(config.evidence_path, public, item.id) as writer:
            rest = before.st_size  # somebody may still be writing to it, and never end
            for piece in room.watched(pieces(original)):
                rest -= writer.write(piece)
                if rest < 0:
                    break
            after = os.fstat(original.fileno())
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise BringingError("The file changed while it was read: nothing was stored.")
            return Kept.of(writer.finish())
    except OSError:
        raise BringingError(
            "The file could not be read or written to its end: look at the disk, and do it again."
        ) from None
