"""A place that somebody sends stands still, or moves for as long as they share it (ADR-0034).

What stands still leaves the chat as soon as it is sealed. What moves is followed position by
position until whoever sends it stops, or its time is over: deleting the message earlier would end
the sharing, and leave a running person to send it again.
"""

from dataclasses import dataclass
from datetime import datetime

from safety.alarms import Place
from safety.notices import STAYS
from safety.people import EventId, Unprinted

MOST_POSITIONS = 2_000  # of one place that is followed with a report; a call has no bound
_TAG = "live"


@dataclass(frozen=True, slots=True, repr=False)
class SentPlace(Unprinted):
    """One message with a place, or a later position of one.

    `shared_until`: it is live, and lives until then. `words`: what the place is called there.
    """

    place: Place
    message_id: int
    is_move: bool = False
    shared_until: datetime | None = None
    words: str = ""

    @property
    def written(self) -> str:
        """Write it as entries do: degrees of latitude and longitude."""
        latitude, longitude = self.place
        return f"{latitude:.6f},{longitude:.6f}"

    def leaves_at(self, now: datetime) -> datetime | None:
        """Say until when its message stays: never longer than it can be deleted; None: no more."""
        if self.shared_until is None or self.shared_until <= now:
            return None
        return min(self.shared_until, now + STAYS)


@dataclass(frozen=True, slots=True)
class Followed:
    """With what a live place is kept: the subject of its facts; and how much came of it."""

    subject_id: int
    event_id: EventId | None
    positions: int = 0

    @property
    def tag(self) -> str:
        """Name it beside its message."""
        return f"{_TAG}:{self.subject_id}:{self.positions}"


def read_tag(tag: str | None, event_id: EventId | None) -> Followed | None:
    """Read what stands beside a message; None where that is no place that is followed."""
    match (tag or "").split(":"):
        case [name, subject_id, positions] if name == _TAG:
            return Followed(int(subject_id), event_id, int(positions))
        case _:
            return None
