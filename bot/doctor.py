"""What `aman doctor` looks at: one finding a line, each a sentence that somebody can act on.

It reads and never changes. Whoever holds the account at @BotFather owns the bot, so the bot's own
settings are read too: groups, inline mode, a webhook, and what its name gives away.
"""

import argparse
import asyncio
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import assert_never
from zoneinfo import ZoneInfo

import httpx
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot import control, custody
from bot.app import make_bot
from bot.asking import read_date
from bot.clock import SystemClock
from bot.config import LONGEST, Config, ConfigError, environment, load, require_safe_directory
from bot.control import NothingRunsError, UnansweredError
from bot.exits import DONE, NOT_IN_ORDER, explain
from bot.figures import LAST_POLL, LOCKED, MEMORY
from bot.hardening import PROC, can_lock_memory, has_swap
from bot.keptcheckpoints import find_checkpoint
from bot.lawfile import LawFileError, read_law
from bot.mounts import find_lasting
from bot.outcomes import NO_SENSE
from bot.printing import say
from bot.secondchannel import make_ways
from bot.unlocking import LockedError, open_keys
from safety.intake import Outage, Trouble, may_still_listen
from safety.lawrules import LawText
from storage import backups, events, evidence, inbox, intake, soundness
from storage.ballast import Ballast
from storage.build import SQLITE_VERSION, DatabaseError, sqlite_version
from storage.database import Database
from storage.migrate import NewerDatabaseError, OlderDatabaseError
from storage.secondaddresses import SECOND_ADDRESSES
from storage.transaction import Transaction
from storage.vault.errors import VaultError
from storage.vault.keyslots import KeySlots
from storage.vault.keywire import WorkerState

LEAST_FREE = 1024 * 1024 * 1024  # bytes
LEAST_SECRETS = 2  # unlock secrets, of different people
SKEW = 5.0  # seconds between our clock and the service's
OLDEST_SQLITE = (3, 51, 3)  # older ones may corrupt a write-ahead log
JUMP_COUNTS = timedelta(days=1)  # after a jump of the clock
OLDEST_BACKUP = timedelta(days=1)  # while an event is open
PATIENCE = 10.0  # seconds for the service to answer
DAMAGED = "The database cannot be opened with these keys, or it is damaged."

