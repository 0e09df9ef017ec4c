"""Opening the keys at a start: where the unlock secret comes from, and what it is asked to open.

The secret is never an argument, never in the configuration file, and never in a chat.
"""

import getpass
import os
import re
import signal
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bot.config import Config, ConfigError, UnreadableFileError, read_private_file
from bot.configfile import UnlockWay
from bot.hardening import STANDARD, lock_memory
from bot.printing import complain
from bot.tries import slowed
from storage.vault import keyslots, words
from storage.vault.errors import MistypedSecretError, WrongSecretError
from storage.vault.keys import Key
from storage.vault.keyslots import KeySlots
from storage.vault.words import UnlockSecret

LONGEST = 1024  # bytes read from a file descriptor
TYPED_TRIES = 3
_DESCRIPTOR = re.compile(r"[0-9]{1,9}")  # a larger number is no descriptor on any machine

T = TypeVar("T")


class LockedError(Exception):
    """No unlock secret, or a wrong one; the text is one clear sentence."""


class _WrongError(LockedError):
    """Something was given that opens nothing."""


def open_keys(config: Config, *, to_write: bool = True) -> KeySlots:
    """Open the key slot file with the secret that the configuration points at.

    From then on this process holds keys, and stays out of the swap where the machine allows it.

    Raises:
        LockedError: there is no secret, or it opens nothing here.
        ConfigError: the key slot file is not there.
        VaultError: the key slot file is damaged, exposed or in use.
    """
    opened = _asked_for(
        config, lambda secret: keyslots.unlock(config.keys_path, secret, to_write=to_write)
    )
    lock_memory()
    return opened


def find_root(config: Config, *, to_derive: bool = False) -> Key:
    """Find the root key with the same secret, in this process, also beside a running bot.

    Whoever wants it `to_derive` another key has memory locked only after that.
    Raises: what `open_keys` raises.
    """
    root = _asked_for(config, lambda secret: keyslots.find_root(config.keys_path, secret))
    if not to_derive:
        lock_memory()
    return root


def _asked_for(config: Config, use: Callable[[UnlockSecret], T]) -> T:
    """Ask for the secret and use it; whoever types may try again."""
    if not config.keys_path.exists():
        raise ConfigError("There are no keys here: run aman init first.")
    for _ in range(TYPED_TRIES - 1 if config.unlock is UnlockWay.PROMPT else 0):
        try:
            return _tried(config, use)
        except _WrongError as error:
            complain(str(error))
    return _tried(config, use)


def _tried(config: Config, use: Callable[[UnlockSecret], T]) -> T:
    secret = _parsed(_asked(config))
    try:
        with slowed(config.tries_path):
            return use(secret)
    except WrongSecretError:
        raise _WrongError("This unlock secret opens nothing here.") from None


def _parsed(typed: str) -> UnlockSecret:
    if not typed.strip():
        raise LockedError("There is no unlock secret.")
    try:
        return words.parse(typed)
    except MistypedSecretError:
        raise _WrongError(
            "This is no unlock secret: a word is misspelt, missing or in the wrong place."
        ) from None


def _asked(config: Config) -> str:
    match config.unlock:
        case UnlockWay.PROMPT:
            return _prompted()
        case UnlockWay.FILE:
            if not config.unlock_file:
                raise ConfigError("unlock_file in [vault] must name the unlock secret's file.")
            return _from_file(config.home / config.unlock_file)
        case UnlockWay.FD:
            return _from_descriptor(config.unlock_file)
        case UnlockWay.ENV:
            return "" if config.unlock_words is None else config.unlock_words.reveal()


def _prompted() -> str:
    """Ask at the terminal; Ctrl-C ends the question, also where a loop waits for it to end."""
    former = signal.getsignal(signal.SIGINT)
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)  # it would show what is typed
            return getpass.getpass("Unlock secret: ")
    except EOFError:
        return ""
    except (OSError, getpass.GetPassWarning):
        raise LockedError("There is no terminal to ask for the unlock secret.") from None
    finally:
        signal.signal(signal.SIGINT, former)


def _from_file(path: Path) -> str:
    """Read it; a medium that was taken away is no mistake in the configuration: it is locked."""
    try:
        return read_private_file(path, "unlock file")
    except UnreadableFileError as error:
        raise LockedError(str(error)) from None


def _from_descriptor(number: str) -> str:
    if not _DESCRIPTOR.fullmatch(number):
        raise ConfigError("unlock_file in [vault] must be a number where unlock is fd.")
    try:
        with os.fdopen(int(number), "rb") as file:
            said = file.read(LONGEST).decode("utf-8", "replace")
    except OSError:
        raise LockedError("The file descriptor of the unlock secret cannot be read.") from None
    if int(number) in STANDARD:  # or whatever is opened next would take its place
        nothing = os.open(os.devnull, os.O_RDWR)
        if nothing != int(number):
            os.dup2(nothing, int(number))
            os.close(nothing)
    return said
