"""A disk that takes nothing any more: alarms go out, the log says why, and the bot goes on."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.rehearsal.botapi.errors import PersonError
from tests.faults.program import Program, program
from tests.faults.suffering import SHORTLY, WITHIN, suffer
from tests.faults.weakened import Weakness

pytestmark = [pytest.mark.torture, pytest.mark.timeout(180)]


@pytest.mark.parametrize("calls", ["pwrite64", "fsync,fdatasync"])
async def test_a_disk_that_takes_nothing_keeps_no_alarm_and_its_end_is_noticed(
    tmp_path: Path, calls: str
) -> None:
    """Woken from memory, once; and what came meanwhile is stored and answered afterwards."""
    async with program(tmp_path) as one:
        await suffer(one, _failing(one, calls))


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
            await suffer(one, _failing(one, "pwrite64"), SHORTLY)


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
