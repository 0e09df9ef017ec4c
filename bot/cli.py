"""The command line: verbs, exit codes, and errors as one sentence without personal data.

Exit codes: 0 done, 1 the thing checked is not in order, 2 wrong usage or configuration, 3 locked.
"""

import argparse
import asyncio
import importlib
import logging
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NoReturn, cast

from typing_extensions import override

from bot import logs
from bot.app import Application, make_bot
from bot.clock import SystemClock
from bot.config import CONFIG_NAME, Config, ConfigError, environment, load, require_safe_directory
from bot.doctor import examine, read_checkpoint
from bot.hardening import harden, lock_memory
from bot.mounts import lasting_kind
from bot.setup import SetupError, owner_link, set_up
from bot.status import report
from bot.unlocking import LockedError, open_keys
from storage.migrate import NewerDatabaseError, NoCopyError, OlderDatabaseError
from storage.vault import words
from storage.vault.errors import BusyKeySlotsError, MistypedSecretError, VaultError

DONE, NOT_IN_ORDER, WRONG_USAGE, LOCKED = 0, 1, 2, 3
_TALKING = frozenset({"rehearse", "doctor"})  # verbs whose own words say what happens
LINK_DAYS = 2
LINK_DAYS_LONGEST = 30


class UsageError(Exception):
    """The command line makes no sense; the text is one sentence."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, instead of printing its usage."""

    @override
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one verb and give its exit code."""
    harden()
    try:
        parsed = _parser().parse_args(arguments)
        lowest = logging.ERROR if parsed.verb in _TALKING else logging.INFO
        logs.set_up(sys.stderr, SystemClock(), is_verbose=parsed.verbose, lowest=lowest)
        return cast("Callable[[argparse.Namespace], int]", parsed.run)(parsed)
    except (UsageError, ConfigError, SetupError) as error:
        return _fail(str(error), WRONG_USAGE)
    except LockedError as error:
        return _fail(str(error), LOCKED)
    except KeyboardInterrupt:
        return _fail("Stopped.", NOT_IN_ORDER)
    except Exception as error:  # noqa: BLE001 - the outer border
        return _fail(*_explain(error))


def _explain(error: BaseException) -> tuple[str, int]:
    """Turn an error into a sentence that quotes nothing but our own words."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    for kind, sentence in _SENTENCES.items():
        if isinstance(error, kind):
            return sentence.format(error=error), WRONG_USAGE
    if type(error).__module__.startswith("sqlcipher3"):
        return "The database cannot be opened with these keys.", WRONG_USAGE
    kind_name, place = type(error).__name__, logs.place_of(error)
    return f"Aman itself is at fault: {kind_name} at {place}.", NOT_IN_ORDER


_SENTENCES: Mapping[type[BaseException], str] = {
    ConfigError: "{error}",
    SetupError: "{error}",
    BusyKeySlotsError: "Another aman is running with this data directory.",
    VaultError: "The keys cannot be used: {error}.",
    NewerDatabaseError: "A newer aman has written this database.",
    NoCopyError: "There is no room for a copy of the database, so it was not brought up to date.",
    OlderDatabaseError: "The database must be brought up to date first: start the bot once.",
}


def _fail(sentence: str, code: int) -> int:
    sys.stderr.write(f"{sentence}\n")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="aman", description="Protects a community meeting.")
    parser.add_argument("--verbose", action="store_true", help="log details, never any content")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, (words_, prepare, run) in _VERBS.items():
        verb = verbs.add_parser(name, help=words_, description=words_)
        prepare(verb)
        verb.set_defaults(run=run)
    return parser


def _takes_config(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--config", type=Path, default=Path(CONFIG_NAME), metavar="FILE")


def _takes_doctor(verb: argparse.ArgumentParser) -> None:
    _takes_config(verb)
    verb.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="a checkpoint that somebody was given"
    )


