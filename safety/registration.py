"""Registration: what is asked of a person, and what a decision does.

The least data: a pseudonym, needs, consent. An answer under 18 stores nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from safety.languages import Language
from safety.people import EventId, PersonId, Presence, Standing, Unprinted


class Consent(StrEnum):
    """What may be said and done if the person is detained."""

    LAWYER_ONLY = "lawyer-only"
    SAY_IT_HAPPENED = "say-it-happened"
    NAME_ME = "name-me"


@dataclass(frozen=True, slots=True, repr=False)
class Person(Unprinted):
    """One registration. `name` is a pseudonym that the person chose."""

    id: PersonId
    event_id: EventId
    standing: Standing
    presence: Presence
    group_id: int | None  # the vehicle or group they left with
    invitation_id: int
    language: Language
    name: str = ""
    needs: str | None = None
    consent: Consent = Consent.LAWYER_ONLY
    contact: str | None = None  # whom to tell if they do not get home
    contact_sentence: str | None = None  # exactly what may be said then
    words: tuple[str, str] | None = None  # the two words of the voice check
    is_minor: bool = False
    companion: str | None = None  # who answers for a minor
    registered_at: datetime | None = None
    last_seen_at: datetime | None = None  # their last check-in
    needs_help: bool = False  # answered "I need help" and nobody has confirmed otherwise
    is_unverified: bool = False  # said "safe" after an alarm, and nobody has heard their voice
