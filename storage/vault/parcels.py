"""Parcels: one file sealed to several people's public keys, for whoever is elsewhere.

The header holds a random file key, wrapped once for each recipient (HPKE) and bound to what the
parcel is for; it names nobody, so a found parcel does not tell whose it is. A check sum over the
header tells a damaged parcel from a wrong identity; the chunks are bound to that check sum, so no
header fits another content. Anybody who knows the public keys can make a parcel: who made it is
for its content to say.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from storage.vault import sealing
from storage.vault.errors import (
    BrokenParcelError,
    BrokenSealError,
    ForeignParcelError,
    WrongIdentityError,
)
from storage.vault.keys import KEY_BYTES, Key, new_key
from storage.vault.streams import PART, StreamWriter, create_private, open_chunks

MAGIC = b"parcel"
FORMAT = 1
WRAPPED_BYTES = KEY_BYTES + 48
DIGEST_BYTES = 32
MOST_RECIPIENTS = 64
LONGEST_PURPOSE = 32  # bytes


class ParcelWriter(StreamWriter):
    """Seals one file to several public keys; without `finish`, nothing stays on the disk."""

    def __init__(self, path: Path, recipients: Sequence[Key], purpose: str) -> None:
        """Begin beside `path`, under a temporary name; `purpose` is 1 to 32 bytes of text.

        Raises: FileExistsError where `path` is taken, ValueError without recipients, OSError.
        """
        if not 0 < len(recipients) <= MOST_RECIPIENTS:
            raise ValueError("a parcel has 1 to 64 recipients")
        label = purpose.encode()
        if not 0 < len(label) <= LONGEST_PURPOSE:
            raise ValueError("the purpose of a parcel takes 1 to 32 bytes")
        key = new_key()
        start = MAGIC + bytes([FORMAT, len(label)]) + label + bytes([len(recipients)])
        wraps = (sealing.wrap(public, key.reveal(), start) for public in recipients)
        header = start + b"".join(wraps)
        digest = hashlib.sha256(header).digest()
        super().__init__(path, key, header + digest, bound_to=digest)


def read_parcel(path: Path, private: Key, purpose: str) -> Iterator[bytes]:
    """Give the content, chunk by chunk, each one checked before it is given.

    A cut is known only at the end: keep nothing of what was given if it raises.
    Raises: WrongIdentityError, BrokenParcelError, ForeignParcelError, OSError.
    """
    with path.open("rb") as file:
        key, digest = _opened(file, private, purpose)
        try:
            yield from open_chunks(file, key, bound_to=digest)
        except BrokenSealError:
            raise BrokenParcelError(f"this {purpose} is cut short or altered") from None


def unpack(path: Path, private: Key, purpose: str, target: Path) -> None:
    """Write the content to `target` (0600), which appears only when all of it was checked.

    Raises: FileExistsError where `target` is taken, and whatever `read_parcel` raises.
    """
    if target.exists():
        raise FileExistsError(f"{target.name} is there already")
    temporary = target.with_name(target.name + PART)
    try:
        with create_private(temporary) as file:
            file.writelines(read_parcel(path, private, purpose))
        temporary.rename(target)
    finally:
        temporary.unlink(missing_ok=True)


def _opened(file: BinaryIO, private: Key, purpose: str) -> tuple[Key, bytes]:
    start, wraps, digest = _header(file, purpose)
    for wrapped in wraps:
        try:
            return Key(sealing.unwrap(private, wrapped, start)), digest
        except BrokenSealError:
            continue
    raise WrongIdentityError(f"this {purpose} is not sealed to this identity")


def _header(file: BinaryIO, purpose: str) -> tuple[bytes, list[bytes], bytes]:
    start = file.read(len(MAGIC) + 2)
    if not start.startswith(MAGIC) or len(start) < len(MAGIC) + 2:
        raise ForeignParcelError(f"this file is no sealed {purpose}")
    if start[-2] != FORMAT:
        raise ForeignParcelError(f"this {purpose} was sealed by a newer program")
    label = file.read(start[-1])
    start += label + file.read(1)
    wraps = file.read(WRAPPED_BYTES * start[-1])
    digest = file.read(DIGEST_BYTES)
    if hashlib.sha256(start + wraps).digest() != digest:
        raise BrokenParcelError(f"this {purpose} is cut short or altered")
    if label != purpose.encode():
        raise ForeignParcelError(f"this file is sealed, but it is no {purpose}")
    places = range(0, len(wraps), WRAPPED_BYTES)
    return start, [wraps[place : place + WRAPPED_BYTES] for place in places], digest
