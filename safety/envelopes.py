"""The lawyer's envelope: what somebody leaves for the lawyer alone, by their own choice.

A real name, a contact, a mandate. It is sealed to the lawyer's key at once; nobody else opens it,
neither organizers nor the server. It outlives the roster, for it was left for what comes after,
and ends some time after its case is closed and the lawyer was given it.
"""

from dataclasses import dataclass
from datetime import datetime

from safety.people import EventId, PersonId, Unprinted

TEXT_LIMIT = 1_500  # characters


@dataclass(frozen=True, slots=True, repr=False)
class EnvelopeSeal(Unprinted):
    """What was left, sealed to one lawyer's public key."""

    holder_id: int
    public: bytes
    wrapped: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Envelope(Unprinted):
    """One person's envelope of one event; all that can be seen of it is whose, and since when.

    `handed_at`: when it was last written into a sealed case.
    """

    id: int
    event_id: EventId
    person_id: PersonId
    left_at: datetime
    seals: tuple[EnvelopeSeal, ...]
    handed_at: datetime | None = None
