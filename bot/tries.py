"""Each wrong unlock secret makes the next answer later, also for the next program that asks.

The file's length is how many went wrong in a row: counted before the answer, so that cutting a
try off gains nothing. Where nothing can be counted each try waits for as long as the next one may
have to. A disk that cannot be written keeps nobody from their keys: the secret has 132 random
bits, and the waiting is for whoever tries scraps of paper at a terminal.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot import clock
from storage.vault.errors import WrongSecretError

PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds, by how many went wrong before
UNCOUNTED = 8.0  # seconds before each try where the disk keeps no count
OWN_FILE = 0o600


@contextmanager
def slowed(path: Path) -> Iterator[None]:
    """Wait as long as earlier tries cost, then let one be made; one at a time, in all programs."""
    with contextlib.ExitStack() as until_tried:
        try:
            counter = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, OWN_FILE)
            until_tried.callback(os.close, counter)
            before = _begin(counter)
        except OSError:
            clock.hold(UNCOUNTED)
            yield
            return
        try:
            yield
        except WrongSecretError:
            raise
        except Exception:
            _set(counter, before)  # it was not about the secret
            raise
        _set(counter, 0)


def _begin(counter: int) -> int:
    """Wait for the others and for what earlier tries cost, count this one; give how many were.

    Raises: OSError.
    """
    fcntl.flock(counter, fcntl.LOCK_EX)
    before = os.fstat(counter).st_size
    clock.hold(PAUSES[min(before, len(PAUSES) - 1)])
    os.ftruncate(counter, min(before + 1, len(PAUSES)))
    return before


def _set(counter: int, count: int) -> None:
    with contextlib.suppress(OSError):
        os.ftruncate(counter, min(count, len(PAUSES)))
