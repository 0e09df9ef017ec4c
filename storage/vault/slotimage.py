"""The bytes of one bank of the key slot file: always the same length, whatever is kept in it.

Layout: header, eight places for unlock secrets, 160 places for keys, seal, checksum. The checksum
(SHA-256) finds a torn write without any secret. The seal (HMAC under a key derived from the root)
finds a bank that someone composed. Free places hold random bytes, so the file does not
tell how many events there are.
"""

import hashlib
import hmac
import os
import struct
from dataclasses import dataclass

from storage.vault.derivation import SALT_BYTES, Parameters
from storage.vault.errors import NewerKeySlotsError
from storage.vault.keys import KEY_BYTES, Key

MAGIC = b"keyslots"
FORMAT = 1
SECRET_PLACES = 8
KEY_PLACES = 160  # 32 events of four keys, the community's four, and cases that are kept
REPLACEMENT_PLACES = 8  # that no new event takes: a key that is replaced has two for a while
WRAPPED_BYTES = 48  # what HPKE adds
SEALED_KEY_BYTES = KEY_BYTES + WRAPPED_BYTES
LABEL_BYTES = 32
SEALED_LABEL_BYTES = LABEL_BYTES + 29
ENTRY_PLAIN_BYTES = 1 + 8 + 4 + KEY_BYTES  # kind, event, version, key
ENTRY_BYTES = ENTRY_PLAIN_BYTES + WRAPPED_BYTES
BANK_BYTES = 20_480  # a whole number of 4 KiB blocks, so the banks share none
DIGEST_BYTES = 32

_HEADER = struct.Struct(f">8sHxx16sQB{SALT_BYTES}s32s32s{SEALED_KEY_BYTES}s")
_SECRET = struct.Struct(f">BIII32s{SEALED_KEY_BYTES}s{SEALED_LABEL_BYTES}s")
_SEAL_AT = BANK_BYTES - 2 * DIGEST_BYTES
_CHECKSUM_AT = BANK_BYTES - DIGEST_BYTES


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """One unlock secret's place: its public half, and the root key sealed to it."""

    parameters: Parameters
    public: Key
    sealed_root: bytes  # 80 bytes
    sealed_label: bytes  # 61 bytes


@dataclass(frozen=True, slots=True)
class Image:
    """All that one bank says. `entries` always has 160 members of 93 bytes."""

    file_id: bytes  # 16 bytes
    generation: int
    rotation_owed: bool
    salt: bytes
    root_public: Key
    epoch_public: Key
    sealed_epoch: bytes  # 80 bytes: the epoch key's private half, sealed to the root
    secrets: tuple[SecretPlace | None, ...]
    entries: tuple[bytes, ...]


def noise() -> bytes:
    """Make the content of a free place; nobody without the epoch key can tell it from a key."""
    return os.urandom(ENTRY_BYTES)


def encode(image: Image, seal_key: Key) -> bytes:
    """Write an image as the 20,480 bytes of a bank, sealed and check-summed."""
    header = _HEADER.pack(
        MAGIC,
        FORMAT,
        image.file_id,
        image.generation,
        image.rotation_owed,
        image.salt,
        image.root_public.reveal(),
        image.epoch_public.reveal(),
        image.sealed_epoch,
    )
    secrets = b"".join(_encode_secret(place) for place in image.secrets)
    body = (header + secrets + b"".join(image.entries)).ljust(_SEAL_AT, b"\0")
    sealed = body + seal_key.mac(body)
    return sealed + hashlib.sha256(sealed).digest()


def is_whole(bank: bytes) -> bool:
    """Say whether a bank was written to its end and read back unchanged."""
    checksum = hashlib.sha256(bank[:_CHECKSUM_AT]).digest()
    return (
        len(bank) == BANK_BYTES
        and bank.startswith(MAGIC)
        and hmac.compare_digest(bank[_CHECKSUM_AT:], checksum)
    )


def is_genuine(bank: bytes, seal_key: Key) -> bool:
    """Say whether a whole bank was sealed by whoever holds the root key."""
    seal = seal_key.mac(bank[:_SEAL_AT])
    return hmac.compare_digest(bank[_SEAL_AT:_CHECKSUM_AT], seal)


def decode(bank: bytes) -> Image:
    """Read a whole bank.

    Raises: NewerKeySlotsError.
    """
    _, version, file_id, generation, owed, salt, root, epoch, sealed = _HEADER.unpack_from(bank)
    if version != FORMAT:
        raise NewerKeySlotsError("the key slot file was written by a newer program")
    entries_at = _HEADER.size + SECRET_PLACES * _SECRET.size
    return Image(
        file_id=file_id,
        generation=generation,
        rotation_owed=bool(owed),
        salt=salt,
        root_public=Key(root),
        epoch_public=Key(epoch),
        sealed_epoch=sealed,
        secrets=tuple(
            _decode_secret(bank, _HEADER.size + place * _SECRET.size)
            for place in range(SECRET_PLACES)
        ),
        entries=tuple(
            bank[entries_at + place * ENTRY_BYTES : entries_at + (place + 1) * ENTRY_BYTES]
            for place in range(KEY_PLACES)
        ),
    )


def _encode_secret(place: SecretPlace | None) -> bytes:
    if place is None:
        return b"\0" * _SECRET.size
    return _SECRET.pack(
        1,
        place.parameters.memory_kib,
        place.parameters.iterations,
        place.parameters.lanes,
        place.public.reveal(),
        place.sealed_root,
        place.sealed_label,
    )


def _decode_secret(bank: bytes, at: int) -> SecretPlace | None:
    used, memory, iterations, lanes, public, root, label = _SECRET.unpack_from(bank, at)
    if not used:
        return None
    return SecretPlace(Parameters(memory, iterations, lanes), Key(public), root, label)
