"""Evidence is fetched piece by piece, bit-exact; what cannot be fetched is not lost silently."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import pytest
from telegram import Bot

from bot import downloads
from bot.clock import MovableClock, SystemClock
from bot.downloads import LARGEST, PIECE, Download, Downloads, Finish, Store
from bot.rehearsal.botapi import BotApiServer, Fault, FaultKind, Phone
from storage.database import Database
from storage.transaction import Transaction


@dataclass(slots=True)
class Shelf:
    """Keeps what arrives in memory, and who was left to be fetched by hand."""

    owed: list[Download] = field(default_factory=list)
    kept: dict[int, bytes] = field(default_factory=dict)
    by_hand: list[int] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)
    abandoned: int = 0
    looks: int = 0
    is_full: bool = False

    def store(self) -> Store:
        """Give it as downloads know it."""
        return Store(self._look, self._open, self._leave)

    def _look(self, tx: Transaction) -> Sequence[Download]:
        del tx
        self.looks += 1
        return tuple(self.owed)

    def _open(self, one: Download) -> "Sheet":
        return Sheet(self, one)

    def _leave(self, tx: Transaction, now: datetime, one: Download) -> None:
        del tx, now
        self.by_hand.append(one.evidence_id)
        self.owed.remove(one)


@dataclass(slots=True)
class Sheet:
    """One file arriving."""

    shelf: Shelf
    one: Download
    content: bytearray = field(default_factory=bytearray)

    def write(self, piece: bytes) -> None:
        """Take the next bytes."""
        if self.shelf.is_full:
            raise OSError(28, "No space left on device")
        self.shelf.pieces.append(len(piece))
        self.content += piece

    def finish(self) -> Finish:
        """Keep the file with its transaction."""

        def record(tx: Transaction, now: datetime) -> None:
            del tx, now
            self.shelf.kept[self.one.evidence_id] = bytes(self.content)
            self.shelf.owed.remove(self.one)

        return record

    def abandon(self) -> None:
        """Count it."""
        self.shelf.abandoned += 1


@dataclass(slots=True)
class Van:
    """Downloads at work."""

    service: BotApiServer
    database: Database
    bot: Bot
    clock: MovableClock
    shelf: Shelf = field(default_factory=Shelf)

    async def owes(self, file_id: str, size: int = 0) -> None:
        """Have a file owed."""
        number = len(self.shelf.owed) + len(self.shelf.kept) + 1
        self.shelf.owed.append(Download(number, file_id, size))
        await self.database.write(_wakes)

    @asynccontextmanager
    async def driving(self) -> AsyncIterator[Downloads]:
        """Let it fetch while the block lasts."""
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.TaskGroup() as tasks:
            one = Downloads(self.database, self.bot, self.clock, client, self.shelf.store())
            running = tasks.create_task(one.run())
            yield one
            running.cancel()

    async def until(self, is_so: Callable[[], bool], *, quickly: bool = False) -> None:
        """Wait for something, letting the clock's time pass if asked to."""
        async with asyncio.timeout(10):
            while not is_so():
                await SystemClock().sleep(0.01)
                if quickly:
                    self.clock.move(timedelta(seconds=1))


@pytest.fixture
def van(service: BotApiServer, database: Database, bot: Bot, clock: MovableClock) -> Van:
    """Give downloads that can be set to work."""
    return Van(service, database, bot, clock)


async def _video(service: BotApiServer, content: bytes) -> str:
    dana: Phone = service.person(17, "Dana")
    await dana.opens()
    await dana.sends_video(content)
    file_id = dana.messages[-1].file_id
    assert file_id is not None
    return file_id


async def test_a_file_arrives_bit_exact_and_in_pieces(van: Van) -> None:
    """Never whole in memory."""
    content = bytes(range(256)) * 2000
    await van.owes(await _video(van.service, content))
    async with van.driving():
        await van.until(lambda: bool(van.shelf.kept))
    assert van.shelf.kept[1] == content
    assert max(van.shelf.pieces) <= PIECE


