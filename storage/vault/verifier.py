"""Checks a case bundle, offline: nothing was changed, left out, put in or put elsewhere.

Copied into every bundle as `verify.py`, so it uses Python's standard library (3.9 or newer) and
nothing else, and carries its own words in three languages. The same code serves the program
itself: there is one implementation of what counts as valid.

    python3 verify.py [DIRECTORY] [--key KEY] [--checkpoint FILE] [--language en|ru|kk]

What it checks: BagIt manifests (RFC 8493); the signed list of contents; the checkpoint of the
proof log and its signature (C2SP signed note, Ed25519 of RFC 8032); that earlier checkpoints are
the beginning of the same log, and that every record is in it (RFC 9162, section 2.1); that each
evidence file is the one which its record names. A case that was opened from its seal was put
together on somebody's own computer: each of its statements is in the log, and its list of
contents is signed with a key that the log's key has certified. What it cannot know: whose key it
is. Compare the fingerprint that it prints by voice, or give the key that you were told with --key.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys
from collections.abc import Sequence  # noqa: TC003  (no second block of imports)
from pathlib import Path
from typing import NamedTuple

CHUNK_BYTES = 1 << 20
HASH_BYTES = 32
ED25519_NOTE = b"\x01"  # C2SP signed-note: signature type of Ed25519
KEY_HASH_BYTES = 4
PEM_HEAD = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: an Ed25519 public key follows

TAG_MANIFEST = "tagmanifest-sha256.txt"
MANIFEST = "manifest-sha256.txt"
BAG_FILE = "bagit.txt"
BAG_TEXT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
BAG_INFO = "bag-info.txt"
RECORDS = "data/records.jsonl"
EVIDENCE = "data/evidence/"
KEY_FILE = "data/proofs/key.txt"
KEY_PEM = "data/proofs/key.pem"
CONTENTS = "data/proofs/contents.note"
CONTENTS_SIGNATURE = "data/proofs/contents.sig"
CHECKPOINT = "data/proofs/checkpoint.note"
CHECKPOINT_SIGNATURE = "data/proofs/checkpoint.sig"
EARLIER = "data/proofs/earlier.jsonl"
INCLUSION = "data/proofs/inclusion.jsonl"
OPENER = "data/proofs/opener.note"  # only in a case that was opened from its seal
OPENER_SIGNATURE = "data/proofs/opener.sig"
OPENER_PEM = "data/proofs/opener.pem"
WHOLE = "lawyer"  # the level of export at which nothing is withheld
LEVELS = (WHOLE, "confidential", "public")
STAMP = "data/proofs/checkpoint.tsr"  # only where an authority was asked (RFC 3161)
STAMP_ROOTS = "data/proofs/timestamp-roots.pem"
UNSIGNED = frozenset({TAG_MANIFEST, MANIFEST, BAG_FILE, CONTENTS, CONTENTS_SIGNATURE})

_MANIFEST_LINE = re.compile(r"([0-9a-f]{64}) {2}([^\n\r]+)")
_NAME = re.compile(r"[^\s+]+")
_NOTE = re.compile(
    r"(?P<text>(?:[^\n]+\n)+)\n\u2014 (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/=]+)\n"
)
_CERTIFICATE = re.compile(r"[^\n]+\n(0|[1-9][0-9]*)\n([^\n]+)\n[^\n]+\n")
_CHECKPOINT = re.compile(r"([^\n]+)\n(0|[1-9][0-9]*)\n([^\n]+)\n")
_HASH = re.compile(r"[0-9a-f]{64}")


class Problem(NamedTuple):
    """One thing that is wrong: which (a key of `MESSAGES`), and where."""

    code: str
    place: str


class BrokenError(Exception):
    """A check does not hold."""

    def __init__(self, code: str, place: str) -> None:
        super().__init__(f"{code}: {place}")
        self.problem = Problem(code, place)


class Signer(NamedTuple):
    """Whose signatures count: the key's name, and its 32 public bytes."""

    name: str
    public: bytes


class Checkpoint(NamedTuple):
    """One state of one log: `origin` names the log, `root` is its RFC 9162 tree hash."""

    origin: str
    size: int
    root: bytes


