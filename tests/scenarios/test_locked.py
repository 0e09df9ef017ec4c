"""The attack, played while everything is locked: nothing is deaf, nothing lost, no name told."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bot.clock import MovableClock
from bot.config import Config
from bot.rehearsal.acts import (
    arriving,
    deciding,
    gathering,
    inviting,
    planning,
    registering,
    relocating,
    venuing,
)
from bot.rehearsal.acts.scene import START, TITLE, VIDEO, Evening
from bot.rehearsal.botapi.server import BotApiServer
from bot.rehearsal.cast import Player
from bot.rehearsal.opening import open_stage
from bot.rehearsal.promises import Outcome
from bot.rehearsal.runner import InProcessRunner
from bot.rehearsal.stage import Runner
from bot.unlocking import open_keys
from safety.people import EventId, Presence, Standing
from safety.registration import Person
from storage import evidence, incidents, people
from storage.events import EVENTS
from storage.evidence import EVIDENCE
from storage.transaction import Transaction
from storage.vault import words
from storage.vault.keys import LOCKABLE, KeyKind, KeyName
from storage.vault.keyslots import KeySlots

T = TypeVar("T")

ENOUGH = 300.0  # real seconds on a slow machine
BEFORE_IT = (gathering, planning, inviting, registering, deciding, venuing, relocating, arriving)
WHERE = (43.2402, 76.8605)
CRY = "Көмектесіңдерші, бізді ұрып жатыр!"
NAMES = ("Шолпан", "Айсұлу", "Ласточка", "Sparrowhawk")


@dataclass(slots=True)
class House:
    """Where the bot runs in this process, with its keys at hand."""

    slots: KeySlots | None = None
    runner: InProcessRunner | None = None
    taken: dict[KeyName, bytes] = field(default_factory=dict)  # what lay in memory before

    @asynccontextmanager
    async def housed(
        self, config: Config, service: BotApiServer, clock: MovableClock, log_folder: Path
    ) -> AsyncIterator[Runner]:
        """Run the bot here."""
        del service, log_folder
        with open_keys(config) as slots:
            async with asyncio.TaskGroup() as tasks:
                self.slots = slots
                self.runner = InProcessRunner(config, slots, clock, tasks)
                yield self.runner

    def remember_keys(self) -> None:
        """Remember the keys that have to be gone afterwards."""
        self.taken = {
            name: key.reveal() for name, key in self.keys.keys.items() if name.kind in LOCKABLE
        }
        assert {name.kind for name in self.taken} == LOCKABLE

    @property
    def keys(self) -> KeySlots:
        """Give the key slots of the running bot."""
        assert self.slots is not None
        return self.slots

    async def look(self, look: Callable[[Transaction], T]) -> T:
        """Look at what is stored."""
        assert self.runner is not None
        return await self.runner.application.database.read(look)

    async def open_again(self, evening: Evening) -> None:
        """Do what the command on the server does, with the unlock secret."""
        config = evening.stage.config
        typed = (config.home / config.unlock_file).read_text(encoding="utf-8")
        await evening.stage.quiet()
        since = {player.name: player.phone.moment for player in evening.team}
        self.keys.open_again(words.parse(typed))
        for player in evening.team:
            await player.reads("lock-opened", since=since[player.name])
        await evening.stage.quiet()


def _the_event(tx: Transaction) -> EventId:
    (event,) = EVENTS.find(tx, "1 = 1")
    return event.id


def _everybody(tx: Transaction) -> dict[str, Person]:
    found = people.with_standing(tx, _the_event(tx), Standing.APPROVED)
    return {person.name: person for person in found}


def _said(tx: Transaction) -> str:
    found = incidents.at_event(tx, _the_event(tx))
    entries = [one.entry for each in found for one in incidents.entries(tx, each)]
    return " ".join(value for entry in entries for _, value in entry.details)


@pytest.mark.torture
@pytest.mark.timeout(ENOUGH)
async def test_an_attack_is_played_while_everything_is_locked(tmp_path: Path) -> None:
    """Locked in chat; called, seen, taken, counted; opened, and all is there; then purged."""
    house = House()
    async with (
        asyncio.timeout(ENOUGH),
        open_stage(tmp_path, io.StringIO(), acts=9, housed=house.housed) as opening,
    ):
        evening = Evening.of(opening)
        for act in BEFORE_IT:
            await act.play(evening)
        broken = [row for row in evening.stage.promises.rows if row.outcome is Outcome.BROKEN]
        assert not broken
        house.remember_keys()
        await _lock(evening, house)
        await _call(evening)
        await _escalate(evening)
        await _take(evening)
        await _count(evening)
        _nothing_is_readable(evening, house)
        await house.open_again(evening)
        await _all_is_there(evening, house)
        await _purge_while_locked(evening, house)
        log = (evening.stage.logs / "bot.log").read_text(encoding="utf-8")
        assert "started" in log
        assert "fault" not in log


async def _lock(evening: Evening, house: House) -> None:
    """Dana locks: nothing but what is written on it happens, and everybody knows."""
    dana = evening.dana
    await dana.writes("/lock")
    await dana.reads("lock-question")
    await dana.presses("button-lock")
    for player in evening.team:
        await player.reads("lock-news")
    await evening.stage.quiet()
    assert not LOCKABLE & {name.kind for name in house.keys.keys}
    await evening.aigul.writes("/board")
    await evening.aigul.reads("board-names-locked")
    await evening.aigul.presses("button-names")
    await evening.aigul.phone.is_told(evening.aigul.fragment("locked"))


async def _call(evening: Evening) -> None:
    """Asel presses the key, Kamila writes in Kazakh; place and video go with it."""
    asel, kamila, aigul, timur = evening.asel, evening.kamila, evening.aigul, evening.timur
    await evening.stage.until(START + timedelta(minutes=40))
    since = {player.name: player.phone.moment for player in evening.woken}
    await asel.taps("SOS")
    await asel.reads("alarm-mine-received")
    for player in evening.woken:
        await player.reads("alarm-card-since", since=since[player.name])
    await asel.phone.sends_location(*WHERE)
    await asel.phone.sends_video(VIDEO, "what-happens.mp4")
    await aigul.reads("alarm-card-files", number=1)
    await asel.reads("evidence-kept")
    await kamila.writes(CRY)
    await kamila.reads("alarm-mine-received")
    await aigul.reads("alarm-card-callers", number=2)
    await timur.presses("button-show")
    await timur.reads("person-locked")
    await timur.sees(CRY)


async def _escalate(evening: Evening) -> None:
    """Nobody answers: the deputy is rung, and *I'm on it* is seen by both who called."""
    nora, dana = evening.nora, evening.dana
    await evening.stage.quiet()
    since = nora.phone.moment
    await evening.stage.passes(timedelta(minutes=3))
    await nora.reads("alarm-card-since", since=since)
    await dana.presses("alarm-button-on-it")
    for player in (evening.asel, evening.kamila):
        await player.reads("alarm-mine-seen")
    await evening.kamila.presses("alarm-button-safe")
    await evening.aigul.reads("alarm-card-unheard", number=1)


