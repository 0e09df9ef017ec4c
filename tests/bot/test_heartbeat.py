"""A sign of life that is sent while the bot is well, and at no other time."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import figures
from bot.clock import MovableClock, SystemClock
from bot.config import Hidden, Pulse
from bot.hearing import Hearing
from bot.heartbeat import Heartbeat
from bot.listener import HOST, Listener
from safety.alarmnotices import AlarmRing
from safety.figures import Figure
from safety.heartbeat import HEARD_WITHIN, SENT_WITHIN
from safety.languages import Language
from safety.notices import Lane
from safety.people import ChatId, Recipient, TeamId
from safety.secondchannel import SecondAlarm
from storage import outbox, overdue, tickets
from storage.database import Database
from storage.lease import OvertakenError
from storage.transaction import Transaction

SECRET = "/ping/0123456789"  # noqa: S105 - of nobody


@dataclass(slots=True)
class Outside:
    """The service that listens, and what it was told."""

    url: str = ""
    status: int = 200
    heard: list[tuple[str, bytes, str]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        """Note what came."""
        self.heard.append((request.method, await request.body(), str(request.headers)))
        return Response("x" * 100_000, status_code=self.status)


@pytest_asyncio.fixture
async def outside() -> AsyncIterator[Outside]:
    """Open a service on loopback."""
    listens = Outside()
    listener = Listener(Starlette(routes=[Route(SECRET, listens.answer)]), 0)
    await listener.open()
    listens.url = f"http://{HOST}:{listener.port}{SECRET}"
    yield listens
    await listener.close()


@pytest_asyncio.fixture
async def heartbeat(
    outside: Outside, database: Database, clock: MovableClock
) -> AsyncIterator[Heartbeat]:
    """Give a bot's heart, of a bot that polls."""
    pulse = Pulse(Hidden(outside.url), "127.0.0.1", timedelta(seconds=60))
    hearing = Hearing(clock)
    hearing.note_heard()
    async with httpx.AsyncClient(trust_env=False) as client:
        yield Heartbeat(pulse, database, client, clock, hearing)


@asynccontextmanager
async def _beating(heartbeat: Heartbeat) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(heartbeat.run())
        yield
        running.cancel()


async def _hears(outside: Outside, count: int) -> None:
    async with asyncio.timeout(5):
        while len(outside.heard) < count:
            await SystemClock().sleep(0.01)


async def test_a_bot_that_is_well_says_so_again_and_again(
    heartbeat: Heartbeat, outside: Outside, clock: MovableClock
) -> None:
    """And nothing but that: no body, no name of the program."""
    async with _beating(heartbeat):
        await _hears(outside, 1)
        await SystemClock().sleep(0.1)
        assert len(outside.heard) == 1
        heartbeat.hearing.note_heard()
        clock.move(timedelta(seconds=61))
        await _hears(outside, 2)
    method, body, headers = outside.heard[0]
    assert (method, body) == ("GET", b"")
    assert "httpx" not in headers


async def test_a_bot_that_hears_nothing_is_not_well(
    heartbeat: Heartbeat, clock: MovableClock
) -> None:
    """Updates come in no more, whatever else works; nor has it ever polled."""
    assert await heartbeat.is_well()
    clock.move(HEARD_WITHIN + timedelta(seconds=1))
    assert not await heartbeat.is_well()
    heartbeat.hearing.note_heard()
    assert await heartbeat.is_well()
    heartbeat.hearing.heard_at = None
    assert not await heartbeat.is_well()


async def test_a_bot_whose_alarm_does_not_go_out_is_not_well(
    heartbeat: Heartbeat, database: Database, clock: MovableClock
) -> None:
    """It may poll as it likes."""
    now, timur = clock.now(), Recipient(ChatId(17), Language.EN)
    await database.write(lambda tx: outbox.owe(tx, now, timur, AlarmRing(1)))
    assert await heartbeat.is_well()
    clock.move(SENT_WITHIN + timedelta(seconds=1))
    heartbeat.hearing.note_heard()
    assert not await heartbeat.is_well()


