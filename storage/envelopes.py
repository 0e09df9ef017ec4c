"""Envelopes' rows, under the community's key: they outlive the roster, and open for nobody here.

What was written is sealed to lawyers' public keys before it gets into a row.
"""

from collections.abc import Iterable
from dataclasses import replace

from safety.envelopes import Envelope, EnvelopeSeal
from safety.keyholders import Keyholder
from safety.people import EventId, PersonId
from storage import keyholders
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.keys import Key, KeyKind
from storage.vault.sealing import unwrap, wrap

ENVELOPES: Shelf[Envelope] = Shelf(
    "envelopes", Envelope, KeyKind.COMMUNITY, "event_id", "person_id"
)


def of_person(tx: Transaction, person_id: PersonId) -> Envelope | None:
    """Give the envelope that somebody has left, or None."""
    return next(ENVELOPES.find(tx, "person_id = ?", person_id), None)


def at_event(tx: Transaction, event_id: EventId) -> list[Envelope]:
    """Give the envelopes of an event, the oldest first."""
    return sorted(ENVELOPES.find(tx, "event_id = ?", event_id), key=lambda one: one.left_at)


def remove(tx: Transaction, person_id: PersonId) -> bool:
    """Delete somebody's envelope; say whether there was one."""
    return ENVELOPES.remove(tx, "person_id = ?", person_id) > 0


def seal(envelope_id: int, text: str, holders: Iterable[Keyholder]) -> tuple[EnvelopeSeal, ...]:
    """Seal what was written to each of these lawyers."""
    content, place = text.encode(), _place(envelope_id)
    return tuple(
        EnvelopeSeal(one.id, one.public, wrap(keyholders.key_of(one), content, place))
        for one in holders
    )


def open_seal(seal: EnvelopeSeal, envelope_id: int, private: Key) -> str:
    """Give what was written to the lawyer that it was sealed to.

    Raises:
        BrokenSealError: it was sealed to somebody else, or altered.
    """
    return unwrap(private, seal.wrapped, _place(envelope_id)).decode()


def drop_seals(tx: Transaction, holder_id: int) -> int:
    """Drop what was sealed to somebody; count the envelopes that nobody else could open."""
    kept = 0
    for envelope in list(ENVELOPES.find(tx, "1 = 1")):
        others = tuple(one for one in envelope.seals if one.holder_id != holder_id)
        if others and others != envelope.seals:
            ENVELOPES.put(tx, replace(envelope, seals=others))
        kept += not others
    return kept


def _place(envelope_id: int) -> bytes:
    return b"envelope\0" + envelope_id.to_bytes(8, "big")
