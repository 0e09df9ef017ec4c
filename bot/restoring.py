"""`aman restore`: a new machine goes on with what a backup holds, without what was purged since.

Everything is made under a temporary name beside the data directory and gets its own name last:
what a crash leaves half made does not look whole, and says nothing. The purge list is not
optional, and the keys of what it names never enter the new key slots.
"""

import argparse
import asyncio
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from bot.backup import ESCROW, PURGES
from bot.clock import SystemClock
from bot.config import CONFIG_NAME, Config, ConfigError, environment, load
from bot.exits import DONE, NOT_IN_ORDER
from bot.hardening import lock_memory
from bot.keyholders import read_identity
from bot.printing import say
from bot.setup import OWN_DIRECTORY
from bot.template import TEMPLATE, filled
from bot.unlocking import LockedError
from coordination import restoring
from coordination.restoring import Settled
from coordination.turns import Work
from safety.people import Unprinted
from safety.purges import Purged, PurgeList
from storage import backups, escrows, evidence, purges
from storage.build import DatabaseError
from storage.database import Database
from storage.evidence import KeptFile
from storage.migrate import NewerDatabaseError
from storage.trouble import may_lack_room
from storage.vault import keyslots, prooflog
from storage.vault.derivation import Parameters
from storage.vault.errors import VaultError, WrongIdentityError
from storage.vault.keys import Key, KeyKind, KeyName
from storage.vault.keyslots import KeySlots
from storage.vault.streams import PART, flush_directory, write_whole

MOMENT = "%Y-%m-%d %H:%M UTC"
LONGEST_LIST = 10_000_000  # bytes
LOG_KEY = KeyName(KeyKind.LOG_SIGNING)
NEEDED = (KeyName(KeyKind.DATABASE), KeyName(KeyKind.COMMUNITY), LOG_KEY)


class RestoreError(ConfigError):
    """The set cannot be restored; the text is one clear sentence."""


@dataclass(frozen=True, slots=True)
class Set:
    """The files that a restore takes: the three of a backup, and where further evidence may be.

    No program can know of a newer purge list that lies elsewhere: where this one is old, whoever
    restores has to say that there is none.
    """

    backup: Path
    escrow: Path
    purges: Path
    evidence: Path
    has_newest: bool = False  # the purge list, as far as people know


@dataclass(frozen=True, slots=True)
class Where:
    """The folder to restore to, the moment, and another cost of the unlock secret if wished."""

    folder: Path
    now: datetime
    parameters: Parameters | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Restored(Unprinted):
    """What came of it; `words` are the new unlock secret, shown once."""

    config: Config
    words: str
    log: str  # fingerprint
    made_at: datetime
    listed_at: datetime | None  # when the purge list was made
    settled: Settled
    missing: tuple[int, ...]  # numbers of evidence files


@dataclass(frozen=True, slots=True, repr=False)
class _Opened(Unprinted):
    """What the identity and the purge list have opened."""

    private: Key
    listed: PurgeList
    keys: Mapping[KeyName, Key]


@dataclass(frozen=True, slots=True)
class _Place:
    """The configuration that it is restored to, and its file."""

    path: Path
    config: Config
    where: Where


def run(parsed: argparse.Namespace) -> int:
    """Restore as the command line says."""
    backup: Path = parsed.backup.absolute()
    files = Set(
        backup=backup,
        escrow=parsed.escrow or backup.with_name(backup.name + ESCROW),
        purges=parsed.purges or backup.with_name(backup.name + PURGES),
        evidence=parsed.evidence or backup.parent / "evidence",
        has_newest=parsed.no_newer_list,
    )
    identity = read_identity(parsed.identity)
    where = Where(parsed.dir, SystemClock().now())
    restored = restore(files, identity, where, _show)
    say(f"Restored: {restored.config.directory}")
    say("Next: stop the old bot, or revoke its token at @BotFather. Then put the token into")
    say(f"{restored.config.home / CONFIG_NAME}, and: aman run.")
    return NOT_IN_ORDER if restored.missing else DONE


def restore(files: Set, private: Key, where: Where, show: Callable[[Restored], None]) -> Restored:
    """Make an installation from a backup, its escrow and the newest purge list.

    `show` is called when everything is made and has not got its name yet: whoever is cut off after
    that has the new unlock secret.

    Raises:
        RestoreError, ConfigError: something is there already, or the files do not fit together.
        LockedError: the identity is a wrong one, or was revoked.
    """
    try:
        opened = _open(files, private, where.now)
        path = _prepare_config(where.folder)
        config = load(path, environment())
        _require_free(config)
        return _make(_Place(path, config, where), files, opened, show)
    except WrongIdentityError as error:
        raise LockedError(_sentence(str(error))) from None
    except VaultError as error:
        raise RestoreError(_sentence(str(error))) from None
    except OSError as error:
        if may_lack_room(error):
            raise  # that is no mistake of whoever typed this, and is said to be none
        which = f"{error.filename}: " if error.filename else ""
        why = error.strerror or "a file cannot be used"
        raise RestoreError(f"Not restored: {which}{why}.") from None


