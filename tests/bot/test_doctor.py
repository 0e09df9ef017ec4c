"""The doctor finds what is wrong, says it in a sentence, and changes nothing."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path

import pytest
from telegram import Bot

from bot import control
from bot.clock import MovableClock, SystemClock
from bot.config import Config, load
from bot.doctor import Finding, examine, look_at_addresses, look_at_clock, look_at_running
from bot.rehearsal.botapi import BotApiServer
from bot.rehearsal.botapi.messenger import DeliveryFailure
from bot.rehearsal.botapi.updates import Hook
from bot.secondconfig import MailServer, Second, Security
from bot.setup import Made, set_up, what_is_left
from safety.intake import FOREIGN_COUNTS, Outage, Trouble
from safety.people import ChatId
from storage import inbox, intake
from storage.database import Database
from storage.inbox import Received
from storage.transaction import Transaction
from storage.vault import derivation, keyslots
from storage.vault.words import parse
from tests.bot.conftest import TOKEN
from tests.bot.postoffice import PostOffice, Topics
from tests.copies import config_of
from tests.harness import World
from tests.letters import has_address


@asynccontextmanager
async def _service() -> AsyncIterator[BotApiServer]:
    clock = MovableClock(SystemClock().now())
    async with BotApiServer(token=TOKEN, username="EveningBot", clock=clock) as service:
        service.profile.can_join_groups = False
        yield service


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """Give a machine as it should be: a plain file system, memory that can be locked, no swap."""
    proc = tmp_path / "proc"
    (proc / "self").mkdir(parents=True)
    _tell(proc, "ext4 /dev/vda rw")
    (proc / "self/status").write_text("Name:\taman\nCapEff:\t000001ffffffffff\n")
    (proc / "swaps").write_text("Filename\tType\tSize\tUsed\tPriority\n")
    return proc


def _tell(proc: Path, below: str) -> None:
    """Have the kernel tell what kind of file system everything is on."""
    (proc / "self/mountinfo").write_text(f"22 1 254:0 / / rw,relatime - {below}\n")


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Set everything up with cheap keys, which two people can open."""
    made = set_up(tmp_path, {}, derivation.FLOOR)
    with keyslots.unlock(made.directory / "keys", parse(made.words)) as slots:
        slots.add_secret("Nora", derivation.FLOOR)
    return made


def _around(service: BotApiServer, made: Made) -> dict[str, str]:
    return {
        "AMAN_TELEGRAM_TOKEN": TOKEN,
        "AMAN_TELEGRAM_API_URL": service.url,
        "AMAN_VAULT_UNLOCK": "env",
        "AMAN_VAULT_SECRET": made.words,
    }


async def test_a_healthy_bot_has_nothing_bad(made: Made, proc: Path) -> None:
    """Every line is good, and says what was looked at."""
    async with _service() as service:
        findings = await examine(made.config_path, _around(service, made), proc=proc)
    assert [finding.words for finding in findings if not finding.is_good] == []
    assert len(findings) >= 14
    assert "No bot runs with this data directory now." in [one.words for one in findings]


