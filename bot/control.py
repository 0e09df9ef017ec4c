"""The supervisor's socket in the data directory: how a command reaches the bot that runs.

The socket is its owner's alone, like the directory around it; the kernel is asked at both ends who
the other one is. One request, one answer, and an end to the waiting. A path that is too long for a
socket is reached through its open directory.
"""

import contextlib
import os
import socket
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from msgspec.msgpack import Decoder

from bot.clock import SystemClock
from bot.config import ConfigError
from storage.vault import keykeeper, keywire
from storage.vault.keywire import (
    BrokenFrameError,
    ControlRequest,
    Count,
    Done,
    KeyRequest,
    Standing,
)

OWN_SOCKET = 0o600
LONGEST_PATH = 100  # bytes; the kernel takes 107, others a few fewer
PATIENCE = 20.0  # seconds for the supervisor to answer
COUNT_PATIENCE = 6.0  # seconds, where the answer changes nothing
BACKLOG = 8
ROOT = 0  # the user who may do everything anyway
_PEER = struct.Struct("3i")  # process, user, group

T = TypeVar("T")


class NothingRunsError(Exception):
    """No supervisor listens in this data directory."""


class UnansweredError(Exception):
    """The supervisor was asked, and nobody knows whether it did it."""


def ask(path: Path, request: KeyRequest) -> Done:
    """Have the supervisor do something, and wait until it is done.

    Raises:
        NothingRunsError: there is nobody to ask.
        UnansweredError: no answer came.
        VaultError, OSError: it was refused.
    """
    return keykeeper.done(_exchange(path, request, keywire.ANSWER, PATIENCE))


def count(path: Path) -> Standing:
    """Ask how the bot stands and how much waits: soon answered, also while a worker starts.

    Raises: NothingRunsError, UnansweredError.
    """
    return _exchange(path, Count(), keywire.STANDING, COUNT_PATIENCE)


def _exchange(path: Path, request: ControlRequest, shape: Decoder[T], patience: float) -> T:
    """Say one thing and hear one, within `patience` in all, however slowly it is said."""
    clock = SystemClock()
    end = clock.monotonic() + patience
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(patience)
        try:
            with _address(path) as address:
                line.connect(address)
            owner = path.parent.stat().st_uid
        except BlockingIOError:  # somebody listens, and has no room
            raise UnansweredError from None
        except OSError:
            raise NothingRunsError from None
        if not is_ours(line, owner):
            raise UnansweredError
        try:
            line.sendall(keywire.pack(request))
            return keywire.receive(line, shape, lambda: end - clock.monotonic())
        except (OSError, BrokenFrameError):
            raise UnansweredError from None


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """Open the socket for whoever holds the key slot file: no other can be there.

    Raises:
        ConfigError: it cannot be made.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        try:
            _clear(path)
            with _address(path) as address:
                listener.bind(address)
            path.chmod(OWN_SOCKET)
            listener.listen(BACKLOG)
        except OSError:
            raise ConfigError("The control socket cannot be made in the data directory.") from None
        try:
            yield listener
        finally:
            with contextlib.suppress(OSError):
                path.unlink()


def is_ours(line: socket.socket, owner: int) -> bool:
    """Say whether the other end runs as the user `owner`, or as root.

    Where the kernel does not tell, the permissions of socket and directory must be enough.
    """
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return True
    _, user, _ = _PEER.unpack(line.getsockopt(socket.SOL_SOCKET, option, _PEER.size))
    return user in {ROOT, owner}


def _clear(path: Path) -> None:
    """Take away a socket that a killed supervisor left; anything else stays, and refuses."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()


@contextmanager
def _address(path: Path) -> Iterator[str]:
    if len(os.fsencode(path)) <= LONGEST_PATH:
        yield str(path)
        return
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)
