"""The proof log as rows: leaves are only ever appended, and each commit that adds some is signed.

Whoever holds an earlier checkpoint can check that nothing before it was changed, removed or put in
later. A leaf tells nothing: it is a salted commitment, and the salt stays in the sealed record.
"""

from datetime import datetime

from storage import counters
from storage.moments import to_row
from storage.transaction import Transaction
from storage.vault import prooflog
from storage.vault.keys import Key, KeyKind
from storage.vault.prooflog import Checkpoint, Frontier, Tree

KEY_NAME = "log-1"  # neutral: it may stand in a chat
_ORIGIN = "log-origin"


def append(tx: Transaction, now: datetime, leaf: bytes) -> int:
    """Add a commitment at the end of the log; give its number, counted from 0."""
    frontier = _frontier(tx)
    hashed = prooflog.leaf_hash(leaf)
    if frontier.size == 0:
        counters.set_value(tx, _ORIGIN, tx.new_id())
    tx.run("INSERT INTO proof_leaves (number, hash) VALUES (?, ?)", frontier.size, hashed)
    tx.run(
        "INSERT INTO proof_frontier (id, packed) VALUES (1, ?) "
        "ON CONFLICT (id) DO UPDATE SET packed = excluded.packed",
        prooflog.append(frontier, hashed).pack(),
    )
    tx.effects.proves = now
    return frontier.size


def origin(tx: Transaction) -> str:
    """Give the log's name in its checkpoints: one that no other installation has."""
    return f"log/{counters.value(tx, _ORIGIN):014x}"


def sign_checkpoint(tx: Transaction, now: datetime) -> None:
    """Sign the log as it stands; called once for each group of transactions, before its commit."""
    frontier = _frontier(tx)
    checkpoint = Checkpoint(origin(tx), frontier.size, prooflog.root(frontier))
    note = prooflog.sign(signing_key(tx), KEY_NAME, checkpoint)
    tx.run(
        "INSERT OR REPLACE INTO checkpoints (size, note, at) VALUES (?, ?, ?)",
        frontier.size,
        note,
        to_row(now),
    )


def forget_checkpoints(tx: Transaction, before: datetime) -> None:
    """Drop the checkpoints signed earlier; the newest always stays."""
    sql = "DELETE FROM checkpoints WHERE at < ? AND size < (SELECT MAX(size) FROM checkpoints)"
    tx.run(sql, to_row(before))


def size(tx: Transaction) -> int:
    """Count the leaves."""
    return _frontier(tx).size


def latest_note(tx: Transaction) -> str | None:
    """Give the newest signed checkpoint as a C2SP note, or None if nothing was ever recorded."""
    row = tx.one(tuple[str], "SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1")
    return None if row is None else row[0]


def note_of_size(tx: Transaction, leaves: int) -> str | None:
    """Give the checkpoint that was signed when the log had this many leaves, or None."""
    row = tx.one(tuple[str], "SELECT note FROM checkpoints WHERE size = ?", leaves)
    return None if row is None else row[0]


def signing_key(tx: Transaction) -> Key:
    """Give the key that signs the log."""
    return tx.key(KeyKind.LOG_SIGNING)


def verifier_key(tx: Transaction) -> str:
    """Give the public key that checkpoints are checked with, as C2SP notes write it."""
    return prooflog.verifier_key(signing_key(tx), KEY_NAME)


def tree(tx: Transaction) -> Tree:
    """Load the whole log, for proofs (100,000 leaves: about 6 MB)."""
    rows = tx.all(tuple[bytes], "SELECT hash FROM proof_leaves ORDER BY number")
    return Tree(row[0] for row in rows)


def is_whole(tx: Transaction) -> bool:
    """Say whether leaves, end and newest checkpoint of the log say the same.

    Raises: BrokenProofError where any of them is damaged.
    """
    log, frontier, note = tree(tx), _frontier(tx), latest_note(tx)
    if note is None:
        return log.size == frontier.size == 0
    said = prooflog.verify(note, verifier_key(tx))
    return said.size == log.size and said.root == prooflog.root(frontier) == log.root(log.size)


def begins_with(tx: Transaction, note: str) -> bool:
    """Say whether the log begins with what a signed checkpoint says.

    Raises: BrokenProofError where the checkpoint is not signed by this log's key.
    """
    said = prooflog.verify(note, verifier_key(tx))
    log = tree(tx)
    return said.origin == origin(tx) and said.size <= log.size and log.root(said.size) == said.root


def is_leaf(tx: Transaction, number: int, leaf: bytes) -> bool:
    """Say whether this commitment is the leaf of that number."""
    sql = "SELECT COUNT(*) FROM proof_leaves WHERE number = ? AND hash = ?"
    return tx.number(sql, number, prooflog.leaf_hash(leaf)) > 0


def _frontier(tx: Transaction) -> Frontier:
    row = tx.one(tuple[bytes], "SELECT packed FROM proof_frontier WHERE id = 1")
    return prooflog.EMPTY if row is None else Frontier.unpack(row[0])
