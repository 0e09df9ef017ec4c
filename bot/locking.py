"""`aman lock` and `aman unlock`: what the bot that runs may read, decided on the server's shell.

Locking needs nothing but the shell. Opening takes an unlock secret, which is checked in this
process: only the root key that it opens goes to the supervisor, whose memory is locked.
"""

import argparse

from bot import control
from bot.config import load_safe
from bot.exits import DONE
from bot.printing import say
from bot.unlocking import find_root
from storage.vault.keywire import Lock, Look, Open


def lock(parsed: argparse.Namespace) -> int:
    """Have the running bot forget the keys of people and cases."""
    config = load_safe(parsed.config)
    if control.ask(config.control_path, Lock()).is_locked:
        say("Locked. Alarms, timers and deletion go on; aman unlock opens it again.")
    else:
        say("There is nothing to lock: no names and no records are kept. What comes is open.")
    return DONE


def unlock(parsed: argparse.Namespace) -> int:
    """Give the running bot its keys back."""
    config = load_safe(parsed.config)
    if not control.ask(config.control_path, Look()).is_locked:
        say("Nothing is locked.")
        return DONE
    control.ask(config.control_path, Open(find_root(config)))
    say("Unlocked.")
    return DONE
