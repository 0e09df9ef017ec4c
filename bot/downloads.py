"""Fetching evidence: owed like a message, streamed in pieces, never whole in memory, never opened.

The file's address holds the bot's token, so it is used here and nowhere shown. What the service
does not give (more than 20 MB, or gone) stays owed by hand and visible; the rest is tried again.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import httpx
from telegram import Bot
from telegram.error import BadRequest

from bot import logs
from bot.clock import Clock
from bot.waiting import Bell
from safety.people import Unprinted
from storage.database import Database
from storage.transaction import Effects, Transaction

LARGEST = 20 * 1024 * 1024  # bytes; the service gives bots no larger file
PIECE = 64 * 1024  # bytes
FETCH_WITHIN = 900.0  # real seconds for one file: others wait for it
LONGEST_WAIT = 60.0  # seconds without looking
RETRY_STEP = timedelta(seconds=5)  # times the failures so far
RETRY_LONGEST = timedelta(minutes=10)

Finish = Callable[[Transaction, datetime], None]


@dataclass(frozen=True, slots=True, repr=False)
class Download(Unprinted):
    """One file to fetch. `size` is in bytes as the service said, 0 where unknown."""

    evidence_id: int
    file_id: str
    size: int


class Sink(Protocol):
    """Where one file's bytes go; nothing stays on the disk unless it is finished."""

    def write(self, piece: bytes) -> None:
        """Take the next bytes."""
        ...

    def finish(self) -> Finish:
        """Make what was written durable; give what records it in a transaction."""
        ...

    def abandon(self) -> None:
        """Let go of what was written so far."""
        ...


@dataclass(frozen=True, slots=True)
class Store:
    """What is to be fetched, where it goes, and what to do with what cannot be fetched."""

    owed: Callable[[Transaction], Sequence[Download]]
    open_sink: Callable[[Download], Sink]
    leave_to_hand: Callable[[Transaction, datetime, Download], None]


class TooLargeError(Exception):
    """The file is larger than the service gives."""


@dataclass(frozen=True, slots=True)
class _Failing:
    count: int
    retry_at: float  # by the clock that nobody can set


class Downloads:
    """Fetches what is owed, one file at a time, for as long as `run` runs."""

    def __init__(
        self, database: Database, bot: Bot, clock: Clock, client: httpx.AsyncClient, store: Store
    ) -> None:
        self._database = database
        self._bot = bot
        self._clock = clock
        self._client = client
        self._store = store
        self._bell = Bell(clock)
        self._failing: dict[int, _Failing] = {}
        database.on_commit(self._note_commit)

    async def run(self) -> None:
        """Fetch until cancelled."""
        while True:
            now = self._clock.monotonic()
            owed = await self._database.read(self._store.owed)
            ids = {one.evidence_id for one in owed}  # what was erased is tried no more
            self._failing = {id_: one for id_, one in self._failing.items() if id_ in ids}
            ready = [one for one in owed if self._may_try(one, now)]
            for one in ready:
                await self._fetch(one)
            if not ready:
                await self._bell.wait(self._pause(now))

    def is_idle(self, tx: Transaction) -> bool:
        """Say whether nothing is owed."""
        return not self._store.owed(tx)

    def _note_commit(self, effects: Effects) -> None:
        if effects.downloads:
            self._bell.ring()

    def _may_try(self, one: Download, now: float) -> bool:
        failing = self._failing.get(one.evidence_id)
        return failing is None or failing.retry_at <= now

    def _pause(self, now: float) -> float:
        waits = [failing.retry_at - now for failing in self._failing.values()]
        return max(min([LONGEST_WAIT, *waits]), 0.0)

    async def _fetch(self, one: Download) -> None:
        now = self._clock.now()
        try:
            await self._stream(one)
        except (TooLargeError, BadRequest) as error:
            logs.fault("download-left-to-hand", error)
            await self._database.write(lambda tx: self._store.leave_to_hand(tx, now, one))
        except Exception as error:  # noqa: BLE001 - a border: one file never stops the others
            known = self._failing.get(one.evidence_id)
            count = known.count + 1 if known else 1
            logs.fault("download-failed", error, attempts=count)
            pause = min(RETRY_STEP * count, RETRY_LONGEST)
            self._failing[one.evidence_id] = _Failing(
                count, self._clock.monotonic() + pause.total_seconds()
            )
            return
        self._failing.pop(one.evidence_id, None)

    async def _stream(self, one: Download) -> None:
        if one.size > LARGEST:
            raise TooLargeError
        file = await self._bot.get_file(one.file_id)
        if (file.file_size or 0) > LARGEST or file.file_path is None:
            raise TooLargeError
        sink = self._store.open_sink(one)
        try:
            await self._fill(sink, file.file_path)
            finish = await asyncio.to_thread(sink.finish)
        except BaseException:
            sink.abandon()
            raise
        now = self._clock.now()
        await self._database.write(lambda tx: finish(tx, now))

    async def _fill(self, sink: Sink, address: str) -> None:
        """Fetch a file's bytes, whatever was said of its size, and however slowly they come.

        Raises:
            TooLargeError: there are more than the service gives.
            TimeoutError: they are not all there in time.
        """
        came = 0
        async with (
            asyncio.timeout(FETCH_WITHIN),
            self._client.stream("GET", address) as answer,
        ):
            answer.raise_for_status()
            async for piece in answer.aiter_bytes(PIECE):
                came += len(piece)
                if came > LARGEST:
                    raise TooLargeError
                sink.write(piece)