def _open(files: Set, private: Key, now: datetime) -> _Opened:
    escrow = escrows.read(files.escrow, private)
    if any(name not in escrow.keys for name in NEEDED):
        raise RestoreError("This escrow holds no keys for this identity: it was made before it.")
    with files.purges.open(encoding="utf-8", errors="replace") as file:
        listed = purges.read(file.read(LONGEST_LIST), escrow.keys[LOG_KEY])
    if len(listed.purges) < escrow.purges:
        raise RestoreError("The purge list is older than the escrow: take the newest one.")
    if listed.is_old(now) and not files.has_newest:
        raise RestoreError(
            f"The purge list is {_age(listed)}: whoever was forgotten since would be here again. "
            "Take the newest one there is, or say that this is it: --no-newer-list."
        )
    gone = {one.subject_id for one in listed.purges if one.kind is Purged.EVENT}
    return _Opened(private, listed, escrows.without(escrow.keys, gone))


def _age(listed: PurgeList) -> str:
    return f"of {listed.made_at:{MOMENT}}" if listed.made_at else "undated"


def _prepare_config(folder: Path) -> Path:
    """Have a configuration there; one that somebody has written is left as it is."""
    path = folder / CONFIG_NAME
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        write_whole(path, TEMPLATE.encode())
    return path


def _require_free(config: Config) -> None:
    directory = config.directory
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise RestoreError(f"There is something in {directory} already: nothing was changed.")


def _make(
    place: _Place, files: Set, opened: _Opened, show: Callable[[Restored], None]
) -> Restored:
    """Make everything under a temporary name, and rename it last."""
    directory = place.config.directory
    part = directory.with_name(directory.name + PART)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=OWN_DIRECTORY, parents=True)
    try:
        restored = _fill(place, files, opened, part)
        flush_directory(part)
        show(restored)
        part.rename(directory)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    flush_directory(directory.parent)
    return restored


def _fill(place: _Place, files: Set, opened: _Opened, part: Path) -> Restored:
    config = place.config
    database = part / config.database_path.name
    store = part / config.evidence_path.name
    about = backups.unpack(files.backup, opened.private, database, store)
    if place.path.read_text(encoding="utf-8") == TEMPLATE:
        write_whole(place.path, filled(about.settings).encode())
        config = load(place.path, environment())
    slots, secret = keyslots.create(
        part / config.keys_path.name, place.where.parameters or config.cost, brought=opened.keys
    )
    lock_memory()
    with slots:
        settling = _settle(replace(place, config=config), database, slots, opened, about.made_at)
        settled, kept = asyncio.run(settling)
    missing = [one for one in kept if not one.is_whole_in(store)]
    lost = [one.number for one in missing if not _fetch(one, files.evidence, store)]
    log = prooflog.fingerprint(opened.keys[LOG_KEY])
    words, listed_at = secret.words(), opened.listed.made_at
    return Restored(config, words, log, about.made_at, listed_at, settled, tuple(lost))


async def _settle(
    place: _Place, path: Path, slots: KeySlots, opened: _Opened, made_at: datetime
) -> tuple[Settled, list[KeptFile]]:
    """Open the copy with the new key slots, and make it fit to go on with."""
    try:
        async with Database(path, slots) as database:
            if len(opened.listed.purges) < await database.read(purges.latest):
                raise RestoreError("The purge list is older than the backup: take the newest one.")
            work = partial(Work, now=place.where.now, policy=place.config.policy)
            settled = await database.write(
                lambda tx: restoring.settle(work(tx), made_at, opened.listed)
            )
            return settled, await database.read(evidence.kept_files)
    except DatabaseError:
        raise RestoreError("The backup and the escrow do not belong together.") from None
    except NewerDatabaseError:
        raise RestoreError("This backup was made by a newer aman.") from None


def _fetch(one: KeptFile, source: Path, store: Path) -> bool:
    """Take an evidence file from where the copies are; say whether it is whole."""
    try:
        if not evidence.path_of(source, one.id).is_file():  # nor a pipe
            return False
        evidence.copy_file(source, store, one)
    except OSError:
        return False
    return True


def _show(restored: Restored) -> None:
    """Say what is in it, and show the new unlock secret."""
    settled = restored.settled
    say(f"A copy of {restored.made_at:{MOMENT}}.")
    say(f"Purged since then, and purged again: {settled.purged}.")
    if restored.listed_at:
        say(f"Whoever was forgotten after {restored.listed_at:{MOMENT}} is here again.")
    if settled.unreadable:
        say(f"Events whose people no key opens any more: {settled.unreadable}, forgotten.")
    if settled.nameless:
        say(f"People kept by their number alone: {settled.nameless}. Ask them who they are.")
    if settled.dropped:
        say(f"Other rows that no key opens any more, left out: {settled.dropped}.")
    if settled.unreadable_cases:
        say(f"Cases that only a newer backup could open: {settled.unreadable_cases}.")
    if restored.missing:
        numbers = ", ".join(map(str, restored.missing))
        say(f"Evidence that is not there, or damaged: file {numbers}.")
    say("Fingerprint of the log, to be compared with the one you were told:")
    say(f"\n    {restored.log}\n")
    say("New unlock secret, shown only now. Write it down, and keep it away from this machine:")
    say(f"\n    {restored.words}\n")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
