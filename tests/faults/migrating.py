"""Brings copies of a database up to date, each in a process that is killed at another moment.

Arguments: the key slot file, the database, and the folder for the images, one for each kill. The
secret comes on standard input. SQLite calls back after every so many steps of its own, and before
it notes which shape it has; at one of these calls the process kills itself.
"""

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Protocol, cast

from storage import migrate
from storage.vault import keyslots, words
from storage.vault.keyslots import KeySlots
from tests.storage.versions import connect

STEPS = 150  # of SQLite's machine between two calls
CALLS = 2_000  # more than there are


class _Watched(Protocol):
    def set_progress_handler(self, handler: object, steps: int) -> None: ...

    def set_trace_callback(self, handler: object) -> None: ...


def main() -> None:
    """Kill at each call in turn, until one process lives to the end."""
    keys, database, images = (Path(argument) for argument in sys.argv[1:])
    with keyslots.unlock(keys, words.parse(sys.stdin.read()), to_write=False) as slots:
        for number in range(CALLS):
            image = images / f"{number}"
            shutil.copytree(database.parent, image)
            child = os.fork()
            if child == 0:
                _bring_up_to_date(image / database.name, slots, number)
            if os.waitpid(child, 0)[1] == 0:
                return


def _bring_up_to_date(path: Path, slots: KeySlots, kill_at: int) -> None:
    calls = 0

    def called() -> int:
        nonlocal calls
        calls += 1
        if calls > kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    def began(statement: str) -> None:
        if statement.lstrip().startswith("PRAGMA user_version ="):
            called()

    connection = connect(path, slots)
    watched = cast("_Watched", connection)
    watched.set_progress_handler(called, STEPS)
    watched.set_trace_callback(began)
    migrate.migrate(connection, path)
    os._exit(0)


if __name__ == "__main__":
    main()
