"""Keys by name, in a type that never shows them: the keys of the table in docs/architecture.md.

Two serve one purpose each and are never replaced. The database's is what SQLCipher opens the
file with: another would mean writing it anew. The log's signs, opens nothing, and is what the log
is known by.
"""

import hmac
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from typing_extensions import override

KEY_BYTES = 32  # bytes; AES-256, X25519, Ed25519 seed and SQLCipher's raw key are all of this size


class Key:
    """Thirty-two secret (or public) bytes: `repr` shows nothing, comparing takes constant time."""

    __slots__ = ("_cipher", "_mac", "_raw")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_BYTES:
            raise ValueError("a key has 32 bytes")
        self._raw = raw
        self._cipher: AESGCM | None = None
        self._mac: HMAC | None = None

    def reveal(self) -> bytes:
        """Give the 32 raw bytes: for the vault, and for SQLCipher's `PRAGMA key`, only."""
        return self._raw

    def cipher(self) -> AESGCM:
        """Give AES-256-GCM under this key, made once: making it costs more than sealing a row."""
        if self._cipher is None:
            self._cipher = AESGCM(self._raw)
        return self._cipher

    def mac(self, message: bytes) -> bytes:
        """Compute HMAC-SHA-256 under this key: 32 bytes; what is the same for all is done once."""
        if self._mac is None:
            self._mac = HMAC(self._raw, hashes.SHA256())
        mac = self._mac.copy()
        mac.update(message)
        return mac.finalize()

    @override
    def __repr__(self) -> str:
        return "<Key>"

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and hmac.compare_digest(self._raw, other._raw)

    @override
    def __hash__(self) -> int:
        return hash(self._raw)

    @override
    def __reduce__(self) -> str:
        raise TypeError("a key is never pickled")


class KeyKind(StrEnum):
    """What a key opens."""

    DATABASE = "database"  # the whole file (SQLCipher)
    # Team, events, proposals, receipts, evidence, timers ...; the log's leaves are bare hashes.
    COMMUNITY = "community"
    TRANSIT = "transit"  # inbox, outbox, forms, message ids
    LOG_SIGNING = "log_signing"  # Ed25519 seed of the proof log
    ROUTING = "routing"  # an event's Telegram index, chat ids, languages, roles
    PEOPLE = "people"  # an event's roster, venue, needs, answers
    CASE_PUBLIC = "case_public"  # adds to an event's incidents and evidence
    CASE_PRIVATE = "case_private"  # reads them


COMMUNITY_WIDE = (KeyKind.DATABASE, KeyKind.COMMUNITY, KeyKind.TRANSIT, KeyKind.LOG_SIGNING)
PER_EVENT = (KeyKind.ROUTING, KeyKind.PEOPLE, KeyKind.CASE_PUBLIC, KeyKind.CASE_PRIVATE)
LOCKABLE = frozenset({KeyKind.PEOPLE, KeyKind.CASE_PRIVATE})
EVERY_VERSION = 2**31 - 1  # of a doomed key: whatever its version is


@dataclass(frozen=True, slots=True)
class KeyName:
    """Which key: its kind, its event (1 to 2**63-1) where there is one, its version from 1 up.

    A replaced key (transit daily, people at an erasure) takes the next version, so that both are
    there while rows are sealed anew; then the old version is destroyed.
    """

    kind: KeyKind
    event_id: int | None = None
    version: int = 1

    def is_among(self, doomed: "Collection[KeyName]") -> bool:
        """Say whether one of `doomed` is this key, in this version or a later one."""
        return any(
            self.version <= one.version and self.kind is one.kind and self.event_id == one.event_id
            for one in doomed
        )


@dataclass(frozen=True, slots=True)
class CasePair:
    """The two halves of a case key: the public one adds, the private one reads."""

    private: Key
    public: Key


def new_key() -> Key:
    """Make a fresh random symmetric key (or Ed25519 seed)."""
    return Key(os.urandom(KEY_BYTES))


def new_case_pair() -> CasePair:
    """Make a fresh X25519 pair for `sealing.seal_to` and `sealing.open_with`."""
    private = X25519PrivateKey.generate()
    return CasePair(Key(private.private_bytes_raw()), Key(private.public_key().public_bytes_raw()))


def public_half(private: Key) -> Key:
    """Compute the X25519 public half of `private`."""
    half = X25519PrivateKey.from_private_bytes(private.reveal())
    return Key(half.public_key().public_bytes_raw())


def pair_within(key: Key, purpose: str) -> CasePair:
    """Derive the pair that a symmetric key contains for one purpose: the same one every time."""
    private = Key(key.mac(b"pair\0" + purpose.encode()))
    return CasePair(private, public_half(private))


def key_within(key: Key, purpose: str) -> Key:
    """Derive the symmetric key that another one contains for one purpose: the same every time."""
    return Key(key.mac(b"key\0" + purpose.encode()))


KEYS_OF_EVENT = 4


def keys_of_new_event(event_id: int) -> Mapping[KeyName, Key]:
    """Make the four keys of an event; one `KeySlots.store` keeps them all, or none."""
    case = new_case_pair()
    return {
        KeyName(KeyKind.ROUTING, event_id): new_key(),
        KeyName(KeyKind.PEOPLE, event_id): new_key(),
        KeyName(KeyKind.CASE_PUBLIC, event_id): case.public,
        KeyName(KeyKind.CASE_PRIVATE, event_id): case.private,
    }
