"""`aman run` as people start it: a supervisor and its workers, to look at and to kill."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from typing_extensions import override

from bot import control
from bot.clock import SystemClock
from bot.rehearsal.botapi import BotApiServer
from bot.setup import Made, set_up
from bot.supervisor import Supervisor
from storage.database import Database
from storage.transaction import Transaction
from storage.vault import derivation, keyslots, words
from storage.vault.keyslots import KeySlots
from tests.faults import weakened
from tests.faults.recording import recorded
from tests.faults.weakened import Weakness

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"  # noqa: S105 - opens nothing
START_WITHIN = 20.0  # real seconds, on a machine that does other things too
GLANCE = 0.01  # real seconds between two looks

T = TypeVar("T")


@dataclass(slots=True)
class Ended:
    """How a command of ours ended."""

    code: int
    out: str
    err: str


@dataclass(slots=True)
class Program:
    """The running program, on data of its own and a local service."""

    service: BotApiServer
    made: Made
    log: Path
    surroundings: dict[str, str] = field(default_factory=dict)
    running: asyncio.subprocess.Process | None = None
    module: tuple[str, ...] = ("bot",)  # or what takes a protection out of it (weakened.py)
    record: Path | None = None  # of all that it writes and sends (recording.py)

    async def starts(self, *options: str, stdin: int = asyncio.subprocess.DEVNULL) -> None:
        """Start it, and do not wait until it works."""
        command = [sys.executable, "-m", *self.module, "run", *options]
        command += ["--config", str(self.made.config_path)]
        if self.record is not None:
            command = recorded(command, self.record, has_sent=True)
        with self.log.open("ab") as log:
            self.running = await asyncio.create_subprocess_exec(
                *command,
                cwd=ROOT,
                env=self._environment(),
                stdin=stdin,
                stderr=log,
            )

    async def works(self) -> None:
        """Wait until a worker works."""
        before = self.said("event=started")
        async with asyncio.timeout(START_WITHIN):
            while self.said("event=started") == before or self.worker is None:
                await SystemClock().sleep(GLANCE)

    async def ends(self) -> int:
        """Wait for the end of the supervisor, and give its exit code."""
        assert self.running is not None
        return await asyncio.wait_for(self.running.wait(), START_WITHIN)

    async def is_over(self) -> None:
        """End it, however."""
        if self.running is not None and self.running.returncode is None:
            self.running.kill()
            await self.running.wait()

    async def aman(self, *arguments: str) -> Ended:
        """Carry out another command beside it."""
        command = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments, "--config", str(self.made.config_path)),
            cwd=ROOT,
            env=self._environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await command.communicate()
        assert command.returncode is not None
        return Ended(command.returncode, out.decode(), err.decode())

    async def stores(self, work: Callable[[Transaction], T]) -> T:
        """Do something to its data while it does not run."""
        secret = words.parse(self.made.words)
        with keyslots.unlock(self.made.directory / "keys", secret) as slots:
            async with Database(self.made.directory / "aman.db", slots) as database:
                return await database.write(work)

    def said(self, part: str) -> int:
        """Count in its log."""
        return self.log.read_text().count(part) if self.log.exists() else 0

    @property
    def supervisor(self) -> int:
        """Give the supervisor's process id."""
        assert self.running is not None
        begun = self.running.pid
        return begun if self.record is None else next(iter(_children(begun)), begun)

    @property
    def workers(self) -> list[int]:
        """Give the process ids of all workers, the spare one too."""
        return _children(self.supervisor)

    @property
    def worker(self) -> int | None:
        """Give the process id of the worker that has the database open, if one has."""
        return next((number for number in self.workers if self._has_database(number)), None)

    async def is_killed(self) -> None:
        """Kill the worker that works, with SIGKILL."""
        async with asyncio.timeout(START_WITHIN):
            while (worker := self.worker) is None:
                await SystemClock().sleep(GLANCE)
        os.kill(worker, signal.SIGKILL)

    def _has_database(self, number: int) -> bool:
        try:
            entries = list(Path(f"/proc/{number}/fd").iterdir())
        except OSError:  # it has just ended
            return False
        return any(_leads_to(entry, self.made.directory / "aman.db") for entry in entries)

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,  # noqa: TID251 - a program needs its path
            "AMAN_TELEGRAM_TOKEN": TOKEN,
            "AMAN_TELEGRAM_API_URL": self.service.url,
            "AMAN_VAULT_UNLOCK": "env",
            "AMAN_VAULT_SECRET": self.made.words,
            "AMAN_VAULT_MEMORY_MEBIBYTES": "19",
            **self.surroundings,
        }