async def _take(evening: Evening) -> None:
    """Madina says that she is taken: her phone is empty, and quiet."""
    await evening.madina.writes("/taken")
    await evening.leila.reads("detention-number")
    await evening.stage.quiet()
    await evening.madina.writes("белый микроавтобус")
    await evening.stage.quiet()
    assert not evening.madina.phone.messages
    assert not evening.madina.phone.keyboard
    await evening.leila.presses_under(
        evening.leila.fragment("detention-number"), "alarm-button-on-it"
    )


async def _count(evening: Evening) -> None:
    """A roll call asks whoever is there; the board counts, and counts nobody's silence as safe."""
    aigul, erik, tim = evening.aigul, evening.erik, evening.tim
    await aigul.writes("/rollcall")
    for player in (evening.asel, evening.kamila, erik, tim):
        await player.reads("rollcall-question")
    await tim.presses("button-checkin-safe")
    await erik.writes("/home")
    await evening.stage.quiet()
    await aigul.writes("/board")
    board = await aigul.reads("board-names-locked", since=aigul.phone.moment - 1)
    for section, number in (("expected", 5), ("here", 2), ("taken", 1), ("home", 1)):
        assert aigul.label(f"board-{section}", number=number) in board.text, board.text
    assert aigul.label("board-unheard", number=1) in board.text, board.text
    assert aigul.label("board-silent", number=2) in board.text, board.text
    await evening.stage.passes(timedelta(hours=1))


