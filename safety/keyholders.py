"""Who holds a key of their own: people to whom closed cases, copies and envelopes are sealed.

A key takes effect at once, so nobody adds one silently: everybody who decides is told, with the
words of its fingerprint, which are compared by voice.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from safety.notices import Lane, Notice, notice
from safety.people import Role, Unprinted

KEY_ROLES = (Role.ORGANIZER, Role.LAWYER, Role.DEPUTY)
CASE_READERS = frozenset({Role.ORGANIZER, Role.LAWYER})  # a deputy's key opens copies, no case
NAME_LIMIT = 60  # characters


@dataclass(frozen=True, slots=True, repr=False)
class Keyholder(Unprinted):
    """One enrolled public key: 32 bytes, and the words that its owner reads aloud."""

    id: int
    role: Role
    name: str
    public: bytes
    words: str
    added_at: datetime


class KeyChange(StrEnum):
    """What is told of somebody's key."""

    ADDED = "added"
    REMOVED = "removed"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class KeyNews(Notice):
    """A key was added or removed on the server."""

    lane = Lane.HOLD

    change: KeyChange
    name: str
    role: Role
    words: str


def is_name(text: str) -> bool:
    """Say whether a keyholder can be called that: short, and nothing that does not print."""
    return 0 < len(text) <= NAME_LIMIT and text == text.strip() and text.isprintable()
