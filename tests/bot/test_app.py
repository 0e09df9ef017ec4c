"""The whole application over HTTP: it starts, works, survives, refuses and ends cleanly."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from telegram import Bot

from bot import mounts
from bot.app import KEYS_LOOK, Application
from bot.clock import MovableClock, SystemClock
from bot.config import Config, ConfigError
from bot.mounts import Lasting
from bot.rehearsal.botapi import BotApiServer, Fault, FaultKind
from bot.setup import set_up
from bot.standby import WHERE
from safety.languages import Language
from safety.people import ChatId, EventId, Recipient, Role, TeamId
from safety.team import TeamPerson, TeamState
from storage import chats, routes
from storage.moments import to_row
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault import derivation
from storage.vault.keyslots import KeySlots
from tests.bot.conftest import TOKEN

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def running(
    config: Config, slots: KeySlots, clock: MovableClock
) -> AsyncIterator[Application]:
    """Run the application while the block lasts, and end it cleanly."""
    application = Application(config, slots, clock)
    async with application, asyncio.TaskGroup() as tasks:
        tasks.create_task(application.run())
        yield application
        application.stop()


async def test_a_stranger_is_answered_with_one_neutral_sentence(
    service: BotApiServer, config: Config, slots: KeySlots, clock: MovableClock
) -> None:
    """From the phone through every room and back."""
    dana = service.person(17, "Dana", language_code="en")
    async with running(config, slots, clock) as application:
        await dana.opens()
        await dana.sees("")
        await quiet(application)
    assert service.violations == ()
    assert len([message for message in dana.messages if message.from_bot]) == 1


@pytest.mark.parametrize("found", [None, Lasting("btrfs")])
async def test_what_the_disk_cannot_forget_is_known_from_the_start(
    config: Config,
    slots: KeySlots,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
    found: Lasting | None,
) -> None:
    """Or the receipt of a purge would promise too much."""
    monkeypatch.setattr(mounts, "find_lasting", lambda _directory: found)
    told = Application(config, slots, clock)._policy  # noqa: SLF001 - what use cases are told
    assert told.overwrites_in_place is (found is None)


async def test_what_came_while_the_bot_was_down_is_answered_after_the_start(
    service: BotApiServer, config: Config, slots: KeySlots, clock: MovableClock
) -> None:
    """A restart loses nothing."""
    async with running(config, slots, clock) as application:
        await quiet(application)
    dana = service.person(17, "Dana", language_code="en")
    await dana.opens()
    async with running(config, slots, clock):
        await dana.sees("")


async def test_what_is_over_goes_while_the_bot_runs_and_after_it_was_off_for_long(
    service: BotApiServer, config: Config, slots: KeySlots, clock: MovableClock
) -> None:
    """The sweep needs nobody, and a machine that slept for weeks catches up at once."""
    assert service.base_url
    dana = ChatId(17)

    def blocks(tx: Transaction) -> None:
        chats.silence(tx, dana, chats.BLOCKED, to_row(clock.now()))

    def blocked(tx: Transaction) -> str | None:
        return chats.silence_reason(tx, dana)

    async with running(config, slots, clock) as application:
        await application.database.write(blocks)
        clock.move(timedelta(days=29))
        await quiet(application)
        assert await application.database.read(blocked) == chats.BLOCKED
        clock.move(timedelta(days=2))
        async with asyncio.timeout(5):
            while await application.database.read(blocked) is not None:
                await SystemClock().sleep(0.02)
        await application.database.write(blocks)
    clock.move(timedelta(days=31))
    async with running(config, slots, clock) as application, asyncio.timeout(5):
        while await application.database.read(blocked) is not None:
            await SystemClock().sleep(0.02)


@pytest.mark.parametrize("hours", [41, 50])
async def test_who_has_to_clear_a_chat_by_hand_is_told(
    service: BotApiServer, config: Config, slots: KeySlots, clock: MovableClock, hours: int
) -> None:
    """A bot that was off for hours deletes what it still can, and says where that is too late."""
    aigul = service.person(17, "Aigul", language_code="en")

    async with running(config, slots, clock) as application:
        await application.database.write(_has_an_organizer)
        await aigul.opens()
        await aigul.writes("/board")
        await aigul.sees("There is nothing planned")
        await quiet(application)
    before = len(aigul.messages)
    clock.move(timedelta(hours=hours))
    async with running(config, slots, clock) as application:
        await application.has_started()
        await quiet(application)
    texts = [message.text for message in aigul.messages]
    if hours > 48:
        assert len(texts) == before + 1
        assert "Please clear this chat yourself." in texts[-1]
    else:
        assert texts == []


async def test_a_lock_that_was_undone_within_a_second_is_told_too(
    service: BotApiServer, config: Config, slots: KeySlots, clock: MovableClock
) -> None:
    """Whatever was refused in between has to go on, and nobody should wonder why it was."""
    aigul = service.person(17, "Aigul", language_code="en")

    def prepare(tx: Transaction) -> None:
        _has_an_organizer(tx)
        tx.create_event_keys(EventId(7))

    async with running(config, slots, clock) as application:
        await aigul.opens()
        await application.database.write(prepare)
        await quiet(application)
        await SystemClock().sleep(KEYS_LOOK / 10)  # the keys were looked at
        held = dict(slots.keys)
        slots.lock()
        slots.sight = slots.sight.changed(held, ())  # opened again, without half a second
        clock.move(timedelta(seconds=KEYS_LOOK))
        await aigul.sees("can be read again")


async def test_everybody_has_the_same_menu_of_commands(
    service: BotApiServer, config: Config, slots: KeySlots, clock: MovableClock
) -> None:
    """A menu must not tell who is an organizer."""
    people = [service.person(17 + n, "X", language_code=code) for n, code in enumerate(["en"] * 2)]
    async with running(config, slots, clock) as application:
        await quiet(application)
        await _until(lambda: bool(people[0].commands_menu))
    scopes = [call.parameters.get("scope") for call in service.calls if "Commands" in call.method]
    for_groups = WHERE.to_dict()  # all of which the bot leaves
    assert [scope for scope in scopes if scope not in (None, for_groups)] == []
    assert people[0].commands_menu == people[1].commands_menu


async def test_a_foreign_webhook_is_told_to_the_organizers_once_and_stops_nothing(
    service: BotApiServer, config: Config, slots: KeySlots, clock: MovableClock, bot: Bot
) -> None:
    """Whoever holds the token must not be able to end timers and alarms by it (ADR-0017)."""
    aigul, nora = service.person(17, "Aigul"), service.person(18, "Nora")
    async with running(config, slots, clock) as application:
        await aigul.opens()
        await nora.opens()
        await quiet(application)
        await application.database.write(_has_an_organizer)
        await bot.set_webhook("https://example.org/hook")
        for _ in range(3):
            await aigul.sees("/revoke")
            clock.move(timedelta(minutes=5))
            await quiet(application)
        await bot.delete_webhook()
        await _until(lambda: aigul.shows("works again"), clock)
        await quiet(application)
    told = [message for message in aigul.messages if "Receiving works again" in message.text]
    assert len(told) == 1
    assert not nora.shows("/revoke")
    assert [call.method for call in service.calls].count("deleteWebhook") == 1  # this test's own


async def test_a_token_that_is_not_accepted_refuses_the_start(
    service: BotApiServer, config: Config, slots: KeySlots, clock: MovableClock
) -> None:
    """One sentence, and nothing half started."""
    service.faults.add(Fault(FaultKind.UNAUTHORIZED, method="getMe"))
    application = Application(config, slots, clock)
    async with application:
        with pytest.raises(ConfigError, match="token"):
            await application.run()


async def test_a_service_that_is_away_at_the_start_is_waited_for(
    service: BotApiServer, config: Config, slots: KeySlots, clock: MovableClock
) -> None:
    """Timers must run after a power cut, also without the internet."""
    service.faults.add(Fault(FaultKind.SERVER_ERROR, method="getMe", times=2))
    dana = service.person(17, "Dana", language_code="en")
    async with running(config, slots, clock) as application:
        await dana.opens()
        await dana.sees("")
        await _until(lambda: bool(dana.commands_menu), clock)
        await quiet(application)


async def test_an_alarm_goes_out_when_nothing_can_be_stored(
    service: BotApiServer,
    config: Config,
    slots: KeySlots,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A full disk keeps nobody's call for help from the team; strangers wake nobody."""
    aigul, stranger = service.person(17, "Aigul"), service.person(99, "Somebody")
    async with running(config, slots, clock) as application:
        await aigul.opens()
        await stranger.opens()
        await quiet(application)
        await application.database.write(_has_an_organizer)
        await SystemClock().sleep(0.2)
        monkeypatch.setattr(application.database, "write", _full)
        await stranger.writes("sos")
        await SystemClock().sleep(0.3)
        assert not aigul.shows("ALARM")
        await aigul.writes("sos")
        await aigul.sees("ALARM")
        await SystemClock().sleep(0.3)
        clock.move(timedelta(seconds=3))
        await SystemClock().sleep(0.3)
        shown = [message for message in aigul.messages if "ALARM" in message.text]
        assert len(shown) == 1
        monkeypatch.undo()
        clock.move(timedelta(seconds=3))
        await _until(lambda: service.pending_updates == 0, clock)
        await quiet(application)


