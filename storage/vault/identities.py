"""Identities: key pairs that people make on their own computers; servers see public lines only.

Both halves are text lines with a check, so that a slip or a cut is noticed before anything is
sealed to nobody. A fingerprint is eight words (96 bits): two people compare them by voice.
"""

import base64
import binascii
import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from storage.vault import words
from storage.vault.errors import ExposedIdentityError, MalformedKeyError
from storage.vault.keys import KEY_BYTES, Key, new_case_pair

PUBLIC = "aman-public-1"
PRIVATE = "aman-identity-1"
CHECK_BYTES = 4
LINE_CHARACTERS = 48  # base64url of key and check
FINGERPRINT_WORDS = 8  # 96 bits
LONGEST = 4096  # bytes of a file that holds one line
PRIME = (1 << 255) - 19  # a public half is a number below it (RFC 7748)

WARNING = """\
# PRIVATE. Whoever has this file can open what is sealed to it: keep it on your own computer.
# Nobody who runs a server ever needs it; give them the public line alone.
"""


def new_identity() -> Key:
    """Make the private half of a fresh identity."""
    return new_case_pair().private


def private_text(private: Key) -> str:
    """Write the file that its owner keeps."""
    return f"{WARNING}{_line(PRIVATE, private)}\n"


def public_line(public: Key) -> str:
    """Write the line that is given to whoever runs the server."""
    return _line(PUBLIC, public)


def read_private(text: str) -> Key:
    """Read a private identity.

    Raises: MalformedKeyError.
    """
    return _read(PRIVATE, text)


def read_public(text: str) -> Key:
    """Read a public line.

    Raises: ExposedIdentityError for a private one, even a damaged one; MalformedKeyError.
    """
    if PRIVATE in text:
        raise ExposedIdentityError("this is a private identity, which belongs on no other machine")
    public = _read(PUBLIC, text)
    if not _is_sound(public):
        raise MalformedKeyError("this public key would protect nothing")
    return public


def fingerprint(public: Key) -> str:
    """Give the words by which two people know that they mean the same public key."""
    digest = hashlib.sha256(b"fingerprint\0" + public.reveal()).digest()
    bits = FINGERPRINT_WORDS * words.WORD_BITS
    return words.spell(int.from_bytes(digest[: bits // 8], "big"), FINGERPRINT_WORDS)


def _line(kind: str, key: Key) -> str:
    raw = key.reveal()
    return f"{kind} {base64.urlsafe_b64encode(raw + _check(kind, raw)).decode('ascii')}"


def _check(kind: str, raw: bytes) -> bytes:
    return hashlib.sha256(kind.encode() + b"\0" + raw).digest()[:CHECK_BYTES]


def _read(kind: str, text: str) -> Key:
    """Read the one line of this kind; empty lines and those that begin with # say nothing."""
    lines = [line.split() for line in text.splitlines() if line.strip() and line[0] != "#"]
    match lines:
        case [[found, written]] if found == kind:
            return Key(_decoded(kind, written))
        case [[found, _], *_] if found in {PUBLIC, PRIVATE} and found != kind:
            raise MalformedKeyError("this is the other half of a key pair")
        case _:
            raise MalformedKeyError(f"there is not just one line that begins with {kind}")


def _decoded(kind: str, written: str) -> bytes:
    try:
        joined = base64.b64decode(written, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        joined = b""
    raw, check = joined[:KEY_BYTES], joined[KEY_BYTES:]
    if len(written) != LINE_CHARACTERS or not hmac.compare_digest(_check(kind, raw), check):
        raise MalformedKeyError("a letter of the key is wrong or missing")
    return raw


def _is_sound(public: Key) -> bool:
    """Say whether a point is written in the one way it can be, and keeps secrets at all.

    Points of small order give everybody the same secret (RFC 7748, section 6.1); the library
    refuses to agree on it.
    """
    raw = public.reveal()
    if int.from_bytes(raw, "little") >= PRIME:
        return False
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(raw))
    except ValueError:
        return False
    return True
