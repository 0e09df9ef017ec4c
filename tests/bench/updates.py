"""A whole update, guard to commit, against python-telegram-bot's bare parsing of the same JSON."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from telegram import Update

from bot.rehearsal.botapi.shapes import JsonObject
from safety.people import ChatId
from tests.bench.figures import Figure, in_turn
from tests.harness import World

UPDATES = 500


async def measure(folder: Path) -> list[Figure]:
    """Measure /help from somebody of the team, handled in groups as intake hands them over."""
    async with World(folder) as world:
        aigul = await world.has_organizer()
        raws = raw_updates(aigul.chat_id)

        async def parse_all() -> None:
            for raw in raws:
                Update.de_json(json.loads(raw), None)

        ours, theirs = await in_turn(UPDATES, handling(world, aigul.chat_id), parse_all)
    return [Figure("update: guard, use case, commit", ours, "bare PTB parse", theirs)]


def handling(world: World, chat_id: ChatId) -> Callable[[], Awaitable[None]]:
    """Give what handles many /help from guard to commit, all of them waiting at once."""
    raws = raw_updates(chat_id)

    async def handle(seq: int, raw: bytes) -> None:
        await world.database.write(lambda tx: world.guard.handle(world.work(tx), seq, raw))

    async def handle_all() -> None:
        await asyncio.gather(*(handle(seq, raw) for seq, raw in enumerate(raws)))

    return handle_all


def raw_updates(chat_id: ChatId) -> list[bytes]:
    """Give many /help of one chat, as they come over the line."""
    bodies = (message(number, chat_id, "/help") for number in range(UPDATES))
    return [
        json.dumps({"update_id": number + 1, "message": body}).encode()
        for number, body in enumerate(bodies)
    ]


def message(number: int, chat_id: int, text: str) -> JsonObject:
    """Give a text as the service hands it out."""
    person: JsonObject = {"id": chat_id, "is_bot": False, "first_name": "A", "language_code": "en"}
    return {
        "message_id": number + 1,
        "date": 1_800_000_000,
        "chat": {"id": chat_id, "type": "private", "first_name": "A"},
        "from": person,
        "text": text,
    }