class Opener(NamedTuple):
    """Whom the log's key has certified to open one sealed case of this many records."""

    signer: Signer
    records: int


class Bundle(NamedTuple):
    """A bundle on the disk: where it is, and the SHA-256 of each file by its path."""

    root: Path
    digests: dict[str, str]


def verify(
    directory: Path, trusted_key: str | None = None, known: Sequence[str] = ()
) -> tuple[Problem, ...]:
    """Check everything; give what is wrong, nothing if all is in order.

    `trusted_key` is the public key that one was told, `known` are signed checkpoints that one was
    sent before; both are optional.
    """
    try:
        bundle = Bundle(directory, _digests(directory))
        signer = _signer(bundle, trusted_key)
    except BrokenError as broken:
        return (broken.problem,)
    problems: list[Problem] = []
    for check in (_check_bag, _check_contents, _check_log, _check_records):
        try:
            check(bundle, signer)
        except BrokenError as broken:
            problems.append(broken.problem)
    for note in known:
        try:
            _check_known(bundle, signer, note)
        except BrokenError as broken:
            problems.append(broken.problem)
    return tuple(problems)


# ------------------------------------------------------------------ files and manifests


def _digests(directory: Path) -> dict[str, str]:
    if not directory.is_dir():
        raise BrokenError("missing", str(directory))
    digests: dict[str, str] = {}
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise BrokenError("extra", name)
        if path.is_file():
            digests[name] = _digest_of(path)
    return digests


def _digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK_BYTES)
            if not chunk:
                return digest.hexdigest()
            digest.update(chunk)


def _check_bag(bundle: Bundle, _signer_unused: Signer) -> None:
    if _text(bundle, BAG_FILE) != BAG_TEXT:
        raise BrokenError("malformed", BAG_FILE)
    payload = {name for name in bundle.digests if name.startswith("data/")}
    tags = set(bundle.digests) - payload - {TAG_MANIFEST}
    _compare(bundle, _manifest(bundle, TAG_MANIFEST), tags, TAG_MANIFEST)
    _compare(bundle, _manifest(bundle, MANIFEST), payload, MANIFEST)


def _manifest(bundle: Bundle, name: str) -> list[str]:
    lines = _text(bundle, name).split("\n")
    if lines.pop() != "":
        raise BrokenError("malformed", name)
    return lines


def _compare(bundle: Bundle, lines: Sequence[str], expected: set[str], place: str) -> None:
    """Hold a list of digests against the files: all of them, each once, each the same."""
    listed: set[str] = set()
    for line in lines:
        match = _MANIFEST_LINE.fullmatch(line)
        if match is None or match[2] in listed:
            raise BrokenError("malformed", place)
        listed.add(match[2])
        if match[2] not in expected:
            raise BrokenError("missing", match[2])
        if bundle.digests[match[2]] != match[1]:
            raise BrokenError("changed", match[2])
    for name in sorted(expected - listed):
        raise BrokenError("extra", name)


def _check_contents(bundle: Bundle, signer: Signer) -> None:
    opener = _opener(bundle, signer)
    signs = signer if opener is None else opener.signer
    lines = _signed_text(bundle, CONTENTS, CONTENTS_SIGNATURE, signs).split("\n")[:-1]
    _level(bundle, signer)
    is_older = not any(line.endswith(f"  {BAG_INFO}") for line in lines)  # it was unsigned once
    unsigned = UNSIGNED | ({BAG_INFO} if is_older else set())
    _compare(bundle, lines[1:], set(bundle.digests) - unsigned, CONTENTS)


def contents_title(origin: str, level: str) -> str:
    """Give the first line of the signed list of contents: whose log, and for whom it was made."""
    return f"{origin} contents" if level == WHOLE else f"{origin} contents {level}"


def _level(bundle: Bundle, signer: Signer) -> str:
    """Give for whom the bundle was made: one of `LEVELS`."""
    title = _text(bundle, CONTENTS).split("\n")[0]
    origin = read_checkpoint(_text(bundle, CHECKPOINT), signer, CHECKPOINT).origin
    for level in LEVELS:
        if title == contents_title(origin, level):
            return level
    raise BrokenError("malformed", CONTENTS)


