"""`aman rekey`: who can open the keys. Unlock secrets are named, added and revoked one by one.

Whoever changes them has to have one. A new one is derived here; whoever holds the key slot file,
the supervisor or this command, makes a new root for all that stay.
"""

import argparse

from bot import control, newsecret
from bot.config import Config, ConfigError, load_safe
from bot.control import NothingRunsError
from bot.exits import DONE
from bot.hardening import lock_memory
from bot.printing import say
from bot.unlocking import LockedError, find_root
from storage.vault import keykeeper, keyslots
from storage.vault.errors import (
    FullKeySlotsError,
    KeyNameTakenError,
    LastSecretError,
    LockedKeyError,
    MissingKeyError,
    SecretNameError,
)
from storage.vault.keys import Key
from storage.vault.keywire import Admit, Revoke

_REFUSALS = (
    FullKeySlotsError,
    KeyNameTakenError,
    LastSecretError,
    MissingKeyError,
    SecretNameError,
)


def run(parsed: argparse.Namespace) -> int:
    """List the names of the unlock secrets, add one, or revoke one."""
    config = load_safe(parsed.config)
    root = find_root(config, to_derive=parsed.add is not None)
    try:
        if parsed.add is not None:
            _add(config, root, parsed.add)
        elif parsed.revoke is not None:
            _change(config, root, Revoke(root, parsed.revoke))
            say("Revoked. Old copies of the key slot file still open with it: destroy them.")
        else:
            _list(config, root)
    except LockedKeyError:
        raise LockedError(
            "Unlock secrets change only while nothing is locked: run aman unlock first."
        ) from None
    except _REFUSALS as error:
        sentence = str(error)
        raise ConfigError(f"{sentence[:1].upper()}{sentence[1:]}.") from None
    return DONE


def _list(config: Config, root: Key) -> None:
    with keyslots.unlock_with(config.keys_path, root, to_write=False) as slots:
        for name in slots.secrets():
            say(name)


def _add(config: Config, root: Key, name: str) -> None:
    with keyslots.unlock_with(config.keys_path, root, to_write=False) as slots:
        secret, named = slots.new_secret(name, config.cost)
    lock_memory()
    _change(config, root, Admit(root, named))
    try:
        newsecret.show(secret.words())
    except BaseException:  # nobody has seen the words, and doctor would count on them
        newest = keyslots.find_root(config.keys_path, secret)
        _change(config, newest, Revoke(newest, name))
        raise
    newsecret.check_note(secret.words())


def _change(config: Config, root: Key, request: Admit | Revoke) -> None:
    try:
        control.ask(config.control_path, request)
    except NothingRunsError:
        with keyslots.unlock_with(config.keys_path, root) as slots:
            keykeeper.done(keykeeper.carry_out(slots, request))
