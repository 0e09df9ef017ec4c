"""Closed cases, sealed under the community's key: to whom each was sealed, and since when."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from safety.closing import CaseSeal, ClosedCase
from safety.keyholders import Keyholder
from safety.people import EventId
from storage import casekeys, keyholders
from storage.moments import to_row
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.keys import Key, KeyKind
from storage.vault.sealing import unwrap, wrap

CLOSED: Shelf[ClosedCase] = Shelf("closed_cases", ClosedCase, KeyKind.COMMUNITY, "closed_at")


def get(tx: Transaction, event_id: EventId) -> ClosedCase | None:
    """Give a closed case, or None while it is open."""
    return CLOSED.get(tx, event_id)


def is_closed(tx: Transaction, event_id: EventId | None) -> bool:
    """Say whether an event's case is closed; what happens without an event never is."""
    return event_id is not None and CLOSED.count(tx, "id = ?", event_id) > 0


def closed_before(tx: Transaction, moment: datetime) -> list[ClosedCase]:
    """Give the cases that were closed earlier."""
    return list(CLOSED.find(tx, "closed_at < ?", to_row(moment)))


def seal_to(
    tx: Transaction, event_id: EventId, holders: Iterable[Keyholder]
) -> tuple[CaseSeal, ...]:
    """Seal the reading half of a case's key to each of these people.

    Raises:
        LockedError: it is not in memory.
    """
    private, place = casekeys.private(tx, event_id).reveal(), _place(event_id)
    return tuple(
        CaseSeal(
            holder.id,
            holder.role,
            holder.name,
            holder.public,
            wrap(keyholders.key_of(holder), private, place),
        )
        for holder in holders
    )


def open_seal(seal: CaseSeal, event_id: EventId, private: Key) -> Key:
    """Give the reading half of a case's key to the keyholder that it was sealed to.

    Raises:
        BrokenSealError: it was sealed to somebody else, or for another case.
    """
    return Key(unwrap(private, seal.wrapped, _place(event_id)))


def close(tx: Transaction, case: ClosedCase) -> None:
    """Keep the seals, and destroy the reading half here: right after the commit, for good."""
    CLOSED.put(tx, case)
    tx.destroy_keys(case.id, KeyKind.CASE_PRIVATE)


def drop_seals(tx: Transaction, holder_id: int) -> int:
    """Drop what was sealed to somebody; count the cases that nobody else could open, and stay."""
    kept = 0
    for case in list(CLOSED.find(tx, "1 = 1")):
        others = tuple(seal for seal in case.seals if seal.holder_id != holder_id)
        if others and others != case.seals:
            CLOSED.put(tx, replace(case, seals=others))
        kept += not others
    return kept


def checkpoints(tx: Transaction) -> list[str]:
    """Give the checkpoints that were sent out at closings, the oldest first."""
    found = (case.checkpoint for case in CLOSED.find(tx, "1 = 1 ORDER BY closed_at"))
    return [note for note in found if note is not None]


def _place(event_id: EventId) -> bytes:
    return b"closed case\0" + event_id.to_bytes(8, "big")
