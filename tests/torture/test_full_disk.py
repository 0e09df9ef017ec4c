"""A disk that fills up in the middle of it all: alarms go out, nothing acknowledged is lost."""

import asyncio
import io
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from bot.backup import own_copy
from bot.clock import SystemClock
from bot.rehearsal import evening as story
from bot.rehearsal.acts.scene import VIDEO, Evening
from bot.rehearsal.botapi.errors import PersonError
from bot.rehearsal.opening import open_stage
from bot.rehearsal.promises import Outcome
from bot.unlocking import open_keys
from safety.evidence import EvidenceState
from safety.people import EventId
from storage import casekeys, counters, evidence
from storage.ballast import Ballast
from storage.database import Database
from storage.transaction import GroupLostError, Transaction
from storage.trouble import is_disk_trouble
from storage.vault import derivation, keyslots
from storage.vault.keys import KeyKind, KeyName
from storage.vault.keyslots import KeySlots
from storage.vault.words import UnlockSecret
from tests.faults.disks import SmallDisk, small_disk
from tests.faults.program import Program, program
from tests.faults.suffering import SHORTLY, suffer
from tests.faults.weakened import Weakness

T = TypeVar("T")
pytestmark = [pytest.mark.torture, pytest.mark.timeout(600)]

MEGABYTES = 40  # enough for an evening, the ballast and its margin
ARRIVED, ATTACKED = 8, 13  # how many acts there are until people are there, and until it is over
ENOUGH = 300.0  # real seconds for one evening on a slow machine
MANY = 400  # writes after which a full disk must have been noticed
EVENTS = (EventId(7), EventId(8))
REFUSED = (sqlcipher.Error, GroupLostError, OSError)
MADINA = 19  # a chat
LARGE = 200_000  # bytes in one row, and as many in its index


# ---------------------------------------------------------------- the database alone


@dataclass(slots=True)
class Vault:
    """Keys on a small disk, and what opens them."""

    disk: SmallDisk
    slots: KeySlots
    secret: UnlockSecret

    @property
    def ballast(self) -> Ballast:
        """Give the ballast on this disk."""
        return Ballast(self.disk.path / "ballast")

    def open(self, ballast: Ballast | None) -> Database:
        """Give the database on this disk."""
        return Database(self.disk.path / "aman.db", self.slots, ballast=ballast)

    def keeps(self, event: EventId) -> bool:
        """Say whether the file on the disk keeps an event's people key; it must be whole."""
        copy = self.disk.path.parent / "copy"
        shutil.copy(self.disk.path / "keys", copy)
        with keyslots.unlock(copy, self.secret, to_write=False) as slots:
            return KeyName(KeyKind.PEOPLE, event) in slots.names


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """Give cheap keys on a disk of their own."""
    with small_disk(tmp_path / "data", MEGABYTES) as disk:
        slots, secret = keyslots.create(disk.path / "keys", derivation.FLOOR)
        with slots:
            yield Vault(disk, slots, secret)


async def test_the_very_write_that_finds_no_room_is_made_with_the_ballasts(vault: Vault) -> None:
    """Nobody has to ask again; and without a ballast it fails."""
    assert vault.ballast.take()
    async with vault.open(vault.ballast) as database:
        vault.disk.fill()
        await asyncio.gather(*(database.write(_grows) for _ in range(5)))
        assert not vault.ballast.is_held
        assert await database.read(_count) == 5
        vault.disk.fill()
        written = await _write_until_refused(database)
        assert await database.read(_count) == 5 + written
        vault.disk.clear()
        await database.write(_grows)
        assert await database.read(_count) == 6 + written


async def test_a_start_on_a_full_disk_takes_the_ballasts_room(vault: Vault) -> None:
    """A restart in the middle of it must not make the bot deaf."""
    async with vault.open(None) as database:
        await database.write(_grows)
    assert vault.ballast.take()
    vault.disk.fill()
    with pytest.raises(REFUSED, check=is_disk_trouble):
        await vault.open(None).__aenter__()
    async with vault.open(vault.ballast) as database:
        await database.write(_grows)
        assert await database.read(_count) == 2


