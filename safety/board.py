"""The board: numbers for everybody who steers, names on a tap and for a minute only.

Whoever is silent is counted as silent. "Home" counts only who said so without an open call, or
whose voice somebody has heard.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from typing_extensions import override

from safety.notices import SHORT_STAY, Lane, Notice, notice
from safety.people import EventId, PersonId, Presence, Role, Unprinted
from safety.registration import Situation

S = TypeVar("S", bound=Situation)

BOARD_STAYS = timedelta(hours=40)
SEES_NUMBERS = frozenset({Role.ORGANIZER, Role.STEWARD, Role.LAWYER, Role.MEDIC})


class Section(StrEnum):
    """The lists of names behind the numbers."""

    UNANSWERED = "unanswered"
    ON_THE_WAY = "on-the-way"
    HERE = "here"
    LEFT = "left"
    TAKEN = "taken"
    HELP = "help"
    HOME = "home"
    UNHEARD = "unheard"  # said "safe" or "home", and nobody has heard their voice
    OLD_PLACE = "old-place"  # has not said that they have seen the new place
    UNREACHABLE = "unreachable"
    UNSEEN = "unseen"  # nobody has seen leave


_PRESENCE = {
    Section.UNANSWERED: Presence.UNANSWERED,
    Section.ON_THE_WAY: Presence.ON_THE_WAY,
    Section.HERE: Presence.HERE,
    Section.LEFT: Presence.LEFT,
    Section.TAKEN: Presence.TAKEN,
}


@dataclass(frozen=True, slots=True, repr=False)
class Attendance(Unprinted):
    """What is known of everybody expected at an event."""

    people: tuple[Situation, ...]  # approved ones
    old_place: frozenset[PersonId] = frozenset()
    unreachable: frozenset[PersonId] = frozenset()
    has_groups: bool = False  # somebody has begun to move people


def people_in(attendance: Attendance, section: Section) -> tuple[Situation, ...]:
    """Give the people of one list."""
    return tuple(one for one in attendance.people if _is_in(attendance, section, one))


def counts(attendance: Attendance) -> tuple[tuple[Section, int], ...]:
    """Count every list, in the order in which the board shows them."""
    return tuple((section, len(people_in(attendance, section))) for section in Section)


def own_group(people: Sequence[S], groups: Collection[int]) -> tuple[S, ...]:
    """Give those who travel in one of these groups: all that a steward sees by name."""
    return tuple(one for one in people if one.group_id in groups)


def _is_in(attendance: Attendance, section: Section, person: Situation) -> bool:
    if section in _PRESENCE:
        return person.presence is _PRESENCE[section]
    is_home = person.presence is Presence.HOME and not person.is_unverified
    is_unseen = attendance.has_groups and person.presence is Presence.HERE
    holds = {
        Section.HELP: person.needs_help and person.presence is not Presence.TAKEN,
        Section.UNHEARD: person.is_unverified,
        Section.HOME: is_home,
        Section.OLD_PLACE: person.id in attendance.old_place,
        Section.UNREACHABLE: person.id in attendance.unreachable,
        Section.UNSEEN: is_unseen,
    }
    return holds[section]


# ---------------------------------------------------------------- notices


@notice
@dataclass(frozen=True, slots=True, repr=False)
class BoardOpened(Notice):
    """The board, at the bottom of the chat; an older one goes."""

    stays = BOARD_STAYS
    replaces = True

    event_id: EventId

    @override
    def card(self) -> str | None:
        return board_card(self.event_id)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class BoardUpdate(Notice):
    """The board, changed where it stands; of several unsent ones only the last is sent."""

    lane = Lane.BOARD
    stays = BOARD_STAYS
    rings = False
    valid_for = timedelta(hours=1)

    event_id: EventId

    @override
    def card(self) -> str | None:
        return board_card(self.event_id)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class BoardNames(Notice):
    """Names behind a number, or the choice of lists; gone after a minute."""

    stays = SHORT_STAY
    rings = False
    is_protected = True

    event_id: EventId
    section: Section | None = None
    page: int = 0

    @override
    def card(self) -> str | None:
        return f"names:{self.event_id}"


def board_card(event_id: EventId) -> str:
    """Name the message that is an event's board."""
    return f"board:{event_id}"
