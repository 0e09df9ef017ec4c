"""Evidence files: sealed while they arrive, bit-exact, whole or not there at all.

Each file has its own random key, sealed to the case's public half, so evidence can be added while
the case is locked or closed. The content goes in chunks (`storage/vault/streams.py`). Nothing here
looks inside.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from storage.vault import sealing
from storage.vault.errors import BrokenSealError
from storage.vault.keys import KEY_BYTES, Key, new_key
from storage.vault.streams import (
    PART,
    StreamWriter,
    flush_directory,
    length_of_original,
    open_chunks,
)

MAGIC = b"evidence"
FORMAT = 1
WRAPPED_BYTES = KEY_BYTES + 48
HEADER_BYTES = len(MAGIC) + 1 + WRAPPED_BYTES


class EvidenceWriter(StreamWriter):
    """Seals one file as its bytes come in; without `finish`, nothing stays on the disk."""

    def __init__(self, path: Path, public: Key, evidence_id: int) -> None:
        """Begin beside `path`, under a temporary name.

        Raises: FileExistsError where `path` is taken, OSError.
        """
        key = new_key()
        wrapped = sealing.wrap(public, key.reveal(), _place(evidence_id))
        super().__init__(path, key, MAGIC + bytes([FORMAT]) + wrapped)


def read_evidence(path: Path, private: Key, evidence_id: int) -> Iterator[bytes]:
    """Give the original back, chunk by chunk, each one checked before it is given.

    A cut is known only at the end: keep nothing of what was given if it raises.
    Raises: BrokenSealError, OSError.
    """
    with path.open("rb") as file:
        yield from open_chunks(file, _file_key(file, private, evidence_id))


def sealed_digest(path: Path) -> bytes:
    """Compute the SHA-256 of what is kept, without any key: 32 bytes.

    Raises: OSError.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def size_of_original(path: Path) -> int:
    """Compute how many bytes the original has, without any key.

    Raises: OSError.
    """
    return length_of_original(path.stat().st_size - HEADER_BYTES)


def make_directory(directory: Path) -> None:
    """Make the directory of evidence (0700) durably, if it is not there.

    Its parent must be there: where a disk is not mounted, nothing is written beneath.
    Raises: OSError.
    """
    if not directory.is_dir():
        directory.mkdir(mode=0o700, exist_ok=True)
        flush_directory(directory.parent)


def remove_leftovers(directory: Path) -> int:
    """Delete what a crash left half written; give the number of files."""
    leftovers = list(directory.glob(f"*{PART}"))
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
