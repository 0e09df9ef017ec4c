"""`kill -9` around each request of the real program: everything is sent or still owed."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.rehearsal.botapi import BotApiServer, Call, Phone, Request
from bot.setup import Made, set_up
from storage.vault import derivation

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"  # noqa: S105 - opens nothing
START_WITHIN = 20.0  # real seconds


@dataclass(slots=True)
class Program:
    """`aman run` as a program of its own, killed where it is told to be and started again."""

    service: BotApiServer
    made: Made
    kills: int = 0
    _running: asyncio.subprocess.Process | None = None
    _points: list[tuple[str, str, int]] = field(default_factory=list)

    def dies(self, when: str, method: str, number: int = 1) -> None:
        """Have it killed before or after its `number`-th call of `method`."""
        self._points.append((when, method, number))
        self.service.before_request = self._before
        self.service.after_request = self._after

    async def starts(self) -> None:
        """Start it."""
        surroundings = {
            **os.environ,  # noqa: TID251 - a program needs its path
            "AMAN_TELEGRAM_TOKEN": TOKEN,
            "AMAN_TELEGRAM_API_URL": self.service.url,
            "AMAN_VAULT_UNLOCK": "env",
            "AMAN_VAULT_SECRET": self.made.words,
        }
        self._running = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            "--config",
            str(self.made.config_path),
            cwd=ROOT,
            env=surroundings,
            stderr=asyncio.subprocess.DEVNULL,
        )

    async def ends(self) -> None:
        """End it, however."""
        if self._running is not None and self._running.returncode is None:
            self._running.kill()
            await self._running.wait()

    async def is_dead(self) -> None:
        """Wait until it was killed."""
        assert self._running is not None
        await asyncio.wait_for(self._running.wait(), START_WITHIN)

    async def _before(self, request: Request) -> None:
        await self._strike("before", request.method)

    async def _after(self, call: Call) -> None:
        await self._strike("after", call.method)

    async def _strike(self, when: str, method: str) -> None:
        for point in [point for point in self._points if point[:2] == (when, method)]:
            self._points.remove(point)
            if point[2] > 1:
                self._points.append((when, method, point[2] - 1))
                continue
            assert self._running is not None
            self.kills += 1
            self._running.kill()
            await self._running.wait()


@asynccontextmanager
async def _program(folder: Path) -> AsyncIterator[Program]:
    made = await asyncio.to_thread(set_up, folder, {}, derivation.FLOOR)
    async with BotApiServer(token=TOKEN, username="EveningBot", clock=SystemClock()) as service:
        program = Program(service, made)
        try:
            yield program
        finally:
            await program.ends()


@pytest.mark.parametrize(
    ("when", "method", "number"),
    [
        ("before", "getMe", 1),
        ("after", "setMyCommands", 2),
        ("before", "getUpdates", 1),
        ("after", "getUpdates", 1),
        ("before", "getUpdates", 2),
        ("before", "sendMessage", 1),
        ("after", "sendMessage", 1),
        ("before", "getUpdates", 3),
    ],
)
async def test_whatever_a_kill_cuts_off_is_answered_after_the_next_start(
    tmp_path: Path, when: str, method: str, number: int
) -> None:
    """Before a request, after it, before its answer: the person is answered."""
    async with _program(tmp_path) as program:
        dana = program.service.person(17, "Dana", language_code="en")
        await dana.opens()
        program.dies(when, method, number)
        await program.starts()
        if (method, number) == ("getUpdates", 3):
            await dana.sees("", within=START_WITHIN)
            await dana.writes("one more")
        await program.is_dead()
        await program.starts()
        assert program.kills == 1
        await _is_answered(program, dana)


async def _is_answered(program: Program, dana: Phone) -> None:
    await dana.sees("", within=START_WITHIN)
    await program.service.settles(within=START_WITHIN)
    answers = [message for message in dana.messages if message.from_bot]
    assert 1 <= len(answers) <= 2  # nobody can tell of the one that was cut off: then it is two
    assert program.service.violations == ()
