"""Runs the bot in a process of its own, and kills it with SIGKILL at every step that it takes."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.clock import MovableClock
from bot.config import Config
from bot.rehearsal.botapi.calls import Call, Request
from bot.rehearsal.botapi.errors import ConnectionCutError
from bot.rehearsal.botapi.server import BotApiServer
from bot.rehearsal.stage import Runner
from tests.faults.fates import UNDYING
from tests.faults.forking import Time

COMES_UP_WITHIN = 20.0  # real seconds
POLL = "getUpdates"
DELETIONS = frozenset({"deleteMessage", "deleteMessages"})
NUMBER = re.compile(r"\(\d+\)\.")  # how often an alarm was sent: its repeat is a step of its own
ALARM = re.compile(r"alarm|тревог|дабыл", re.IGNORECASE)
# How often, and when, an alarm has rung: another ring is no other step. Where each made new ones,
# a slow machine was killed for one ring until the next was due, and the bot never came to rest.
RUNG = re.compile(
    r"Rung (again )?[\d:]+|Вызов (в )?[\d:]+|[\d:]+ (рет|қайта) шақырылды", re.IGNORECASE
)
AGAIN = re.compile(r"\\n(Sent again|Отправлено ещё раз|Қайта жіберілді) \(\d+\)\.")
# How many copies may stand on phones: each kill of a place under way makes it more, for ever.
COPIES = re.compile(r"up to \d+ message|до \d+ сообщени|: \d+ хабарға дейін")
MENU = "setMyCommands"  # each start leaves a line of its own there: the same step all the same
ROOT = Path(__file__).parents[2]


class When(StrEnum):
    """On which side of a call the bot dies: the service has done it, or never got to it."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(slots=True)
class Steps:
    """Says for each call whether the bot dies of it: once for each that differs from all others.

    Of the polls each new offset counts, for it acknowledges what came before it. With `every` = 3
    a third of the steps is taken, beginning with the one numbered `first`; with 0 none is.
    """

    when: When
    every: int = 1
    first: int = 0
    seen: set[str] = field(default_factory=set)

    def may_kill(self, request: Request, deleted: str = "") -> bool:
        """Say whether this is a new step, and one of those that are taken.

        `deleted` are the words of what it deletes: of an alarm they are the step, not the number
        of the message. Each ring sends new ones, and has those before it deleted.
        """
        parameters = request.parameters
        if request.method == POLL:
            parameters = {"offset": parameters.get("offset")}
        elif request.method == MENU:
            parameters = {name: parameters[name] for name in parameters if name != "commands"}
        elif ALARM.search(deleted):
            parameters = {"chat_id": request.chat_id, "text": deleted}
        step = json.dumps(
            (request.method, parameters), sort_keys=True, default=str, ensure_ascii=False
        )
        step = RUNG.sub("", COPIES.sub("", step))
        step = NUMBER.sub("", step) if ALARM.search(step) else AGAIN.sub("", step)
        if step in self.seen:
            return False
        self.seen.add(step)
        return self.every > 0 and len(self.seen) % self.every == self.first % self.every