def certificate_text(origin: str, records: int, key: str) -> str:
    """Write what the log's key signs of an opener's: whose log, how many records, which key.

    The last line lets common tools hold the key's file against it. Raises: BrokenError.
    """
    pem = key_pem(read_key(key, OPENER).public)
    digest = hashlib.sha256(pem.encode()).hexdigest()
    return f"{origin} opener\n{records}\n{key}\n{digest}  {OPENER_PEM}\n"


def _opener(bundle: Bundle, signer: Signer) -> Opener | None:
    """Give whom the log's key has certified, or nothing where no case was opened from a seal."""
    if OPENER not in bundle.digests:
        return None
    text = _signed_text(bundle, OPENER, OPENER_SIGNATURE, signer)
    match = _CERTIFICATE.fullmatch(text)
    origin = read_checkpoint(_text(bundle, CHECKPOINT), signer, CHECKPOINT).origin
    if match is None or text != certificate_text(origin, int(match[1]), match[2]):
        raise BrokenError("malformed", OPENER)
    return Opener(read_key(match[2], OPENER), int(match[1]))


# ------------------------------------------------------------------ the log


def _check_log(bundle: Bundle, signer: Signer) -> None:
    _signed_text(bundle, CHECKPOINT, CHECKPOINT_SIGNATURE, signer)
    latest = read_checkpoint(_text(bundle, CHECKPOINT), signer, CHECKPOINT)
    digest = hashlib.sha256(_bytes(bundle, CHECKPOINT)).digest()
    if STAMP in bundle.digests and digest not in _bytes(bundle, STAMP):
        raise BrokenError("not-stamped", STAMP)
    for number, row in enumerate(_rows(bundle, EARLIER), start=1):
        place = f"{EARLIER}:{number}"
        earlier = read_checkpoint(_string(row, "note", place), signer, place)
        if not is_consistent(earlier, latest, _hashes(row, "path", place)):
            raise BrokenError("inconsistent", place)


def _check_known(bundle: Bundle, signer: Signer, note: str) -> None:
    known = read_checkpoint(note, signer, "--checkpoint")
    states = [read_checkpoint(_text(bundle, CHECKPOINT), signer, CHECKPOINT)]
    states += [
        read_checkpoint(_string(row, "note", EARLIER), signer, EARLIER)
        for row in _rows(bundle, EARLIER)
    ]
    if known not in states:
        raise BrokenError("unknown-checkpoint", f"--checkpoint ({known.size})")


def _check_records(bundle: Bundle, signer: Signer) -> None:
    latest = read_checkpoint(_text(bundle, CHECKPOINT), signer, CHECKPOINT)
    paths, opener = _inclusion_paths(bundle), _opener(bundle, signer)
    ids: set[int] = set()
    files: set[str] = set()
    for number, row in enumerate(_certified_rows(bundle, signer, opener), start=1):
        place = f"{RECORDS}:{number}"
        if _whole(row, "id", place) in ids:
            raise BrokenError("malformed", place)
        ids.add(_whole(row, "id", place))
        text = _check_committed(row, place, paths, latest)
        fields = {name: value for name, value in row.items() if name != "committed"}
        if opener is None and _canonical(_parsed(text or "", place)) != _canonical(fields):
            raise BrokenError("not-committed", place)
        files.update(_check_evidence(bundle, row, place))
    if paths:
        raise BrokenError("extra", f"{INCLUSION}: {min(paths)}")
    for name in sorted(bundle.digests):
        if name.startswith(EVIDENCE) and name not in files:
            raise BrokenError("extra", name)


def _certified_rows(
    bundle: Bundle, signer: Signer, opener: Opener | None
) -> list[dict[str, object]]:
    """Give the records, as many as must be there; only below the lawyer's level some may not."""
    rows = _rows(bundle, RECORDS)
    if opener is not None and len(rows) > opener.records:
        raise BrokenError("extra", RECORDS)
    if _level(bundle, signer) != WHOLE:
        return rows
    if opener is not None and len(rows) < opener.records:
        raise BrokenError("missing", RECORDS)
    for number, row in enumerate(rows, start=1):
        place = f"{RECORDS}:{number}"
        if _count_withheld(row, place):
            raise BrokenError("malformed", place)
    return rows


