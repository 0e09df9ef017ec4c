"""A person's own reports of where they are: the later intake wins, and silence is never "safe".

*I'm safe* and *I got home* after a call for help or a detention are only words until somebody has
heard the person's voice. A report that was sent before a later one, or before a call, changes
nothing, in whatever order the service delivers.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from typing_extensions import override

from safety.events import Event
from safety.notices import SHORT_STAY, IfUnknown, Lane, Notice, notice
from safety.people import EventId, PersonId, Presence, Standing, Unprinted
from safety.registration import Situation
from safety.timers import Timer, timer

S = TypeVar("S", bound=Situation)

HOME_ROUNDS = 2  # times that people are asked whether they got home


class CheckInKind(StrEnum):
    """What a person can report."""

    ON_THE_WAY = "on-the-way"
    HERE = "here"
    SAFE = "safe"
    LEFT = "left"
    HOME = "home"


_PRESENCE = {
    CheckInKind.ON_THE_WAY: Presence.ON_THE_WAY,
    CheckInKind.HERE: Presence.HERE,
    CheckInKind.LEFT: Presence.LEFT,
    CheckInKind.HOME: Presence.HOME,
}
_CALMING = frozenset({CheckInKind.SAFE, CheckInKind.HOME})


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One report. `seq` is its place in the order of intake."""

    kind: CheckInKind
    at: datetime
    seq: int


def may_count(seq: int, latest: CheckIn | None, calls: Collection[int]) -> bool:
    """Say whether a report came after the latest one that counted and after every open call.

    `calls` are the places in the order of intake of this person's unresolved calls for help.
    """
    return (latest is None or seq > latest.seq) and all(seq > call for call in calls)


def report(person: S, check_in: CheckIn, *, has_called: bool) -> S:
    """Give the person, or only their situation, after their own report.

    `has_called`: an alarm or a detention of theirs is not closed. Whoever is taken stays taken.
    """
    if person.presence is Presence.TAKEN:
        return person
    presence = _PRESENCE.get(check_in.kind, person.presence)
    stays_in_group = presence in (Presence.LEFT, person.presence, Presence.HOME)
    changed = replace(
        person,
        presence=presence,
        last_seen_at=check_in.at,
        group_id=person.group_id if stays_in_group else None,
    )
    if check_in.kind in _CALMING and (has_called or person.needs_help):
        return replace(changed, is_unverified=True)
    return changed


def is_expected_home(person: Situation) -> bool:
    """Say whether somebody still has to be asked for: neither home nor taken."""
    return person.presence not in (Presence.HOME, Presence.TAKEN)


def overdue_since(person: Situation, event: Event, asked_after: timedelta) -> datetime:
    """Say from when on it is overdue that somebody says that they are home.

    `asked_after`: how long after the end of the event people are asked. It never is for whoever is
    home, taken, or was not approved: the last moment there is.
    """
    if person.standing is not Standing.APPROVED or not is_expected_home(person):
        return datetime.max.replace(tzinfo=UTC)
    return event.over_at + asked_after


# ---------------------------------------------------------------- timers


@timer
@dataclass(frozen=True, slots=True, repr=False)
class AskHome(Timer):
    """After the end: everybody who is not home is asked, beyond the person `after`."""

    event_id: EventId
    round: int = 1
    after: int = 0

    @override
    def key(self) -> str:
        return f"ask-home:{self.event_id}"

    @override
    def is_pause(self) -> bool:
        return self.round > 1 or self.after > 0


@timer
@dataclass(frozen=True, slots=True, repr=False)
class AskHowAreYou(Timer):
    """The third day: everybody is asked, beyond the person `after`."""

    event_id: EventId
    after: int = 0

    @override
    def key(self) -> str:
        return f"how-are-you:{self.event_id}"

    @override
    def is_pause(self) -> bool:
        return self.after > 0


# ---------------------------------------------------------------- notices


class _CheckInNotice(Notice):
    """What all notices about check-ins have in common."""

    __slots__ = ()

    stays = timedelta(hours=20)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class CheckedIn(_CheckInNotice):
    """What was noted, and when; at the bottom again after each press."""

    replaces = True
    rings = False

    event_id: EventId

    @override
    def card(self) -> str | None:
        return f"checked-in:{self.event_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class HomeNoted(_CheckInNotice):
    """*I got home* was noted; the permanent key goes with it."""

    replaces = True
    rings = False
    stays = timedelta(hours=1)

    event_id: EventId

    @override
    def card(self) -> str | None:
        return f"checked-in:{self.event_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class HomeQuestion(_CheckInNotice):
    """After the end: did you get home?"""

    lane = Lane.REMINDER
    valid_for = timedelta(hours=6)  # by then it was asked again, or the organizers know
    if_unknown = IfUnknown.SEND_AGAIN
    replaces = True

    event_id: EventId

    @override
    def card(self) -> str | None:
        return home_tag(self.event_id)

    @override
    def tag(self) -> str | None:
        return home_tag(self.event_id)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class SilentHome(_CheckInNotice):
    """To the organizers: how many have not answered."""

    if_unknown = IfUnknown.SEND_AGAIN
    replaces = True

    event_id: EventId

    @override
    def card(self) -> str | None:
        return f"silent-home:{self.event_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class SilentHomeNames(_CheckInNotice):
    """To an organizer, on a tap: whom to tell, and the exact sentence; gone after a minute."""

    stays = SHORT_STAY
    rings = False
    is_protected = True
    replaces = True

    event_id: EventId
    page: int = 0

    @override
    def card(self) -> str | None:
        return f"silent-names:{self.event_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class HowAreYou(_CheckInNotice):
    """The neutral question on the third day."""

    lane = Lane.REMINDER
    valid_for = timedelta(days=1)
    if_unknown = IfUnknown.SEND_AGAIN
    replaces = True

    event_id: EventId

    @override
    def card(self) -> str | None:
        return f"how-are-you:{self.event_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class FineNoted(_CheckInNotice):
    """*Fine* was said on the third day: the end of aftercare."""

    rings = False

    event_id: EventId


def home_tag(event_id: EventId) -> str:
    """Name the question whether somebody got home, so that it goes with the answer."""
    return f"home:{event_id}"


@dataclass(frozen=True, slots=True, repr=False)
class SilentPerson(Unprinted):
    """Somebody who has not answered, and what they left for that case."""

    person_id: PersonId
    name: str
    contact: str | None
    sentence: str | None
