"""An event: a neutral title, a city, a time in its own zone, and a life with a stated end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from safety.languages import Language
from safety.people import EventId, TeamId, Unprinted

BEFORE = timedelta(days=1)  # an event is "on" from a day before its start …
AFTER = timedelta(days=1)  # … to a day after its end; then aftercare


class EventState(StrEnum):
    """Where an event stands."""

    OPEN = "open"
    CANCELLED = "cancelled"
    CLOSED = "closed"  # its people key is destroyed


@dataclass(frozen=True, slots=True, repr=False)
class Event(Unprinted):
    """A gathering. `starts_at` and `ends_at` are aware UTC; people read them in `zone` (IANA)."""

    id: EventId
    state: EventState
    title: str
    city: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    capacity: int  # people
    language: Language  # of announcements
    created_by: TeamId
    allows_minors: bool = False  # set by two organizers, always with a companion
    voice_number: str = ""  # whom to call when the bot does not answer

    @property
    def tzinfo(self) -> ZoneInfo:
        """Give the zone in which people read this event's times."""
        return ZoneInfo(self.zone)


def current(events: Sequence[Event], now: datetime) -> Event | None:
    """Choose the event that a word without an event means: the one that is on, else the next.

    Of several that are on, the one that starts first; of past ones, the latest.
    """
    open_ones = sorted(
        (event for event in events if event.state is EventState.OPEN),
        key=lambda event: event.starts_at,
    )
    coming = [event for event in open_ones if now < event.ends_at + AFTER]
    return coming[0] if coming else (open_ones[-1] if open_ones else None)
