"""Whether the rows are what was stored: for whoever looks, `aman doctor`, not for every start.

A blob opens in its own row and table alone, so blobs that were swapped, or rows that were moved to
another event, are found. Columns beside a blob (standing, role, state, moments) are compared with
what it says. Rows that were set back to an older state open; what is recorded is found all the
same, for the log would no longer be what was signed, or an entry would be missing.

Not found, for nothing that is sealed says it:
- how things are with somebody (presence, group, last check-in, help, unverified) where the row is
  marked as changed since, or is an earlier release's; a hold of a place; a proposed place that was
  put aside. All are changed without opening the row, also while it is locked;
- columns of queues, timers, routes and entries, besides those that a blob is bound to;
- rows without a blob: tokens, check-ins, answers, disclosures, incidents, counters and the like;
- rows that were deleted, besides entries of incidents, and rows of an event whose key is not here;
- what was sealed anew by whoever has the keys of the rows as well, besides what is recorded.
"""

from typing import Protocol

from safety.people import EventId
from storage import incidents, proofs
from storage.alarms import ALARMS
from storage.closing import CLOSED
from storage.complaints import COMPLAINTS
from storage.detentions import DETENTIONS
from storage.disclosure import VENUES
from storage.envelopes import ENVELOPES
from storage.events import EVENTS
from storage.evidence import EVIDENCE
from storage.groups import GROUPS
from storage.injuries import INJURIES
from storage.invitations import INVITATIONS
from storage.keyholders import KEYHOLDERS
from storage.people import PEOPLE
from storage.places import PLACES, Place
from storage.proposals import PROPOSALS
from storage.receipts import RECEIPTS, checkpoints
from storage.rollcalls import ROLLCALLS
from storage.secondaddresses import SECOND_ADDRESSES
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault.errors import BrokenProofError, BrokenSealError
from storage.vault.keys import Key, KeyKind
from storage.vault.sealing import open_under
from storage.wakings import WAKINGS

LOOKS = 3  # at a file that another process writes to


class _Compared(Protocol):
    """A shelf, whatever it holds."""

    table: str

    def count_altered(self, tx: Transaction) -> int: ...


OF_THE_TEAM: tuple[_Compared, ...] = (
    *(TEAM, SECOND_ADDRESSES, EVENTS, PROPOSALS, RECEIPTS, EVIDENCE, WAKINGS, COMPLAINTS, CLOSED),
    *(ENVELOPES, KEYHOLDERS),
)
OF_EVENTS: tuple[_Compared, ...] = (
    *(PEOPLE, INVITATIONS, VENUES, ALARMS, DETENTIONS, INJURIES, ROLLCALLS, GROUPS),
)
_COMPARED = frozenset(shelf.table for shelf in OF_EVENTS)


def count_altered(tx: Transaction) -> int:
    """Count the rows that do not open under the key that their place names, or do not agree
    with what stands beside them.

    What is locked, and what of a case only its people can read, is left out.
    """
    found = sum(shelf.count_altered(tx) for shelf in (*OF_THE_TEAM, *OF_EVENTS))
    for kind, places in PLACES.items():
        found += sum(_count(tx, place, kind) for place in places if place.table not in _COMPARED)
    return found + _count_timers(tx) + incidents.count_altered(tx)


def is_file_whole(tx: Transaction) -> bool:
    """Say whether every page of the file is authentic, unused ones too, and its trees are sound.

    A running bot writes pages meanwhile: one that does not fit is looked at once more.
    """
    for _ in range(LOOKS):
        if not tx.all(tuple[str], "PRAGMA cipher_integrity_check"):
            return tx.one(tuple[str], "PRAGMA integrity_check") == ("ok",)
    return False


def is_log_whole(tx: Transaction) -> bool:
    """Say whether the log is what its newest checkpoint has signed, and what receipts gave out."""
    try:
        return proofs.is_whole(tx) and all(proofs.begins_with(tx, one) for one in checkpoints(tx))
    except BrokenProofError:
        return False


def holds(tx: Transaction, note: str) -> bool:
    """Say whether the log begins with what a checkpoint that was given out has signed."""
    try:
        return proofs.begins_with(tx, note)
    except BrokenProofError:
        return False


def _count(tx: Transaction, place: Place, kind: KeyKind) -> int:
    is_of_events = kind in {KeyKind.PEOPLE, KeyKind.ROUTING}
    event_of = "event_id" if is_of_events else "NULL"
    rows = tx.all(
        tuple[int, int | None, bytes],
        f"SELECT {place.row}, {event_of}, sealed FROM {place.table} WHERE sealed IS NOT NULL",  # noqa: S608 - our names
    )
    altered = 0
    for row, event, blob in rows:
        event_id = None if event is None else EventId(event)
        mine = KeyKind.COMMUNITY if is_of_events and event is None else kind
        if tx.has_key(mine, event_id):
            altered += not _opens(tx.keys(mine, event_id), place.table, row, blob)
    return altered


def _count_timers(tx: Transaction) -> int:
    keys = tx.keys(KeyKind.COMMUNITY)
    rows = tx.all(tuple[str, bytes], "SELECT key, sealed FROM timers")
    return sum(not _opens(keys, f"timers:{key}", 0, blob) for key, blob in rows)


def _opens(keys: list[Key], table: str, row: int, blob: bytes) -> bool:
    try:
        open_under(keys, blob, table=table, row=row)
    except BrokenSealError:
        return False
    return True