async def test_a_purge_on_a_full_disk_is_whole_or_refused(vault: Vault) -> None:
    """The key slot file is overwritten in place: it needs no room, and stays whole."""
    assert vault.ballast.take()
    async with vault.open(vault.ballast) as database:
        for event in EVENTS:
            await database.write(lambda tx, event=event: tx.create_event_keys(event))  # type: ignore[misc] # a default
        vault.disk.fill()
        await database.write(lambda tx: _purges(tx, EVENTS[0]))
        assert not vault.ballast.is_held
        assert not vault.keeps(EVENTS[0])
        vault.disk.fill()
        await _write_until_refused(database)
        with pytest.raises(REFUSED, check=is_disk_trouble):
            await database.write(lambda tx: _purges(tx, EVENTS[1]))
        assert vault.keeps(EVENTS[1])
        vault.disk.clear()
        await database.write(lambda tx: _purges(tx, EVENTS[1]))
        assert not vault.keeps(EVENTS[1])


async def test_a_backup_that_finds_no_room_gives_back_what_it_took(vault: Vault) -> None:
    """Or the bot's own copy would keep the disk full, until somebody comes."""
    assert vault.ballast.take()
    async with vault.open(None) as database:
        for _ in range(20):
            await database.write(_grows)
        vault.disk.fill()
        vault.ballast.give_up()
        free = shutil.disk_usage(vault.disk.path).free
        for _ in range(2):
            with pytest.raises(REFUSED, check=is_disk_trouble), own_copy(vault.disk.path) as copy:
                await database.copy_to(copy, _count)
            assert shutil.disk_usage(vault.disk.path).free > free / 2


def _grows(tx: Transaction) -> None:
    number = counters.next_number(tx, "grown")
    tx.run(
        "INSERT INTO tokens (digest, purpose, subject_id, expires_at) VALUES (?, 'x', 0, 0)",
        number.to_bytes(4) + bytes(LARGE),
    )


def _purges(tx: Transaction, event: EventId) -> None:
    _grows(tx)
    tx.destroy_keys(event, KeyKind.PEOPLE)


def _count(tx: Transaction) -> int:
    return tx.number("SELECT COUNT(*) FROM tokens")


async def _write_until_refused(database: Database) -> int:
    for written in range(MANY):
        try:
            await database.write(_grows)
        except REFUSED:
            return written
    raise AssertionError("the disk never filled up")


# ---------------------------------------------------------------- the evening


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Have the data directory of the evening on a disk of its own."""
    with small_disk(tmp_path / "data", MEGABYTES) as mounted:
        yield mounted


@asynccontextmanager
async def _evening(folder: Path, acts: int) -> AsyncIterator[Evening]:
    async with (
        asyncio.timeout(ENOUGH),
        open_stage(folder, io.StringIO(), acts=len(story.ACTS)) as opening,
    ):
        scene = Evening.of(opening)
        for act in story.ACTS[:acts]:
            await story.play_act(scene, act)
        yield scene


@pytest.mark.in_parts
@pytest.mark.parametrize("seed", [1])
async def test_an_attack_on_a_disk_that_fills_up_again_and_again_keeps_every_promise(
    tmp_path: Path, disk: SmallDisk, seed: int
) -> None:
    """Full at any moment: the ballast's room is used, and is there again when there is room."""
    filled: list[bool] = []
    async with _evening(tmp_path, ARRIVED) as scene, asyncio.TaskGroup() as tasks:
        ballast = Ballast(scene.stage.config.ballast_path)
        chance = Random(seed)  # noqa: S311 - to be the same again
        filling = tasks.create_task(_fill_and_clear(disk, ballast, chance, filled))
        for act in story.ACTS[ARRIVED:ATTACKED]:
            await story.play_act(scene, act)
        filling.cancel()
        await asyncio.wait([filling])
        disk.clear()
        for act in story.ACTS[ATTACKED:]:
            await story.play_act(scene, act)
        rows = scene.stage.promises.rows
    assert not [row for row in rows if row.outcome is not Outcome.KEPT]
    assert sum(filled) > 0, "the ballast was never needed"


async def _fill_and_clear(
    disk: SmallDisk, ballast: Ballast, chance: Random, filled: list[bool]
) -> None:
    """Note each time whether the ballast was given up."""
    real = SystemClock()
    while True:
        await real.sleep(chance.uniform(0.0, 1.0))
        await asyncio.to_thread(disk.fill)
        await real.sleep(chance.uniform(0.5, 3.0))
        filled.append(not ballast.is_held)
        disk.clear()


