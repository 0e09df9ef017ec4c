"""Each wrong unlock secret makes the next answer later, also for the next program that asks.

The file's length is how many went wrong in a row: counted before the answer, so that cutting a
try off gains nothing. A disk that cannot be written keeps nobody from their keys: the secret has
132 random bits, and the waiting is for whoever tries scraps of paper at a terminal.
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
OWN_FILE = 0o600


@contextmanager
def slowed(path: Path) -> Iterator[None]:
    """Wait as long as earlier tries cost, then let one be made; one at a time, in all programs."""
    try:
        counter = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, OWN_FILE)
    except OSError:
        yield
        return
    with os.fdopen(counter, "rb"):
        fcntl.flock(counter, fcntl.LOCK_EX)
        before = os.fstat(counter).st_size
        clock.hold(PAUSES[min(before, len(PAUSES) - 1)])
        _set(counter, before + 1)
        try:
            yield
        except WrongSecretError:
            raise
        except Exception:
            _set(counter, before)  # it was not about the secret
            raise
        _set(counter, 0)


def _set(counter: int, count: int) -> None:
    with contextlib.suppress(OSError):
        os.ftruncate(counter, min(count, len(PAUSES)))