def _inclusion_paths(bundle: Bundle) -> dict[int, list[bytes]]:
    paths: dict[int, list[bytes]] = {}
    for number, row in enumerate(_rows(bundle, INCLUSION), start=1):
        place = f"{INCLUSION}:{number}"
        leaf = _whole(row, "leaf", place)
        if leaf in paths:
            raise BrokenError("malformed", place)
        paths[leaf] = _hashes(row, "path", place)
    return paths


def _check_committed(
    row: dict[str, object], place: str, paths: dict[int, list[bytes]], latest: Checkpoint
) -> str | None:
    """Recompute each commitment of a record, and find it in the log; each leaf serves once.

    Give the last committed text: the record itself, unless the case was opened from its seal;
    None where it is withheld. A withheld text leaves its commitment, of which the tree is made.
    """
    text, entries = None, _objects(row, "committed", place)
    if not entries:
        raise BrokenError("not-committed", place)
    for entry in entries:
        text, commitment = _opened(entry, place)
        leaf = _whole(entry, "leaf", place)
        path = paths.pop(leaf, None)
        if path is None or not is_included(
            leaf_hash(commitment), leaf, latest.size, path, latest.root
        ):
            raise BrokenError("not-included", place)
    return text


def _opened(entry: dict[str, object], place: str) -> tuple[str | None, bytes]:
    """Give a committed text, or None where it is withheld, and its commitment."""
    if "commitment" in entry:
        if "text" in entry or "salt" in entry:
            raise BrokenError("malformed", place)
        return None, _hash(entry["commitment"], place)
    text = _string(entry, "text", place)
    salt = _hash(_string(entry, "salt", place), place)
    return text, hashlib.sha256(salt + text.encode("utf-8", "replace")).digest()


def _count_withheld(row: dict[str, object], place: str) -> int:
    return sum("commitment" in entry for entry in _objects(row, "committed", place))


def _check_evidence(bundle: Bundle, row: dict[str, object], place: str) -> set[str]:
    files: set[str] = set()
    for item in _files_of(row, place):
        name = EVIDENCE + _string(item, "file", place)
        if name not in bundle.digests:
            raise BrokenError("missing", name)
        size = (bundle.root / name).stat().st_size
        digest = _string(item, "sha256", place)
        if bundle.digests[name] != digest or size != _whole(item, "size", place):
            raise BrokenError("changed", name)
        files.add(name)
    return files


def _files_of(row: dict[str, object], place: str) -> list[dict[str, object]]:
    """Give what names a file in a record: originals, and clean copies of pictures."""
    evidence = _objects(row, "evidence", place)
    found = [item for item in evidence if "file" in item]
    for item in evidence:
        if "clean" in item:
            found += _objects({"clean": [item["clean"]]}, "clean", place)
    return found


# ------------------------------------------------------------------ RFC 9162: trees of hashes


