"""The worker: the whole bot, in a process that holds keys which its supervisor keeps.

It may die at any moment: what it acknowledged is stored, and the next one goes on. When the
supervisor is gone it ends at once, so that nothing works on without whoever can lock it.
"""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from bot import logs
from bot.app import Application
from bot.clock import SystemClock
from bot.config import load_safe
from bot.exits import DONE, NOT_IN_ORDER, explain, fail
from bot.hardening import be_given_up_first, end_with_parent, harden, lock_memory
from safety.figures import Figure
from storage.vault.remotekeys import RemoteKeyring

VERBOSE = "--verbose"
TAKE_OVER = "--take-over"


def main() -> int:
    """Work until told to stop; the arguments are the configuration and the line's number."""
    be_given_up_first()  # the keys are kept by the supervisor, which starts another worker
    harden()
    end_with_parent()
    config_path, *options, line = sys.argv[1:]
    logs.set_up(sys.stderr, SystemClock(), is_verbose=VERBOSE in options)
    lock_memory()
    gc.collect()
    try:
        with socket.socket(fileno=int(line)) as connected:
            connected.set_inheritable(False)
            keyring = RemoteKeyring(connected, _end)  # comes when this worker is needed
            config = load_safe(Path(config_path))
            takes_over = TAKE_OVER in options
            application = Application(config, keyring, SystemClock(), takes_over=takes_over)
            gc.freeze()  # looking again and again through all that was loaded kept alarms waiting
            asyncio.run(_serve(application, keyring))
    except ConnectionError:
        return NOT_IN_ORDER  # a spare that was not needed
    except Exception as error:  # noqa: BLE001 - the outer border
        return fail(*explain(error))
    return DONE


async def _serve(application: Application, keyring: RemoteKeyring) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, application.stop)
    async with application, asyncio.TaskGroup() as tasks:
        reporting = tasks.create_task(_report(application, keyring))
        try:
            await application.run()
        finally:
            keyring.on_asked = None
        reporting.cancel()


async def _report(application: Application, keyring: RemoteKeyring) -> None:
    """Say that it works, and then how much waits whenever that is asked for."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()

    def ask() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has just ended
            loop.call_soon_threadsafe(asked.set)

    keyring.on_asked = ask
    await application.has_started()
    await asyncio.to_thread(keyring.report_started)
    while True:
        await asked.wait()
        asked.clear()
        try:
            counted = await application.count()
        except Exception as error:  # noqa: BLE001 - a border: whoever asks hears that nothing comes
            logs.fault("not-counted", error)
            counted = []
        lines, amiss = _told_of(counted)
        await asyncio.to_thread(keyring.tell, lines, amiss)


def _told_of(figures: Sequence[Figure]) -> tuple[list[str], list[str]]:
    """Give all lines, and the names of those that are not in order."""
    return [one.line for one in figures], [one.name for one in figures if not one.is_in_order]


def _end() -> None:
    """End here and now: a clean end would work on for seconds."""
    os._exit(NOT_IN_ORDER)


if __name__ == "__main__":
    sys.exit(main())
