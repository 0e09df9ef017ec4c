"""A crash needs no human: this process keeps the open keys, and starts the worker again.

It asks for the unlock secret, alone writes the key slot file, and holds the keys in locked memory
(ADR-0011). The worker gets them over a line that only the two have. All else runs in the worker,
so that there is little here that could break. `aman lock`, and its end, clear the keys.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from msgspec.msgpack import Decoder

from bot import control, logs
from bot.config import SECRET_NAME, environment, load_safe
from bot.exits import DONE, NOT_IN_ORDER, OVERTAKEN, WRONG_USAGE
from bot.hardening import lock_memory
from bot.mounts import find_lasting
from bot.unlocking import open_keys
from storage.vault import keykeeper, keywire
from storage.vault.keyslots import KeySlots
from storage.vault.keywire import (
    Answer,
    BrokenFrameError,
    Count,
    Counted,
    Done,
    KeyRequest,
    Look,
    Standing,
    Started,
    Told,
    WorkerState,
)

PAUSES = (0.0, 0.1, 1.0, 2.0, 5.0, 10.0)  # seconds before a start, by the starts that failed
STOP_WITHIN = 30.0  # seconds for a worker to end cleanly
EXIT_WITHIN = 5.0  # seconds between the end of its line and its own
SPEAK_WITHIN = 5.0  # seconds for a command to say what it wants, and to hear the answer
COUNT_WITHIN = 3.0  # seconds for a worker to say how much waits
TALKS = 8  # commands that are heard at once

T = TypeVar("T")

_ENDS = (asyncio.IncompleteReadError, BrokenFrameError, OSError)  # of a line: cut, or no sense


def run(parsed: argparse.Namespace) -> int:
    """Run the bot until SIGTERM or Ctrl-C; a terminal that is closed, or cut off, ends nothing."""
    config = load_safe(parsed.config)
    config.require_token()
    worker = [sys.executable, "-m", "bot.worker", str(parsed.config)]
    if parsed.verbose:
        worker.append("--verbose")
    first = ["--take-over"] if parsed.take_over else []
    with open_keys(config) as slots, control.listening(config.control_path) as listener:
        if not lock_memory():
            logs.warn("memory-not-locked")
        lasting = find_lasting(config.directory)
        if lasting is not None:
            logs.warn("destroyed-keys-may-last", file_system=lasting.kind)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # here, and in whatever is started from here
        return asyncio.run(Supervisor(slots, worker, first).run(listener))


@dataclass(frozen=True, slots=True)
class _Worker:
    """A program that works once it is told the keys, and until then waits with all loaded."""

    program: Process
    reader: StreamReader
    line: StreamWriter


class Supervisor:
    """Keeps one worker working on the open keys, and does what commands ask for.

    Loading the program takes longest of all, so a spare worker has done that already.
    """

    def __init__(self, slots: KeySlots, command: list[str], first: Sequence[str] = ()) -> None:
        """Use `command` for each worker; `first` are options until one has worked."""
        self._slots = slots
        self._command = command
        self._first = first
        self._stopping = asyncio.Event()
        self._worker: _Worker | None = None
        self._spare: _Worker | None = None
        self._works = False  # the worker has said so
        self._failures = 0  # starts, in a row
        self._counted: asyncio.Future[Counted | None] | None = None  # what the worker is asked for
        self._talks = 0

    async def run(self, listener: socket.socket) -> int:
        """Work until told to stop, or until a first worker refuses the configuration."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        server = await asyncio.start_unix_server(self._converse, sock=listener)
        try:
            return await self._keep_working()
        finally:
            server.close()
            if self._spare is not None:
                await _let_go(self._spare)

    async def _keep_working(self) -> int:
        has_ever_worked = False
        while True:
            status, has_worked = await self._work()
            has_ever_worked = has_ever_worked or has_worked
            if self._stopping.is_set():
                return DONE
            if status == OVERTAKEN:
                return NOT_IN_ORDER  # another copy works; it has said so
            if status == WRONG_USAGE and not has_ever_worked:
                return status  # it has said why, to whoever has just started it
            self._failures = 0 if has_worked else self._failures + 1
            logs.warn("worker-ended", status=status, attempts=self._failures)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PAUSES[min(self._failures, len(PAUSES) - 1)]):
                    await self._stopping.wait()
                return DONE

    async def _work(self) -> tuple[int, bool]:
        """See a worker through its life; give its exit status, and whether it came to work."""
        worker, self._spare = self._spare or await self._start(), None
        if worker is None:
            return NOT_IN_ORDER, False
        self._worker = worker
        self._tell()
        async with asyncio.TaskGroup() as tasks:
            stopping = tasks.create_task(self._stop(worker.program))
            has_worked = await self._serve(worker.reader)
            self._worker, self._works = None, False
            self._note_counted(None)
            await _let_go(worker)
            stopping.cancel()
        return await worker.program.wait(), has_worked

    async def _start(self) -> _Worker | None:
        """Start a worker that waits for the keys; None where the machine has no room for it."""
        surroundings = {**environment()}
        surroundings.pop(SECRET_NAME, None)
        try:
            ours, theirs = socket.socketpair()
            with theirs, contextlib.ExitStack() as unless_started:
                unless_started.callback(ours.close)
                reader, line = await asyncio.open_unix_connection(sock=ours)
                unless_started.callback(line.close)
                program = await asyncio.create_subprocess_exec(
                    *self._command,
                    *self._first,
                    str(theirs.fileno()),
                    stdin=DEVNULL,
                    env=surroundings,
                    pass_fds=[theirs.fileno()],
                    process_group=0,  # Ctrl-C is for the supervisor, which then stops it
                )
                unless_started.pop_all()
        except OSError as error:
            logs.fault("worker-not-started", error)
            return None
        return _Worker(program, reader, line)

    async def _stop(self, program: Process) -> None:
        await self._stopping.wait()
        with contextlib.suppress(ProcessLookupError):
            program.terminate()
        await _see_out(program, STOP_WITHIN)

    async def _serve(self, reader: StreamReader) -> bool:
        """Do what the worker asks for until its line ends; say whether it came to work."""
        has_worked = False
        try:
            while True:
                request = await _read(reader, keywire.WORKER_REQUEST)
                self._tell(keykeeper.carry_out(self._slots, request))
                if isinstance(request, Counted):
                    self._note_counted(request)
                if isinstance(request, Started):
                    has_worked = self._works = True
                    self._failures = 0
                    self._first = ()  # what a person has decided holds for this start alone
                    self._spare = self._spare or await self._start()
        except _ENDS:
            return has_worked

    def _tell(self, answer: Answer | None = None, *, is_asked: bool = False) -> None:
        """Give the worker all keys anew."""
        if self._worker is not None:
            told = Told(keykeeper.state_of(self._slots), answer, is_asked)
            self._worker.line.write(keywire.pack(told))

    def _note_counted(self, counted: Counted | None) -> None:
        """Hand over what the worker says, if anybody wants it; None: it will say nothing more."""
        asked, self._counted = self._counted, None
        if asked is not None:
            asked.set_result(counted)

    async def _stand(self) -> Standing:
        """Say how it stands with the worker, by its own words if there are any soon.

        One that hangs is asked once, however often somebody looks.
        """
        is_locked = self._slots.is_locked
        if not self._works:
            return Standing(WorkerState.STARTS, is_locked, self._failures)
        asked = self._counted
        if asked is None:
            asked = self._counted = asyncio.get_running_loop().create_future()
            self._tell(is_asked=True)
        try:
            async with asyncio.timeout(COUNT_WITHIN):
                counted = await asyncio.shield(asked)  # others wait for it too, or will
        except TimeoutError:
            return Standing(WorkerState.SILENT, is_locked)
        if counted is None:
            return Standing(WorkerState.STARTS, is_locked, self._failures)
        state = WorkerState.WORKS if counted.lines else WorkerState.SILENT
        return Standing(state, is_locked, lines=counted.lines, amiss=counted.amiss)

    async def _converse(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Answer one request of a command; whoever makes no sense is cut off."""
        self._talks += 1
        try:
            is_ours = control.is_ours(writer.get_extra_info("socket"), os.geteuid())
            if self._talks <= TALKS and is_ours:
                async with asyncio.timeout(SPEAK_WITHIN):
                    await self._answer(reader, writer)
        except (*_ENDS, TimeoutError):
            logs.warn("command-not-understood")
        finally:
            self._talks -= 1
            writer.close()

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        request = await _read(reader, keywire.CONTROL_REQUEST)
        if isinstance(request, Count):
            writer.write(keywire.pack(await self._stand()))
        else:
            writer.write(keywire.pack(self._carry_out(request)))
        await writer.drain()

    def _carry_out(self, request: KeyRequest) -> Answer:
        answer = keykeeper.carry_out(self._slots, request)
        if not isinstance(request, Look):
            kind = type(request).__name__
            logs.note("command-done" if isinstance(answer, Done) else "command-refused", kind=kind)
            self._tell()
        return answer


async def _read(reader: StreamReader, shape: Decoder[T]) -> T:
    length = keywire.body_length(await reader.readexactly(keywire.HEAD_BYTES))
    return keywire.unpack(await reader.readexactly(length), shape)


async def _let_go(worker: _Worker) -> None:
    """End a worker's line, and with it the worker."""
    worker.line.close()
    await _see_out(worker.program, EXIT_WITHIN)


async def _see_out(program: Process, seconds: float) -> None:
    """Wait for a program's end, and make it after some time."""
    try:
        async with asyncio.timeout(seconds):
            await program.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            program.kill()
