"""What is kept elsewhere while the bot runs: escrow, purge list, backup, evidence, all sealed.

What is owed is what is not there yet: so it is still owed after a restart, and owed again when a
disk comes back without it. Nothing waits for it, and a place that hangs keeps no other from being
looked after. Evidence goes first, then the keys, then the backup: files and keys whose rows are
still to come harm nothing, so what stands elsewhere opens at every moment. After a purge or an
erasure keys and backup go first, since many files take long: what was purged waits for none of
them, and an event whose keys were replaced is missing only until that backup is there.

The newest escrow and purge list also stand in the data directory. All are made anew at each
purge, and when keys, their holders or the evidence change; keys daily, backups hourly.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from bot import logs
from bot.backup import Seen, Wanted, look, make, put_keys, remove_leftover
from bot.clock import Clock
from bot.config import Config
from bot.waiting import Bell
from storage import backups, evidence
from storage.backups import About
from storage.database import Database
from storage.evidence import KeptFile
from storage.transaction import Effects
from storage.vault.keyring import Keyring
from storage.vault.keys import Key, KeyKind, KeyName

LOOK_EVERY = 30.0  # seconds
KEYS_EVERY = timedelta(days=1)
BACKUP_EVERY = timedelta(hours=1)
OWN_DIRECTORY = 0o700
NAME = "backup"  # of the set in a directory; escrow and purge list have it with an ending

_Mark = tuple[frozenset[KeyName], frozenset[KeyName], frozenset[Key], int, int]


@dataclass(frozen=True, slots=True)
class _Last:
    """What was last put into a place, and when."""

    mark: _Mark
    at: datetime


class Custody:
    """Keeps escrow and purge list in the data directory, and copies where they are to be."""

    def __init__(self, config: Config, database: Database, slots: Keyring, clock: Clock) -> None:
        self._config = config
        self._database = database
        self._slots = slots
        self._clock = clock
        self._here, self._elsewhere = Bell(clock), Bell(clock)
        self._last: dict[Path, _Last] = {}
        self.uncopied = None if config.copies else 0  # files, as of the last look; None: not known
        database.on_commit(self._note_commit)

    async def run(self) -> None:
        """Look after the data directory until cancelled; what a crash has left goes first."""
        await asyncio.to_thread(remove_leftover, self._config.directory)
        await self._look_after(self.keep_here, self._here)

    async def run_copies(self) -> None:
        """Look after the copies elsewhere, if there are to be any, until cancelled."""
        if self._config.copies is not None:
            await self._look_after(self.keep_elsewhere, self._elsewhere)

    async def keep_here(self) -> None:
        """Put the newest escrow and purge list into the data directory.

        Raises: OvertakenError.
        """
        await self._database.pass_fence()
        seen, place = await self._look(), self._config.escrow_path
        if self._is_due(place, seen, KEYS_EVERY):
            await asyncio.to_thread(place.mkdir, mode=OWN_DIRECTORY, exist_ok=True)
            await asyncio.to_thread(put_keys, place / NAME, seen)
            self._last[place] = _Last(_mark(seen), seen.escrow.made_at)

    async def keep_elsewhere(self) -> None:
        """Copy evidence first; then a backup without it, if there is somebody to open it.

        Raises: OvertakenError.
        """
        await self._database.pass_fence()  # what stands elsewhere may be the other copy's by now
        seen, place = await self._look(), self._config.copies
        if place is None:
            return
        try:
            if self._was_purged(place, seen):
                await self._put(place, seen)
        finally:
            self.uncopied = await asyncio.to_thread(copy_evidence, self._config, seen.files)
        if self._is_due(place, seen, BACKUP_EVERY):
            await self._put(place, seen)

    async def _put(self, place: Path, seen: Seen) -> None:
        """Put keys and a backup into a place; where no backup can be made, the keys alone."""
        if seen.escrow.holders:
            try:
                await self._back_up(place, seen.escrow.made_at)
            except Exception:  # a full disk, or another backup: what was purged goes all the same
                await asyncio.to_thread(put_keys, place / NAME, seen)
                raise
        else:
            await asyncio.to_thread(put_keys, place / NAME, seen)
        self._last[place] = _Last(_mark(seen), seen.escrow.made_at)

    async def _look_after(self, keep: Callable[[], Awaitable[None]], bell: Bell) -> None:
        while True:
            try:
                await keep()
            except Exception as error:  # noqa: BLE001 - a border: it is owed, and tried again
                logs.fault("copies-not-kept", error)
            await bell.wait(LOOK_EVERY)

    async def _look(self) -> Seen:
        return await self._database.read(partial(look, now=self._clock.now()))

    def _note_commit(self, effects: Effects) -> None:
        if effects.keeps or effects.new_keys or effects.doomed_keys:
            self._here.ring()
            self._elsewhere.ring()

    async def _back_up(self, place: Path, at: datetime) -> None:
        names = self._slots.names
        what = Wanted(About(at, self._config.settings), place / NAME, has_evidence=False)
        await make(self._config, self._database, what, lambda: self._is_same(names))
        await self._database.write(lambda tx: backups.note_made(tx, at))

    def _is_same(self, names: frozenset[KeyName]) -> bool:
        """Say whether no key came or went but the transit key, which is in no copy."""
        return all(name.kind is KeyKind.TRANSIT for name in names ^ self._slots.names)

    def _was_purged(self, place: Path, seen: Seen) -> bool:
        """Say whether keys or rows were destroyed since what stands in a place was made."""
        last = self._last.get(place)
        if last is None:
            return False
        kept, _, _, purges, _ = last.mark
        return not kept <= seen.escrow.kept or purges != seen.escrow.purges

    def _is_due(self, place: Path, seen: Seen, every: timedelta) -> bool:
        last = self._last.get(place)
        if last is None or last.mark != _mark(seen):
            return True
        return abs(seen.escrow.made_at - last.at) >= every  # the clock may have been set back


def copy_evidence(config: Config, files: list[KeptFile]) -> int:
    """Copy each sealed file that is not there yet; give how many could not be.

    One that cannot be copied stops no other.

    Raises:
        OSError: the place cannot be used.
    """
    failed = 0
    for file in owed(config, files):
        try:
            evidence.copy_file(config.evidence_path, _store(config), file)
        except OSError as error:
            logs.fault("evidence-not-copied", error)
            failed += 1
    return failed


def owed(config: Config, files: list[KeptFile]) -> list[KeptFile]:
    """Give the files whose copies are not there yet; none where nothing is to be copied."""
    if config.copies is None:
        return []
    store = _store(config)
    there = {path.name for path in store.iterdir()} if store.exists() else set()
    return [file for file in files if evidence.path_of(store, file.id).name not in there]


def _store(config: Config) -> Path:
    assert config.copies is not None  # noqa: S101 - callers have looked
    return config.copies / config.evidence_path.name


def _mark(seen: Seen) -> _Mark:
    """Say what everything is made anew for when it is no longer the same.

    A file elsewhere is of use only together with its rows, so a new file counts as well.
    """
    what = seen.escrow
    return what.kept, frozenset(what.held), frozenset(what.holders), what.purges, len(seen.files)
