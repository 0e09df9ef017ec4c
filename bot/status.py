"""What `aman status` shows: how the bot stands, and how much waits since when.

The running bot is asked, which takes no unlock secret; only where none runs, the database is
opened with it. Nothing that is shown names anybody.
"""

import argparse
import asyncio
from datetime import datetime

from bot import control, custody, figures
from bot.clock import SystemClock
from bot.config import Config, load_safe
from bot.control import NothingRunsError, UnansweredError
from bot.exits import DONE, NOT_IN_ORDER, fail
from bot.lawfile import LawFileError, read_law
from bot.printing import say
from bot.unlocking import open_keys
from coordination.turns import Work
from storage import evidence
from storage.ballast import Ballast
from storage.database import Database
from storage.vault.keyslots import KeySlots
from storage.vault.keywire import Standing, WorkerState


def run(parsed: argparse.Namespace) -> int:
    """Show the lines."""
    config = load_safe(parsed.config)
    try:
        standing = control.count(config.control_path)
    except NothingRunsError:
        with open_keys(config, to_write=False) as slots:
            lines = asyncio.run(report(config, slots, SystemClock().now()))
        _show(config, ["bot: does not run", *lines])
        return fail("The bot does not run.", NOT_IN_ORDER)
    except UnansweredError:
        return fail("The running aman does not answer.", NOT_IN_ORDER)
    records = "locked" if standing.is_locked else "open"
    _show(config, [_word(standing), f"records: {records}", *standing.lines])
    match standing.state:
        case WorkerState.WORKS if standing.amiss:
            return fail(f"Not in order: {', '.join(standing.amiss)}.", NOT_IN_ORDER)
        case WorkerState.WORKS:
            return DONE
        case WorkerState.STARTS:
            return fail("The bot is being started: ask again in a moment.", NOT_IN_ORDER)
        case WorkerState.SILENT:
            return fail("The bot does not say how much waits: look at its log.", NOT_IN_ORDER)


async def report(config: Config, slots: KeySlots, now: datetime) -> list[str]:
    """Give what the database says, for which no bot has to run."""
    async with Database(config.database_path, slots, is_guest=True) as database:
        found = await database.read(lambda tx: figures.of_rows(Work(tx, now, config.policy)))
        files = await database.read(evidence.kept_files)
    copies = figures.of_copies(len(custody.owed(config, files)))
    return [one.line for one in (*found, copies)]


def of_machine(config: Config) -> list[str]:
    """Give what the configuration says, and the files that it names."""
    is_held = Ballast(config.ballast_path).is_held
    kinds = ", ".join(kind.value for kind in config.second.kinds)
    return [
        f"updates come by: {'polling' if config.webhook is None else 'webhook'}",
        f"second channel: {kinds or 'none'}",
        f"room kept for a full disk: {'held' if is_held else 'none'}",
        f"rules of the lawyer: {_law(config)}",
    ]


def _show(config: Config, lines: list[str]) -> None:
    for line in (*lines, *of_machine(config)):
        say(line)


def _word(standing: Standing) -> str:
    match standing.state:
        case WorkerState.WORKS:
            return "bot: works"
        case WorkerState.STARTS if standing.failures:
            return f"bot: is being started, in vain so far: {standing.failures}"
        case WorkerState.STARTS:
            return "bot: is being started"
        case WorkerState.SILENT:
            return "bot: does not answer"


def _law(config: Config) -> str:
    if config.rules_path is None:
        return "none"
    try:
        read_law(config.rules_path, config.policy.languages)
    except LawFileError:
        return "not usable, good ones stay until the next start: see aman doctor"
    return "in order"
