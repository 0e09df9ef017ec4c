"""A service on loopback, a clock that the test moves, real keys and a real database file."""

import io
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from telegram import Bot

from bot import cli, hardening
from bot.app import make_bot
from bot.clock import MovableClock
from bot.config import Config, load
from bot.hardening import end_as_by_hand
from bot.rehearsal.botapi import BotApiServer
from bot.setup import set_up
from storage.database import Database
from storage.vault import derivation
from storage.vault.keyslots import KeySlots
from tests.bot.posting import Post
from tests.logbook import logbook
from tests.made import new_keys, put_database

TOKEN = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"  # noqa: S105 - opens nothing
EVENING = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)
STANDING = 1e-6  # seconds of the clock in one of the machine's: nobody has rested before it moves


class Shell:
    """Runs `aman` in this process, and keeps what it said."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = ""
        self.err = ""

    def aman(self, *arguments: str) -> int:
        """Carry out one command line."""
        code = cli.main(arguments)
        self.out, self.err = self._capsys.readouterr()
        return code


@pytest.fixture(scope="session", autouse=True)
def _signals() -> None:
    """Set what ends a command once, here: some tests run `aman` in a thread, where none can."""
    end_as_by_hand()


@pytest.fixture
def clock() -> MovableClock:
    """Give a clock that stands at the beginning of an evening."""
    return MovableClock(EVENING)


@pytest.fixture
async def service(clock: MovableClock) -> AsyncIterator[BotApiServer]:
    """Open a service for one test."""
    async with BotApiServer(token=TOKEN, username="EveningBot", clock=clock) as opened:
        yield opened


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a folder with a data directory in it that is ours alone."""
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "config.toml").write_text("")
    return tmp_path


@pytest.fixture
def config(home: Path, service: BotApiServer) -> Config:
    """Give a configuration that points at the service."""
    surroundings = {"AMAN_TELEGRAM_TOKEN": TOKEN, "AMAN_TELEGRAM_API_URL": service.url}
    return load(home / "config.toml", surroundings)


@pytest.fixture
def slots(config: Config) -> Iterator[KeySlots]:
    """Give keys in a file of their own."""
    opened, _ = new_keys(config.keys_path)
    with opened:
        yield opened


@pytest.fixture
async def database(config: Config, slots: KeySlots) -> AsyncIterator[Database]:
    """Open an encrypted database with nothing in it."""
    put_database(config.database_path)
    async with Database(config.database_path, slots) as opened:
        yield opened


@pytest.fixture
async def bot(config: Config) -> AsyncIterator[Bot]:
    """Give the bot that the product sends with."""
    made = make_bot(config)
    async with made:
        yield made


@pytest.fixture
def post(service: BotApiServer, database: Database, clock: MovableClock, bot: Bot) -> Post:
    """Give a delivery that can be set to work."""
    return Post(service, database, clock, bot)


@pytest.fixture
def log(clock: MovableClock) -> Iterator[io.StringIO]:
    """Set the product's logging up at its most talkative; give what it writes."""
    with logbook(clock) as written:
        yield written


@pytest.fixture
def shell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> Shell:
    """Give a shell with none of our variables in it; logging is put back afterwards."""
    del log
    for name in [name for name in os.environ if name.startswith("AMAN_")]:  # noqa: TID251 - cleared
        monkeypatch.delenv(name)
    # What is locked stays so, and this is the process of all tests.
    monkeypatch.setattr(hardening, "can_lock_memory", lambda: False)
    return Shell(capsys)


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, str]:
    """Set Aman up with cheap keys; give its folder and the unlock secret."""
    made = set_up(tmp_path / "home", {}, derivation.FLOOR)
    return tmp_path / "home", made.words


@pytest.fixture
def unlocked(made: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the unlock secret in the environment, and a token."""
    home, words = made
    monkeypatch.setenv("AMAN_VAULT_UNLOCK", "env")
    monkeypatch.setenv("AMAN_VAULT_SECRET", words)
    monkeypatch.setenv("AMAN_TELEGRAM_TOKEN", TOKEN)
    return home