def _takes_init(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--dir", type=Path, default=Path(), metavar="DIR")
    verb.add_argument("--yes", action="store_true", help="ask nothing")


def _takes_owner_link(verb: argparse.ArgumentParser) -> None:
    _takes_config(verb)
    verb.add_argument("--days", type=int, default=LINK_DAYS, metavar="N")


def _takes_rehearse(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--serve", action="store_true", help="play by hand, on a page of phones")
    verb.add_argument("--keep", type=Path, metavar="DIR", help="keep the data directory")


def _takes_export(verb: argparse.ArgumentParser) -> None:
    _takes_config(verb)
    verb.add_argument("event", metavar="EVENT")
    verb.add_argument("--out", type=Path, required=True, metavar="DIR")


def _takes_verify(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("directory", type=Path, metavar="DIR")


def _init(parsed: argparse.Namespace) -> int:
    made = set_up(parsed.dir, environment())
    _say(f"Configuration: {made.config_path}")
    _say(f"Data:          {made.directory}")
    _say("Unlock secret, shown only now. Write it down, and keep it away from this machine:")
    _say(f"\n    {made.words}\n")
    if not parsed.yes:
        _check_note(made.words)
    _say(
        f"Next: put the bot's token into {made.config_path.name}, then: aman owner-link, aman run."
    )
    return DONE


def _check_note(secret: str) -> None:
    while True:
        try:
            typed = input("Type it from your note, to be sure (or press Enter to skip): ")
            if not typed.strip() or words.parse(typed).words() == secret:
                return
        except EOFError:
            return
        except MistypedSecretError:
            pass
        _say("That is not it.")


def _run(parsed: argparse.Namespace) -> int:
    config = _config(parsed)
    config.require_token()
    with open_keys(config) as slots:
        lock_memory()
        kind = lasting_kind(config.directory)
        if kind is not None:
            logs.warn("destroyed-keys-may-last", kind=kind)
        asyncio.run(_serve(Application(config, slots, SystemClock())))
    return DONE


async def _serve(application: Application) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, application.stop)
    async with application:
        await application.run()


def _owner_link(parsed: argparse.Namespace) -> int:
    if not 1 <= parsed.days <= LINK_DAYS_LONGEST:
        raise UsageError(f"--days must be between 1 and {LINK_DAYS_LONGEST}.")
    config = _config(parsed)
    bot = make_bot(config)
    life = timedelta(days=parsed.days)
    with open_keys(config, to_write=False) as slots:
        link = asyncio.run(owner_link(config, bot, slots, SystemClock().now(), life))
    _say(link)
    return DONE


def _doctor(parsed: argparse.Namespace) -> int:
    checkpoint = None if parsed.checkpoint is None else read_checkpoint(parsed.checkpoint)
    findings = asyncio.run(examine(parsed.config, environment(), checkpoint))
    for finding in findings:
        _say(f"{'ok ' if finding.is_good else 'BAD'}  {finding.words}")
    return DONE if all(finding.is_good for finding in findings) else NOT_IN_ORDER


def _status(parsed: argparse.Namespace) -> int:
    config = _config(parsed)
    with open_keys(config, to_write=False) as slots:
        for line in asyncio.run(report(config, slots, SystemClock().now())):
            _say(line)
    return DONE


def _lazily(module: str, function: str) -> Callable[[argparse.Namespace], int]:
    """Import a verb's module only when it is asked for: the others start quickly without it."""

    def run(parsed: argparse.Namespace) -> int:
        found = getattr(importlib.import_module(module), function)
        return cast("Callable[[argparse.Namespace], int]", found)(parsed)

    return run


def _config(parsed: argparse.Namespace) -> Config:
    config = load(parsed.config, environment())
    require_safe_directory(config.directory)
    return config


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


_Verb = tuple[str, Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]

_VERBS: Mapping[str, _Verb] = {
    "init": ("make configuration, data directory and keys", _takes_init, _init),
    "run": ("run the bot", _takes_config, _run),
    "owner-link": ("print the first organizer's one-time link", _takes_owner_link, _owner_link),
    "rehearse": (
        "play a whole evening without Telegram",
        _takes_rehearse,
        _lazily("bot.rehearsal.command", "run"),
    ),
    "doctor": ("check everything; one line each", _takes_doctor, _doctor),
    "export": ("write an event's case bundle", _takes_export, _lazily("bot.bundles", "export")),
    "verify": ("check a case bundle offline", _takes_verify, _lazily("bot.bundles", "verify")),
    "status": ("show queues and ages", _takes_config, _status),
}
