"""An event: a neutral title, a city, a time in its own zone, and a life with a stated end."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from typing_extensions import override

from safety.decisions import Decision
from safety.errors import RefusalError
from safety.languages import Language
from safety.legalhold import LegalHold
from safety.notices import Lane, Notice, notice
from safety.people import EventId, TeamId, Unprinted
from safety.proposals import Intent, intent
from safety.timers import AfterPause, timer

BEFORE = timedelta(days=1)  # an event is "on" from a day before its start …
AFTER = timedelta(days=1)  # … to a day after its end; then aftercare
POSTPONED = timedelta(days=30)  # at most; what is kept of people counts from the end
LIVE_EVENTS = 32  # at once; each costs a look-up for every update
LARGEST = 1_000  # people
MIN_DIGITS = 3  # of a telephone number
_NUMBER = re.compile(r"\+?[0-9][0-9 ()-]{2,24}", re.ASCII)


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
    cancelled_at: datetime | None = None
    legal_hold: LegalHold | None = None
    decision: Decision | None = None  # the one in force: go, hold or move
    is_decision_asked: bool = False  # the organizers were reminded that there is none
    first_ends_at: datetime | None = None  # as first planned; None: as it is

    @property
    def over_at(self) -> datetime:
        """Give its end, from which lives count: as planned, or the moment it was called off."""
        return self.ends_at if self.cancelled_at is None else min(self.ends_at, self.cancelled_at)

    @property
    def tzinfo(self) -> ZoneInfo:
        """Give the zone in which people read this event's times."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True, repr=False)
class Plan(Unprinted):
    """What an organizer says of a new event; moments are aware UTC."""

    title: str
    city: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    language: Language
    voice_number: str


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


def moved(event: Event, starts_at: datetime, ends_at: datetime) -> Event:
    """Give the event at another time, not for ever later: how long its people are known follows.

    Raises:
        RefusalError: it would end too long after the end that was planned first.
    """
    first_ends_at = event.first_ends_at or event.ends_at
    if ends_at > first_ends_at + POSTPONED:
        raise RefusalError("event-postponed", days=POSTPONED.days)
    return replace(event, starts_at=starts_at, ends_at=ends_at, first_ends_at=first_ends_at)


def read_capacity(typed: str) -> int:
    """Read how many people there is room for.

    Raises:
        RefusalError: it is no number, or none that makes sense.
    """
    if not (typed.isascii() and typed.isdigit()) or not 1 <= int(typed) <= LARGEST:
        raise RefusalError("event-capacity-unreadable")
    return int(typed)


def read_number(typed: str) -> str:
    """Read a telephone number.

    Raises:
        RefusalError: it does not look like one.
    """
    if not _NUMBER.fullmatch(typed) or sum(sign.isdigit() for sign in typed) < MIN_DIGITS:
        raise RefusalError("event-number-unreadable")
    return typed


# ---------------------------------------------------------------- what takes two


@intent
@dataclass(frozen=True, slots=True, repr=False)
class AllowMinors(Intent):
    """Let people under 18 register, each with a companion; or no longer. Two organizers."""

    event_id: EventId
    allows: bool


# ---------------------------------------------------------------- timers


@timer
@dataclass(frozen=True, slots=True, repr=False)
class TellNews(AfterPause):
    """The next ones, beyond `after`, of those who count on an event: it has changed, or is off."""

    event_id: EventId
    after: int = 0

    @override
    def key(self) -> str:
        return f"event-news:{self.event_id}"


# ---------------------------------------------------------------- notices


@notice
@dataclass(frozen=True, slots=True, repr=False)
class EventScreen(Notice):
    """One event in numbers; the one that is on or next where `event_id` is None."""

    stays = timedelta(minutes=30)

    event_id: EventId | None = None


@notice
@dataclass(frozen=True, slots=True, repr=False)
class EventChange(Notice):
    """What can be changed of an event."""

    stays = timedelta(minutes=30)

    event_id: EventId


@notice
@dataclass(frozen=True, slots=True, repr=False)
class EventList(Notice):
    """The other events that are open; `event_id` is the one that was looked at."""

    stays = timedelta(minutes=30)

    event_id: EventId
    page: int = 0


@notice
@dataclass(frozen=True, slots=True, repr=False)
class EventCancelQuestion(Notice):
    """Asks once more before an event is cancelled."""

    stays = timedelta(minutes=30)

    event_id: EventId


@notice
@dataclass(frozen=True, slots=True, repr=False)
class EventNews(Notice):
    """Tells whoever counts on an event that its time has changed, or that there will be none."""

    lane = Lane.HOLD
    replaces = True

    event_id: EventId

    @override
    def card(self) -> str | None:
        return f"event-news:{self.event_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class NumberNews(Notice):
    """Tells the team that one of them has changed whom everybody calls in trouble, and who."""

    lane = Lane.HOLD

    event_id: EventId
    by: str