async def test_a_video_sent_after_an_alarm_is_sealed_and_leaves_the_phone(
    service: BotApiServer, config: Config, slots: KeySlots, clock: MovableClock
) -> None:
    """Fetched over HTTP, sealed bit by bit, and removed from the chat once it is kept."""
    content = b"what happened at the door " * 9000
    aigul = service.person(17, "Aigul", language_code="en")
    async with running(config, slots, clock) as application:
        await aigul.opens()
        await quiet(application)
        await application.database.write(_has_an_organizer)
        await aigul.writes("sos")
        await quiet(application)
        await aigul.sends_video(content)
        await service.settles()
        await quiet(application)
    files = _files(config.evidence_path)
    assert len(files) == 1
    assert len(files[0]) > len(content)
    assert b"at the door" not in files[0]
    assert "video" not in [message.kind for message in aigul.messages]


async def test_a_part_that_breaks_is_started_again(
    service: BotApiServer,
    config: Config,
    slots: KeySlots,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One fault in one place does not silence the bot."""
    dana = service.person(17, "Dana", language_code="en")
    async with running(config, slots, clock) as application:
        await quiet(application)
        read = application.database.read
        failures = [ValueError(), ValueError(), ValueError()]

        async def breaks(look: Callable[[Transaction], object]) -> object:
            if failures:
                raise failures.pop()
            return await read(look)

        monkeypatch.setattr(application.database, "read", breaks)
        await dana.opens()
        await _until(lambda: dana.newest() is not None, clock)


async def test_sigterm_ends_the_program_cleanly(service: BotApiServer, tmp_path: Path) -> None:
    """`aman run` as a program: it answers, ends with 0, and its files stay private."""
    made = await asyncio.to_thread(set_up, tmp_path / "home", {}, derivation.FLOOR)
    surroundings = {
        **os.environ,  # noqa: TID251 - a program needs its path
        "AMAN_TELEGRAM_TOKEN": TOKEN,
        "AMAN_TELEGRAM_API_URL": service.url,
        "AMAN_VAULT_UNLOCK": "env",
        "AMAN_VAULT_SECRET": made.words,
    }
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "--verbose",
        "run",
        "--config",
        str(made.config_path),
        cwd=ROOT,
        env=surroundings,
        stderr=asyncio.subprocess.PIPE,
    )
    dana = service.person(17, "Dana", language_code="en")
    await dana.opens()
    await dana.writes("a word that nobody may log")
    await dana.sees("", within=20)
    await service.settles()
    running.send_signal(signal.SIGTERM)
    _, log = await asyncio.wait_for(running.communicate(), 20)
    assert running.returncode == 0
    assert b"event=stopped" in log
    for secret in (b"nobody may log", b"Dana", TOKEN.encode(), made.words.encode()):
        assert secret not in log
    for path in made.directory.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
        if path.is_file():
            assert b"nobody may log" not in path.read_bytes()


def _has_an_organizer(tx: Transaction) -> None:
    person = TeamPerson(TeamId(1), Role.ORGANIZER, TeamState.ACTIVE, "A", SystemClock().now())
    TEAM.put(tx, person)
    routes.put(tx, None, 1, Recipient(ChatId(17), Language.EN))


def _files(directory: Path) -> list[bytes]:
    return [path.read_bytes() for path in directory.iterdir()]


async def _full(work: object, *, urgent: bool = False) -> None:
    del work, urgent
    raise OSError(28, "No space left on device")


async def quiet(application: Application) -> None:
    """Wait until nothing waits."""
    async with asyncio.timeout(20):
        while not await application.is_quiet():
            await SystemClock().sleep(0.02)


async def _until(is_so: Callable[[], bool], clock: MovableClock | None = None) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await SystemClock().sleep(0.02)
            if clock is not None:
                clock.move(timedelta(seconds=1))
