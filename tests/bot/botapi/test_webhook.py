"""The service delivers as the real one does: in each line's order, until it is taken."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot
from telegram.error import BadRequest, Conflict

from bot.clock import MovableClock, SystemClock
from bot.listener import Listener
from bot.rehearsal.botapi import BotApiServer, Fault, FaultKind, Phone
from bot.rehearsal.botapi.courier import DELIVERY


@dataclass(slots=True)
class Door:
    """A webhook that keeps what comes, and answers with the status it is told to."""

    url: str = ""
    status: int = 200
    bodies: list[dict[str, object]] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        """Keep one update."""
        self.secrets.append(request.headers.get("x-telegram-bot-api-secret-token"))
        self.bodies.append(json.loads(await request.body()))
        return Response(status_code=self.status)

    async def has(self, count: int) -> None:
        """Wait until so many have come."""
        async with asyncio.timeout(10):
            while len(self.bodies) < count:
                await SystemClock().sleep(0.01)

    @property
    def kinds(self) -> list[str]:
        """Give what has come, by kind."""
        return [next(name for name in body if name != "update_id") for body in self.bodies]


@pytest.fixture
async def door(server: BotApiServer) -> AsyncIterator[Door]:
    """Open a door on this machine, to which the server is told to deliver without TLS."""
    server.messenger.updates.is_local = True
    door = Door()
    listener = Listener(Starlette(routes=[Route("/hook", door.take, methods=["POST"])]), 0)
    await listener.open()
    door.url = f"http://127.0.0.1:{listener.port}/hook"
    yield door
    await listener.close()


async def test_an_update_is_delivered_with_the_secret_and_then_forgotten(
    server: BotApiServer, bot: Bot, dana: Phone, door: Door
) -> None:
    """What was taken does not come again."""
    await bot.set_webhook(door.url, secret_token="a-secret-of-the-bot")  # noqa: S106 - of this test
    await dana.writes("one")
    await door.has(1)
    await server.settles()
    assert door.secrets == ["a-secret-of-the-bot"]
    info = await bot.get_webhook_info()
    assert (info.pending_update_count, info.last_error_date) == (0, None)


async def test_what_is_not_taken_comes_again_ever_later_and_holds_back_its_line_alone(
    server: BotApiServer, bot: Bot, dana: Phone, door: Door, clock: MovableClock
) -> None:
    """After one second, then after two; another person's update does not wait for it."""
    door.status = 503
    await bot.set_webhook(door.url)
    await dana.writes("one")
    await dana.writes("two")
    await door.has(1)
    door.status = 200
    nora = server.person(18, "Nora")
    await nora.opens()
    await door.has(2)
    assert _texts(door) == ["one", "/start"]
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"
    assert info.pending_update_count == 2
    clock.move(timedelta(seconds=1))
    await door.has(4)
    assert _texts(door) == ["one", "/start", "one", "two"]


async def test_an_answer_that_is_cut_off_brings_the_update_again(
    server: BotApiServer, bot: Bot, dana: Phone, door: Door, clock: MovableClock
) -> None:
    """The service cannot know that it was taken."""
    server.faults.add(Fault(FaultKind.CUT_AFTER, method=DELIVERY))
    await bot.set_webhook(door.url)
    await dana.writes("one")
    await door.has(1)
    clock.move(timedelta(seconds=1))
    await door.has(2)
    assert _texts(door) == ["one", "one"]


async def test_a_webhook_ends_a_poll_that_waits_and_stands_against_the_next(
    bot: Bot, door: Door, server: BotApiServer
) -> None:
    """Whoever sets one takes the updates away from whoever polls."""

    async def polls() -> None:
        with pytest.raises(Conflict, match="terminated by setWebhook"):
            await bot.get_updates(timeout=50)

    async with asyncio.TaskGroup() as tasks, asyncio.timeout(5):
        tasks.create_task(polls())
        await server.messenger.active.wait()
        await SystemClock().sleep(0.05)
        await bot.set_webhook(door.url)
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()


@pytest.mark.parametrize(
    ("url", "secret"), [("http://example.org/", None), ("https://example.org/", "not ok")]
)
async def test_addresses_and_secrets_that_the_service_does_not_take_are_refused(
    bot: Bot, url: str, secret: str | None
) -> None:
    """As the real one does."""
    with pytest.raises(BadRequest):
        await bot.set_webhook(url, secret_token=secret)


def _texts(door: Door) -> list[object]:
    return [body["message"]["text"] for body in door.bodies]  # type: ignore[index] # JSON
