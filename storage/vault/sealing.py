"""One sealed blob per row: it opens only under its key, in its table, at its row, unaltered.

Symmetric rows use AES-256-GCM with a random nonce; case rows use HPKE (RFC 9180, X25519,
HKDF-SHA256, AES-256-GCM) to the case's public half, so that adding never needs the private one.
"""

import contextlib
import functools
import os
import struct
from collections.abc import Callable, Sequence
from typing import TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from storage.vault.errors import BrokenSealError
from storage.vault.keys import Key

T = TypeVar("T")

# First byte of every blob, and bound to it. There is one format; what says another is refused, so
# that a later one could be told from it.
FORMAT = 1
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD = 1 + NONCE_BYTES + TAG_BYTES  # bytes that sealing adds to a row
ENCAPSULATED_BYTES = 32
_CIPHERTEXT_AT = 1 + NONCE_BYTES
_NUMBER = struct.Struct(">q")  # a row's


def seal(key: Key, plaintext: bytes, *, table: str, row: int, version: int = FORMAT) -> bytes:
    """Seal one row: version byte, nonce, ciphertext with tag (29 bytes more than the plaintext).

    `row` fits 64 signed bits. Raises: ValueError for an unknown version.
    """
    nonce = os.urandom(NONCE_BYTES)
    place = _place(b"row", table, row, version)
    return bytes([version]) + nonce + key.cipher().encrypt(nonce, plaintext, place)


def open_(key: Key, blob: bytes, *, table: str, row: int) -> bytes:
    """Open what `seal` made for the same key, table and row.

    Raises: BrokenSealError, without saying what was inside.
    """
    return opener((key,), table)(row, blob)


def open_under(keys: Sequence[Key], blob: bytes, *, table: str, row: int) -> bytes:
    """Open what was sealed under one of these keys: while rows move from one to the next.

    Raises: BrokenSealError, without saying what was inside.
    """
    return opener(keys, table)(row, blob)


def opener(keys: Sequence[Key], table: str) -> Callable[[int, bytes], bytes]:
    """Make what opens many rows of one table: what is the same for all is done once.

    It takes row and blob, and raises BrokenSealError as `open_under` does.
    """
    table_place = _table_place(b"row", table, FORMAT)
    ways = [key.cipher().decrypt for key in keys]

    def open_row(row: int, blob: bytes) -> bytes:
        if len(blob) < OVERHEAD or blob[0] != FORMAT:
            raise _unknown()
        place = table_place + _NUMBER.pack(row)
        for decrypt in ways:
            try:
                return decrypt(blob[1:_CIPHERTEXT_AT], blob[_CIPHERTEXT_AT:], place)
            except InvalidTag:
                continue
        raise BrokenSealError("a sealed row does not open")

    return open_row


def open_many(
    keys: Sequence[Key],
    table: str,
    rows: Sequence[int],
    blobs: Sequence[bytes],
    read: Callable[[bytes], T],
) -> list[T]:
    """Open many rows of one table, `blobs` in the order of `rows`, and `read` each.

    Raises: BrokenSealError as `open_under` does; what `read` raises.
    """
    together = zip(rows, blobs, strict=True)
    if len(keys) == 1:
        decrypt, pack, start = keys[0].cipher().decrypt, _NUMBER.pack, _CIPHERTEXT_AT
        rest = _table_place(b"row", table, FORMAT)[1:]  # after the version, which the blob has
        with contextlib.suppress(InvalidTag, ValueError):  # by which one? It is looked for below
            return [
                read(decrypt(blob[1:start], blob[start:], blob[:1] + rest + pack(row)))
                for row, blob in together
            ]
        together = zip(rows, blobs, strict=True)
    open_row = opener(keys, table)
    return [read(open_row(row, blob)) for row, blob in together]


def seal_to(
    public: Key, plaintext: bytes, *, table: str, row: int, version: int = FORMAT
) -> bytes:
    """Seal one row to a public half: version byte, encapsulated key, ciphertext (49 bytes more).

    Raises: ValueError for an unknown version.
    """
    place = _place(b"case", table, row, version)
    return bytes([version]) + wrap(public, plaintext, place)


def open_with(private: Key, blob: bytes, *, table: str, row: int) -> bytes:
    """Open what `seal_to` made for the matching public half, table and row.

    Raises: BrokenSealError, without saying what was inside.
    """
    version = _version_of(blob, 1 + ENCAPSULATED_BYTES + TAG_BYTES)
    return unwrap(private, blob[1:], _place(b"case", table, row, version))


def wrap(public: Key, plaintext: bytes, place: bytes) -> bytes:
    """Encrypt to an X25519 public half, bound to `place` (48 bytes more than the plaintext)."""
    return _suite().encrypt(
        plaintext, X25519PublicKey.from_public_bytes(public.reveal()), info=place
    )


def unwrap(private: Key, wrapped: bytes, place: bytes) -> bytes:
    """Decrypt what `wrap` made for the same `place`.

    Raises: BrokenSealError.
    """
    half = X25519PrivateKey.from_private_bytes(private.reveal())
    try:
        return _suite().decrypt(wrapped, half, info=place)
    except (InvalidTag, ValueError):
        raise BrokenSealError("a sealed key or record does not open") from None


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _version_of(blob: bytes, shortest: int) -> int:
    if len(blob) < shortest or blob[0] != FORMAT:
        raise _unknown()
    return blob[0]


def _unknown() -> BrokenSealError:
    return BrokenSealError("a sealed row is cut short, or of an unknown format")


def _place(purpose: bytes, table: str, row: int, version: int) -> bytes:
    """Name the one place where a blob is valid; lengths first, so no two places look alike."""
    return _table_place(purpose, table, version) + _NUMBER.pack(row)


@functools.cache  # there are few tables
def _table_place(purpose: bytes, table: str, version: int) -> bytes:
    if version != FORMAT:
        raise ValueError("an unknown blob format")
    name = table.encode()
    return b"".join((bytes([version, len(purpose)]), purpose, len(name).to_bytes(2, "big"), name))
