"""Evidence files: sealed while they arrive, bit-exact, whole or not there at all.

Each file has its own random key, sealed to the case's public half, so evidence can be added while
the case is locked or closed. The content goes in chunks of 64 KiB (AES-256-GCM in the STREAM
construction: the nonce counts the chunks and marks the last), so a cut, swapped, repeated or
foreign chunk is noticed. At most a few chunks are in memory. Nothing here looks inside.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.vault import sealing
from storage.vault.errors import BrokenSealError
from storage.vault.keys import KEY_BYTES, Key, new_key

MAGIC = b"evidence"
FORMAT = 1
CHUNK_BYTES = 65_536  # bytes of the original in each chunk but the last
TAG_BYTES = 16
WRAPPED_BYTES = KEY_BYTES + 48
HEADER_BYTES = len(MAGIC) + 1 + WRAPPED_BYTES


@dataclass(frozen=True, slots=True)
class SealedEvidence:
    """What is recorded of a file: size in bytes, SHA-256 of the original and of what is kept."""

    size: int
    original_digest: bytes
    sealed_digest: bytes


class EvidenceWriter:
    """Seals one file as its bytes come in; without `finish`, nothing stays on the disk.

    Use it in a `with` block: `writer.write(chunk)` as often as needed, then `writer.finish()`.
    """

    def __init__(self, path: Path, public: Key, evidence_id: int) -> None:
        """Begin beside `path`, under a temporary name.

        Raises: FileExistsError where `path` is taken, OSError.
        """
        if path.exists():
            raise FileExistsError(f"{path.name} is there already")
        key = new_key()
        self._path = path
        self._temporary = path.with_name(path.name + ".part")
        self._aead = AESGCM(key.reveal())
        self._pending = bytearray()
        self._chunks = 0
        self._size = 0
        self._original = hashlib.sha256()
        self._sealed = hashlib.sha256()
        self._is_finished = False
        self._file = _create(self._temporary)
        wrapped = sealing.wrap(public, key.reveal(), _place(evidence_id))
        self._put(MAGIC + bytes([FORMAT]) + wrapped)

    def write(self, content: bytes) -> None:
        """Take the next bytes of the original, any number of them.

        Raises: OSError.
        """
        self._original.update(content)
        self._size += len(content)
        rest = memoryview(content)
        while len(self._pending) + len(rest) > CHUNK_BYTES:  # the last chunk waits for `finish`
            room = CHUNK_BYTES - len(self._pending)
            self._pending += rest[:room]
            rest = rest[room:]
            self._seal_chunk(is_last=False)
        self._pending += rest

    def finish(self) -> SealedEvidence:
        """Make the file durable under its own name.

        Raises: OSError.
        """
        self._seal_chunk(is_last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.rename(self._path)
        self._is_finished = True
        _flush_directory(self._path.parent)
        return SealedEvidence(self._size, self._original.digest(), self._sealed.digest())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._is_finished:
            self._file.close()
            self._temporary.unlink(missing_ok=True)

    def _seal_chunk(self, *, is_last: bool) -> None:
        nonce = _nonce(self._chunks, is_last=is_last)
        self._put(self._aead.encrypt(nonce, bytes(self._pending), None))
        self._chunks += 1
        self._pending.clear()

    def _put(self, sealed: bytes) -> None:
        self._sealed.update(sealed)
        self._file.write(sealed)


def read_evidence(path: Path, private: Key, evidence_id: int) -> Iterator[bytes]:
    """Give the original back, chunk by chunk, each one checked before it is given.

    A cut is known only at the end: keep nothing of what was given if it raises.
    Raises: BrokenSealError, OSError.
    """
    with path.open("rb") as file:
        aead = AESGCM(_file_key(file, private, evidence_id).reveal())
        chunk = file.read(CHUNK_BYTES + TAG_BYTES)
        number = 0
        while True:
            following = file.read(CHUNK_BYTES + TAG_BYTES)
            try:
                yield aead.decrypt(_nonce(number, is_last=not following), chunk, None)
            except InvalidTag:
                raise BrokenSealError("an evidence file is cut short or altered") from None
            if not following:
                return
            chunk, number = following, number + 1


def sealed_digest(path: Path) -> bytes:
    """Compute the SHA-256 of what is kept, without any key: 32 bytes.

    Raises: OSError.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def remove_leftovers(directory: Path) -> int:
    """Delete what a crash left half written; give the number of files."""
    leftovers = list(directory.glob("*.part"))
    for leftover in leftovers:
        leftover.unlink()
    return len(leftovers)


def _file_key(file: BinaryIO, private: Key, evidence_id: int) -> Key:
    header = file.read(HEADER_BYTES)
    start = len(MAGIC) + 1
    if len(header) != HEADER_BYTES or header[:start] != MAGIC + bytes([FORMAT]):
        raise BrokenSealError("an evidence file is cut short, or of an unknown format")
    return Key(sealing.unwrap(private, header[start:], _place(evidence_id)))


def _place(evidence_id: int) -> bytes:
    return b"evidence file\0" + bytes([FORMAT]) + evidence_id.to_bytes(8, "big", signed=True)


def _nonce(chunk: int, *, is_last: bool) -> bytes:
    return chunk.to_bytes(11, "big") + bytes([is_last])


def _create(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "wb")


def _flush_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
