"""`aman open --edit`: open a sealed case on a page of one's own, and keep what is written.

No configuration, no network, no account. What is opened lies in memory alone.
"""

import argparse
import asyncio
import signal
from pathlib import Path

from bot.clock import SystemClock
from bot.config import ConfigError
from bot.editing.draft import Draft, DraftError, alone, take_up
from bot.editing.page import EditingPage
from bot.exits import DONE
from bot.hardening import lock_memory
from bot.keyholders import read_identity
from bot.listener import HOST, Listener
from bot.printing import say
from bot.unlocking import LockedError
from coordination.editing import LaidOpen, UnwritableError, lay_open
from handlers.texts import Texts
from storage.bundle import sealed
from storage.vault.errors import VaultError, WrongIdentityError
from storage.vault.keys import Key

ENDING = ".additions"


def run(parsed: argparse.Namespace) -> int:
    """Serve the page until it is ended."""
    bundle: Path = parsed.bundle.absolute()
    path: Path = parsed.additions or bundle.with_name(f"{bundle.name}{ENDING}")
    if parsed.out is not None or parsed.level != "lawyer" or parsed.with_minors:
        raise ConfigError("With --edit nothing is written but the additions: leave the rest out.")
    private = read_identity(parsed.identity)
    lock_memory()
    with alone(bundle):
        case = open_case(bundle, private)
        draft = take_up(path.absolute(), case.writer, private)
        asyncio.run(_serve(case, draft))
    say(f"\nSaved: {draft.path} ({len(draft.additions)} additions).")
    say(f"Whoever runs the server brings it with: aman amend {draft.path.name}")
    return DONE


def open_case(bundle: Path, private: Key) -> LaidOpen:
    """Open a sealed case for writing.

    Raises:
        LockedError: it is not sealed to this identity.
        DraftError: it is none, is not all there as it was, or cannot be written to.
    """
    try:
        return lay_open(sealed.read(bundle, private), private)
    except WrongIdentityError:
        raise LockedError(
            "This case is not sealed to this identity: the key is a wrong one, or was removed."
        ) from None
    except UnwritableError as error:
        raise DraftError(str(error)) from None
    except VaultError as error:
        raise DraftError(f"Nothing was opened: {error}.") from None
    except OSError:
        raise DraftError(f"{bundle} is no sealed case, or cannot be read.") from None


async def _serve(case: LaidOpen, draft: Draft) -> None:
    page = EditingPage(case, draft, Texts.load(default=case.language), SystemClock())
    listener = Listener(page.application, 0)
    is_over = asyncio.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(ending, is_over.set)
    await listener.open()
    page.answer_at(listener.port)
    try:
        say(
            f"Open in a browser on this computer: http://{HOST}:{listener.port}{page.path_with_key}"
        )
        say(f"What you save stands, sealed, in {draft.path}. End with Ctrl-C.")
        await is_over.wait()
    finally:
        await listener.close()
