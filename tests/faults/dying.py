"""A worker that locks and dies with the commit; the one that follows writes down what it holds.

`python -m tests.faults.dying FILE LINE`; the database lies beside the file.
"""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

from typing_extensions import override

from storage import counters
from storage.database import Database
from storage.held import HeldKeys
from storage.transaction import Transaction
from storage.vault.keys import KeyName
from storage.vault.remotekeys import RemoteKeyring


class _Dying(HeldKeys):
    """Comes no further than the commit."""

    @override
    def commit(self, doomed: frozenset[KeyName]) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Do what this is for."""
    with socket.socket(fileno=int(sys.argv[2])) as line:
        asyncio.run(_work(Path(sys.argv[1]), RemoteKeyring(line, lambda: os._exit(1))))


async def _work(written: Path, keyring: RemoteKeyring) -> None:
    path = written.with_suffix(".db")
    async with Database(path, keyring) as database:
        if not await database.read(lambda tx: counters.value(tx, "locked")):
            database._writer._held = _Dying(keyring, path)  # noqa: SLF001 - the moment is in there
            await database.write(_lock)
            _say(written, "survived")
            await asyncio.Event().wait()
        _say(written, "locked" if keyring.is_locked else "open")
        await asyncio.Event().wait()


def _say(written: Path, words: str) -> None:
    written.write_text(words)


def _lock(tx: Transaction) -> None:
    counters.set_value(tx, "locked", 1)
    tx.effects.locks = True


if __name__ == "__main__":
    main()
