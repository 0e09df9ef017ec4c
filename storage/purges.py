"""The purge list: rows that are only ever added, and the signed text that goes to other places.

The text is a note (C2SP signed-note) of the key that signs the log, so that whoever restores knows
that it was not shortened, and by whom it was made.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from safety.purges import Purge, Purged, PurgeList, is_complete
from storage import proofs
from storage.moments import from_row, to_row
from storage.transaction import Transaction
from storage.vault import prooflog
from storage.vault.errors import BrokenProofError, BrokenPurgeListError
from storage.vault.keys import Key

_LINE = re.compile(r"([1-9][0-9]*) ([a-z-]+) ([1-9][0-9]*) ([0-9]+)", re.ASCII)
_TITLE = "purge list, version 2"
_TEXT = re.compile(r"purge list, version (?:1|2\n([0-9]{1,14}))\n([0-9]+)\n((?:.+\n)*)", re.ASCII)


def note(tx: Transaction, now: datetime, kind: Purged, subject_id: int) -> None:
    """Add a line, in the transaction that destroys what it speaks of."""
    put(tx, [Purge(latest(tx) + 1, kind, subject_id, now)])
    tx.effects.keeps = True


def put(tx: Transaction, purges: Sequence[Purge]) -> None:
    """Store lines that are not there yet; what they speak of leaves the log as well."""
    tx.effects.forgets = True
    for one in purges:
        tx.run(
            "INSERT OR IGNORE INTO purges (number, kind, subject_id, at) VALUES (?, ?, ?, ?)",
            one.number,
            one.kind.value,
            one.subject_id,
            to_row(one.at),
        )


def latest(tx: Transaction) -> int:
    """Give the number of the newest line, 0 where there is none."""
    return tx.number("SELECT MAX(number) FROM purges")


def every(tx: Transaction) -> list[Purge]:
    """Give all lines, the oldest first."""
    rows = tx.all(
        tuple[int, str, int, int],
        "SELECT number, kind, subject_id, at FROM purges ORDER BY number",
    )
    return [
        Purge(number, Purged(kind), subject, from_row(at)) for number, kind, subject, at in rows
    ]


def signed(tx: Transaction, now: datetime) -> str:
    """Write the whole list, as of `now`, as a signed note."""
    lines = [f"{one.number} {one.kind} {one.subject_id} {to_row(one.at)}" for one in every(tx)]
    text = "\n".join([_TITLE, str(to_row(now)), str(len(lines)), *lines]) + "\n"
    return prooflog.sign_note(proofs.signing_key(tx), proofs.KEY_NAME, text)


def read(text: str, signing_key: Key) -> PurgeList:
    """Read what `signed` wrote with the same key.

    Raises:
        BrokenPurgeListError: it was altered, cut, or made by another installation.
    """
    try:
        said = prooflog.read_signed(text, prooflog.verifier_key(signing_key, proofs.KEY_NAME))
    except BrokenProofError:
        raise BrokenPurgeListError("the purge list is altered, or belongs to others") from None
    parts = _TEXT.fullmatch(said)
    made_at, count, lines = parts.groups() if parts else (None, "", "")
    found = [_LINE.fullmatch(line) for line in lines.splitlines()]
    purges = [
        Purge(int(one[1]), Purged(one[2]), int(one[3]), from_row(int(one[4])))
        for one in found
        if one is not None and one[2] in list(Purged)
    ]
    if count != str(len(found)) or len(purges) != len(found):
        raise BrokenPurgeListError("the purge list was written by a newer program")
    if not is_complete(purges):
        raise BrokenPurgeListError("a line of the purge list is missing")
    return PurgeList(None if made_at is None else from_row(int(made_at)), purges)
