"""How a program of ours ends: the exit codes, and one sentence that quotes nobody's data.

0 done, 1 the thing checked is not in order, 2 wrong usage or configuration, 3 locked.
"""

import errno
import os
from collections.abc import Mapping

from bot import logs
from bot.config import ConfigError
from bot.control import NothingRunsError, UnansweredError
from bot.printing import UnheardError, complain
from bot.unlocking import LockedError
from storage.lease import HeldLeaseError, OvertakenError
from storage.vault.errors import BusyKeySlotsError, OvertakenKeySlotsError, VaultError

DONE, NOT_IN_ORDER, WRONG_USAGE, LOCKED = 0, 1, 2, 3
OVERTAKEN = 4  # a worker's alone: its supervisor starts no other, and ends with NOT_IN_ORDER


class AmissError(Exception):
    """Something is not in order; the text is one clear sentence."""


_SENTENCES: Mapping[type[BaseException], tuple[str, int]] = {
    ConfigError: ("{error}", WRONG_USAGE),
    LockedError: ("{error}", LOCKED),
    NothingRunsError: ("No aman is running with this data directory.", NOT_IN_ORDER),
    UnansweredError: ("The running aman did not answer: look whether it was done.", NOT_IN_ORDER),
    BusyKeySlotsError: ("Another aman is running with this data directory.", WRONG_USAGE),
    OvertakenError: (
        "Another copy of this bot works: end that one, then aman run --take-over, or leave it so.",
        OVERTAKEN,
    ),
    HeldLeaseError: (
        "Another machine works with this data directory: end the bot there, or wait two minutes.",
        WRONG_USAGE,
    ),
    OvertakenKeySlotsError: (
        "Keys were made or destroyed meanwhile: do it again.",
        NOT_IN_ORDER,
    ),
    VaultError: ("The keys cannot be used: {error}.", WRONG_USAGE),
    UnheardError: (
        "What is printed here cannot be written, or nobody reads it: look whether it was done.",
        NOT_IN_ORDER,
    ),
    AmissError: ("{error}", NOT_IN_ORDER),
    MemoryError: (
        "There is too little memory (an unlock secret takes 256 MiB): free some, do it again.",
        NOT_IN_ORDER,
    ),
}

# A disk that fails is set to read-only by the system, at the latest when the machine starts.
_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})
_NOT_WRITTEN = "The disk is full, or cannot be written: make room, look whether it is read-only."
_DATABASE = ("sqlcipher3", "storage.migrate")  # whose errors are about the database


def explain(error: BaseException) -> tuple[str, int]:
    """Turn an error into a sentence of our own words, and an exit code."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    for kind, (sentence, code) in _SENTENCES.items():
        if isinstance(error, kind):
            return sentence.format(error=error), code
    if isinstance(error, OSError) and error.errno in _DISK:
        return _NOT_WRITTEN, NOT_IN_ORDER
    if isinstance(error, OSError) and error.filename is not None:
        return _explain_file(error), WRONG_USAGE
    if isinstance(error, Exception) and type(error).__module__.startswith(_DATABASE):
        return _explain_database(error)
    kind_name, place = type(error).__name__, logs.place_of(error)
    return f"Aman itself is at fault: {kind_name} at {place}.", NOT_IN_ORDER


def fail(sentence: str, code: int) -> int:
    """Say on standard error why this ends; give the exit code."""
    complain(sentence)
    return code


def _explain_file(error: OSError) -> str:
    path = os.fsdecode(error.filename) if isinstance(error.filename, bytes) else error.filename
    if isinstance(error, PermissionError):
        return f"This user may not read {path}, or not write there: look whose it is."
    return f"{path} cannot be used: {error.strerror}."


def _explain_database(error: Exception) -> tuple[str, int]:
    from storage.migrate import NewerDatabaseError, NoCopyError, OlderDatabaseError  # noqa: PLC0415 - likewise
    from storage.trouble import is_disk_trouble  # noqa: PLC0415 - a supervisor opens no database

    if is_disk_trouble(error):
        return _NOT_WRITTEN, NOT_IN_ORDER
    match error:
        case NewerDatabaseError():
            sentence = "A newer aman has written this database."
        case OlderDatabaseError():
            sentence = "The database must be brought up to date first: start the bot once."
        case NoCopyError():
            sentence = (
                "There is no room for a copy of the database, so it was not brought up to date."
            )
        case _:
            sentence = "The database cannot be opened with these keys."
    return sentence, WRONG_USAGE
