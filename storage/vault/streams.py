"""Long contents in sealed chunks: whole or not there at all, and never more than a few in memory.

Chunks of 64 KiB (AES-256-GCM in the STREAM construction: the nonce counts the chunks and marks the
last), so a cut, swapped, repeated, appended or foreign chunk is noticed. Each file has a key of
its own, which whoever makes the header wraps.
"""

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.vault.errors import BrokenSealError
from storage.vault.keys import Key

CHUNK_BYTES = 65_536  # bytes of the original in each chunk but the last
TAG_BYTES = 16
PIECE = 1 << 20  # bytes of a file that is read to its end
PART = ".part"  # the end of a name while its file is not whole
NEW = ".new"  # the end of a name while its file is whole, but not yet in its place


@dataclass(frozen=True, slots=True)
class SealedFile:
    """What is recorded of a file: size in bytes, SHA-256 of the original and of what is kept."""

    size: int
    original_digest: bytes
    sealed_digest: bytes


class StreamWriter:
    """Seals one file as its bytes come in; without `finish`, nothing stays on the disk.

    Use it in a `with` block: `writer.write(chunk)` as often as needed, then `writer.finish()`.
    """

    def __init__(self, path: Path, key: Key, header: bytes, bound_to: bytes | None = None) -> None:
        """Begin beside `path`, under a temporary name; every chunk is bound to `bound_to`.

        Raises: FileExistsError where `path` is taken, OSError.
        """
        if path.exists():
            raise FileExistsError(f"{path.name} is there already")
        self._path = path
        self._temporary = path.with_name(path.name + PART)
        self._aead = AESGCM(key.reveal())
        self._bound_to = bound_to
        self._pending = bytearray()
        self._chunks = 0
        self._size = 0
        self._original = hashlib.sha256()
        self._beside = ThreadPoolExecutor(1, "original")  # hashes it while it is sealed
        self._hashing: Future[None] | None = None
        self._sealed = hashlib.sha256()
        self._is_finished = False
        self._file = create_private(self._temporary)
        self._put(header)

    def write(self, content: bytes) -> int:
        """Take the next bytes of the original, any number of them; give that number.

        Raises: OSError.
        """
        if self._hashing is not None:
            self._hashing.result()  # of one piece at a time, and they stay in their order
        self._hashing = self._beside.submit(self._original.update, content)
        self._size += len(content)
        rest = memoryview(content)
        if self._pending:
            room = CHUNK_BYTES - len(self._pending)
            self._pending += rest[:room]
            rest = rest[room:]
            if rest:
                self._seal_chunk(bytes(self._pending), is_last=False)
                self._pending.clear()
        while len(rest) > CHUNK_BYTES:  # the last chunk waits for `finish`
            self._seal_chunk(rest[:CHUNK_BYTES], is_last=False)
            rest = rest[CHUNK_BYTES:]
        self._pending += rest
        return len(content)

    def finish(self) -> SealedFile:
        """Make the file durable under its own name.

        Raises: OSError.
        """
        self._seal_chunk(bytes(self._pending), is_last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.rename(self._path)
        self._is_finished = True
        flush_directory(self._path.parent)
        self._beside.shutdown()
        return SealedFile(self._size, self._original.digest(), self._sealed.digest())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._is_finished:
            self._beside.shutdown()
            with contextlib.suppress(OSError):  # on a full disk what is buffered cannot go out
                self._file.close()
            self._discard(self._temporary)

    def _discard(self, temporary: Path) -> None:
        """Take away what did not come to its end."""
        temporary.unlink(missing_ok=True)

    def _seal_chunk(self, chunk: bytes | memoryview, *, is_last: bool) -> None:
        nonce = _nonce(self._chunks, is_last=is_last)
        self._put(self._aead.encrypt(nonce, chunk, self._bound_to))
        self._chunks += 1

    def _put(self, sealed: bytes) -> None:
        self._sealed.update(sealed)
        self._file.write(sealed)


def open_chunks(file: BinaryIO, key: Key, bound_to: bytes | None = None) -> Iterator[bytes]:
    """Give the original back from where `file` stands, each chunk checked before it is given.

    A cut is known only at the end: keep nothing of what was given if it raises.
    Raises: BrokenSealError, OSError.
    """
    aead = AESGCM(key.reveal())
    chunk = file.read(CHUNK_BYTES + TAG_BYTES)
    number = 0
    while True:
        following = file.read(CHUNK_BYTES + TAG_BYTES)
        try:
            yield aead.decrypt(_nonce(number, is_last=not following), chunk, bound_to)
        except InvalidTag:
            raise BrokenSealError("a sealed file is cut short or altered") from None
        if not following:
            return
        chunk, number = following, number + 1


def length_of_original(sealed: int) -> int:
    """Compute from the bytes of all sealed chunks together how many the original has."""
    chunks = -(-sealed // (CHUNK_BYTES + TAG_BYTES))
    return sealed - chunks * TAG_BYTES


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Give what is left of a file, a MiB at a time.

    Raises: OSError.
    """
    while piece := file.read(PIECE):
        yield piece


def create_private(path: Path) -> BinaryIO:
    """Make or empty a file that only its owner may read, for writing.

    Raises: OSError.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "wb")


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file, durable, that is there as a whole or as it was before.

    Raises: OSError.
    """
    temporary = path.with_name(path.name + PART)
    try:
        with create_private(temporary) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)
    flush_directory(path.parent)


@contextlib.contextmanager
def whole_directory(path: Path) -> Iterator[Path]:
    """Give a folder to fill (mode 0700): it gets its name when it is whole, all of it durable.

    What breaks off leaves nothing; an empty folder of that name goes first. Where a disk is
    mounted there, that is refused: what is beside it lies on another.
    Raises: FileExistsError where something is there; other OSErrors.
    """
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise FileExistsError(f"{path.name} is there already")
    if path.exists():
        path.rmdir()
    unfinished = path.with_name(path.name + PART)
    unfinished.mkdir(mode=0o700)
    try:
        yield unfinished
        _flush_all(unfinished)
        unfinished.rename(path)
    except BaseException:
        shutil.rmtree(unfinished)
        raise
    flush_directory(path.parent)


def _flush_all(folder: Path) -> None:
    for root, _, names in os.walk(folder):
        for name in names:
            flush_file(Path(root, name))
        flush_directory(Path(root))


def replace_wiped(new: Path, path: Path) -> None:
    """Put the whole file `new` in the place of `path`, whose content is overwritten first.

    A crash in between leaves `new` beside it. Raises: OSError.
    """
    wipe(path)
    new.rename(path)
    flush_directory(path.parent)


def wipe(path: Path) -> None:
    """Overwrite a file where it lies, and take its name away; nothing there is nothing to do.

    Raises: OSError.
    """
    try:
        with path.open("r+b", buffering=0) as file:
            overwrite(file.fileno())
    except FileNotFoundError:
        return
    path.unlink()


def overwrite(descriptor: int) -> None:
    """Overwrite where it lies what a file holds, durable; its holes hold nothing, and stay.

    Filling them would take room, and on a full disk there is none: what a database could not
    finish there begins with a hole.
    Raises: OSError.
    """
    for start, end in _written(descriptor):
        at = start
        while at < end:
            at += os.pwrite(descriptor, bytes(min(CHUNK_BYTES, end - at)), at)
    os.fsync(descriptor)


def _written(descriptor: int) -> Iterator[tuple[int, int]]:
    """Give from where to where a file holds something."""
    end, size = 0, os.fstat(descriptor).st_size
    while end < size:
        try:
            start = os.lseek(descriptor, end, os.SEEK_DATA)
            end = os.lseek(descriptor, start, os.SEEK_HOLE)
        except OSError as error:
            if error.errno == errno.ENXIO:  # a hole up to its end
                return
            start, end = end, size  # a file system that knows of no holes
        yield start, end


def take_away(path: Path) -> None:
    """Wipe a file that did not come to its end; of a disk that takes nothing, at least its name.

    Raises: OSError.
    """
    with contextlib.suppress(OSError):
        wipe(path)
    path.unlink(missing_ok=True)


def flush_file(path: Path) -> None:
    """Make durable what a file holds that somebody else has written.

    Raises: OSError.
    """
    with path.open("rb") as file:
        os.fsync(file.fileno())


def flush_directory(directory: Path) -> None:
    """Make durable which names stand in a directory.

    Raises: OSError.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _nonce(chunk: int, *, is_last: bool) -> bytes:
    return chunk.to_bytes(11, "big") + bytes([is_last])