async def test_a_file_owed_while_all_sleep_is_fetched_at_once(van: Van) -> None:
    """A commit wakes it."""
    file_id = await _video(van.service, b"video")
    async with van.driving() as downloads:
        await SystemClock().sleep(0.05)
        assert await van.database.read(downloads.is_idle)
        await van.owes(file_id)
        await van.until(lambda: bool(van.shelf.kept))


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.CUT_AFTER])
async def test_a_line_that_breaks_is_tried_again(van: Van, kind: FaultKind) -> None:
    """The file stays owed until it is there."""
    van.service.faults.add(Fault(kind, method="getFile", times=2))
    await van.owes(await _video(van.service, b"video"))
    async with van.driving():
        await van.until(lambda: bool(van.shelf.kept), quickly=True)
    assert van.shelf.kept[1] == b"video"


async def test_a_file_that_is_too_large_is_left_to_hand_and_stops_no_other(van: Van) -> None:
    """The service gives nothing above 20 MB; the reference stays."""
    await van.owes("some-id", LARGEST + 1)
    await van.owes(await _video(van.service, b"video"))
    async with van.driving():
        await van.until(lambda: bool(van.shelf.kept))
    assert van.shelf.by_hand == [1]


async def test_a_file_that_is_larger_than_was_said_fills_no_disk(
    van: Van, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was said of its size is believed by nobody."""
    file_id = await _video(van.service, b"small")
    endless = bytes(LARGEST + 1)
    monkeypatch.setattr(van.service.messenger.files, "fetch", lambda _path: endless)
    await van.owes(file_id)
    async with van.driving():
        await van.until(lambda: bool(van.shelf.by_hand))
    assert not van.shelf.kept


async def test_a_file_that_failed_and_is_owed_no_more_is_looked_for_no_more(van: Van) -> None:
    """Its event was purged meanwhile: nothing spins on what it was to be tried at."""
    van.service.faults.add(Fault(FaultKind.SERVER_ERROR, "getFile", times=None))
    await van.owes(await _video(van.service, b"gone"))
    async with van.driving() as driven:
        await van.until(lambda: bool(driven._failing))  # noqa: SLF001 - no other sign
        van.shelf.owed.clear()
        van.clock.move(timedelta(minutes=1))
        await SystemClock().sleep(0.1)
        looks = van.shelf.looks
        await SystemClock().sleep(0.1)
        assert van.shelf.looks <= looks + 1


async def test_a_file_that_comes_too_slowly_is_tried_again(
    van: Van, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps the others waiting for a while, and not for ever."""
    monkeypatch.setattr(downloads, "FETCH_WITHIN", 0.0)
    await van.owes(await _video(van.service, b"slow"))
    async with van.driving():
        await van.until(lambda: van.shelf.abandoned > 0)
        monkeypatch.undo()
        await van.until(lambda: bool(van.shelf.kept), quickly=True)


async def test_a_file_that_the_service_does_not_know_is_left_to_hand(van: Van) -> None:
    """It is gone there: only its sender still has it."""
    await van.owes("no-such-file")
    async with van.driving():
        await van.until(lambda: van.shelf.by_hand == [1])


async def test_a_full_disk_leaves_no_half_file_and_loses_nothing(van: Van) -> None:
    """What was begun is let go; it is fetched when there is room."""
    van.shelf.is_full = True
    await van.owes(await _video(van.service, b"video"))
    async with van.driving():
        await van.until(lambda: van.shelf.abandoned > 0)
        van.shelf.is_full = False
        await van.until(lambda: bool(van.shelf.kept), quickly=True)
    assert van.shelf.kept[1] == b"video"


async def test_the_address_of_a_file_is_in_no_log(van: Van, log: io.StringIO) -> None:
    """It holds the bot's token."""
    van.service.faults.add(Fault(FaultKind.SERVER_ERROR, method="getFile"))
    await van.owes(await _video(van.service, b"video"))
    async with van.driving():
        await van.until(lambda: bool(van.shelf.kept), quickly=True)
    written = log.getvalue()
    assert "download-failed" in written
    assert van.bot.token not in written
    assert "http" not in written


def _wakes(tx: Transaction) -> None:
    tx.effects.downloads = True
