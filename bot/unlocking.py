"""Opening the keys at a start: where the unlock secret comes from, and what it is asked to open.

The secret is never an argument, never in the configuration file, and never in a chat.
"""

import getpass
import os
import warnings

from bot.config import Config, ConfigError, UnlockWay, read_private_file
from storage.vault import keyslots, words
from storage.vault.errors import MistypedSecretError, WrongSecretError
from storage.vault.keyslots import KeySlots
from storage.vault.words import UnlockSecret

LONGEST = 1024  # bytes read from a file descriptor


class LockedError(Exception):
    """No unlock secret, or a wrong one; the text is one clear sentence."""


def open_keys(config: Config, *, to_write: bool = True) -> KeySlots:
    """Open the key slot file with the secret that the configuration points at.

    Raises:
        LockedError: there is no secret, or it opens nothing here.
        ConfigError: the key slot file is not there.
        VaultError: the key slot file is damaged, exposed or in use.
    """
    if not config.keys_path.exists():
        raise ConfigError("There are no keys here: run aman init first.")
    secret = _parsed(_asked(config))
    try:
        return keyslots.unlock(config.keys_path, secret, to_write=to_write)
    except WrongSecretError:
        raise LockedError("This unlock secret opens nothing here.") from None


def _parsed(typed: str) -> UnlockSecret:
    if not typed.strip():
        raise LockedError("There is no unlock secret.")
    try:
        return words.parse(typed)
    except MistypedSecretError:
        raise LockedError(
            "This is no unlock secret: a word is misspelt, missing or in the wrong place."
        ) from None


def _asked(config: Config) -> str:
    match config.unlock:
        case UnlockWay.PROMPT:
            return _prompted()
        case UnlockWay.FILE:
            if not config.unlock_file:
                raise ConfigError("unlock_file in [vault] must name the unlock secret's file.")
            return read_private_file(config.home / config.unlock_file, "unlock file")
        case UnlockWay.FD:
            return _from_descriptor(config.unlock_file)
        case UnlockWay.ENV:
            return "" if config.unlock_words is None else config.unlock_words.reveal()


def _prompted() -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)  # it would show what is typed
            return getpass.getpass("Unlock secret: ")
    except (EOFError, OSError, getpass.GetPassWarning):
        raise LockedError("There is no terminal to ask for the unlock secret.") from None


def _from_descriptor(number: str) -> str:
    if not number.isascii() or not number.isdecimal():
        raise ConfigError("unlock_file in [vault] must be a number where unlock is fd.")
    try:
        with os.fdopen(int(number), "rb") as file:
            return file.read(LONGEST).decode("utf-8", "replace")
    except OSError:
        raise LockedError("The file descriptor of the unlock secret cannot be read.") from None
