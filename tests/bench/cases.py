"""What a large file and a long log cost: an original of 256 MiB, and 100,000 incidents.

The plain copy is the same file read, written and flushed to the disk, nothing more.
"""

import asyncio
import os
import shutil
import sys
from pathlib import Path

from bot.clock import SystemClock
from storage.vault.evidence import EvidenceWriter
from storage.vault.keys import Key, public_half
from storage.vault.prooflog import Tree
from storage.vault.verifier import HASH_BYTES, is_included, leaf_hash
from tests.bench.figures import Bound, Figure

LENGTH = 256 << 20  # bytes
PIECE = 1 << 20  # bytes
ROUNDS = 5  # the best of each counts: others may be at work on the machine
LEAVES = 100_000
MOST_MEMORY = 10.0  # MiB
MOST_PROOF = 600  # bytes
MOST_SECONDS = 2.0
PUBLIC = public_half(Key(b"\x07" * 32))
_SEALS = """
import sys
from pathlib import Path
from tests.bench.cases import peak_of_sealing
print(peak_of_sealing(Path(sys.argv[1]), Path(sys.argv[2])))
"""


async def evidence(folder: Path) -> list[Figure | Bound]:
    """Seal a long original, against copying it; and what that takes of memory."""
    original = folder / "film"
    with original.open("wb") as file:
        for _ in range(LENGTH // PIECE):
            file.write(os.urandom(PIECE))
    clock, sealed, copied = SystemClock(), [], []
    for number in range(ROUNDS):
        begun = clock.monotonic()
        _copy(original, folder / f"copy-{number}")
        copied.append(clock.monotonic() - begun)
        begun = clock.monotonic()
        seal(original, folder / f"sealed-{number}")
        sealed.append(clock.monotonic() - begun)
        (folder / f"copy-{number}").unlink()
        (folder / f"sealed-{number}").unlink()
    words = [sys.executable, "-c", _SEALS, str(original), str(folder / "last")]
    child = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    peak, _ = await child.communicate()
    what = f"original of {LENGTH >> 20} MiB sealed"
    return [
        Figure(what, min(sealed), "a plain copy", min(copied)),
        Bound(f"memory of {what}", float(peak), "MiB", MOST_MEMORY),
    ]


async def log(folder: Path) -> list[Bound]:
    """Recompute the tree of a long log, and check an inclusion proof of every leaf."""
    del folder
    clock = SystemClock()
    hashes = [leaf_hash(number.to_bytes(32, "big")) for number in range(LEAVES)]
    begun = clock.monotonic()
    tree = Tree(hashes)
    root = tree.root(LEAVES)
    whole = clock.monotonic() - begun
    proofs = [tree.inclusion(number, LEAVES) for number in range(LEAVES)]
    for number, proof in enumerate(proofs):
        assert is_included(hashes[number], number, LEAVES, proof, root)
    longest = max(len(proof) for proof in proofs) * HASH_BYTES
    return [
        Bound(f"inclusion proof among {LEAVES:,}", longest, "bytes", MOST_PROOF),
        Bound(f"tree of {LEAVES:,} verified", whole, "s", MOST_SECONDS),
    ]


def seal(original: Path, target: Path) -> None:
    """Seal a file while it is read."""
    with original.open("rb") as file, EvidenceWriter(target, PUBLIC, 1) as writer:
        while piece := file.read(PIECE):
            writer.write(piece)
        writer.finish()


def peak_of_sealing(original: Path, target: Path) -> float:
    """Seal a file in this process; give by how much that raised what it keeps, at most, in MiB."""
    before = _status("VmRSS:")
    seal(original, target)
    return (_status("VmHWM:") - before) / 1024


def _copy(original: Path, target: Path) -> None:
    with original.open("rb") as source, target.open("wb") as file:
        shutil.copyfileobj(source, file, PIECE)
        file.flush()
        os.fsync(file.fileno())


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
