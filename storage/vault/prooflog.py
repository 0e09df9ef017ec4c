"""The proof log: what was recorded cannot be changed, removed or put in later without notice.

A leaf is the salted commitment to a record's plaintext (`digests.commitment`), so a record whose
key is destroyed leaves the log valid and tells nothing. Tree and proofs follow RFC 9162, section
2.1; checkpoints are C2SP signed notes (tlog-checkpoint) with Ed25519. All functions are pure.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage.vault import verifier
from storage.vault.errors import BrokenProofError
from storage.vault.keys import Key
from storage.vault.verifier import (
    HASH_BYTES,
    Checkpoint,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
)

__all__ = [
    "EMPTY",
    "Checkpoint",
    "Frontier",
    "Tree",
    "append",
    "checkpoint_text",
    "fingerprint",
    "is_consistent",
    "is_included",
    "leaf_hash",
    "node_hash",
    "read_signed",
    "root",
    "sign",
    "sign_note",
    "verifier_key",
    "verify",
]

EMPTY_ROOT = hashlib.sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that appending needs: the size, and the roots of the full subtrees, largest first."""

    size: int
    roots: tuple[bytes, ...]

    def pack(self) -> bytes:
        """Write it as 8 bytes of size and 32 bytes for each root."""
        return self.size.to_bytes(8, "big") + b"".join(self.roots)

    @classmethod
    def unpack(cls, packed: bytes) -> "Frontier":
        """Read what `pack` wrote.

        Raises: BrokenProofError.
        """
        size = int.from_bytes(packed[:8], "big")
        if len(packed) != 8 + HASH_BYTES * size.bit_count():
            raise BrokenProofError("the stored end of the proof log is damaged")
        starts = range(8, len(packed), HASH_BYTES)
        return cls(size, tuple(packed[start : start + HASH_BYTES] for start in starts))


EMPTY = Frontier(0, ())


def append(frontier: Frontier, new_leaf_hash: bytes) -> Frontier:
    """Add a leaf at the end, in O(log n)."""
    roots, carried, rest = list(frontier.roots), new_leaf_hash, frontier.size
    while rest & 1:
        carried = node_hash(roots.pop(), carried)
        rest >>= 1
    return Frontier(frontier.size + 1, (*roots, carried))


def root(frontier: Frontier) -> bytes:
    """Compute the tree hash."""
    if not frontier.roots:
        return EMPTY_ROOT
    total = frontier.roots[-1]
    for left in reversed(frontier.roots[:-1]):
        total = node_hash(left, total)
    return total


