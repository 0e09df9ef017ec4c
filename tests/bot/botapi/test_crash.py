"""A bot in another program can be killed in the middle of any call, and nothing is lost here."""

import asyncio
import sys

from bot.rehearsal.botapi import BotApiServer, Phone, Request
from tests.bot.botapi.conftest import TOKEN

ECHO = """
import asyncio, sys
from telegram import Bot

async def main():
    async with Bot(sys.argv[1], sys.argv[2]) as bot:
        offset = 0
        while True:
            for update in await bot.get_updates(offset=offset, timeout=20):
                await bot.send_message(update.message.chat_id, "Echo " + update.message.text)
                offset = update.update_id + 1

asyncio.run(main())
"""


async def run_echo(server: BotApiServer) -> asyncio.subprocess.Process:
    """Start a bot that answers everything with an echo, in a program of its own."""
    return await asyncio.create_subprocess_exec(sys.executable, "-c", ECHO, TOKEN, server.base_url)


async def test_a_killed_bot_gets_the_unconfirmed_update_again(
    server: BotApiServer, dana: Phone
) -> None:
    """The call that it died in is done, the update comes again: this bot repeats itself."""
    first = await run_echo(server)

    async def kill(request: Request) -> None:
        if request.method == "sendMessage" and first.returncode is None:
            first.kill()
            await first.wait()
            server.before_request = None

    server.before_request = kill
    await dana.writes("hello")
    assert await first.wait() < 0
    await dana.sees("Echo hello", within=5)
    second = await run_echo(server)
    try:
        await dana.writes("again")
        await dana.sees("Echo again", within=15)
    finally:
        second.kill()
        await second.wait()
    echoes = [m.text for m in dana.messages if m.from_bot]
    assert echoes == ["Echo hello", "Echo hello", "Echo again"]
