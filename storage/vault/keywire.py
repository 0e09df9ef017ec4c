"""What a supervisor is asked and answers, as bytes: a length of four bytes, then MessagePack.

A frame is read into one exact shape, or not at all; longer ones are refused unread. Keys travel
in their own type, which shows nothing, over sockets that never leave the machine. What a worker
tells of itself is shown on somebody's terminal: short lines of printable ASCII, and nothing else.
"""

import socket
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, TypeAlias, TypeVar

import msgspec
from msgspec.msgpack import Decoder

from storage.vault.keys import Key, KeyName
from storage.vault.slotseals import Named

HEAD_BYTES = 4
LONGEST = 64 * 1024  # bytes; 160 keys with their names take about 15 KiB
LINES = 100
LEAST_WAIT = 0.001  # seconds; zero would mean not to wait at all

Line = Annotated[str, msgspec.Meta(max_length=200, pattern=r"\A[ -~]*\Z")]
Lines = Annotated[list[Line], msgspec.Meta(max_length=LINES)]

T = TypeVar("T")


class BrokenFrameError(Exception):
    """What came is no frame that was asked for."""


class _Frame(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    pass


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key that is kept; `key` is None while it is locked."""

    name: KeyName
    key: Key | None


class New(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key that is to be kept."""

    name: KeyName
    key: Key


class Started(_Frame, frozen=True):
    """The worker works."""


class Store(_Frame, frozen=True):
    """Keep new keys."""

    new: list[New]


class Destroy(_Frame, frozen=True):
    """Overwrite keys for good."""

    names: list[KeyName]


class Counted(_Frame, frozen=True):
    """How much waits, as the worker has been asked: counts and ages, nobody's data.

    No lines: it could not count. `amiss`: the names of the lines that are not in order.
    """

    lines: Lines
    amiss: Lines = []


class Lock(_Frame, frozen=True):
    """Forget people and private case keys."""


class Look(_Frame, frozen=True):
    """Say how things stand."""


class Count(_Frame, frozen=True):
    """Say whether the worker works, and how much waits."""


class Open(_Frame, frozen=True):
    """Bring back what is locked."""

    root: Key


class Admit(_Frame, frozen=True):
    """Let a new unlock secret open everything."""

    root: Key
    named: Named


class Revoke(_Frame, frozen=True):
    """Make an unlock secret worthless."""

    root: Key
    name: str


WorkerRequest: TypeAlias = Started | Counted | Store | Destroy | Lock
KeyRequest: TypeAlias = Look | Lock | Open | Admit | Revoke
ControlRequest: TypeAlias = KeyRequest | Count
Request: TypeAlias = WorkerRequest | KeyRequest


class Done(_Frame, frozen=True):
    """It was done, durably."""

    is_locked: bool
    destroyed: list[KeyName] = []


class Refused(_Frame, frozen=True):
    """It was not done. `kind` is a VaultError's text key, or empty for an OSError's number."""

    kind: str
    words: str
    number: int = 0


Answer: TypeAlias = Done | Refused


class WorkerState(StrEnum):
    """How it stands with the worker."""

    WORKS = "works"
    STARTS = "starts"
    SILENT = "silent"  # it works, as far as anybody knows, and does not answer


class Standing(_Frame, frozen=True):
    """How the bot stands. `failures`: starts that failed in a row; `lines`: how much waits.

    `amiss`: the names of the lines that are not in order.
    """

    state: WorkerState
    is_locked: bool
    failures: Annotated[int, msgspec.Meta(ge=0)] = 0
    lines: Lines = []
    amiss: Lines = []


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the key slots hold now."""

    file_id: bytes
    generation: int
    is_rotation_owed: bool
    kept: list[Kept]


class Told(_Frame, frozen=True):
    """What a worker is told: all keys anew, and the answer if it has asked for something.

    `is_asked`: how much waits with it is wanted.
    """

    state: State
    answer: Answer | None = None
    is_asked: bool = False


def pack(frame: _Frame) -> bytes:
    """Write a frame."""
    body = msgspec.msgpack.encode(frame, enc_hook=_revealed)
    return len(body).to_bytes(HEAD_BYTES, "big") + body


def body_length(head: bytes) -> int:
    """Read the length of a frame's body from its first four bytes.

    Raises: BrokenFrameError where it is longer than any frame.
    """
    length = int.from_bytes(head, "big")
    if length > LONGEST:
        raise BrokenFrameError
    return length


def unpack(body: bytes, shape: Decoder[T]) -> T:
    """Read a frame's body as `shape`.

    Raises: BrokenFrameError.
    """
    try:
        return shape.decode(body)
    except (msgspec.DecodeError, ValueError):
        raise BrokenFrameError from None


def receive(
    line: socket.socket, shape: Decoder[T], seconds_left: Callable[[], float] | None = None
) -> T:
    """Wait for one frame on a blocking socket, at most for the seconds that are left in all.

    Raises: BrokenFrameError, ConnectionError at the line's end, OSError, TimeoutError.
    """
    head = _exactly(line, HEAD_BYTES, seconds_left)
    return unpack(_exactly(line, body_length(head), seconds_left), shape)


def _exactly(line: socket.socket, length: int, seconds_left: Callable[[], float] | None) -> bytes:
    received = bytearray()
    while len(received) < length:
        if seconds_left is not None:
            line.settimeout(max(seconds_left(), LEAST_WAIT))
        part = line.recv(length - len(received))
        if not part:
            raise ConnectionError("the line has ended")
        received += part
    return bytes(received)


def _revealed(value: object) -> bytes:
    if not isinstance(value, Key):
        raise NotImplementedError
    return value.reveal()


def _hidden(kind: type, value: object) -> Key:
    if kind is not Key or not isinstance(value, bytes):
        raise ValueError("only a key is written as plain bytes")
    return Key(value)


WORKER_REQUEST: Decoder[WorkerRequest] = Decoder(WorkerRequest, dec_hook=_hidden)
CONTROL_REQUEST: Decoder[ControlRequest] = Decoder(ControlRequest, dec_hook=_hidden)
ANSWER: Decoder[Answer] = Decoder(Answer, dec_hook=_hidden)
STANDING: Decoder[Standing] = Decoder(Standing)
TOLD: Decoder[Told] = Decoder(Told, dec_hook=_hidden)
