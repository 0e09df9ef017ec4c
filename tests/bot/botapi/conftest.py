"""A server, a clock that the test moves, and the bot library that the product uses."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from telegram import Bot

from bot.clock import MovableClock
from bot.rehearsal.botapi import BotApiServer, Phone

TOKEN = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"  # noqa: S105 -- opens nothing
EVENING = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> MovableClock:
    """Give a clock that stands at the beginning of an evening."""
    return MovableClock(EVENING)


@pytest.fixture
async def server(clock: MovableClock) -> AsyncIterator[BotApiServer]:
    """Open a server for one test."""
    async with BotApiServer(token=TOKEN, username="EveningBot", clock=clock) as opened:
        yield opened


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    """Give a real bot object that speaks to the server over HTTP."""
    async with Bot(TOKEN, server.base_url, server.base_file_url) as opened:
        yield opened


@pytest.fixture
async def second_bot(server: BotApiServer) -> AsyncIterator[Bot]:
    """Give somebody else who has the same token."""
    async with Bot(TOKEN, server.base_url, server.base_file_url) as opened:
        yield opened


@pytest.fixture
async def dana(server: BotApiServer) -> Phone:
    """Give a person who has started the bot, and whose start the bot has seen."""
    phone = server.person(17, "Dana", language_code="kk")
    await phone.opens()
    server.messenger.updates.clear()
    return phone