class _Child:
    """One bot, held by a descriptor of its process, which no other process can take over."""

    def __init__(self, number: int) -> None:
        self._descriptor = os.pidfd_open(number)
        self.ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._descriptor, self._note_end)

    def kill(self) -> None:
        """Kill it, if it lives."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    def close(self) -> None:
        """Let go of it; it has ended."""
        os.close(self._descriptor)

    def _note_end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        self.ended.set()


class KilledRunner:
    """A runner whose bot is killed around its calls, and comes up again by itself."""

    def __init__(  # noqa: PLR0913 - what a Housing is given, and how it is killed
        self,
        config: Config,
        service: BotApiServer,
        clock: MovableClock,
        log_folder: Path,
        steps: Steps,
        *,
        failing: float = 0.0,
    ) -> None:
        self._failing = failing  # which part of all updates meets a fault of ours
        self._config = config
        self._clock = clock
        self._log_folder = log_folder
        self._steps = steps
        self._tasks = asyncio.TaskGroup()
        self._socket = config.home / "control"
        self._program: asyncio.subprocess.Process | None = None
        self._server: asyncio.Server | None = None
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._connected = asyncio.Event()
        self._asking = asyncio.Lock()
        self._child: _Child | None = None
        self._is_wanted = False
        self._service = service
        self._seen: set[tuple[int, int]] = set()  # messages: chat and id
        self._deleted: dict[int, str] = {}  # the words of what a call deletes, by its number
        self.fate = UNDYING  # of each bot that is started from now on
        self.kills = 0
        self.unheard_of = 0  # messages
        service.before_request = self._before
        service.after_request = self._after

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._server = await asyncio.start_unix_server(self._connect, self._socket)
        with (self._log_folder / "killed.log").open("ab") as log:
            self._program = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.faults.forking",
                str(self._config.home / "config.toml"),
                str(self._socket),
                repr(1 / self._clock.real_seconds(1)),
                repr(self._failing),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
            )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_wanted = False
        await self._kill()
        try:
            await self._tasks.__aexit__(kind, error, trace)
        finally:
            await self._kill()
            if self._program is not None:
                self._program.kill()
                await self._program.wait()
            if self._server is not None:
                self._server.close()

    async def start(self) -> None:
        """Fork a bot; whatever it is asked, it answers once it is up."""
        assert self._program is not None
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._is_wanted = True
        self._hang_up()
        # Killed while it opened its keys, it leaves a try behind that was cut off. In `aman run`
        # the supervisor opens them, and nobody kills that.
        self._config.tries_path.unlink(missing_ok=True)
        self._program.stdin.write(f"{Time.of(self._clock).words} {self.fate.words}\n".encode())
        await self._program.stdin.drain()
        self._child = _Child(int(await self._program.stdout.readline()))
        self._tasks.create_task(self._outlive(self._child))

    async def stop(self) -> None:
        """End the bot cleanly; if it is killed while it ends, nobody is left to be asked."""
        self._is_wanted = False
        child = self._child
        if child is None:
            return
        asked = self._tasks.create_task(self._ask({"stop": ""}))
        killed = self._tasks.create_task(child.ended.wait())
        done, waiting = await asyncio.wait((asked, killed), return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()
        if asked in done:
            asked.result()
        await self._is_gone()

    async def is_quiet(self) -> bool:
        """Say whether the living bot has nothing to do."""
        return await self._ask({"quiet": ""}) is True

    async def next_due(self) -> datetime | None:
        """Give what the living bot's earliest timer is."""
        due = await self._ask({"due": ""})
        return datetime.fromisoformat(due) if isinstance(due, str) else None

    async def move(self, by: timedelta) -> None:
        """Move the service's clock and the bot's; one that starts meanwhile starts later."""
        self._clock.move(by)
        await self._ask({"move": Time.of(self._clock).words})

    async def _before(self, request: Request) -> None:
        """Kill before the call is done; a poll is acknowledged at its beginning in any case.

        Raises:
            ConnectionCutError: what the dead asked for is not done any more.
        """
        is_cut = self._steps.when is When.BEFORE
        is_poll = request.method == POLL
        deleted = self._words_deleted(request)
        if not is_cut and not is_poll:
            self._deleted[request.number] = deleted  # afterwards they stand nowhere any more
        elif self._child is not None and self._steps.may_kill(request, deleted):
            await self.strike()
            if is_cut:
                raise ConnectionCutError

    async def _after(self, call: Call) -> None:
        deleted = self._deleted.pop(call.request.number, "")
        is_mine = self._steps.when is When.AFTER and call.method != POLL
        if is_mine and self._child is not None and self._steps.may_kill(call.request, deleted):
            await self.strike()

    def _words_deleted(self, request: Request) -> str:
        if request.method not in DELETIONS:
            return ""
        single, several = map(request.parameters.get, ("message_id", "message_ids"))
        ids = several if isinstance(several, list) else [single]
        phones = [phone for phone in self._service.people if phone.user_id == request.chat_id]
        told = (one.text for phone in phones for one in phone.messages if one.message_id in ids)
        return "\n".join(told)

    async def strike(self) -> None:
        """Kill the bot now, whatever it does, and start the next; nothing while none lives."""
        if self._child is None:
            return
        self.kills += 1
        await self._kill()
        if self._is_wanted:
            await self.start()

    async def _outlive(self, child: "_Child") -> None:
        """Start the next bot when this one has died of its fate, killed by nobody here."""
        await child.ended.wait()
        if self._child is child and self._is_wanted:
            await self.strike()

    async def _kill(self) -> None:
        if self._child is not None:
            self._child.kill()
            await self._is_gone()

    async def _is_gone(self) -> None:
        """Wait until the bot has ended with all its threads, and its locks are free."""
        child, self._child = self._child, None
        self._hang_up()
        if child is not None:
            await child.ended.wait()
            child.close()

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line[1].close()
        self._line = None
        self._connected.clear()

    async def _ask(self, question: dict[str, str]) -> object:
        """Ask the living bot; if it is killed in the middle, ask the next one."""
        async with self._asking, asyncio.timeout(COMES_UP_WITHIN):
            while True:
                await self._connected.wait()
                if self._line is None:
                    self._connected.clear()
                    continue
                reader, writer = self._line
                with contextlib.suppress(ConnectionError):
                    writer.write(json.dumps(question).encode() + b"\n")
                    await writer.drain()
                    answer = await reader.readline()
                    if answer:
                        return json.loads(answer)
                if self._line == (reader, writer):
                    self._hang_up()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            known = await reader.readline()
            if known:
                await self._tidy({(chat, message) for chat, message in json.loads(known)})
            writer.write(b"\n")
            await writer.drain()
        except ConnectionError:  # killed while it came up
            known = b""
        if not known:
            writer.close()
            return
        self._hang_up()
        self._line = (reader, writer)
        self._connected.set()

    async def _tidy(self, known: set[tuple[int, int]]) -> None:
        """Have people delete what has come since the last start and the bot never heard of.

        Nobody else can: the service tells a message's id once, in the answer that was cut off.
        What was sent must still come: it is not there any more.
        """
        for phone in self._service.people:
            for message in phone.messages:
                place = (phone.user_id, message.message_id)
                if message.from_bot and place not in known | self._seen:
                    await phone.deletes(message)
                    self.unheard_of += 1
                self._seen.add(place)


@dataclass(slots=True)
class Killing:
    """Houses the bot in a process that is killed at `steps`, and counts."""

    steps: Steps
    kills: int = 0

    @contextlib.asynccontextmanager
    async def __call__(
        self, config: Config, service: BotApiServer, clock: MovableClock, log_folder: Path
    ) -> AsyncIterator[Runner]:
        """Give the runner."""
        async with KilledRunner(config, service, clock, log_folder, self.steps) as runner:
            yield runner
            self.kills = runner.kills
