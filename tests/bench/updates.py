"""A whole update, guard to commit, against python-telegram-bot's bare parsing of the same JSON."""

import asyncio
import json
from pathlib import Path

from telegram import Update

from safety.people import ChatId
from tests.bench.figures import Figure, median_seconds
from tests.harness import World

UPDATES = 500


async def measure(folder: Path) -> list[Figure]:
    """Measure /help from somebody of the team, handled in groups as intake hands them over."""
    async with World(folder) as world:
        aigul = await world.has_organizer()
        ours = await whole_update(world, aigul.chat_id)
        raws = _updates(aigul.chat_id)

        async def parse_all() -> None:
            for raw in raws:
                Update.de_json(json.loads(raw), None)

        theirs = await median_seconds(UPDATES, parse_all)
    return [Figure("update: guard, use case, commit", ours, "bare PTB parse", theirs)]


async def whole_update(world: World, chat_id: ChatId) -> float:
    """Give the seconds of one /help from guard to commit, many of them waiting at once."""
    raws = _updates(chat_id)

    async def handle(seq: int, raw: bytes) -> None:
        await world.database.write(lambda tx: world.guard.handle(world.work(tx), seq, raw))

    async def handle_all() -> None:
        await asyncio.gather(*(handle(seq, raw) for seq, raw in enumerate(raws)))

    return await median_seconds(UPDATES, handle_all)


def _updates(chat_id: ChatId) -> list[bytes]:
    return [_update(number, chat_id) for number in range(UPDATES)]


def _update(number: int, chat_id: int) -> bytes:
    person = {"id": chat_id, "is_bot": False, "first_name": "A", "language_code": "en"}
    message = {
        "message_id": number + 1,
        "date": 1_800_000_000,
        "chat": {"id": chat_id, "type": "private", "first_name": "A"},
        "from": person,
        "text": "/help",
    }
    return json.dumps({"update_id": number + 1, "message": message}).encode()
