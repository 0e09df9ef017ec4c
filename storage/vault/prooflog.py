"""The proof log: what was recorded cannot be changed, removed or put in later without notice.

A leaf is the salted commitment to a record's plaintext (`digests.commitment`), so a record whose
key is destroyed leaves the log valid and tells nothing. Tree and proofs follow RFC 9162, section
2.1; checkpoints are C2SP signed notes (tlog-checkpoint) with Ed25519. All functions are pure.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from storage.vault.errors import BrokenProofError
from storage.vault.keys import Key

HASH_BYTES = 32
ED25519_NOTE = b"\x01"  # C2SP signed-note: signature type of Ed25519
KEY_HASH_BYTES = 4
EMPTY_ROOT = hashlib.sha256(b"").digest()
_NAME = re.compile(r"[^\s+]+")
_NOTE = re.compile(
    r"(?P<text>(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]*)\n(?P<root>[^\n]+)\n)"
    r"\n— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/=]+)\n"
)


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


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One state of one log: `origin` names the log, `root` is its RFC 9162 tree hash."""

    origin: str
    size: int
    root: bytes


def leaf_hash(leaf: bytes) -> bytes:
    """Hash a leaf (RFC 9162, 2.1.1: prefix 0x00)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash an inner node (RFC 9162, 2.1.1: prefix 0x01)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


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


def is_included(
    leaf: bytes, number: int, size: int, proof: Sequence[bytes], tree_root: bytes
) -> bool:
    """Check an inclusion proof for a leaf hash (RFC 9162, 2.1.3.2)."""
    if not 0 <= number < size:
        return False
    here, last, total = number, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            total = node_hash(sibling, total)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            total = node_hash(total, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and total == tree_root


def is_consistent(earlier: Checkpoint, later: Checkpoint, proof: Sequence[bytes]) -> bool:
    """Check that the log of `later` begins with the log of `earlier` (RFC 9162, 2.1.4.2)."""
    if earlier.origin != later.origin or not 0 < earlier.size <= later.size:
        return False
    if earlier.size == later.size:
        return not proof and earlier.root == later.root
    path = list(proof)
    if earlier.size & (earlier.size - 1) == 0:
        path.insert(0, earlier.root)
    return bool(path) and _walk(earlier, later, path)


def _walk(earlier: Checkpoint, later: Checkpoint, path: list[bytes]) -> bool:
    here, last = earlier.size - 1, later.size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and old == earlier.root and new == later.root


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
    text = checkpoint_text(checkpoint)
    private = Ed25519PrivateKey.from_private_bytes(key.reveal())
    public = private.public_key().public_bytes_raw()
    signature = key_hash(name, public) + private.sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(signature).decode('ascii')}\n"


def verifier_key(key: Key, name: str) -> str:
    """Write the public half for those who check: `name+hash+base64`, as C2SP notes have it."""
    public = Ed25519PrivateKey.from_private_bytes(key.reveal()).public_key().public_bytes_raw()
    encoded = base64.b64encode(ED25519_NOTE + public).decode("ascii")
    return f"{name}+{key_hash(name, public).hex()}+{encoded}"


def verify(note: str, verifier: str) -> Checkpoint:
    """Read a signed checkpoint, having checked its signature.

    Raises: BrokenProofError.
    """
    name, public = _read_verifier(verifier)
    match = _NOTE.fullmatch(note)
    if match is None:
        raise BrokenProofError("the checkpoint is not a signed note")
    signature = _decode(match["signature"])
    if match["name"] != name or signature[:KEY_HASH_BYTES] != key_hash(name, public):
        raise BrokenProofError("the checkpoint is signed with another key")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(
            signature[KEY_HASH_BYTES:], match["text"].encode()
        )
    except InvalidSignature:
        raise BrokenProofError("the checkpoint's signature is wrong") from None
    return Checkpoint(match["origin"], int(match["size"]), _decode(match["root"]))


def key_hash(name: str, public: bytes) -> bytes:
    """Compute the four bytes that say which key signed (C2SP signed-note).

    Raises: ValueError where the name has a space or a plus.
    """
    if not _NAME.fullmatch(name):
        raise ValueError("the name of a signing key has no space and no plus")
    digest = hashlib.sha256(name.encode() + b"\n" + ED25519_NOTE + public).digest()
    return digest[:KEY_HASH_BYTES]


def _read_verifier(verifier: str) -> tuple[str, bytes]:
    name, _, rest = verifier.partition("+")
    hashed, _, encoded = rest.partition("+")
    typed = _decode(encoded)
    public = typed[1:]
    if typed[:1] != ED25519_NOTE or len(public) != HASH_BYTES:
        raise BrokenProofError("the public key is not an Ed25519 one")
    if not _NAME.fullmatch(name) or key_hash(name, public).hex() != hashed:
        raise BrokenProofError("the public key is damaged")
    return name, public


def _decode(encoded: str) -> bytes:
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise BrokenProofError("a proof is not well written") from None
    if base64.b64encode(decoded).decode("ascii") != encoded:
        raise BrokenProofError("a proof is not well written")
    return decoded


def _split(count: int) -> int:
    """Give the largest power of two below `count` (RFC 9162, 2.1.1)."""
    return 1 << (count - 1).bit_length() - 1