def _children(number: int) -> list[int]:
    try:
        return [
            int(one) for one in Path(f"/proc/{number}/task/{number}/children").read_text().split()
        ]
    except OSError:
        return []


def _leads_to(entry: Path, file: Path) -> bool:
    try:
        return entry.readlink() == file
    except OSError:  # it was closed since it was listed
        return False


@dataclass(frozen=True, slots=True, order=True)
class Took:
    """How long something took, in seconds: as it is judged, and by a clock on the wall."""

    seconds: float
    wall: float

    @override
    def __str__(self) -> str:
        return f"{self.seconds:.2f} s ({self.wall:.2f} s by the wall)"


@asynccontextmanager
async def program(folder: Path, weakness: Weakness | None = None) -> AsyncIterator[Program]:
    """Set everything up in `folder`; whatever runs at the end is ended."""
    made = await asyncio.to_thread(set_up, folder, {}, derivation.FLOOR)
    async with BotApiServer(token=TOKEN, username="EveningBot", clock=SystemClock()) as service:
        service.profile.can_join_groups = False
        one = Program(service, made, folder / "log")
        if weakness is not None:
            one.module = (weakened.__name__, weakness.value)
        try:
            yield one
        finally:
            await one.is_over()


@asynccontextmanager
async def copy_of(one: Program, made: Made, folder: Path) -> AsyncIterator[Program]:
    """Have another copy of the same bot, on data of its own; it is ended at the end."""
    other = Program(one.service, made, folder / "log")
    try:
        yield other
    finally:
        await other.is_over()


@asynccontextmanager
async def supervised(slots: KeySlots, folder: Path, *command: str) -> AsyncIterator[Path]:
    """Run a supervisor in this process, with `command` as its worker; give its socket's path."""
    path = folder / "control"
    with slots, control.listening(path) as listener:
        supervisor = Supervisor(slots, list(command))
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(supervisor.run(listener))
            yield path
            os.kill(os.getpid(), signal.SIGTERM)
            assert await running == 0


class Stopwatch:
    """Takes the time in which a program could go on.

    The kernel counts how long each was ready while others had the cores: that is left out, so that
    a promise in seconds is the same promise on a machine that does other things too. Supervisor
    and worker may have waited at the same time, which no sum tells: the longer wait alone is left
    out. How long the test waited is not: it may have while the program rested, which must show.
    """

    def __init__(self, running: Program) -> None:
        self._running = running
        self._begun = SystemClock().monotonic()
        involved = [running.supervisor, *running.workers]
        self._before = {number: _waited(number) for number in involved}

    def read(self) -> Took:
        """Give the time since it was made."""
        passed = SystemClock().monotonic() - self._begun
        involved = (self._running.supervisor, self._running.worker)
        waits = [
            _waited(number) - self._before.get(number, 0.0)
            for number in involved
            if number is not None
        ]
        return Took(passed - max(waits), passed)


def _waited(number: int) -> float:
    """Give the seconds for which the main thread of a process was ready, and did not run."""
    try:
        nanoseconds = Path(f"/proc/{number}/schedstat").read_text().split()[1]
    except OSError:  # it has just ended
        return 0.0
    return int(nanoseconds) / 1e9


def is_running(number: int) -> bool:
    """Say whether a process lives."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