def leaf_hash(leaf: bytes) -> bytes:
    """Hash a leaf (RFC 9162, 2.1.1: prefix 0x00)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash an inner node (RFC 9162, 2.1.1: prefix 0x01)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


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


def _walk(earlier: Checkpoint, later: Checkpoint, path: Sequence[bytes]) -> bool:
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


# ------------------------------------------------------------------ C2SP: signed notes


def read_key(verifier: str, place: str) -> Signer:
    """Read a public key as C2SP notes write it: `name+hash+base64`.

    Raises: BrokenError.
    """
    name, _, rest = verifier.partition("+")
    hashed, _, encoded = rest.partition("+")
    typed = _base64(encoded, place)
    public = typed[1:]
    if typed[:1] != ED25519_NOTE or len(public) != HASH_BYTES or not _NAME.fullmatch(name):
        raise BrokenError("malformed", place)
    if key_hash(name, public).hex() != hashed:
        raise BrokenError("malformed", place)
    return Signer(name, public)


def key_hash(name: str, public: bytes) -> bytes:
    """Compute the four bytes that say which key signed (C2SP signed-note)."""
    digest = hashlib.sha256(name.encode() + b"\n" + ED25519_NOTE + public).digest()
    return digest[:KEY_HASH_BYTES]


def read_note(note: str, signer: Signer, place: str) -> tuple[str, bytes]:
    """Give a note's text, its signature checked, and the 64 bytes of the signature.

    Raises: BrokenError.
    """
    match = _NOTE.fullmatch(note)
    if match is None:
        raise BrokenError("malformed", place)
    signature = _base64(match["signature"], place)
    mark = key_hash(signer.name, signer.public)
    if match["name"] != signer.name or signature[:KEY_HASH_BYTES] != mark:
        raise BrokenError("foreign-signature", place)
    if not is_signed(signer.public, _encoded(match["text"]), signature[KEY_HASH_BYTES:]):
        raise BrokenError("wrong-signature", place)
    return match["text"], signature[KEY_HASH_BYTES:]


def read_checkpoint(note: str, signer: Signer, place: str) -> Checkpoint:
    """Read a signed checkpoint of a log.

    Raises: BrokenError.
    """
    text, _ = read_note(note, signer, place)
    match = _CHECKPOINT.fullmatch(text)
    if match is None:
        raise BrokenError("malformed", place)
    return Checkpoint(match[1], int(match[2]), _base64(match[3], place))


def fingerprint(signer: Signer) -> str:
    """Give 128 bits of the public key's SHA-256 in groups of four, to be compared by voice."""
    digits = hashlib.sha256(signer.public).hexdigest()[:32]
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def key_pem(public: bytes) -> str:
    """Write a public key as OpenSSL reads it."""
    encoded = base64.b64encode(PEM_HEAD + public).decode("ascii")
    return f"-----BEGIN PUBLIC KEY-----\n{encoded}\n-----END PUBLIC KEY-----\n"


def _signer(bundle: Bundle, trusted_key: str | None) -> Signer:
    stated = _text(bundle, KEY_FILE)
    if trusted_key is not None and stated != trusted_key.strip() + "\n":
        raise BrokenError("untrusted-key", KEY_FILE)
    signer = read_key(stated[:-1], KEY_FILE)
    if stated[-1:] != "\n":
        raise BrokenError("malformed", KEY_FILE)
    if _text(bundle, KEY_PEM) != key_pem(signer.public):
        raise BrokenError("malformed", KEY_PEM)
    return signer


def _signed_text(bundle: Bundle, name: str, signature_name: str, signer: Signer) -> str:
    text, signature = read_note(_text(bundle, name), signer, name)
    if _bytes(bundle, signature_name) != signature:
        raise BrokenError("changed", signature_name)
    return text


# ------------------------------------------------------------------ RFC 8032: Ed25519

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)  # a square root of -1
_Point = tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z, x*y = T/Z


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Check an Ed25519 signature (RFC 8032, 5.1.7): 32 bytes, any bytes, 64 bytes."""
    if len(public) != 32 or len(signature) != 64:  # noqa: PLR2004  (lengths of the standard)
        return False
    scalar = int.from_bytes(signature[32:], "little")
    key, point = _decompressed(public), _decompressed(signature[:32])
    if key is None or point is None or scalar >= _L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % _L
    return _is_same(_multiplied(scalar, _base()), _added(point, _multiplied(challenge, key)))


def _base() -> _Point:
    y = 4 * pow(5, -1, _P) % _P
    x = _x_of(y, 0)
    if x is None:
        raise ArithmeticError
    return x, y, 1, x * y % _P


def _x_of(y: int, sign: int) -> int | None:
    """Find x on the curve for y, or nothing (RFC 8032, 5.1.3)."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    if square == 0:
        return None if sign else 0
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P:
        return None
    return _P - x if x & 1 != sign else x