def _nothing_is_readable(evening: Evening, house: House) -> None:
    """Neither in the map of keys, nor in any file: none of the keys, none of the names."""
    assert not LOCKABLE & {name.kind for name in house.keys.keys}
    hidden = [*house.taken.values(), *(name.encode() for name in NAMES), CRY.encode(), VIDEO[:64]]
    files = [file for file in evening.stage.config.directory.rglob("*") if file.is_file()]
    assert {"aman.db", "keys"} <= {file.name for file in files}
    for file in files:
        content = file.read_bytes()
        assert not [one for one in hidden if one in content], file.name
    for player in evening.team:
        for name in NAMES:
            assert not player.shows(name), (player.name, name)


async def _all_is_there(evening: Evening, house: House) -> None:
    """Whatever was said while locked stands with the names again."""
    found = await house.look(_everybody)
    presences = {name: person.presence for name, person in found.items()}
    assert presences == {
        "Шолпан": Presence.HERE,
        "Айсұлу": Presence.HERE,
        "Ласточка": Presence.TAKEN,
        "Sparrowhawk": Presence.HOME,
        "Kingfisher": Presence.UNANSWERED,
    }
    assert found["Шолпан"].needs_help
    assert found["Айсұлу"].is_unverified
    said = await house.look(_said)
    for words_ in (CRY, "белый микроавтобус", f"{WHERE[0]:.6f},{WHERE[1]:.6f}"):
        assert words_ in said
    event_id = await house.look(_the_event)
    private = house.keys.key(KeyKind.CASE_PRIVATE, event_id)
    (item,) = await house.look(lambda tx: list(EVIDENCE.find(tx, "event_id = ?", event_id)))
    kept = evidence.read(evening.stage.config.evidence_path, private, item.id)
    assert b"".join(kept) == VIDEO
    await evening.timur.presses_under(evening.timur.fragment("alarm-card-since"), "button-show")
    await evening.timur.sees("Шолпан")


async def _purge_while_locked(evening: Evening, house: House) -> None:
    """Two forget everybody: overwritten at once, and the rest is sealed anew when it is opened."""
    aigul, dana = evening.aigul, evening.dana
    await evening.stage.quiet()
    event_id = await house.look(_the_event)
    await _lock_again(aigul, evening, house)
    await aigul.writes("/purge")
    await aigul.reads("purge-choose")
    await aigul.taps(TITLE)
    await aigul.presses("button-purge")
    await dana.reads("proposal-purge")
    await dana.presses("button-proposal-confirm", place="")
    await dana.reads("purge-epoch-owed")
    await evening.stage.quiet()
    assert not {KeyKind.PEOPLE, KeyKind.ROUTING} & {name.kind for name in house.keys.names}
    owed_before = house.keys.is_rotation_owed
    await house.open_again(evening)
    owed_after = house.keys.is_rotation_owed
    assert (owed_before, owed_after) == (True, False)
    assert await house.look(_everybody) == {}
    assert CRY in await house.look(_said)
    assert KeyName(KeyKind.CASE_PRIVATE, event_id) in house.keys.keys


async def _lock_again(player: Player, evening: Evening, house: House) -> None:
    """The alarm is still open: it waits a minute, nobody objects."""
    await player.writes("/lock")
    await player.presses("button-lock")
    await evening.dana.reads("lock-asked")
    assert LOCKABLE & {name.kind for name in house.keys.keys}
    await evening.stage.passes(timedelta(minutes=1))
    await evening.stage.quiet()
    assert not LOCKABLE & {name.kind for name in house.keys.keys}
