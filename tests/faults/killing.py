"""Runs the bot in a process of its own, and kills it with SIGKILL whenever it is told to."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.clock import MovableClock, SystemClock
from bot.rehearsal.botapi.calls import Call
from bot.rehearsal.botapi.server import BotApiServer

PAUSE = 0.01  # real seconds
COMES_UP_WITHIN = 20.0  # real seconds

MayKill = Callable[[Call], bool]


class KilledRunner:
    """A runner whose bot dies right after a call was done, before it hears the answer."""

    def __init__(
        self, config: Path, service: BotApiServer, clock: MovableClock, may_kill: MayKill
    ) -> None:
        self._config = config
        self._clock = clock
        self._tasks = asyncio.TaskGroup()
        self._may_kill = may_kill
        self._socket = config.parent / "control"
        self._program: asyncio.subprocess.Process | None = None
        self._server: asyncio.Server | None = None
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._connected = asyncio.Event()
        self._asking = asyncio.Lock()
        self._child: int | None = None
        self._real = SystemClock()
        self.kills = 0
        service.after_request = self._after

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._server = await asyncio.start_unix_server(self._connect, self._socket)
        self._program = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.faults.forking",
            str(self._config),
            str(self._socket),
            str(1 / self._clock.real_seconds(1)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._kill()
        await self._tasks.__aexit__(None, None, None)
        self._kill()
        if self._program is not None:
            self._program.kill()
            await self._program.wait()
        if self._server is not None:
            self._server.close()

    async def start(self) -> None:
        """Fork a bot and wait until it answers."""
        assert self._program is not None
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._connected.clear()
        self._program.stdin.write(f"{self._clock.now().isoformat()}\n".encode())
        await self._program.stdin.drain()
        self._child = int(await self._program.stdout.readline())

    async def stop(self) -> None:
        """End the bot cleanly."""
        await self._ask({"stop": 1})
        self._connected.clear()
        self._line = None
        child = self._child
        while child is not None and _is_alive(child):
            await self._real.sleep(PAUSE)

    async def is_quiet(self) -> bool:
        """Say whether the living bot has nothing to do."""
        return await self._ask({"quiet": 1}) is True

    async def next_due(self) -> datetime | None:
        """Give what the living bot's earliest timer is."""
        due = await self._ask({"due": 1})
        return datetime.fromisoformat(due) if isinstance(due, str) else None

    async def move(self, by: timedelta) -> None:
        """Move the service's clock and the bot's; one that starts meanwhile starts later."""
        self._clock.move(by)
        await self._ask({"move": by.total_seconds()})

    async def _after(self, call: Call) -> None:
        if self._may_kill(call) and self._child is not None:
            self._kill()
            self.kills += 1
            self._tasks.create_task(self.start())

    def _kill(self) -> None:
        child, self._child, self._line = self._child, None, None
        self._connected.clear()
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    async def _ask(self, question: dict[str, float]) -> object:
        """Ask the living bot; if it is killed in the middle, ask the next one."""
        async with self._asking:
            while True:
                async with asyncio.timeout(COMES_UP_WITHIN):
                    await self._connected.wait()
                if self._line is None:
                    continue
                reader, writer = self._line
                with contextlib.suppress(ConnectionError):
                    writer.write(json.dumps(question).encode() + b"\n")
                    await writer.drain()
                    answer = await reader.readline()
                    if answer:
                        return json.loads(answer)
                if self._line == (reader, writer):
                    self._line = None
                    self._connected.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._line = (reader, writer)
        self._connected.set()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