def _decompressed(encoded: bytes) -> _Point | None:
    number = int.from_bytes(encoded, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    if y >= _P:
        return None
    x = _x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


def _added(one: _Point, other: _Point) -> _Point:
    """Add two points (RFC 8032, 5.1.4)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _multiplied(factor: int, point: _Point) -> _Point:
    total: _Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            total = _added(total, point)
        point = _added(point, point)
        factor >>= 1
    return total


def _is_same(one: _Point, other: _Point) -> bool:
    return (one[0] * other[2] - other[0] * one[2]) % _P == 0 and (
        one[1] * other[2] - other[1] * one[2]
    ) % _P == 0


# ------------------------------------------------------------------ reading, strictly


def _bytes(bundle: Bundle, name: str) -> bytes:
    if name not in bundle.digests:
        raise BrokenError("missing", name)
    return (bundle.root / name).read_bytes()


def _text(bundle: Bundle, name: str) -> str:
    try:
        return _bytes(bundle, name).decode("utf-8")
    except UnicodeDecodeError:
        raise BrokenError("malformed", name) from None


def _rows(bundle: Bundle, name: str) -> list[dict[str, object]]:
    lines = _text(bundle, name).split("\n")
    if lines.pop() != "":
        raise BrokenError("malformed", name)
    return [_parsed(line, f"{name}:{number}") for number, line in enumerate(lines, start=1)]


def _parsed(text: str, place: str) -> dict[str, object]:
    try:
        value: object = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise BrokenError("malformed", place) from None
    if not isinstance(value, dict):
        raise BrokenError("malformed", place)
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _string(row: dict[str, object], name: str, place: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise BrokenError("malformed", place)
    return value


def _whole(row: dict[str, object], name: str, place: str) -> int:
    value = row.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BrokenError("malformed", place)
    return value


def _objects(row: dict[str, object], name: str, place: str) -> list[dict[str, object]]:
    values = row.get(name, [])
    if not isinstance(values, list):
        raise BrokenError("malformed", place)
    for value in values:
        if not isinstance(value, dict):
            raise BrokenError("malformed", place)
    return values


def _hashes(row: dict[str, object], name: str, place: str) -> list[bytes]:
    values = row.get(name)
    if not isinstance(values, list):
        raise BrokenError("malformed", place)
    return [_hash(value, place) for value in values]


def _hash(value: object, place: str) -> bytes:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise BrokenError("malformed", place)
    return bytes.fromhex(value)


def _base64(encoded: str, place: str) -> bytes:
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise BrokenError("malformed", place) from None
    if base64.b64encode(decoded).decode("ascii") != encoded:
        raise BrokenError("malformed", place)
    return decoded


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


# ------------------------------------------------------------------ words, in three languages

LANGUAGES = ("en", "ru", "kk")
MESSAGES: dict[str, tuple[str, str, str]] = {
    "in-order": (
        "Everything is in order: {records} records, {files} files.",
        "Всё в порядке: записей {records}, файлов {files}.",
        "Бәрі дұрыс: жазба — {records}, файл — {files}.",
    ),
    "opened": (
        "Opened from its seal by a keyholder, and put together there: each statement is logged.",
        "Открыто из-под печати владельцем ключа и составлено у него: журнал знает каждую фразу.",
        "Мөрден кілт иесі ашып, өзінде құрастырған: әр мәлімет журналда бар.",
    ),
    "confidential": (
        "A confidential submission: {place} statements are withheld, and proved to be there.",
        "Закрытое обращение: утверждений не показано — {place}; что они были, доказано.",
        "Жабық өтініш: көрсетілмеген мәлімет — {place}; болғаны дәлелденген.",
    ),
    "public": (
        "For the public: {place} statements are withheld, and proved to be there.",
        "Для всех: утверждений не показано — {place}; что они были, доказано.",
        "Көпшілік үшін: көрсетілмеген мәлімет — {place}; болғаны дәлелденген.",
    ),
    "stamped": (
        "A time stamp of this checkpoint is there; OpenSSL checks it, see READ-ME: {place}",
        "Есть метка времени этой контрольной точки; её проверяет OpenSSL, см. READ-ME: {place}",
        "Осы бақылау нүктесінің уақыт белгісі бар; оны OpenSSL тексереді, READ-ME: {place}",
    ),
    "not-stamped": (
        "The time stamp is of something else: {place}",
        "Метка времени относится к чему-то другому: {place}",
        "Уақыт белгісі басқа нәрсеге қойылған: {place}",
    ),
    "fingerprint": (
        "Fingerprint of the key, to be compared by voice: {place}",
        "Отпечаток ключа, сверьте его голосом: {place}",
        "Кілттің таңбасы, дауыспен салыстырыңыз: {place}",
    ),
    "missing": ("Missing: {place}", "Отсутствует: {place}", "Жоқ: {place}"),
    "changed": ("Changed: {place}", "Изменено: {place}", "Өзгертілген: {place}"),
    "extra": (
        "Does not belong here: {place}",
        "Лишнее, сюда не относится: {place}",
        "Артық, мұнда болмауы керек: {place}",
    ),
    "malformed": (
        "Not written as it must be: {place}",
        "Записано не по правилам: {place}",
        "Ережеге сай жазылмаған: {place}",
    ),
    "untrusted-key": (
        "Signed with another key than the one you gave: {place}",
        "Подписано не тем ключом, который вы указали: {place}",
        "Сіз көрсеткен кілтпен емес, басқа кілтпен қол қойылған: {place}",
    ),
    "foreign-signature": (
        "Signed by someone else: {place}",
        "Подписано кем-то другим: {place}",
        "Басқа біреу қол қойған: {place}",
    ),
    "wrong-signature": (
        "The signature is wrong: {place}",
        "Подпись неверна: {place}",
        "Қолтаңба дұрыс емес: {place}",
    ),
    "inconsistent": (
        "The log is not a continuation of an earlier one: {place}",
        "Журнал не является продолжением более раннего: {place}",
        "Журнал бұрынғысының жалғасы емес: {place}",
    ),
    "unknown-checkpoint": (
        "The checkpoint that you were sent is not one of this log's: {place}",
        "Присланной вам контрольной точки в этом журнале нет: {place}",
        "Сізге жіберілген бақылау нүктесі бұл журналда жоқ: {place}",
    ),
    "not-included": (
        "A record is not in the signed log: {place}",
        "Записи нет в подписанном журнале: {place}",
        "Жазба қол қойылған журналда жоқ: {place}",
    ),
    "not-committed": (
        "A record is not what was put into the log: {place}",
        "Запись не совпадает с внесённой в журнал: {place}",
        "Жазба журналға енгізілгенмен сәйкес емес: {place}",
    ),
}


def describe(problem: Problem, language: str) -> str:
    """Say what is wrong, in English ("en"), Russian ("ru") or Kazakh ("kk")."""
    return _say(problem.code, language, place=problem.place)


def _say(code: str, language: str, **values: object) -> str:
    return MESSAGES[code][LANGUAGES.index(language)].format(**values)


def main(arguments: Sequence[str]) -> int:
    """Check the bundle in which this file lies, or another; give 0 in order, 1 not in order."""
    parser = argparse.ArgumentParser(description="Checks a case bundle, offline.")
    parser.add_argument("directory", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--key", help="the public key that you were told")
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint that you were sent before")
    parser.add_argument("--language", choices=LANGUAGES, help="else all three")
    asked = parser.parse_args(arguments)
    languages = LANGUAGES if asked.language is None else (asked.language,)
    known = () if asked.checkpoint is None else (asked.checkpoint.read_text(encoding="utf-8"),)
    problems = verify(asked.directory, asked.key, known)
    lines = [describe(problem, language) for problem in problems for language in languages]
    if not problems:
        lines = _good_news(asked.directory, languages)
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if problems else 0


def said_of_level(directory: Path, languages: Sequence[str]) -> list[str]:
    """Say for whom a bundle that is in order was made, and how much it withholds, if any."""
    bundle = Bundle(directory, _digests(directory))
    level = _level(bundle, _signer(bundle, None))
    withheld = sum(_count_withheld(row, RECORDS) for row in _rows(bundle, RECORDS))
    if level == WHOLE:
        return []
    return [_say(level, each, place=withheld) for each in languages]


def _good_news(directory: Path, languages: Sequence[str]) -> list[str]:
    bundle = Bundle(directory, _digests(directory))
    records, files = len(_rows(bundle, RECORDS)), len(bundle.digests)
    lines = [_say("in-order", each, records=records, files=files) for each in languages]
    signer = _signer(bundle, None)
    if _opener(bundle, signer) is not None:
        lines += [_say("opened", each) for each in languages]
    lines += said_of_level(directory, languages)
    if STAMP in bundle.digests:
        lines += [_say("stamped", each, place=STAMP) for each in languages]
    mark = fingerprint(signer)
    return lines + [_say("fingerprint", each, place=mark) for each in languages]


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main(sys.argv[1:]))
