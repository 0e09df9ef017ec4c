"""A process under load that says what it has acknowledged, to be watched from outside.

It runs the real guard and use cases on a real database and key slot file. Every line that it says
is one write to a file of its own, after the caller of the transaction has heard of the commit.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from safety.people import EventId
from storage import casekeys, connections, counters, evidence, inbox, retention
from storage.held import HeldKeys
from storage.inbox import Received
from storage.jobs import Job
from storage.transaction import Connection, Transaction
from storage.trouble import is_disk_trouble
from storage.vault import slotfile
from storage.vault.evidence import EvidenceWriter
from storage.writer import Writer
from tests.harness import Someone, World
from tests.made import new_keys

if TYPE_CHECKING:
    from safety.events import Event

ROUNDS = 16
AT_ONCE = 24  # callers in a round
LIVE = 3  # events; older ones are purged
VIDEO = 70_000  # bytes: more than one chunk
STATE, SAYINGS, EVIDENCE = "state", "sayings", "evidence"


class Weakness(StrEnum):
    """What is left out, so that the suite can be seen to fail."""

    NONE = "none"
    COMMITS_UNFLUSHED = "commits-unflushed"
    KEYS_UNFLUSHED = "keys-unflushed"
    FILES_UNFLUSHED = "files-unflushed"
    KEYS_KEPT = "keys-kept"


def content_of(number: int) -> bytes:
    """Give the video of this number."""
    return Random(number).randbytes(VIDEO)  # noqa: S311 - to be made again


def begun(number: int) -> str:
    """Name the first row of a transaction."""
    return f"begun-{number}"


def ended(number: int) -> str:
    """Name the last row of a transaction."""
    return f"ended-{number}"


class Load:
    """Writes of every kind, many at once."""

    def __init__(self, folder: Path, world: World, say: Callable[[str], None]) -> None:
        self._folder = folder / STATE / EVIDENCE
        self._world = world
        self._say = say
        self._number = 0
        self._events: list[Event] = []

    async def play(self) -> None:
        """Say what is there at the beginning, then write."""
        team = await self._world.has_team()
        await self._has_event()
        self._say("ready")
        people = [team.organizer, team.steward, team.medic]
        for _ in range(ROUNDS):
            people += await self._has_event()
            jobs = [self._update(people[number % len(people)]) for number in range(AT_ONCE)]
            jobs += [self._video(self._events[-1].id), self._video(self._events[-1].id)]
            if len(self._events) > LIVE:
                jobs.append(self._purge(self._events.pop(0).id))
            for error in await asyncio.gather(*jobs, return_exceptions=True):
                self._bear(error)
            people = [team.organizer, team.steward, team.medic]

    async def _write(self, work: Callable[[Transaction], object], *, urgent: bool = False) -> None:
        """Write between two rows of its own, and say so when it is committed."""
        self._number += 1
        number = self._number

        def whole(tx: Transaction) -> None:
            counters.set_value(tx, begun(number), 1)
            work(tx)
            counters.set_value(tx, ended(number), 1)

        await self._world.database.write(whole, urgent=urgent)
        self._say(f"committed {number}")

    async def _has_event(self) -> list[Someone]:
        try:
            event = await self._world.has_event()
            self._say(f"created {event.id}")
            self._events.append(event)
            names = (f"{event.id}-{number}" for number in range(3))
            return await self._world.has_participants(event, *names)
        except Exception as error:  # noqa: BLE001 - a border
            self._bear(error)
            return []

    def _bear(self, error: BaseException | None) -> None:
        """Go on after the disk's trouble, having said that something was refused."""
        if error is None:
            return
        if not isinstance(error, Exception) or not is_disk_trouble(error):
            raise error
        self._say("refused")

    async def _update(self, someone: Someone) -> None:
        """Take an alarm in, and handle it, as intake and handling do."""
        number = self._world.next_number()
        raw = json.dumps(_sos(someone, number)).encode()
        update = Received(number, someone.chat_id, is_alarm_like=True, raw=raw)
        now = self._world.now
        await self._write(lambda tx: inbox.receive(tx, now, [update]), urgent=True)

        def handle(tx: Transaction) -> None:
            self._world.guard.handle(self._world.work(tx), number, raw)

        await self._write(handle)

    async def _video(self, event_id: EventId) -> None:
        self._number += 1
        number = self._number
        public = await self._world.look(lambda tx: casekeys.public(tx, event_id))
        with evidence.open_writer(self._folder, public, number) as writer:
            writer.write(content_of(number))
            await asyncio.to_thread(writer.finish)
        await self._world.database.write(
            lambda tx: counters.set_value(tx, f"video-{number}", event_id)
        )
        self._say(f"kept {number}")

    async def _purge(self, event_id: EventId) -> None:
        self._say(f"purging {event_id}")
        await self._write(lambda tx: retention.forget_event(tx, event_id))
        self._say(f"purged {event_id}")


def _sos(someone: Someone, number: int) -> dict[str, object]:
    user = {"id": someone.chat_id, "is_bot": False, "first_name": someone.name}
    chat = {"id": someone.chat_id, "type": "private", "first_name": someone.name}
    words = "sos" if number % 2 else "/help"
    message = {"message_id": number, "date": 0, "chat": chat, "from": user, "text": words}
    return {"update_id": number, "message": message}


def weaken(weakness: Weakness, patch: pytest.MonkeyPatch) -> None:
    """Take one protection out of the product."""
    match weakness:
        case Weakness.NONE:
            pass
        case Weakness.COMMITS_UNFLUSHED:
            normal = [("synchronous", "NORMAL", 1) if one[0] == "synchronous" else one
                      for one in connections.PRAGMAS]  # fmt: skip
            patch.setattr(connections, "PRAGMAS", tuple(normal))
        case Weakness.KEYS_UNFLUSHED:
            patch.setattr(slotfile, "_overwrite", _overwrite_only)
        case Weakness.FILES_UNFLUSHED:
            patch.setattr(EvidenceWriter, "finish", _finish_unflushed)
        case Weakness.KEYS_KEPT:
            patch.setattr(Writer, "_destroy_and_settle", _destroys_nothing)


def _overwrite_only(descriptor: int, content: bytes, offset: int) -> None:
    os.pwrite(descriptor, content, offset)


def _finish_unflushed(self: EvidenceWriter) -> None:
    self._seal_chunk(bytes(self._pending), is_last=True)
    self._file.close()
    self._temporary.rename(self._path)
    self._is_finished = True


async def _destroys_nothing(self: Writer, jobs: Sequence[Job[object]]) -> None:
    self._settle(jobs)


async def main(folder: Path) -> None:
    """Open everything in `folder`, print the unlock secret, and play."""
    # Its database is made and flushed by the real code, not put there as for other tests.
    world = World(folder / STATE, keys=new_keys(folder / STATE / "keys"))
    sys.stdout.write(f"{world.secret.words()}\n")
    sayings = os.open(folder / SAYINGS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    finish = HeldKeys.finish_destructions

    def note(
        held: HeldKeys, connection: Connection, require: Callable[[Connection], None]
    ) -> None:
        try:
            finish(held, connection, require)
        except Exception:
            _say(sayings, "refused")  # a purged key waits for its end, and its receipt says so
            raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HeldKeys, "finish_destructions", note)
        async with world:
            await Load(folder, world, lambda line: _say(sayings, line)).play()


def _say(descriptor: int, line: str) -> None:
    os.write(descriptor, f"{line}\n".encode())


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as patch:
        weaken(Weakness(sys.argv[2]), patch)
        asyncio.run(main(Path(sys.argv[1])))