@pytest.mark.in_parts
async def test_without_any_room_alarms_go_out_and_nothing_is_lost(
    tmp_path: Path, disk: SmallDisk
) -> None:
    """The ballast is used up too: the team is woken from memory, and all is stored later."""
    async with _evening(tmp_path, ARRIVED) as scene:
        stage, asel, kamila = scene.stage, scene.asel, scene.kamila
        await asel.taps("SOS")
        await asel.reads("alarm-mine-received")
        await stage.quiet()
        await _ask_until_nothing_is_stored(scene, disk)
        await asel.phone.sends_video(VIDEO, "what-happens.mp4")
        since = {player.name: player.phone.moment for player in scene.woken}
        await kamila.writes("Көмектесіңдерші, бізді ұрып жатыр!")
        for player in scene.woken:
            await player.reads("bare-alarm", since=since[player.name])
        disk.clear()
        await kamila.reads("alarm-mine-received")
        await scene.aigul.reads("alarm-card-callers", number=2)
        await scene.aigul.reads("storage-low")
        await asel.reads("evidence-kept")
        await stage.quiet()
        assert stage.service.pending_updates == 0
        assert await _look(scene, _count_unhandled) == 0
        assert await _look(scene, partial(_kept, scene)) == [VIDEO]
        low = scene.aigul.fragment("storage-low")
        assert len([one for one in scene.aigul.phone.messages if low in one.text]) == 1


async def _ask_until_nothing_is_stored(scene: Evening, disk: SmallDisk) -> None:
    """Fill the disk to the last byte, the ballast's room too, while Madina asks and asks."""
    log = scene.stage.logs / "bot.log"
    for _ in range(MANY):
        disk.fill()
        if "intake-not-stored" in log.read_text(encoding="utf-8"):
            return
        await scene.madina.writes("/help")
        await SystemClock().sleep(0.05)
    raise AssertionError("the disk never filled up")


async def _look(scene: Evening, look: Callable[[Transaction], T]) -> T:
    """Look beside the running bot."""
    config = scene.stage.config
    with open_keys(config, to_write=False) as slots:
        async with Database(config.database_path, slots, is_guest=True) as database:
            return await database.read(look)


def _count_unhandled(tx: Transaction) -> int:
    """Count what is not there of all updates up to the newest, or not handled."""
    missing = tx.number("SELECT MAX(update_id) - MIN(update_id) + 1 - COUNT(*) FROM inbox")
    return missing + tx.number("SELECT COUNT(*) FROM inbox WHERE state <> 'done'")


def _kept(scene: Evening, tx: Transaction) -> list[bytes]:
    """Give the files that are called whole, opened; nothing else may lie beside them."""
    folder = scene.stage.config.evidence_path
    found = [
        b"".join(evidence.read(folder, casekeys.private(tx, item.event_id), item.id))
        for item in evidence.EVIDENCE.find(tx, "1 = 1")
        if item.state is EvidenceState.STORED
    ]
    assert len(list(folder.iterdir())) == len(found)
    return found


# ---------------------------------------------------------------- the program, and seen red


async def test_the_program_on_a_full_disk_wakes_from_memory_and_stores_it_later(
    tmp_path: Path, disk: SmallDisk
) -> None:
    """What the evening promises, by `aman run` itself."""
    async with program(tmp_path) as one:
        await suffer(one, _full(one, disk))


@pytest.mark.parametrize(
    ("weakness", "missed"),
    [
        (Weakness.WAKES_NOBODY, "Aigul does not see 'The bot cannot store anything right now'"),
        (Weakness.ACKNOWLEDGES_ALL, "it was acknowledged|Aigul does not see 'Alarm 1'"),
    ],
)
async def test_without_its_protection_a_full_disk_costs_a_call(
    tmp_path: Path, disk: SmallDisk, weakness: Weakness, missed: str
) -> None:
    """A check that cannot fail promises nothing."""
    async with program(tmp_path, weakness) as one:
        with pytest.raises((PersonError, AssertionError), match=missed):
            await suffer(one, _full(one, disk), SHORTLY)


@asynccontextmanager
async def _full(one: Program, disk: SmallDisk) -> AsyncIterator[None]:
    """Fill the disk to the last byte, the ballast's room too, while somebody asks and asks."""
    asker = one.service.person(MADINA, "Madina", language_code="en")
    await asker.opens()
    for _ in range(MANY):
        disk.fill()
        if one.said("event=intake-not-stored"):
            break
        await asker.writes("/help")
        await SystemClock().sleep(0.05)
    try:
        yield
    finally:
        disk.clear()
