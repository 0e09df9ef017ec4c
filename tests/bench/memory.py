"""What the bot keeps in memory, against a bare python-telegram-bot process that polls.

All three processes together are counted by their share (PSS): what they have in common once.
"""

import asyncio
import sys
from pathlib import Path

from bot.clock import SystemClock
from bot.rehearsal.botapi import Phone
from storage.vault import keyslots, words
from tests.bench.figures import Memory
from tests.faults.program import START_WITHIN, TOKEN, Program, program
from tests.harness import World

PEOPLE = 1_000
WORKERS = 2  # one works, one waits
SETTLED = 3.0  # seconds after the start, when everything has been loaded
_BARE = """
import asyncio, sys
from telegram import Update
from telegram.ext import Application, MessageHandler, filters

async def answer(update, context):
    await update.message.reply_text("seen")

async def main():
    token, url = sys.argv[1:]
    bot = Application.builder().token(token).base_url(f"{url}/bot").build()
    bot.add_handler(MessageHandler(filters.ALL, answer))
    async with bot:
        await bot.start()
        await bot.updater.start_polling()
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def measure(folder: Path) -> list[Memory]:
    """Measure one after the other, each polling the same local service."""
    async with program(folder) as ours:
        theirs = await _bare(ours)
        aigul = await _has_a_roster(ours)
        await ours.starts()
        await ours.works()
        await aigul.writes("/people")
        await aigul.sees(f"{PEOPLE}", within=START_WITHIN)
        await SystemClock().sleep(SETTLED)
        assert ours.worker is not None
        worker, supervisor = _resident(ours.worker), _resident(ours.supervisor)
        assert len(ours.workers) == WORKERS
        together = sum(map(_share, (ours.supervisor, *ours.workers)))
    return [
        Memory("a worker", worker, "bare PTB process", theirs),
        Memory("its supervisor", supervisor, "bare PTB process", theirs),
        Memory(f"both and a spare, {PEOPLE:,} people", together, "bare PTB process", theirs),
    ]


async def _has_a_roster(ours: Program) -> Phone:
    """Have a meeting with many people in the data, and give an organizer's phone."""
    directory, secret = ours.made.directory, words.parse(ours.made.words)
    keys = keyslots.unlock(directory / "keys", secret), secret
    async with World(directory, now=SystemClock().now(), keys=keys) as world:
        aigul = await world.has_organizer()
        event = await world.has_event(capacity=PEOPLE)
        for number in range(PEOPLE):
            await world.has_participant(event, f"Person {number}")
    return ours.service.person(aigul.chat_id, "Aigul", language_code="en")


async def _bare(ours: Program) -> float:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _BARE, TOKEN, ours.service.url)
    )
    try:
        await SystemClock().sleep(SETTLED)
        assert process.returncode is None
        return _resident(process.pid)
    finally:
        process.kill()
        await process.wait()


def _resident(process: int) -> float:
    """Give what a process has in memory now, in MiB."""
    return _mebibytes(process, "status", "VmRSS:")


def _share(process: int) -> float:
    """Give that, in MiB, with what several processes have in common divided among them."""
    return _mebibytes(process, "smaps_rollup", "Pss:")


def _mebibytes(process: int, file: str, name: str) -> float:
    for line in Path(f"/proc/{process}/{file}").read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(process)
