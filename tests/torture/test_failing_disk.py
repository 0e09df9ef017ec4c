"""A disk that takes nothing any more: alarms go out, the log says why, and the bot goes on."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.rehearsal.botapi.errors import PersonError
from safety.languages import Language
from safety.people import ChatId, Recipient, Role, TeamId
from safety.team import TeamPerson, TeamState
from storage import routes
from storage.database import Database
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault import keyslots, words
from tests.faults.program import Program, program
from tests.faults.weakened import Weakness

pytestmark = [pytest.mark.torture, pytest.mark.timeout(180)]

WITHIN = 30.0  # real seconds
SHORTLY = 8.0  # real seconds, where it does not come
AIGUL, TIMUR = 17, 18


@pytest.mark.parametrize("calls", ["pwrite64", "fsync,fdatasync"])
async def test_a_disk_that_takes_nothing_keeps_no_alarm_and_its_end_is_noticed(
    tmp_path: Path, calls: str
) -> None:
    """Woken from memory, once; and what came meanwhile is stored and answered afterwards."""
    async with program(tmp_path) as one:
        await _suffers(one, calls)


@pytest.mark.parametrize(
    ("weakness", "missed"),
    [
        (Weakness.WAKES_NOBODY, "Aigul does not see 'The bot cannot store anything right now'"),
        (Weakness.ACKNOWLEDGES_ALL, "it was acknowledged|Aigul does not see 'Alarm 1'"),
    ],
)
async def test_without_its_protection_a_call_is_missed_or_lost(
    tmp_path: Path, weakness: Weakness, missed: str
) -> None:
    """A check that cannot fail promises nothing."""
    async with program(tmp_path, weakness) as one:
        with pytest.raises((PersonError, AssertionError), match=missed):
            await _suffers(one, "pwrite64", SHORTLY)


async def _suffers(one: Program, calls: str, within: float = WITHIN) -> None:
    """Have the disk fail while somebody calls for help, then work again; check what must hold."""
    await _has_a_team(one)
    service = one.service
    aigul = service.person(AIGUL, "Aigul", language_code="en")
    timur = service.person(TIMUR, "Timur", language_code="en")
    await timur.opens()
    await aigul.opens()
    await one.starts()
    await aigul.sees("", within=WITHIN)
    await service.settles(within=WITHIN)
    worker = one.worker
    async with _failing(one, calls):
        await timur.writes("sos")
        await aigul.sees("The bot cannot store anything right now", within=within)
        await _says(one, "event=intake-not-stored")
        assert service.pending_updates > 0, "it was acknowledged and is not stored"
    await aigul.sees("Alarm 1", within=within)
    await service.settles(within=WITHIN)
    assert service.pending_updates == 0
    bare = [seen for seen in aigul.messages if "cannot store anything" in seen.text]
    assert len(bare) == 1
    assert one.worker == worker


@asynccontextmanager
async def _failing(one: Program, calls: str) -> AsyncIterator[None]:
    """Let these calls on the database's files fail while the block lasts."""
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    database = one.made.directory / "aman.db"
    files = [part for end in ("", "-wal") for part in ("-P", f"{database}{end}")]
    what = ["-e", f"trace={calls}", "-e", f"inject={calls}:error=EIO"]
    strace = await asyncio.create_subprocess_exec(
        *[*rights, "strace", "-f", "-p", f"{one.worker}", "-o", "/dev/null", *files, *what],
        stderr=asyncio.subprocess.PIPE,
    )
    assert strace.stderr is not None
    assert b"attached" in await asyncio.wait_for(strace.stderr.readline(), WITHIN)
    try:
        yield
    finally:
        strace.send_signal(signal.SIGINT)
        await strace.communicate()


async def _says(one: Program, line: str) -> None:
    async with asyncio.timeout(WITHIN):
        while not one.said(line):
            await SystemClock().sleep(0.05)


async def _has_a_team(one: Program) -> None:
    def put(tx: Transaction) -> None:
        for number, role in ((AIGUL, Role.ORGANIZER), (TIMUR, Role.STEWARD)):
            person = TeamPerson(TeamId(number), role, TeamState.ACTIVE, "A", SystemClock().now())
            TEAM.put(tx, person)
            routes.put(tx, None, number, Recipient(ChatId(number), Language.EN))

    path = one.made.directory
    with keyslots.unlock(path / "keys", words.parse(one.made.words)) as slots:
        async with Database(path / "aman.db", slots) as database:
            await database.write(put)