async def test_an_alarm_that_rings_anew_and_never_goes_out_is_as_old_as_its_first_ring(
    heartbeat: Heartbeat, database: Database, clock: MovableClock
) -> None:
    """Each ring takes the place of the one before it, which must not hide that none arrives."""
    timur = Recipient(ChatId(17), Language.EN)
    first = clock.now()

    def ring(tx: Transaction, tries: int) -> None:
        """Ring once more while an attempt is under way, or while none is; it fails."""
        now = clock.now()
        claimed = outbox.claim(tx, [one.id for one in tickets.ready(tx, now, tries)])
        outbox.owe(tx, now, timur, AlarmRing(1))
        for one in claimed:
            outbox.put_back(tx, one.id, now, was_tried=True)

    for tries in (0, 1, 0, 1, 1):
        await database.write(partial(ring, tries=tries))
        clock.move(timedelta(seconds=30))
    since = await database.read(lambda tx: overdue.oldest(tx, Lane.ALARM))
    assert since is not None
    assert since - first < timedelta(seconds=30)
    heartbeat.hearing.note_heard()
    assert not await heartbeat.is_well()


async def test_a_letter_that_no_server_takes_is_no_trouble_of_the_bots(
    heartbeat: Heartbeat, database: Database, clock: MovableClock
) -> None:
    """It goes beside the chat: nobody shall look for a dead machine because of it."""
    now, timur = clock.now(), Recipient(ChatId(17), Language.EN)
    letter = SecondAlarm(TeamId(1), 1)
    await database.write(lambda tx: outbox.owe(tx, now, timur, letter))
    clock.move(SENT_WITHIN + timedelta(seconds=1))
    heartbeat.hearing.note_heard()
    assert await heartbeat.is_well()


async def test_a_bot_that_cannot_store_is_not_well(
    heartbeat: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full or failing disk, or another copy that works: not this one's sign of life."""

    async def overtaken(work: object, *, urgent: bool = False) -> None:
        del work, urgent
        raise OvertakenError

    heartbeat.hearing.note_heard()
    monkeypatch.setattr(heartbeat.database, "write", overtaken)
    assert not await heartbeat.is_well()


async def test_a_bot_that_is_not_well_says_nothing(heartbeat: Heartbeat, outside: Outside) -> None:
    """The silence is the message."""
    heartbeat.hearing.heard_at = None
    async with _beating(heartbeat):
        await SystemClock().sleep(0.2)
    assert outside.heard == []


async def test_a_service_that_fails_is_logged_once_and_its_address_never(
    heartbeat: Heartbeat, outside: Outside, clock: MovableClock, log: io.StringIO
) -> None:
    """It is asked on; that it answers again is logged as well."""
    outside.status = 500
    async with _beating(heartbeat):
        for count in range(1, 4):
            await _hears(outside, count)
            heartbeat.hearing.note_heard()
            await SystemClock().sleep(0.05)
            outside.status = 200 if count == 2 else outside.status
            clock.move(timedelta(seconds=61))
        await _hears(outside, 4)
    said = log.getvalue()
    assert said.count("event=heartbeat-not-sent") == 1
    assert said.count("event=heartbeat-sent-again") == 1
    assert SECRET not in said


async def test_how_the_heartbeat_does_is_shown_and_a_service_that_takes_none_is_not_in_order(
    heartbeat: Heartbeat, outside: Outside, clock: MovableClock
) -> None:
    """Since when; in order again with the first that it takes."""
    began = clock.now()
    assert figures.of_heartbeat(heartbeat, began) == Figure("heartbeat", "not known yet")
    async with _beating(heartbeat):
        await _hears(outside, 1)
        outside.status = 500
        for count in (2, 3, 4):
            await SystemClock().sleep(0.05)
            heartbeat.hearing.note_heard()
            clock.move(timedelta(seconds=61))
            await _hears(outside, count)
        await SystemClock().sleep(0.05)
        found = figures.of_heartbeat(heartbeat, began + timedelta(seconds=190))
        assert found.line.startswith("heartbeat: not taken, began 0:02:0")
        assert not found.is_in_order
        outside.status = 200
        clock.move(timedelta(seconds=61))
        heartbeat.hearing.note_heard()
        await _hears(outside, 5)
        await SystemClock().sleep(0.05)
    good = figures.of_heartbeat(heartbeat, clock.now())
    assert good.line.startswith("heartbeat: sent 0:00:0")
    assert good.is_in_order


async def test_without_an_address_nothing_is_sent(
    outside: Outside, database: Database, clock: MovableClock
) -> None:
    """It is optional."""
    async with httpx.AsyncClient(trust_env=False) as client:
        heartbeat = Heartbeat(None, database, client, clock, Hearing(clock))
        await heartbeat.run()
    assert outside.heard == []
    assert figures.of_heartbeat(heartbeat, clock.now()) == Figure("heartbeat", "none")