class Tree:
    """A whole log in memory, from its leaf hashes in order: gives roots and proofs of any size.

    100,000 leaves take about 6 MB; a proof takes O(log² n).
    """

    def __init__(self, leaf_hashes: Iterable[bytes]) -> None:
        self._levels = [list(leaf_hashes)]
        while len(below := self._levels[-1]) > 1:
            pairs = zip(below[::2], below[1::2], strict=False)  # an odd one waits for its pair
            self._levels.append([node_hash(left, right) for left, right in pairs])

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._levels[0])

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The leaf hashes in order."""
        return tuple(self._levels[0])

    def root(self, size: int) -> bytes:
        """Compute the tree hash of the first `size` leaves."""
        return self._subtree(0, size) if size else EMPTY_ROOT

    def inclusion(self, leaf: int, size: int) -> tuple[bytes, ...]:
        """Prove that leaf number `leaf` (from 0) is among the first `size` (RFC 9162, 2.1.3.1).

        Raises: ValueError where there is no such leaf.
        """
        if not 0 <= leaf < size <= self.size:
            raise ValueError("no such leaf in a tree of that size")
        proof: list[bytes] = []
        start, end = 0, size
        while end - start > 1:
            middle = start + _split(end - start)
            if leaf < middle:
                proof.append(self._subtree(middle, end))
                end = middle
            else:
                proof.append(self._subtree(start, middle))
                start = middle
        return tuple(reversed(proof))

    def consistency(self, earlier: int, later: int) -> tuple[bytes, ...]:
        """Prove that the first `later` leaves begin with the first `earlier` (RFC 9162, 2.1.4.1).

        Raises: ValueError unless 0 < earlier <= later <= size.
        """
        if not 0 < earlier <= later <= self.size:
            raise ValueError("no such two sizes")
        proof: list[bytes] = []
        start, end, is_whole = 0, later, True
        while earlier < end:
            middle = start + _split(end - start)
            if earlier <= middle:
                proof.append(self._subtree(middle, end))
                end = middle
            else:
                proof.append(self._subtree(start, middle))
                start, is_whole = middle, False
        if not is_whole:
            proof.append(self._subtree(start, end))
        return tuple(reversed(proof))

    def _subtree(self, start: int, end: int) -> bytes:
        count = end - start
        if count & (count - 1) == 0:
            level = count.bit_length() - 1
            return self._levels[level][start >> level]
        middle = start + _split(count)
        return node_hash(self._subtree(start, middle), self._subtree(middle, end))


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """Write the three signed lines: origin, size, root in base64.

    Raises: ValueError where the origin is empty or has more than one line.
    """
    if not checkpoint.origin or "\n" in checkpoint.origin:
        raise ValueError("the origin of a log is one line")
    root_line = base64.b64encode(checkpoint.root).decode("ascii")
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root_line}\n"


def sign(key: Key, name: str, checkpoint: Checkpoint) -> str:
    """Sign a checkpoint as a C2SP note; `name` (no space, no plus) names the key.

    Raises: ValueError.
    """
    return sign_note(key, name, checkpoint_text(checkpoint))


def sign_note(key: Key, name: str, text: str) -> str:
    """Sign any lines of text, none of them empty, as a C2SP note.

    Raises: ValueError.
    """
    if not text.endswith("\n") or text.startswith("\n") or "\n\n" in text:
        raise ValueError("a note is made of whole lines, none of them empty")
    public = _named_public(key, name)
    private = Ed25519PrivateKey.from_private_bytes(key.reveal())
    signature = verifier.key_hash(name, public) + private.sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(signature).decode('ascii')}\n"


def read_signed(note: str, verifier_key_text: str) -> str:
    """Give the text of a note that `sign_note` signed, having checked its signature.

    Raises: BrokenProofError.
    """
    try:
        signer = verifier.read_key(verifier_key_text, "the public key")
        return verifier.read_note(note, signer, "the note")[0]
    except verifier.BrokenError as broken:
        raise BrokenProofError(verifier.describe(broken.problem, "en")) from None


def fingerprint(key: Key) -> str:
    """Give the words by which people compare the public half of a signing key by voice."""
    return verifier.fingerprint(verifier.Signer("", _public(key)))


def verifier_key(key: Key, name: str) -> str:
    """Write the public half for those who check: `name+hash+base64`, as C2SP notes have it.

    Raises: ValueError.
    """
    public = _named_public(key, name)
    encoded = base64.b64encode(verifier.ED25519_NOTE + public).decode("ascii")
    return f"{name}+{verifier.key_hash(name, public).hex()}+{encoded}"


def verify(note: str, verifier_key_text: str) -> Checkpoint:
    """Read a signed checkpoint, having checked its signature.

    Raises: BrokenProofError.
    """
    try:
        signer = verifier.read_key(verifier_key_text, "the public key")
        return verifier.read_checkpoint(note, signer, "the checkpoint")
    except verifier.BrokenError as broken:
        raise BrokenProofError(verifier.describe(broken.problem, "en")) from None


def _named_public(key: Key, name: str) -> bytes:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise ValueError("the name of a signing key has no space and no plus")
    return _public(key)


def _public(key: Key) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(key.reveal()).public_key().public_bytes_raw()


def _split(count: int) -> int:
    """Give the largest power of two below `count` (RFC 9162, 2.1.1)."""
    return 1 << (count - 1).bit_length() - 1
