"""A bot in a process of its own that can be killed at any moment and started again at once.

This program imports everything once and then forks: a start costs milliseconds, so that an evening
can be played with a kill at every single step. Each line on standard input, the clock's time as an
ISO moment, starts one bot, which calls back on a socket to be asked and moved.
"""

import asyncio
import json
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from bot import config as configuration
from bot import logs
from bot.app import Application
from bot.clock import MovableClock, SystemClock
from bot.rehearsal.runner import next_due
from bot.unlocking import open_keys


def main() -> None:
    """Fork a bot for every line."""
    path, socket, speed = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                asyncio.run(_play(path, socket, datetime.fromisoformat(line.strip()), speed))
            finally:
                os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _reap()


def _reap() -> None:
    """Let the dead go; they are all killed on purpose."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


async def _play(path: Path, socket: str, start: datetime, speed: float) -> None:
    config = configuration.load(path, {})
    slots = open_keys(config)
    clock = MovableClock(start, speed)
    application = Application(config, slots, clock)
    async with application, asyncio.TaskGroup() as tasks:
        running = tasks.create_task(application.run())
        listening = tasks.create_task(_listen(application, clock, socket))
        await running
        listening.cancel()


async def _listen(application: Application, clock: MovableClock, socket: str) -> None:
    reader, writer = await asyncio.open_unix_connection(socket)
    while line := await reader.readline():
        answer = await _answer(application, clock, json.loads(line))
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()


async def _answer(
    application: Application, clock: MovableClock, asked: dict[str, float]
) -> str | bool | None:
    match asked:
        case {"move": seconds}:
            clock.move(timedelta(seconds=seconds))
            return True
        case {"quiet": _}:
            return await application.is_quiet()
        case {"due": _}:
            due = await application.database.read(next_due)
            return None if due is None else due.isoformat()
        case {"stop": _}:
            application.stop()
            return True
        case _:
            return None


if __name__ == "__main__":
    os.umask(0o077)
    logs.set_up(sys.stderr, SystemClock())
    main()
