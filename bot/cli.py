"""The command line: its verbs, each in a module of its own that is imported when it is asked for.

A supervisor runs for weeks with the keys in locked memory: it carries nothing that it needs not.
"""

import argparse
import importlib
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn, cast

from typing_extensions import override

from bot import logs
from bot.clock import SystemClock
from bot.config import CONFIG_NAME
from bot.exits import NOT_IN_ORDER, WRONG_USAGE, explain, fail
from bot.hardening import end_as_by_hand, harden
from bot.printing import say, take_any_name
from safety.keyholders import KEY_ROLES

_TALKING = frozenset({"rehearse", "doctor"})  # verbs whose own words say what happens
LEVELS = ("lawyer", "confidential", "public")
LINK_DAYS = 2
LINK_DAYS_LONGEST = 30


class UsageError(Exception):
    """The command line makes no sense; the text is one sentence."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, instead of printing its usage."""

    @override
    def print_help(self, file: object = None) -> None:
        say(self.format_help().rstrip())

    @override
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one verb and give its exit code."""
    harden()
    end_as_by_hand()
    take_any_name()
    try:
        parsed = _parser().parse_args(arguments)
        lowest = logging.ERROR if parsed.verb in _TALKING else logging.INFO
        logs.set_up(sys.stderr, SystemClock(), is_verbose=parsed.verbose, lowest=lowest)
        return cast("Callable[[argparse.Namespace], int]", parsed.run)(parsed)
    except UsageError as error:
        return fail(str(error), WRONG_USAGE)
    except KeyboardInterrupt:
        return fail("Stopped.", NOT_IN_ORDER)
    except Exception as error:  # noqa: BLE001 - the outer border
        return fail(*explain(error))


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


def _takes_run(verb: argparse.ArgumentParser) -> None:
    _takes_config(verb)
    verb.add_argument(
        "--take-over", action="store_true", help="work, though another copy of this bot has"
    )


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
    verb.add_argument("--days", type=_days, default=LINK_DAYS, metavar="N")


def _days(typed: str) -> int:
    if not typed.isascii() or not typed.isdecimal() or not 1 <= int(typed) <= LINK_DAYS_LONGEST:
        raise argparse.ArgumentTypeError(f"must be between 1 and {LINK_DAYS_LONGEST}")
    return int(typed)


def _takes_rekey(verb: argparse.ArgumentParser) -> None:
    _takes_config(verb)
    change = verb.add_mutually_exclusive_group()
    change.add_argument("--add", metavar="NAME", help="make another, shown once")
    change.add_argument("--revoke", metavar="NAME", help="make one worthless")


def _takes_rehearse(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--serve", action="store_true", help="play by hand, on a page of phones")
    verb.add_argument("--keep", type=Path, metavar="DIR", help="keep the data directory")


def _takes_export(verb: argparse.ArgumentParser) -> None:
    _takes_config(verb)
    verb.add_argument("event", metavar="EVENT")
    verb.add_argument("--sealed", action="store_true", help="for keyholders; a closed case is")
    _takes_level(verb)
    verb.add_argument("--out", type=Path, required=True, metavar="DIR")


def _takes_level(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--level", choices=LEVELS, default=LEVELS[0])
    verb.add_argument(
        "--with-minors", action="store_true", help="in a confidential one, if the lawyer says so"
    )


def _takes_open(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("bundle", type=Path, metavar="BUNDLE")
    verb.add_argument("--identity", type=Path, required=True, metavar="FILE")
    verb.add_argument("--out", type=Path, metavar="DIR", help="BUNDLE-opened, unless given")
    verb.add_argument("--edit", action="store_true", help="add to it at length, on a page")
    verb.add_argument("--additions", type=Path, metavar="FILE", help="else BUNDLE.additions")
    _takes_level(verb)


def _takes_amend(verb: argparse.ArgumentParser) -> None:
    _takes_config(verb)
    verb.add_argument("file", type=Path, metavar="FILE")


def _takes_backup(verb: argparse.ArgumentParser) -> None:
    _takes_config(verb)
    verb.add_argument("--out", type=Path, required=True, metavar="FILE")
    verb.add_argument(
        "--without-evidence", dest="evidence", action="store_false", help="where it is copied"
    )


def _takes_restore(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("backup", type=Path, metavar="FILE")
    verb.add_argument("--identity", type=Path, required=True, metavar="FILE", help="your own")
    verb.add_argument("--escrow", type=Path, metavar="FILE", help="else FILE.escrow")
    verb.add_argument("--purges", type=Path, metavar="FILE", help="else FILE.purges")
    verb.add_argument(
        "--no-newer-list", action="store_true", help="nobody has a newer purge list than this"
    )
    verb.add_argument("--evidence", type=Path, metavar="DIR", help="else evidence beside FILE")
    verb.add_argument("--dir", type=Path, default=Path(), metavar="DIR")


def _takes_verify(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("directory", type=Path, metavar="DIR")


def _takes_evidence(verb: argparse.ArgumentParser) -> None:
    _takes_config(verb)
    actions = verb.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="bring an original that is owed")
    for action in (add, actions.add_parser("list", help="show what is owed and kept")):
        action.add_argument("--config", type=Path, default=argparse.SUPPRESS, metavar="FILE")
    add.add_argument("--owed", type=int, required=True, metavar="N", help="the file's number")
    add.add_argument("file", type=Path, metavar="FILE")


def _takes_keys(verb: argparse.ArgumentParser) -> None:
    _takes_config(verb)
    actions = verb.add_subparsers(dest="action", metavar="ACTION")
    new = actions.add_parser("new", help="make a key pair on your own computer")
    add = actions.add_parser("add", help="enrol the public line in FILE")
    remove = actions.add_parser("remove", help="seal nothing to a key any more")
    for action in (add, remove, actions.add_parser("list", help="show the enrolled keys")):
        action.add_argument("--config", type=Path, default=argparse.SUPPRESS, metavar="FILE")
    new.add_argument("file", type=Path, metavar="FILE")
    add.add_argument("file", type=Path, metavar="FILE")
    add.add_argument("--role", choices=KEY_ROLES, default=KEY_ROLES[0])
    add.add_argument("--name", metavar="NAME")
    remove.add_argument("named", nargs="+", metavar="FINGERPRINT-or-NAME")


def _lazily(module: str, function: str) -> Callable[[argparse.Namespace], int]:
    """Import a verb's module only when it is asked for: the others start quickly without it."""

    def run(parsed: argparse.Namespace) -> int:
        found = getattr(importlib.import_module(module), function)
        return cast("Callable[[argparse.Namespace], int]", found)(parsed)

    return run