async def test_a_bot_that_says_nothing_is_found(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody listens, and does not answer: a hanging machine is not in order."""
    monkeypatch.setattr(control, "COUNT_PATIENCE", 0.2)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(made.directory / "control"))
        listener.listen()
        found = await asyncio.to_thread(lambda: list(look_at_running(load(made.config_path, {}))))
    assert _bad(found) == ["The running aman does not answer: look at its log."]


async def test_one_unlock_secret_is_not_enough(made: Made, proc: Path) -> None:
    """Whoever has it may be taken, or lose the note: then nobody opens anything any more."""
    with keyslots.unlock(made.directory / "keys", parse(made.words)) as slots:
        slots.revoke_secret("Nora")
    async with _service() as service:
        findings = await examine(made.config_path, _around(service, made), proc=proc)
    (bad,) = _bad(findings)
    assert bad.startswith("Only one unlock secret")
    assert bad.endswith("aman rekey --add NAME.")


@pytest.mark.parametrize(
    ("below", "words"),
    [
        ("btrfs /dev/vda rw", "(btrfs) may keep destroyed keys: use ext4 or xfs"),
        (
            "ext4 /dev/vda rw,data=journal",
            "(ext4 with data=journal) may keep destroyed keys: mount it with data=ordered",
        ),
    ],
)
async def test_a_file_system_that_keeps_destroyed_keys_is_found(
    made: Made, proc: Path, below: str, words: str
) -> None:
    """Erasing is a promise that it cannot keep; nobody on ext4 is told to use ext4."""
    _tell(proc, below)
    async with _service() as service:
        findings = await examine(made.config_path, _around(service, made), proc=proc)
    (bad,) = _bad(findings)
    assert words in bad


@pytest.mark.parametrize(
    ("below", "is_good", "words"),
    [
        ("ext4 /dev/vdb rw", True, "are overwritten in place"),
        ("btrfs /dev/vdb rw", False, "(btrfs) may keep old escrows: use ext4 or xfs"),
        ("fuse.sshfs far: rw", True, "on another machine (fuse.sshfs): its disk may keep"),
    ],
)
async def test_what_the_disk_of_the_copies_keeps_is_said(
    made: Made, proc: Path, below: str, words: str, *, is_good: bool
) -> None:
    """Old escrows are overwritten there; of another machine's disk nobody here can know."""
    copies = made.directory.parent / "copies"
    copies.mkdir()
    with (proc / "self/mountinfo").open("a") as table:
        table.write(f"23 22 254:1 / {copies} rw - {below}\n")
    async with _service() as service:
        around = {**_around(service, made), "AMAN_COPIES_DIRECTORY": str(copies)}
        findings = await examine(made.config_path, around, proc=proc)
    (found,) = [one for one in findings if "escrows" in one.words]
    assert (found.is_good, words in found.words) == (is_good, True)


def test_init_says_where_destroyed_keys_would_last(made: Made, proc: Path) -> None:
    """While nothing has to be moved yet."""
    assert not any("destroyed keys" in line for line in what_is_left(made, proc))
    _tell(proc, "btrfs /dev/vda rw")
    first, *_ = what_is_left(made, proc)
    assert first == (
        "The file system (btrfs) may keep destroyed keys: use ext4 or xfs on this machine."
    )


async def test_memory_that_may_reach_a_disk_is_found(
    made: Made, proc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not to be locked is bad where there is swap; swap alone is not, nor is neither."""
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (8_388_608, 8_388_608))

    async def memory() -> list[str]:
        async with _service() as service:
            findings = await examine(made.config_path, _around(service, made), proc=proc)
        return [
            f"{finding.is_good} {finding.words}"
            for finding in findings
            if finding.words.startswith("Memory")
        ]

    assert await memory() == ["True Memory can be locked; swap is off."]
    (proc / "self/status").write_text("CapEff:\t0000000000000000\n")
    assert await memory() == ["True Memory cannot be locked, but swap is off."]
    with (proc / "swaps").open("a") as table:
        table.write("/swapfile file 1 0 -2\n")
    (found,) = await memory()
    assert found.startswith("False Memory cannot be locked, and swap is on")
    (proc / "self/status").write_text("CapEff:\t0000000000004000\n")
    assert await memory() == ["True Memory can be locked; swap is on, and better off."]


async def _takes_a_webhook(service: BotApiServer, bot: Bot) -> None:
    del service
    await bot.set_webhook("https://example.org/hook")


async def _joins_groups(service: BotApiServer, bot: Bot) -> None:
    del bot
    service.profile.can_join_groups = True


async def _has_a_telling_name(service: BotApiServer, bot: Bot) -> None:
    del service
    await bot.set_my_name("Activists' meeting")


async def _has_a_telling_description(service: BotApiServer, bot: Bot) -> None:
    del service
    await bot.set_my_description("Бот для участников митинга")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_takes_a_webhook, "webhook"),
        (_joins_groups, "groups"),
        (_has_a_telling_name, "Name or description"),
        (_has_a_telling_description, "Name or description"),
    ],
)
async def test_what_the_bots_account_gives_away_is_found(
    made: Made, proc: Path, spoil: Callable[[BotApiServer, Bot], Awaitable[None]], words: str
) -> None:
    """Whoever holds the account at @BotFather owns the bot."""
    async with _service() as service, Bot(TOKEN, service.base_url) as bot:
        await spoil(service, bot)
        findings = await examine(made.config_path, _around(service, made), proc=proc)
    bad = [finding.words for finding in findings if not finding.is_good]
    assert len(bad) == 1
    assert words in bad[0]


def _breaks(trouble: Trouble) -> Callable[[Transaction], None]:
    outage = Outage(trouble, SystemClock().now() - timedelta(minutes=5))
    return lambda tx: intake.put_outage(tx, outage)


def _sets_aside(tx: Transaction) -> None:
    update = Received(1, ChatId(17), is_alarm_like=False, raw=b"a word that nobody may show")
    inbox.receive(tx, SystemClock().now(), [update])
    for _ in range(inbox.ATTEMPTS):
        inbox.fail(tx, 1)


def _jumps(tx: Transaction) -> None:
    intake.note_jump(tx, SystemClock().now(), timedelta(seconds=-90))


def _was_foreign(tx: Transaction) -> None:
    now = SystemClock().now()
    intake.note_foreign(tx, now - timedelta(days=2))
    over = Outage(Trouble.NO_LINE, now - timedelta(hours=1), now)
    intake.put_outage(tx, over)


def _was_foreign_long_ago(tx: Transaction) -> None:
    intake.note_foreign(tx, SystemClock().now() - FOREIGN_COUNTS - timedelta(minutes=1))


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (_was_foreign, "exchange it (/revoke at @BotFather)"),
        (_breaks(Trouble.CONFLICT), "send /revoke"),
        (_breaks(Trouble.FOREIGN_WEBHOOK), "somebody else may hold the token"),
        (_breaks(Trouble.TOKEN_REFUSED), "still yours"),
        (_breaks(Trouble.NO_LINE), "(no-line)"),
        (_breaks(Trouble.NOT_DELIVERED), "cannot reach the webhook"),
        (_breaks(Trouble.NOT_STORED), "disk"),
        (_sets_aside, "1 update(s) of the last day were set aside"),
        (_jumps, "jumped by -90 seconds"),
    ],
)
async def test_what_the_bot_has_kept_of_its_troubles_is_found(
    made: Made, proc: Path, plant: Callable[[Transaction], None], words: str
) -> None:
    """In a sentence that somebody can act on; nobody's words are in it."""
    secret = parse(made.words)
    with keyslots.unlock(made.directory / "keys", secret) as slots:
        async with Database(made.directory / "aman.db", slots) as database:
            await database.write(plant)
    async with _service() as service:
        findings = await examine(made.config_path, _around(service, made), proc=proc)
    (bad,) = _bad(findings)
    assert words in bad
    assert "nobody may show" not in bad


async def test_a_trouble_that_is_over_is_good(made: Made, proc: Path) -> None:
    """It stands in `aman status`, not here."""
    secret = parse(made.words)
    now = SystemClock().now()
    with keyslots.unlock(made.directory / "keys", secret) as slots:
        async with Database(made.directory / "aman.db", slots) as database:
            over = Outage(Trouble.NO_LINE, now - timedelta(hours=1), now)
            await database.write(lambda tx: intake.put_outage(tx, over))
            await database.write(_was_foreign_long_ago)
    async with _service() as service:
        findings = await examine(made.config_path, _around(service, made), proc=proc)
    assert _bad(findings) == []


@pytest.mark.parametrize(
    ("url", "failure", "words"),
    [
        ("https://evening.example/in", None, None),
        ("", None, None),
        ("https://example.org/", None, "somebody else may be reading"),
        ("https://evening.example/in", "Connection\nrefused", "the last try: Connection refused"),
    ],
)
async def test_a_webhook_of_our_own_is_good_as_long_as_it_is_reached(
    made: Made, proc: Path, url: str, failure: str | None, words: str | None
) -> None:
    """Another one is not, and neither is one that Telegram cannot reach."""
    async with _service() as service, Bot(TOKEN, service.base_url) as bot:
        around = _around(service, made)
        around["AMAN_TELEGRAM_WEBHOOK_URL"] = "https://evening.example/in"
        if url:
            service.messenger.updates.set_hook(Hook(url, connections=0))  # nobody is there
        if failure is not None:
            await service.person(17, "Dana").opens()
            service.messenger.delivery_failure = DeliveryFailure(SystemClock().now(), failure)
        findings = await examine(made.config_path, around, proc=proc)
        assert (await bot.get_webhook_info()).url == url
    assert [words is not None and words in bad for bad in _bad(findings)] == [True] * bool(words)


async def test_a_webhook_that_every_network_reaches_is_bad(made: Made, proc: Path) -> None:
    """What the service shows would cross the network readable."""
    async with _service() as service:
        around = _around(service, made)
        around["AMAN_TELEGRAM_WEBHOOK_URL"] = "https://evening.example/in"
        around["AMAN_TELEGRAM_WEBHOOK_LISTEN"] = "0.0.0.0:8081"
        (bad,) = _bad(await examine(made.config_path, around, proc=proc))
    assert bad.startswith("webhook_listen is open to every network, without TLS")


async def test_without_the_service_it_says_so_and_still_looks_at_the_rest(
    made: Made, proc: Path
) -> None:
    """The disk and the keys do not need a line."""
    async with _service() as service:
        around = _around(service, made)
    findings = await examine(made.config_path, around, proc=proc)
    assert _bad(findings) == ["Telegram cannot be reached from here."]


@pytest.mark.parametrize(("away", "is_good"), [(0, True), (180, False), (-180, False)])
async def test_a_clock_that_is_wrong_is_found(
    made: Made,
    away: int,
    is_good: bool,  # noqa: FBT001 - a table of cases
) -> None:
    """Timers and releases follow it."""
    theirs = SystemClock().now() + timedelta(seconds=away)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        date = format_datetime(theirs, usegmt=True)
        writer.write(f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        around = {"AMAN_TELEGRAM_API_URL": f"http://127.0.0.1:{port}"}
        finding = await look_at_clock(load(made.config_path, around))
    assert finding.is_good is is_good
    assert finding.words.startswith("The clock")


async def test_a_file_that_others_may_read_is_found(made: Made) -> None:
    """The database's files as well as the directory."""
    (made.directory / "aman.db").chmod(0o644)
    async with _service() as service:
        findings = await examine(made.config_path, _around(service, made))
    assert any("Others may read" in words for words in _bad(findings))


async def test_a_configuration_that_cannot_be_used_is_the_only_finding(tmp_path: Path) -> None:
    """Without it there is nothing to look at."""
    findings = await examine(tmp_path / "config.toml", {})
    said = "There is no config.toml here: run aman init first, or name it with --config."
    assert _bad(findings) == [said]


@pytest.mark.parametrize(
    ("folder", "named"), [(Path(), "."), (Path("evening"), " --config evening/config.toml.")]
)
def test_what_init_says_next_works_where_it_was_typed(folder: Path, named: str) -> None:
    """Whoever copies it would else be told that there is no configuration, and make another."""
    *_, second, _, last = what_is_left(Made(folder / "config.toml", folder / "data", ""))
    assert second.endswith(f"aman rekey --add NAME{named}")
    assert last.endswith(f"aman run{named}")


async def test_it_changes_nothing(made: Made) -> None:
    """It may be run beside the bot at any time."""
    before = _contents(made.directory)
    async with _service() as service:
        await examine(made.config_path, _around(service, made))
        methods = {call.method for call in service.calls}
    assert {name for name in methods if not name.startswith("get")} == set()
    assert _contents(made.directory) == before


async def test_it_really_connects_to_what_else_wakes_the_team(made: Made, proc: Path) -> None:
    """One line for each: good where it answers, bad where it does not."""
    async with _service() as service, PostOffice().open() as office, Topics().open() as topics:
        around = _around(service, made) | {
            "AMAN_SECOND_CHANNEL_SMTP_HOST": "127.0.0.1",
            "AMAN_SECOND_CHANNEL_SMTP_PORT": str(office.port),
            "AMAN_SECOND_CHANNEL_SMTP_SECURITY": "none",
            "AMAN_SECOND_CHANNEL_SMTP_SENDER": "ring@example.net",
            "AMAN_SECOND_CHANNEL_NTFY": "true",
            "AMAN_SECOND_CHANNEL_NTFY_URL": topics.url,
        }
        findings = await examine(made.config_path, around, proc=proc)
        assert _bad(findings) == []
        good = [finding.words for finding in findings][-2:]
        assert good == ["The mail server lets us in.", "The ntfy server is well."]
        assert b"NOOP" in office.heard
        office.cuts.add("NOOP")
        topics.status = 500
        findings = await examine(made.config_path, around, proc=proc)
    assert [words.split()[1] for words in _bad(findings)] == ["mail", "ntfy"]
    assert office.mailed == []


async def test_whoever_cannot_be_woken_as_they_asked_is_counted(
    world: World, tmp_path: Path
) -> None:
    """A restored copy knows their addresses; its configuration begins without a mail server."""
    config = config_of(tmp_path)
    mail = replace(config, second=Second(MailServer("", 25, Security.NONE, "", "", "")))
    await has_address(world, await world.has_organizer())
    for known, bad in ((config, 1), (mail, 0)):
        found = await world.look(partial(_look_at_addresses, known))
        assert len(_bad(found)) == bad


def _look_at_addresses(config: Config, tx: Transaction) -> list[Finding]:
    return list(look_at_addresses(config, tx))


def _bad(findings: list[Finding]) -> list[str]:
    return [finding.words for finding in findings if not finding.is_good]


def _contents(directory: Path) -> dict[str, bytes]:
    names = ("keys", "aman.db")
    return {name: (directory / name).read_bytes() for name in names}