# Beginnings of words that tell what the community is, or who matters in it.
TELLING = (
    "aman", "аман", "member", "leader", "organiz", "activis", "protest", "rally", "feminis",
    "rights", "lgbt", "лгбт", "лидер", "член", "участни", "организатор", "актив", "протест",
    "митинг", "феминис", "правозащит", "мүше", "көшбасшы", "белсенді", "наразылық", "құқық",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    is_good: bool
    words: str


def run(parsed: argparse.Namespace) -> int:
    """Say what was found, one line each."""
    checkpoint = None if parsed.checkpoint is None else read_checkpoint(parsed.checkpoint)
    findings = asyncio.run(examine(parsed.config, environment(), checkpoint))
    for finding in findings:
        say(f"{'ok ' if finding.is_good else 'BAD'}  {finding.words}")
    return DONE if all(finding.is_good for finding in findings) else NOT_IN_ORDER


async def examine(
    path: Path,
    surroundings: Mapping[str, str],
    checkpoint: str | None = None,
    *,
    proc: Path = PROC,
) -> list[Finding]:
    """Look at everything; what depends on something bad is left out.

    `checkpoint` is one that somebody was given earlier, to see whether the log still holds it.
    """
    try:
        config = load(path, surroundings)
    except ConfigError as error:
        return [Finding(is_good=False, words=str(error))]
    return [
        Finding(is_good=True, words="The configuration is in order."),
        *_look_at_disk(config),
        *_look_at_machine(config, proc),
        _look_at_heartbeat(config),
        look_at_law(config),
        *await asyncio.to_thread(lambda: list(look_at_running(config, proc))),
        *await _look_at_keys(config, checkpoint),
        *await _look_at_service(config),
        *await _look_at_second_channel(config),
    ]


def read_checkpoint(path: Path) -> str:
    """Read a checkpoint that somebody has kept, as it came in a chat, a bundle or a mail.

    Words around it, marks of quoting and ends of lines do no harm; a mail may be saved whole.
    Raises: ConfigError.
    """
    try:
        with path.open("rb") as file:
            return find_checkpoint(file.read(LONGEST))
    except (OSError, LookupError, ValueError):
        raise ConfigError("The checkpoint cannot be read.") from None


def _look_at_disk(config: Config) -> Iterator[Finding]:
    try:
        require_safe_directory(config.directory)
    except ConfigError as error:
        yield Finding(is_good=False, words=str(error))
        return
    yield Finding(is_good=True, words="Nobody else may look into the data directory.")
    open_ones = [file.name for file in config.directory.iterdir() if file.stat().st_mode & 0o077]
    if open_ones:
        yield Finding(is_good=False, words=f"Others may read {len(open_ones)} of the files in it.")
    free = shutil.disk_usage(config.directory).free
    yield Finding(free >= LEAST_FREE, f"{free // (1024 * 1024)} MiB of the disk are free.")
    yield _look_at_ballast(Ballast(config.ballast_path))


def _look_at_ballast(ballast: Ballast) -> Finding:
    if ballast.is_held:
        return Finding(is_good=True, words="Room for a full disk is kept.")
    return _expect(
        ballast.is_affordable,
        "Room for a full disk will be kept while the bot runs.",
        "No room is kept for a full disk, and none is left: delete something from it now.",
    )


def _look_at_machine(config: Config, proc: Path) -> Iterator[Finding]:
    """Say whether destroyed keys are gone, and whether living ones can reach a disk."""
    lasting = find_lasting(config.directory, proc)
    good = "The file system overwrites destroyed keys in place."
    yield Finding(lasting is None, good if lasting is None else lasting.warning)
    if config.copies is not None and config.copies.is_dir():
        yield _look_at_copies_disk(config.copies, proc)


def _look_at_memory(*, is_locked: bool, is_running: bool, proc: Path) -> Finding:
    can_be, cannot_be = ("is", "is not") if is_running else ("can be", "cannot be")
    swaps = has_swap(proc)
    if is_locked:
        swap = "on, and better off" if swaps else "off"
        return Finding(is_good=True, words=f"Memory {can_be} locked; swap is {swap}.")
    end = "and swap is on: turn it off, or keys may reach the disk" if swaps else "but swap is off"
    return Finding(not swaps, f"Memory {cannot_be} locked, {end}.")


def _look_at_copies_disk(copies: Path, proc: Path) -> Finding:
    """Say whether old escrows are gone from the copies; of another machine's disk nobody knows."""
    lasting = find_lasting(copies, proc)
    if lasting is None:
        return Finding(is_good=True, words="Old escrows in [copies] are overwritten in place.")
    if lasting.is_far:
        words = f"[copies] is on another machine ({lasting.name}): its disk may keep old escrows."
        return Finding(is_good=True, words=words)
    words = f"The file system of [copies] ({lasting.name}) may keep old escrows: {lasting.advice}."
    return Finding(is_good=False, words=words)


def _look_at_heartbeat(config: Config) -> Finding:
    """It is optional, and not sent from here: a doctor must not look like a bot that is well."""
    if config.pulse is None:
        return Finding(is_good=True, words="No heartbeat is sent: nobody is called if this stops.")
    seconds = int(config.pulse.every.total_seconds())
    return Finding(
        is_good=True,
        words=f"A heartbeat goes to {config.pulse.host} every {seconds} seconds while it is well.",
    )


def look_at_law(config: Config) -> Finding:
    """Say whether the lawyer's rules can be read, and whether anybody has written them."""
    if config.rules_path is None:
        words = "No rules of a lawyer are named in [rules]: people are shown neutral texts."
        return Finding(is_good=True, words=words)
    try:
        law = read_law(config.rules_path, config.policy.languages)
    except LawFileError as error:
        until = "A bot that has read good rules keeps them until the next start;"
        then = "then neutral texts and no last days."
        return Finding(is_good=False, words=f"{error} {until} {then}")
    missing = [one.value for one in LawText if one not in law.texts]
    words = f"The lawyer's rules are in order; not written: {', '.join(missing) or 'nothing'}."
    return Finding(is_good=True, words=words)


def look_at_running(config: Config, proc: Path = PROC) -> Iterator[Finding]:
    """Say whether a bot runs, when it last heard from the service, and what it finds amiss.

    Its memory is locked by its own rights: as a service it has more than whoever asks.
    """
    try:
        standing = control.count(config.control_path)
    except NothingRunsError:
        yield Finding(is_good=True, words="No bot runs with this data directory now.")
        yield _look_at_memory(is_locked=can_lock_memory(proc), is_running=False, proc=proc)
        return
    except UnansweredError:
        yield Finding(is_good=False, words="The running aman does not answer: look at its log.")
        return
    if standing.state is not WorkerState.WORKS:
        word = "is being started" if standing.state is WorkerState.STARTS else "does not answer"
        yield Finding(is_good=False, words=f"The bot {word}: look at its log.")
    for line in standing.lines:
        name, _, words = line.partition(": ")
        if name == MEMORY:
            yield _look_at_memory(is_locked=words == LOCKED, is_running=True, proc=proc)
        elif name in {LAST_POLL, *standing.amiss}:
            yield Finding(name not in standing.amiss, f"The running bot says: {line}.")


async def _look_at_keys(config: Config, checkpoint: str | None) -> list[Finding]:
    words = f"SQLite is {sqlite_version()}, encrypted by SQLCipher."
    findings = [Finding(SQLITE_VERSION >= OLDEST_SQLITE, words)]
    try:
        with open_keys(config, to_write=False) as slots:
            findings.append(Finding(is_good=True, words="The unlock secret opens the keys."))
            findings.append(look_at_secrets(slots))
            findings.extend(await _look_at_database(config, slots, checkpoint))
    except (LockedError, ConfigError, VaultError, OSError) as error:
        findings.append(Finding(is_good=False, words=explain(error)[0]))
    return findings


def look_at_secrets(slots: KeySlots) -> Finding:
    """Say whether somebody could still open the keys if one person were taken, or a note lost."""
    count = len(slots.secrets())
    return _expect(
        count >= LEAST_SECRETS,
        f"{count} unlock secrets open them, each alone.",
        "Only one unlock secret opens the keys, and whoever has it may be taken: give a second "
        "person their own with aman rekey --add NAME.",
    )


async def _look_at_database(
    config: Config, slots: KeySlots, checkpoint: str | None
) -> list[Finding]:
    try:
        async with Database(config.database_path, slots, is_guest=True) as database:
            now = SystemClock().now()
            findings = await database.read(lambda tx: _look_into(tx, checkpoint))
            copies = await database.read(lambda tx: list(look_at_copies(config, tx, now)))
            coming = await database.read(lambda tx: list(look_at_intake(config, tx, now)))
            waking = await database.read(lambda tx: list(look_at_addresses(config, tx)))
            return [*findings, *copies, *coming, *waking]
    except OlderDatabaseError:
        words = "The database will be brought up to date at the next start."
        return [Finding(is_good=True, words=words)]
    except NewerDatabaseError:
        return [Finding(is_good=False, words="A newer aman has written this database.")]
    except DatabaseError:
        return [Finding(is_good=False, words=DAMAGED)]


def _look_into(tx: Transaction, checkpoint: str | None) -> list[Finding]:
    altered = soundness.count_altered(tx)
    findings = [
        _expect(soundness.is_file_whole(tx), "The database was read from end to end.", DAMAGED),
        _expect(
            altered == 0,
            "Every sealed row is there and opens in its place.",
            f"{altered} sealed row(s) do not open or are gone: the database was altered.",
        ),
        _expect(
            soundness.is_log_whole(tx),
            "The proof log is what was signed.",
            "The proof log is not what was signed: it was altered, or set back.",
        ),
    ]
    if checkpoint is not None:
        held = _expect(
            soundness.holds(tx, checkpoint),
            "The proof log still holds that checkpoint.",
            "The proof log does not hold that checkpoint: it is another log, or was set back.",
        )
        findings.append(held)
    return findings


def look_at_copies(config: Config, tx: Transaction, now: datetime) -> Iterator[Finding]:
    """Say how old the newest backup is, and whether what is to be elsewhere is there."""
    is_needed = bool(events.open_events(tx))
    made_at = backups.last_made(tx)
    if made_at is not None:
        age = now - made_at
        words = f"The last backup is {age // timedelta(hours=1)} hours old."
        yield Finding(age < OLDEST_BACKUP or not is_needed, words)
    else:
        yield Finding(not is_needed, "No backup was made yet: see aman backup.")
    if config.copies is None:
        return
    if not config.copies.is_dir():
        yield Finding(is_good=False, words="The directory in [copies] is missing: is it mounted?")
        return
    is_elsewhere = config.copies.stat().st_dev != config.directory.stat().st_dev
    words = "The directory in [copies] is on the same disk as the data: is it mounted?"
    yield _expect(is_elsewhere, "Copies go to another disk or machine.", words)
    count = len(custody.owed(config, evidence.kept_files(tx)))
    yield Finding(count == 0, f"{count} evidence file(s) are still to be copied.")


def look_at_addresses(config: Config, tx: Transaction) -> Iterator[Finding]:
    """Say whether everybody who gave another way to be woken can be woken by it."""
    known = list(SECOND_ADDRESSES.readable(tx, "1 = 1"))
    lost = sum(one.kind not in config.second.kinds for one in known)
    if lost:
        words = f"{lost} of the team gave another way to be woken that [second_channel] lacks."
        yield Finding(is_good=False, words=words)


def look_at_intake(config: Config, tx: Transaction, now: datetime) -> Iterator[Finding]:
    """Say what has been wrong with taking updates in: as the bot itself has kept it."""
    outage = intake.outage(tx)
    is_good = outage is None or outage.until is not None
    words = "" if outage is None else f"Updates are not received as they should be: {_why(outage)}"
    yield _expect(is_good, "Nothing is known to keep updates away.", words)
    yield _look_at_token(config, intake.foreign_at(tx), now)
    count = inbox.count_set_aside(tx)
    aside = f"{count} update(s) of the last day were set aside: the log says where they broke."
    yield _expect(count == 0, "No update was set aside in the last day.", aside)
    jump = intake.last_jump(tx)
    if jump is not None and now - jump[0] < JUMP_COUNTS:
        seconds = jump[1].total_seconds()
        words = f"The clock jumped by {seconds:+.0f} seconds within a day: is it set by NTP?"
        yield Finding(is_good=False, words=words)


def _look_at_token(config: Config, seen: datetime | None, now: datetime) -> Finding:
    """Say whether somebody else had the token; forgotten once the bot works with another one."""
    if seen is None or not may_still_listen(seen, now):
        return Finding(is_good=True, words="Nobody else was seen with this bot's token.")
    when = f"{seen.astimezone(ZoneInfo(config.policy.zone)):%d %b %H:%M}"
    words = f"Somebody else used this bot's token, last seen on {when}: exchange it (/revoke at "
    return Finding(is_good=False, words=f"{words}@BotFather), and start the bot with the new one.")


def _why(outage: Outage) -> str:
    match outage.trouble:
        case Trouble.CONFLICT | Trouble.FOREIGN_WEBHOOK:
            return "somebody else may hold the token; send /revoke to @BotFather."
        case Trouble.TOKEN_REFUSED:
            return "Telegram refuses the token; is the bot's account still yours?"
        case Trouble.NOT_DELIVERED:
            return "Telegram cannot reach the webhook."
        case Trouble.NOT_STORED:
            return "the disk takes nothing."
        case Trouble.NO_LINE | Trouble.HALTED | Trouble.NO_SENSE:
            return f"Telegram cannot be asked ({outage.trouble.word})."
        case _:
            assert_never(outage.trouble)


async def _look_at_service(config: Config) -> list[Finding]:
    if config.token is None:
        return [Finding(is_good=False, words="There is no bot token in [telegram].")]
    bot = make_bot(config)
    try:
        async with bot.request:
            me = await _look_at_bot(bot)
            return [*me, *await look_at_webhook(config, bot), await look_at_clock(config)]
    except InvalidToken:
        return [Finding(is_good=False, words="Telegram does not accept the bot token.")]
    except (TelegramError, httpx.HTTPError, *NO_SENSE):
        return [Finding(is_good=False, words="Telegram cannot be reached from here.")]


async def _look_at_second_channel(config: Config) -> list[Finding]:
    ways = make_ways(config.second, SystemClock())
    return [Finding(*await way.look()) for way in ways.values()]


async def _look_at_bot(bot: Bot) -> list[Finding]:
    me = await bot.get_me()
    name = (await bot.get_my_name()).name
    long = (await bot.get_my_description()).description
    short = (await bot.get_my_short_description()).short_description
    told = sorted(stem for stem in TELLING if stem in f"{name} {long} {short}".lower())
    return [
        Finding(is_good=True, words="Telegram accepts the bot token."),
        _expect(
            not me.can_join_groups,
            "The bot cannot be added to groups.",
            "The bot can be added to groups: turn that off at @BotFather (/setjoingroups).",
        ),
        _expect(
            not me.supports_inline_queries,
            "Inline mode is off.",
            "Inline mode is on: turn it off at @BotFather (/setinline).",
        ),
        _expect(
            not told,
            "Name and description give nothing away.",
            "Name or description tell what the bot is for: make them neutral at @BotFather.",
        ),
    ]


async def look_at_webhook(config: Config, bot: Bot) -> list[Finding]:
    """Say whether updates go where they should, and get there."""
    info = await bot.get_webhook_info()
    ours = "" if config.webhook is None else config.webhook.url
    is_right = info.url in {"", ours, config.former_webhook}
    right = f"{'No' if config.webhook is None else 'No other'} webhook takes the updates away."
    wrong = "A webhook is set: somebody else may be reading the updates."
    if config.webhook is None:
        return [_expect(is_right, right, wrong)]
    why = " ".join((info.last_error_message or "").split())
    failing = f"{info.pending_update_count} update(s) wait for delivery; the last try: {why}."
    is_delivered = info.pending_update_count == 0 or info.last_error_date is None
    return [
        _expect(is_right, right, wrong),
        _expect(is_delivered, "Telegram delivers updates to the webhook.", failing),
        _expect(
            not config.webhook.is_open,
            "Only this machine or its own network connects to the webhook.",
            "webhook_listen is open to every network, without TLS: name the address at which "
            "your proxy finds it, such as 127.0.0.1.",
        ),
    ]


async def look_at_clock(config: Config) -> Finding:
    """Compare our clock with the service's: timers and releases follow ours."""
    async with httpx.AsyncClient(proxy=config.proxy, trust_env=False, timeout=PATIENCE) as client:
        answer = await client.get(config.api_url)
    theirs = read_date(answer.headers.get("date", ""))
    if theirs is None:
        return Finding(is_good=True, words="The service does not tell the time.")
    skew = abs((SystemClock().now() - theirs).total_seconds())
    return _expect(
        skew <= SKEW,
        "The clock agrees with the service's.",
        f"The clock is {skew:.0f} seconds away from the service's: set it.",
    )


def _expect(is_good: bool, good: str, bad: str) -> Finding:  # noqa: FBT001 - reads as a question
    return Finding(is_good, good if is_good else bad)
