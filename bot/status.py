"""What `aman status` shows: how much waits, and since when. Counts and ages, nobody's data."""

import argparse
import asyncio
from datetime import datetime, timedelta

from bot import custody
from bot.clock import SystemClock
from bot.config import Config, load_safe
from bot.exits import DONE, say
from bot.intake import LAST_POLL
from bot.unlocking import open_keys
from storage import backups, counters, evidence, queues
from storage.ballast import Ballast
from storage.database import Database
from storage.moments import from_row
from storage.transaction import Transaction
from storage.vault.keyslots import KeySlots


def run(parsed: argparse.Namespace) -> int:
    """Show the lines."""
    config = load_safe(parsed.config)
    with open_keys(config, to_write=False) as slots:
        for line in asyncio.run(report(config, slots, SystemClock().now())):
            say(line)
    return DONE


async def report(config: Config, slots: KeySlots, now: datetime) -> list[str]:
    """Give the lines to show; the bot may be running."""
    async with Database(config.database_path, slots, is_guest=True) as database:
        lines = await database.read(lambda tx: _lines(tx, now))
        files = await database.read(evidence.kept_files)
    is_held = Ballast(config.ballast_path).is_held
    return [
        *lines,
        f"files to copy elsewhere: {len(custody.owed(config, files))}",
        f"room kept for a full disk: {'held' if is_held else 'none'}",
    ]


def _lines(tx: Transaction, now: datetime) -> list[str]:
    polled = counters.value(tx, LAST_POLL)
    lines = [f"last poll: {_ago(from_row(polled), now) if polled else 'never'}"]
    backed_up = backups.last_made(tx)
    lines.append(f"last backup: {_ago(backed_up, now) if backed_up else 'never'}")
    for queue in queues.lengths(tx, now):
        age = f", the oldest {_ago(queue.oldest, now)}" if queue.oldest else ""
        lines.append(f"{queue.name}: {queue.count}{age}")
    return lines


def _ago(moment: datetime, now: datetime) -> str:
    seconds = int(max(now - moment, timedelta()).total_seconds())
    return f"{timedelta(seconds=seconds)} ago"