_Verb = tuple[str, Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]

_VERBS: Mapping[str, _Verb] = {
    "init": (
        "make configuration, data directory and keys",
        _takes_init,
        _lazily("bot.setup", "init"),
    ),
    "run": ("run the bot", _takes_run, _lazily("bot.supervisor", "run")),
    "owner-link": (
        "print the first organizer's one-time link",
        _takes_owner_link,
        _lazily("bot.setup", "link"),
    ),
    "rehearse": (
        "play a whole evening without Telegram",
        _takes_rehearse,
        _lazily("bot.rehearsal.command", "run"),
    ),
    "doctor": (
        "check everything; one line each",
        _takes_doctor,
        _lazily("bot.doctor", "run"),
    ),
    "export": ("write an event's case bundle", _takes_export, _lazily("bot.bundles", "export")),
    "open": (
        "open a sealed case on a keyholder's own computer",
        _takes_open,
        _lazily("bot.opening", "run"),
    ),
    "amend": (
        "bring what a keyholder has written on their own computer",
        _takes_amend,
        _lazily("bot.amending", "run"),
    ),
    "verify": ("check a case bundle offline", _takes_verify, _lazily("bot.bundles", "verify")),
    "evidence": (
        "list evidence, or bring an original that is owed",
        _takes_evidence,
        _lazily("bot.bringing", "run"),
    ),
    "keys": (
        "enrol the public keys of those who may open closed cases or copies",
        _takes_keys,
        _lazily("bot.keyholders", "run"),
    ),
    "backup": (
        "write a sealed copy of everything, beside the running bot",
        _takes_backup,
        _lazily("bot.backup", "run"),
    ),
    "restore": (
        "make an installation from a backup, on a new machine",
        _takes_restore,
        _lazily("bot.restoring", "run"),
    ),
    "lock": ("lock the running bot", _takes_config, _lazily("bot.locking", "lock")),
    "unlock": ("open what is locked", _takes_config, _lazily("bot.locking", "unlock")),
    "rekey": (
        "list the unlock secrets, add one or revoke one",
        _takes_rekey,
        _lazily("bot.rekeying", "run"),
    ),
    "status": ("show queues and ages", _takes_config, _lazily("bot.status", "run")),
}
