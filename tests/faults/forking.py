"""A bot in a process of its own that can be killed at any moment and started again at once.

This program imports everything once and then forks: a start costs milliseconds, so that an evening
can be played with a kill at every single step. Each line on standard input, a `Time` and a fate,
starts one bot, which calls back on a socket to be asked and moved. The log goes to standard error.
"""

import asyncio
import json
import os
import ssl
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from bot import config as configuration
from bot import logs
from bot.app import Application, make_bot
from bot.clock import MovableClock, SystemClock
from bot.rehearsal.runner import next_due
from bot.unlocking import open_keys
from handlers.texts import Texts
from storage import messages
from storage.transaction import Transaction
from tests.faults.fates import CHANGES, Fate, dies_of, fails_often


@dataclass(frozen=True, slots=True)
class Time:
    """What the evening's clock said when the machine's monotonic clock said `at` (seconds)."""

    now: datetime
    at: float

    @classmethod
    def of(cls, clock: MovableClock) -> "Time":
        """Read both clocks."""
        return cls(clock.now(), SystemClock().monotonic())

    @classmethod
    def read(cls, line: str) -> "Time":
        """Read what `words` wrote, whatever follows it."""
        now, at = line.split()[:2]
        return cls(datetime.fromisoformat(now), float(at))

    @property
    def words(self) -> str:
        """Give it in words without spaces at their ends."""
        return f"{self.now.isoformat()} {self.at!r}"

    def passed(self, speed: float) -> datetime:
        """Give what the evening's clock says now, if nobody has moved it."""
        return self.now + timedelta(seconds=(SystemClock().monotonic() - self.at) * speed)


def main() -> None:
    """Fork a bot for every line."""
    path, socket, speed = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    _read_once(path)
    fails_often(float(sys.argv[4]))
    for name in os.environ.keys() & CHANGES.keys():  # noqa: TID251 - a test sets it
        CHANGES[name]()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            dies_of(Fate.read(line.split()[2]))
            _be_a_bot(path, socket, Time.read(line), speed)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _reap()


def _read_once(path: Path) -> None:
    """Read what never changes, the texts and the authorities of TLS, before the first fork."""
    patch = pytest.MonkeyPatch()
    patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
    patch.setattr(Texts, "load", cache(Texts.load))
    config = configuration.load(path, {})
    Texts.load(default=config.policy.default_language)
    make_bot(config)


def _be_a_bot(path: Path, socket: str, time: Time, speed: float) -> None:
    try:
        asyncio.run(_play(path, socket, time, speed))
    except BaseException as error:  # noqa: BLE001 - nothing may run on in the parent's frames
        logs.fault("bot-broke", error)
    finally:
        os._exit(0)


def _reap() -> None:
    """Let the dead go; they are all killed on purpose."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


async def _play(path: Path, socket: str, time: Time, speed: float) -> None:
    config = configuration.load(path, {})
    slots = open_keys(config)
    clock = MovableClock(time.passed(speed), speed)
    application = Application(config, slots, clock)
    async with application, asyncio.TaskGroup() as tasks:
        line = await asyncio.open_unix_connection(socket)
        await _introduce(application, *line)
        running = tasks.create_task(application.run())
        listening = tasks.create_task(_listen(Answers(application, clock, speed), *line))
        await running
        listening.cancel()


async def _introduce(
    application: Application, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Say which messages are known to stand in chats, and wait until that was heard."""
    writer.write(json.dumps(await application.database.read(_standing)).encode() + b"\n")
    await reader.readline()


def _standing(tx: Transaction) -> list[tuple[int, int]]:
    rows = messages._rows(tx, "1 = 1")  # noqa: SLF001 - nothing else gives them all unchanged
    return [(body.recipient.chat_id, body.message_id) for _, body in rows if body is not None]


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers the one who plays the evening."""

    application: Application
    clock: MovableClock
    speed: float

    async def to(self, asked: dict[str, str]) -> str | bool | None:
        """Do or tell what is asked for."""
        match asked:
            case {"move": time}:
                self.clock.move(Time.read(time).passed(self.speed) - self.clock.now())
                return True
            case {"quiet": _}:
                return await self.application.is_quiet()
            case {"due": _}:
                due = await self.application.database.read(next_due)
                return None if due is None else due.isoformat()
            case {"stop": _}:
                self.application.stop()
                return True
            case _:
                return None


async def _listen(
    answers: Answers, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    while line := await reader.readline():
        answer = await answers.to(json.loads(line))
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()


if __name__ == "__main__":
    os.umask(0o077)
    logs.set_up(sys.stderr, SystemClock(), is_verbose=True)
    main()
