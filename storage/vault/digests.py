"""One-way names for things that must be found again without being kept: ids, tokens, contents."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from storage.vault.keys import Key

ID_BITS = 53  # every id is also a whole number in JSON
TOKEN_BYTES = 18  # 144 bits; 24 characters of [A-Za-z0-9_-], a deep link takes 64
SALT_BYTES = 32


def index(key: Key, telegram_id: int) -> bytes:
    """Compute the routing index of a Telegram id under an event's routing key: 32 bytes."""
    message = b"routing index\0" + telegram_id.to_bytes(8, "big", signed=True)
    return key.mac(message)


def signature(key: Key, said: str) -> str:
    """Sign a few words for ourselves: 64 hex digits that only a holder of the key can make."""
    message = b"standby mark\0" + said.encode("utf-8", "surrogatepass")
    return key.mac(message).hex()


def is_signed(key: Key, said: str, signed: str) -> bool:
    """Say whether `signed` is the signature of `said`; any text may come in."""
    return same(signature(key, said).encode(), signed.encode("utf-8", "surrogatepass"))


def proof_of_writer(key: Key, content: bytes) -> bytes:
    """Compute what only whoever has this key can put beside a content: 32 bytes."""
    return key.mac(b"additions\0" + content)


def new_token() -> str:
    """Make a token for a link: 24 characters of `[A-Za-z0-9_-]`, 144 random bits."""
    return base64.urlsafe_b64encode(secrets.token_bytes(TOKEN_BYTES)).decode("ascii")


def token_digest(token: str) -> bytes:
    """Compute what is stored in place of a token: 32 bytes.

    Any text may come in: strangers type what they like.
    """
    return hashlib.sha256(b"token\0" + token.encode("utf-8", "surrogatepass")).digest()


def webhook_secret(bot_token: str) -> str:
    """Derive what the service shows when it delivers: 43 characters, and no way to the token."""
    digest = hmac.digest(bot_token.encode(), b"webhook secret", "sha256")
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def token_mark(bot_token: str) -> int:
    """Derive a number of 56 bits by which another token is noticed, and no way to the token."""
    digest = hmac.digest(bot_token.encode(), b"token mark", "sha256")
    return int.from_bytes(digest[:7], "big")


def new_id() -> int:
    """Make a random id, 1 to 2**53-1: it tells neither how many there are nor in which order."""
    return secrets.randbits(ID_BITS) or 1


def same(one: bytes, other: bytes) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(one, other)


def pick_words(words: Sequence[str], count: int) -> tuple[str, ...]:
    """Choose `count` different words of a list, each choice equally likely.

    Raises: ValueError where the list is shorter than `count`.
    """
    return tuple(secrets.SystemRandom().sample(words, count))


def new_salt() -> bytes:
    """Make the salt of one commitment: 32 bytes, kept inside the sealed record only."""
    return secrets.token_bytes(SALT_BYTES)


def commitment(salt: bytes, plaintext: bytes) -> bytes:
    """Commit to a plaintext (32 bytes): tells nothing without the salt, fits no other plaintext.

    AES-GCM does not commit to its key, so the plaintext is committed to, not the ciphertext.
    Anyone can recompute it: SHA-256 of the 32 bytes of salt followed by the plaintext.

    Raises: ValueError where the salt has not 32 bytes.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 32 bytes")
    return hashlib.sha256(salt + plaintext).digest()


def sha256(content: bytes) -> bytes:
    """Compute the SHA-256 of `content`: 32 bytes."""
    return hashlib.sha256(content).digest()


class RunningDigest:
    """A SHA-256 that grows with what passes by."""

    __slots__ = ("_hash",)

    def __init__(self) -> None:
        """Begin with nothing."""
        self._hash = hashlib.sha256()

    def update(self, content: bytes) -> None:
        """Take the next bytes."""
        self._hash.update(content)

    def hex(self) -> str:
        """Give the digest of all bytes so far: 64 lower-case hex digits."""
        return self._hash.hexdigest()
