"""What a copy knows of itself, and the mark that the working one leaves at the service.

A mark is signed with the community's key: whoever has the bot's token alone can take it away, but
can neither make one nor silence the bot with it.
"""

from safety.standby import Lineage, Mark
from storage import counters
from storage.transaction import Transaction
from storage.vault import digests
from storage.vault.keys import KeyKind

_TERM, _LAST, _NEXT = "standby-epoch", "standby-last", "standby-next"
_FIELDS = 3  # term, number, signature


def lineage(tx: Transaction) -> Lineage:
    """Give this copy's term, and what it may have left."""
    left = {counters.value(tx, name) for name in (_LAST, _NEXT)}
    return Lineage(counters.value(tx, _TERM), frozenset(left - {0}))


def choose(tx: Transaction, seen: Mark | None, term: int) -> Mark:
    """Choose the mark to leave now. Both it and what was `seen` are known as ours from here on.

    It may or may not arrive there, so the next start must recognise either.
    """
    counters.set_value(tx, _LAST, 0 if seen is None else seen.number)
    counters.set_value(tx, _TERM, term)
    number = tx.new_id()
    counters.set_value(tx, _NEXT, number)
    return Mark(term, number)


def begin_term(tx: Transaction) -> None:
    """Let this copy, which was restored just now, overtake the one it was made from."""
    counters.next_number(tx, _TERM)


def write(tx: Transaction, mark: Mark) -> str:
    """Write a mark as the service keeps it: at most 90 characters, neutral, signed."""
    said = f"{mark.term} {mark.number:x}"
    return f"{said} {digests.signature(tx.key(KeyKind.COMMUNITY), said)}"


def read(tx: Transaction, text: str) -> Mark | None:
    """Read a mark; None where it is none, or not of this community."""
    parts = text.split(" ")
    if len(parts) != _FIELDS:
        return None
    said, signature = " ".join(parts[:2]), parts[2]
    keys = tx.keys(KeyKind.COMMUNITY)
    if not any(digests.is_signed(key, said, signature) for key in keys):
        return None
    return Mark(int(parts[0]), int(parts[1], 16))
