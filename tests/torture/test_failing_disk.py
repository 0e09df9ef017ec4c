"""A disk that takes nothing any more: alarms go out, the log says why, and the bot goes on."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import config as configuration
from bot.clock import SystemClock
from bot.config import Config
from bot.rehearsal.botapi import BotApiServer
from bot.setup import Made, set_up
from safety.languages import Language
from safety.people import ChatId, Recipient, Role, TeamId
from safety.team import TeamPerson, TeamState
from storage import routes
from storage.database import Database
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault import derivation, keyslots, words

pytestmark = [pytest.mark.torture, pytest.mark.timeout(180)]

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"  # noqa: S105 - opens nothing
WITHIN = 30.0  # real seconds
AIGUL, TIMUR = 17, 18
FAILING = ("pwrite64", "fsync,fdatasync")


@dataclass(slots=True)
class Program:
    """`aman run` as a program of its own, and its log."""

    process: asyncio.subprocess.Process
    config: Config
    log: Path

    @asynccontextmanager
    async def failing(self, calls: str) -> AsyncIterator[None]:
        """Let these calls on the database's files fail while the block lasts."""
        rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
        database = self.config.database_path
        files = [part for end in ("", "-wal") for part in ("-P", f"{database}{end}")]
        what = ["-e", f"trace={calls}", "-e", f"inject={calls}:error=EIO"]
        found = await asyncio.create_subprocess_exec(
            *[*rights, "strace", "-f", "-p", f"{self.process.pid}", "-o", "/dev/null"],
            *[*files, *what],
            stderr=asyncio.subprocess.PIPE,
        )
        assert found.stderr is not None
        assert b"attached" in await asyncio.wait_for(found.stderr.readline(), WITHIN)
        try:
            yield
        finally:
            found.send_signal(signal.SIGINT)
            await found.communicate()

    async def says(self, line: str) -> None:
        """Wait until the log says this."""
        async with asyncio.timeout(WITHIN):
            while line not in self.log.read_text(encoding="utf-8"):
                await SystemClock().sleep(0.05)


@asynccontextmanager
async def _program(folder: Path, service: BotApiServer) -> AsyncIterator[Program]:
    made = await asyncio.to_thread(set_up, folder, {}, derivation.FLOOR)
    surroundings = {
        **os.environ,  # noqa: TID251 - a program needs its path
        "AMAN_TELEGRAM_TOKEN": TOKEN,
        "AMAN_TELEGRAM_API_URL": service.url,
        "AMAN_VAULT_UNLOCK": "env",
        "AMAN_VAULT_SECRET": made.words,
    }
    config = configuration.load(made.config_path, surroundings)
    await _has_a_team(config, made)
    log = folder / "log"
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "bot", "run", "--config", str(made.config_path)],
            cwd=ROOT,
            env=surroundings,
            stderr=written,
        )
    try:
        yield Program(process, config, log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _has_a_team(config: Config, made: Made) -> None:
    def put(tx: Transaction) -> None:
        for number, role in ((AIGUL, Role.ORGANIZER), (TIMUR, Role.STEWARD)):
            person = TeamPerson(TeamId(number), role, TeamState.ACTIVE, "A", SystemClock().now())
            TEAM.put(tx, person)
            routes.put(tx, None, number, Recipient(ChatId(number), Language.EN))

    with keyslots.unlock(config.keys_path, words.parse(made.words)) as slots:
        async with Database(config.database_path, slots) as database:
            await database.write(put)


@pytest.mark.parametrize("calls", FAILING)
async def test_a_disk_that_takes_nothing_keeps_no_alarm_and_its_end_is_noticed(
    tmp_path: Path, calls: str
) -> None:
    """Woken from memory, once; and what came meanwhile is stored and answered afterwards."""
    async with (
        BotApiServer(token=TOKEN, username="EveningBot", clock=SystemClock()) as service,
        _program(tmp_path, service) as program,
    ):
        aigul = service.person(AIGUL, "Aigul", language_code="en")
        timur = service.person(TIMUR, "Timur", language_code="en")
        await timur.opens()
        await aigul.opens()
        await aigul.sees("", within=WITHIN)
        await program.says("event=started")
        await service.settles(within=WITHIN)
        async with program.failing(calls):
            await timur.writes("sos")
            await aigul.sees("The bot cannot store anything right now", within=WITHIN)
            await program.says("event=intake-not-stored")
            assert service.pending_updates > 0, "it was acknowledged and is not stored"
        await aigul.sees("Alarm 1", within=WITHIN)
        await service.settles(within=WITHIN)
        assert service.pending_updates == 0
        bare = [one for one in aigul.messages if "cannot store anything" in one.text]
        assert len(bare) == 1
        assert program.process.returncode is None
