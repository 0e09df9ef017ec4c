"""A world that is backed up and restored: real parcels, real keys, real files."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.backup import ESCROW, PURGES, Made, Wanted, make_visiting
from bot.config import Config, load
from bot.restoring import Restored, Set, Where, restore
from coordination import keyholders
from coordination.evidence import Kept, record_stored
from coordination.turns import Work
from safety.people import Role
from storage import evidence
from storage.backups import About
from storage.transaction import Transaction
from storage.vault import derivation, keyslots, words
from storage.vault.keys import CasePair, Key, new_case_pair
from tests.harness import World

VIDEO = b"\x00\x01video" * 40_000


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody elsewhere who has a key of their own."""

    name: str
    pair: CasePair


def config_of(folder: Path) -> Config:
    """Give the configuration of a world whose data lies in `folder` itself."""
    path = folder / "config.toml"
    if not path.exists():
        path.write_text(f'[storage]\ndirectory = "{folder}"\n', encoding="utf-8")
        path.chmod(0o600)
    return load(path, {})


async def has_keyholder(world: World, name: str = "Nora", role: Role = Role.DEPUTY) -> Holder:
    """Give somebody whose public key is enrolled."""
    holder = Holder(name, new_case_pair())
    await world.change(lambda work: keyholders.enrol(work, role, name, holder.pair.public))
    return holder


async def back_up(world: World, folder: Path, out: Path, *, with_evidence: bool = True) -> Made:
    """Do as `aman backup` does."""
    config = config_of(folder)
    about = About(world.now, config.settings)
    slots = world._slots  # noqa: SLF001 - the keys of this world
    return await make_visiting(config, slots, Wanted(about, out, with_evidence))


def set_of(backup: Path, keys: Path | None = None) -> Set:
    """Give a set: a backup, with the escrow and the purge list that stand beside `keys`."""
    beside = keys or backup
    return Set(
        backup=backup,
        escrow=beside.with_name(beside.name + ESCROW),
        purges=beside.with_name(beside.name + PURGES),
        evidence=backup.parent / "evidence",
    )


async def restored_to(folder: Path, files: Set, holder: Holder, now: datetime) -> Restored:
    """Do as `aman restore` does, with cheap keys."""
    where = Where(folder, now, derivation.FLOOR)
    return await asyncio.to_thread(restore, files, holder.pair.private, where, lambda _: None)


def world_of(restored: Restored, world: World) -> World:
    """Give the restored bot, with the same people and their phones as they are."""
    secret = words.parse(restored.words)
    slots = keyslots.unlock(restored.config.keys_path, secret)
    again = World(restored.config.directory, now=world.now, keys=(slots, secret))
    again._numbers = world.next_number()  # noqa: SLF001 - phones go on counting
    again.people = {chat: replace(someone, world=again) for chat, someone in world.people.items()}
    return again


async def stores_files(world: World, folder: Path, content: bytes = VIDEO) -> list[Path]:
    """Do as downloads do: seal what is owed, then record it; give the sealed files."""
    paths = []
    for item in await world.look(evidence.owed):

        def public(tx: Transaction, which: int = item.id) -> Key:
            found = evidence.get(tx, which)
            assert found is not None
            return evidence.public_key(tx, found)

        with evidence.open_writer(
            folder / "evidence", await world.look(public), item.id
        ) as writer:
            writer.write(content)
            kept = Kept.of(writer.finish())

        def record(work: Work, which: int = item.id, what: Kept = kept) -> None:
            record_stored(work, which, what)

        await world.change(record)
        paths.append(evidence.path_of(folder / "evidence", item.id))
    return paths
