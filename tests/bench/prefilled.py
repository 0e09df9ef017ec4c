"""A service in a process of its own, in which updates wait already.

It says its address on standard output, and ends with its standard input.
"""

import asyncio
import sys

from bot.clock import SystemClock
from bot.rehearsal.botapi import BotApiServer
from bot.rehearsal.botapi.chats import Standing
from bot.rehearsal.botapi.shapes import present
from tests.bench.updates import message
from tests.faults.program import TOKEN


async def main(count: int, first: int, people: int) -> None:
    """Serve `count` texts of `people` chats, whose ids follow `first`."""
    async with BotApiServer(token=TOKEN, username="EveningBot", clock=SystemClock()) as service:
        service.profile.can_join_groups = False
        for number in range(people):
            chat_id = first + number
            on_wire = present({"id": chat_id, "type": "private", "first_name": "A"})
            service.messenger.open_chat(chat_id, on_wire, Standing.OPEN)
        for number in range(count):
            update = message(number, first + number % people, "/help")
            service.messenger.updates.add("message", update)
        sys.stdout.write(f"{service.url}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*(int(word) for word in sys.argv[1:])))
