"""The baseline, in a process of its own: python-telegram-bot with its own rate limiter.

It sends as many messages as it is told, each to a chat of its own or all of them round a few, says
when an alarm to twelve is asked for, and ends when everything was tried.
"""

import asyncio
import sys

from telegram.error import TelegramError
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

QUEUED = "queued"  # said on standard output
RETRIES = 5  # after a 429


async def main(token: str, url: str, *numbers: int) -> None:
    """Queue everything at once, as a handler that loops over its people does; then the alarm.

    `numbers`: the first chat, how many chats, how many messages, how many are alarmed.
    """
    first, chats, messages, alarmed = numbers
    request = HTTPXRequest(connection_pool_size=256, read_timeout=120, pool_timeout=120)
    limiter = AIORateLimiter(max_retries=RETRIES)
    async with (
        ExtBot(token, base_url=f"{url}/bot", request=request, rate_limiter=limiter) as bot,
        asyncio.TaskGroup() as tasks,
    ):
        for number in range(messages):
            tasks.create_task(_send(bot, first + number % chats, "news"))
        await asyncio.sleep(0.5)  # noqa: TID251 - no clock of ours in here
        sys.stdout.write(f"{QUEUED}\n")
        sys.stdout.flush()
        for number in range(alarmed):
            tasks.create_task(_send(bot, first + number, "ALARM"))


async def _send(bot: "ExtBot[int]", chat: int, words: str) -> None:
    try:
        await bot.send_message(chat, words)
    except TelegramError:
        return  # it is lost, as it would be


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], *(int(word) for word in sys.argv[3:])))
