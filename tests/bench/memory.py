"""What a worker keeps in memory, against a bare python-telegram-bot process that polls."""

import asyncio
import sys
from pathlib import Path

from bot.clock import SystemClock
from tests.bench.figures import Memory
from tests.faults.program import TOKEN, Program, program

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
        await ours.starts()
        await ours.works()
        await SystemClock().sleep(SETTLED)
        assert ours.worker is not None
        worker, supervisor = _resident(ours.worker), _resident(ours.supervisor)
    return [
        Memory("a worker", worker, "bare PTB process", theirs),
        Memory("its supervisor", supervisor, "bare PTB process", theirs),
    ]


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
    for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(process)
