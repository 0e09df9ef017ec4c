"""`aman backup`: a copy of everything that is kept, sealed to those who may restore.

It runs beside the bot and keeps nobody waiting. Three files come of it: the backup, the escrow
with the keys that it needs, and the signed purge list. The copy that is made on the way is
encrypted, stands in the data directory, and is taken away also after a crash.
"""

import argparse
import asyncio
import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from bot.clock import SystemClock
from bot.config import (
    Config,
    ConfigError,
    environment,
    load,
    require_safe_directory,
)
from bot.exits import DONE, NOT_IN_ORDER
from bot.printing import complain, say
from bot.room import Room, require_folder
from bot.unlocking import open_keys
from safety.people import Unprinted
from storage import backups, escrows, evidence, purges
from storage.backups import About, Files
from storage.database import Database
from storage.escrows import Draft
from storage.evidence import KeptFile
from storage.transaction import Transaction
from storage.vault.errors import OvertakenKeySlotsError
from storage.vault.keyslots import KeySlots
from storage.vault.streams import NEW, flush_directory, overwrite, take_away, write_whole

OWN_FILE = 0o600
COPY = "outgoing.copy"
ESCROW, PURGES = ".escrow", ".purges"  # after the backup's own name


class BackupError(ConfigError):
    """No backup can be made; the text is one clear sentence."""


@dataclass(frozen=True, slots=True, repr=False)
class Seen(Unprinted):
    """What goes with a copy, as of the same moment."""

    escrow: Draft
    purges: str  # signed
    files: list[KeptFile]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a backup says of itself, where it goes, and whether evidence files go with it."""

    about: About
    out: Path
    has_evidence: bool


@dataclass(frozen=True, slots=True)
class Copied:
    """The copy of the database, and the room where the backup goes."""

    path: Path
    room: Room


@dataclass(frozen=True, slots=True)
class Made:
    """How many people may open it, how many files are in it, and which are damaged or lost."""

    holders: int
    files: int
    damaged: tuple[int, ...]


def run(parsed: argparse.Namespace) -> int:
    """Make a backup where the command line says."""
    config = load(parsed.config, environment())
    require_safe_directory(config.directory)
    out: Path = parsed.out
    _require_free(out)
    with open_keys(config, to_write=False) as slots:
        about = About(SystemClock().now(), config.settings)
        wanted = Wanted(about, out, parsed.evidence)
        made = asyncio.run(make_visiting(config, slots, wanted))
    say(f"Written: {out} ({made.files} evidence files), {out.name}{ESCROW}, {out.name}{PURGES}.")
    say(f"{made.holders} enrolled identities open it, each alone.")
    say("Keep the escrow apart, and destroy it when a purge has made a newer one.")
    if made.damaged:
        numbers = ", ".join(map(str, made.damaged))
        complain(f"Damaged or lost on this disk, and left out: file {numbers}.")
        return NOT_IN_ORDER
    return DONE


async def make_visiting(config: Config, slots: KeySlots, what: Wanted) -> Made:
    """Make a backup beside the bot.

    Raises:
        BackupError: nobody could open it, or the keys have changed meanwhile.
    """
    async with Database(config.database_path, slots, is_guest=True) as database:
        if not await database.read(escrows.holders):
            raise BackupError(
                "Nobody could open a backup: enrol an organizer's or deputy's key (aman keys add)."
            )
        made = await make(config, database, what, lambda: not slots.is_overtaken())
        with contextlib.suppress(OvertakenKeySlotsError):  # it is made, and of the moment it says
            await database.write(lambda tx: backups.note_made(tx, what.about.made_at))
    return made


async def make(
    config: Config,
    database: Database,
    what: Wanted,
    is_current: Callable[[], bool],
) -> Made:
    """Copy the database, and write the three files; the backup itself comes last.

    `is_current` says, after the copy, whether the keys are still the same.

    Raises:
        BackupError: the keys have changed meanwhile, or another backup is being made.
        NoRoomError: there is no room for it, or for the copy that it is made from.
        OSError: something cannot be written.
    """
    ours = Room.beside(config.directory, config.directory)
    ours.require(config.database_path.stat().st_size)  # of the copy
    with own_copy(config.directory) as copy:
        seen = await database.copy_to(copy, partial(look, now=what.about.made_at))
        if not is_current():
            raise BackupError("Keys were made or destroyed meanwhile: do it again.")
        room = Room.beside(config.directory, what.out.absolute().parent)
        return await room.write(_write, config.evidence_path, seen, what, Copied(copy, room))


@contextlib.contextmanager
def own_copy(directory: Path) -> Iterator[Path]:
    """Give a file of ours for the copy, empty; nothing of it stays, and it is overwritten first.

    It opens with the database's key, which is never replaced: freed blocks would show what was
    deleted since. Of a disk that takes nothing its name goes all the same: the room is needed.

    Raises:
        BackupError: another process is using it.
    """
    path = directory / COPY
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWN_FILE)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError("Another backup is being made.") from None
        with contextlib.suppress(OSError):  # what a crash has left
            overwrite(descriptor)
        os.ftruncate(descriptor, 0)
        try:
            yield path
        finally:
            take_away(path)
    finally:
        os.close(descriptor)


def remove_leftover(directory: Path) -> None:
    """Take away the copy that a crash has left; one that is in use stays."""
    if (directory / COPY).exists():
        with contextlib.suppress(BackupError), own_copy(directory):
            pass


def look(tx: Transaction, now: datetime) -> Seen:
    """Note what goes with a copy."""
    return Seen(escrows.draft(tx, now), purges.signed(tx, now), evidence.kept_files(tx))


def _write(directory: Path, seen: Seen, what: Wanted, copied: Copied) -> Made:
    files = seen.files if what.has_evidence else []
    whole = [file for file in files if file.is_whole_in(directory)]
    paths = [evidence.path_of(directory, file.id) for file in whole]
    if copied.room.left:  # the disk that the bot writes to
        copied.room.require(sum(path.stat().st_size for path in (copied.path, *paths)))
    with _keys_beside(what.out, seen):
        new = what.out.with_name(what.out.name + NEW)
        new.unlink(missing_ok=True)
        given = Files(copied.path, paths)
        backups.write(new, seen.escrow.holders, what.about, given, copied.room.check)
        new.rename(what.out)
        flush_directory(what.out.parent)
    damaged = tuple(file.number for file in files if file not in whole)
    return Made(len(seen.escrow.holders), len(whole), damaged)


@contextlib.contextmanager
def _keys_beside(out: Path, seen: Seen) -> Iterator[None]:
    """Put the keys beside a backup that is made inside; without it no new ones stay."""
    keys = (out.with_name(out.name + ESCROW), out.with_name(out.name + PURGES))
    fresh = [path for path in keys if not path.exists()]
    put_keys(out, seen)
    try:
        yield
    except BaseException:
        for path in fresh:
            path.unlink(missing_ok=True)
        raise


def put_keys(beside: Path, seen: Seen) -> None:
    """Put the newest escrow and purge list beside the name of a backup, in place of older ones.

    Raises: OSError.
    """
    escrows.write(beside.with_name(beside.name + ESCROW), seen.escrow)
    write_whole(beside.with_name(beside.name + PURGES), seen.purges.encode())


def _require_free(out: Path) -> None:
    if out.exists() or out.is_symlink():
        raise BackupError(f"{out} is there already: nothing was written.")
    require_folder(out)
