"""`aman amend`: what a keyholder has written on their own computer is brought to the server.

It works beside a running bot, as a guest, also while the case is locked or closed: adding never
needs reading. Brought again, the same file adds only what it has gained since.
"""

import argparse
import asyncio
import stat
from datetime import datetime
from pathlib import Path

from bot.clock import SystemClock
from bot.config import Config, ConfigError, load_safe
from bot.exits import DONE, NOT_IN_ORDER
from bot.printing import complain, say
from bot.unlocking import open_keys
from coordination.additions import Brought, RefusedSheetError, bring
from coordination.turns import Work
from storage import additions
from storage.additions import Signed
from storage.database import Database
from storage.vault.errors import BrokenParcelError, ForeignParcelError, WrongIdentityError
from storage.vault.keys import Key
from storage.vault.keyslots import KeySlots


class AmendError(ConfigError):
    """Nothing of the file is taken; the text is one clear sentence."""


def run(parsed: argparse.Namespace) -> int:
    """Bring the additions in a file."""
    path: Path = parsed.file
    require_file(path)
    config = load_safe(parsed.config)
    with open_keys(config, to_write=False) as slots:
        now = SystemClock().now()
        brought = asyncio.run(amend(config, slots, path, now))
    return _report(brought)


async def amend(config: Config, slots: KeySlots, path: Path, now: datetime) -> Brought:
    """Append what the file holds and is not there yet, in one transaction.

    Raises:
        AmendError: nothing of it is taken.
    """
    async with Database(config.database_path, slots, is_guest=True) as database:
        private = await database.read(additions.private_half)
        signed = await asyncio.to_thread(_read, path, private)
        try:
            return await database.write(lambda tx: bring(Work(tx, now, config.policy), signed))
        except RefusedSheetError as error:
            raise AmendError(str(error)) from None
        except (BrokenParcelError, ForeignParcelError) as error:
            raise AmendError(f"Nothing was added: {error}.") from None


def _read(path: Path, private: Key) -> Signed:
    try:
        return additions.read(path, private)
    except WrongIdentityError:
        raise AmendError("These additions are for another bot: nothing was added.") from None
    except (BrokenParcelError, ForeignParcelError) as error:
        raise AmendError(f"Nothing was added: {error}.") from None
    except OSError:
        raise AmendError(f"{path} cannot be read: nothing was added.") from None


def require_file(path: Path) -> None:
    """Make sure that there is a file itself: no link, no pipe.

    Raises:
        AmendError: there is none.
    """
    try:
        is_file = stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        is_file = False
    if not is_file:
        raise AmendError(f"{path} is no file: nothing was added.")


def _report(brought: Brought) -> int:
    added = f"{brought.added} additions to {brought.records} records"
    say(f"Added: {added}, written by {brought.name}.")
    if brought.known:
        say(f"Brought before, and left as they are: {brought.known}.")
    if not brought.missing:
        return DONE
    numbers = ", ".join(f"record {number} ({count})" for number, count in brought.missing)
    complain(f"Left out, since the record or what they correct is not there: {numbers}.")
    return NOT_IN_ORDER
