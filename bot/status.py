"""What `aman status` shows: how much waits, and since when. Counts and ages, nobody's data."""

import argparse
import asyncio
from datetime import datetime, timedelta

from bot import custody
from bot.clock import SystemClock
from bot.config import Config, load_safe
from bot.exits import DONE, say
from bot.lawfile import LawFileError, read_law
from bot.unlocking import open_keys
from safety.intake import Outage
from storage import backups, evidence, intake, queues
from storage.ballast import Ballast
from storage.database import Database
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
        f"updates come by: {'polling' if config.webhook is None else 'webhook'}",
        f"files to copy elsewhere: {len(custody.owed(config, files))}",
        f"room kept for a full disk: {'held' if is_held else 'none'}",
        f"rules of the lawyer: {_law(config)}",
    ]


def _law(config: Config) -> str:
    if config.rules_path is None:
        return "none"
    try:
        read_law(config.rules_path, config.policy.languages)
    except LawFileError:
        return "not usable, the last good ones stay: see aman doctor"
    return "in order"


def _lines(tx: Transaction, now: datetime) -> list[str]:
    heard_at = intake.heard_at(tx)
    lines = [f"last poll: {_ago(heard_at, now) if heard_at else 'never'}"]
    lines += [f"trouble: {_trouble(intake.outage(tx), now)}", f"clock: {_jump(tx, now)}"]
    backed_up = backups.last_made(tx)
    lines.append(f"last backup: {_ago(backed_up, now) if backed_up else 'never'}")
    for queue in queues.lengths(tx, now):
        age = f", the oldest {_ago(queue.oldest, now)}" if queue.oldest else ""
        lines.append(f"{queue.name}: {queue.count}{age}")
    return lines


def _trouble(outage: Outage | None, now: datetime) -> str:
    if outage is None:
        return "none"
    began = f"{outage.trouble.word}, began {_ago(outage.since, now)}"
    return began if outage.until is None else f"none; {began}, ended {_ago(outage.until, now)}"


def _jump(tx: Transaction, now: datetime) -> str:
    jump = intake.last_jump(tx)
    if jump is None:
        return "steady"
    at, by = jump
    return f"jumped by {by.total_seconds():+.0f} s, {_ago(at, now)}"


def _ago(moment: datetime, now: datetime) -> str:
    seconds = int(max(now - moment, timedelta()).total_seconds())
    return f"{timedelta(seconds=seconds)} ago"
