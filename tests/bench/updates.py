"""A whole update, guard to commit, against python-telegram-bot's bare parsing of the same JSON."""

import asyncio
import json
from pathlib import Path

from telegram import Update

from tests.bench.figures import Figure, median_seconds
from tests.harness import World

UPDATES = 500


async def measure(folder: Path) -> list[Figure]:
    """Measure /help from somebody of the team, handled in groups as intake hands them over."""
    async with World(folder) as world:
        aigul = await world.has_organizer()
        raws = [_update(number, aigul.chat_id) for number in range(UPDATES)]

        async def handle(seq: int, raw: bytes) -> None:
            await world.database.write(lambda tx: world.guard.handle(world.work(tx), seq, raw))

        async def handle_all() -> None:
            await asyncio.gather(*(handle(seq, raw) for seq, raw in enumerate(raws)))

        async def parse_all() -> None:
            for raw in raws:
                Update.de_json(json.loads(raw), None)

        ours = await median_seconds(UPDATES, handle_all)
        theirs = await median_seconds(UPDATES, parse_all)
    return [Figure("update: guard, use case, commit", ours, "bare PTB parse", theirs)]


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
