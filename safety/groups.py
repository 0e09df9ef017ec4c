"""Groups: people are moved in vehicles and on foot, and somebody counts heads.

Whoever was there and nobody has seen leave is listed; a head count that differs from the names is
shown, never smoothed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.notices import SHORT_STAY, Notice, notice
from safety.people import EventId, PersonId, Presence, TeamId, Unprinted
from safety.registration import Situation

MOST_HEADS = 200


class GroupKind(StrEnum):
    """How a group travels."""

    BUS = "bus"
    MINIVAN = "minivan"
    CAR = "car"
    POLICE_CAR = "police-car"
    ON_FOOT = "on-foot"

    @property
    def has_plate(self) -> bool:
        """Say whether this kind has a number plate."""
        return self is not GroupKind.ON_FOOT


@dataclass(frozen=True, slots=True, repr=False)
class Group(Unprinted):
    """People who left together. `heads` is what a steward counted, None if nobody did.

    `made_by` is the steward or organizer whose group it is; None: a participant told of it.
    `before` is how things were with each who was tapped in, for whoever is tapped out again.
    """

    id: int
    event_id: EventId
    number: int
    kind: GroupKind
    left_at: datetime
    plate: str | None = None
    heads: int | None = None
    made_by: TeamId | None = None
    told_by: PersonId | None = None
    before: tuple[tuple[PersonId, Presence], ...] = ()


def once_out(group: Group, person: Situation) -> Presence:
    """Say how things are with somebody who is tapped out: as before, or as they said since.

    Whoever joined in another way was at the place.
    """
    if person.presence is not Presence.LEFT:
        return person.presence
    return dict(group.before).get(person.id, Presence.HERE)


def remembered(group: Group, person_id: PersonId, presence: Presence | None) -> Group:
    """Give the group with what somebody was before it; None: they are in it no more."""
    others = tuple(one for one in group.before if one[0] != person_id)
    return replace(group, before=others if presence is None else (*others, (person_id, presence)))


def same_ride(groups: Sequence[Group], kind: GroupKind, plate: str | None) -> Group | None:
    """Find the group that a participant speaks of: by its plate, else the only one of its kind."""
    alike = [group for group in groups if group.kind is kind]
    if plate is not None:
        wanted = plain_plate(plate)
        known = (one for one in alike if one.plate is not None)
        return next((one for one in known if plain_plate(one.plate or "") == wanted), None)
    return alike[0] if len(alike) == 1 else None


def plain_plate(plate: str) -> str:
    """Give a plate without spaces, dashes and case, as two people may type it."""
    return "".join(letter for letter in plate.casefold() if letter.isalnum())


def differs(group: Group, names: int) -> bool:
    """Say whether the head count and the names do not agree."""
    return group.heads is not None and group.heads != names


# ---------------------------------------------------------------- notices


@notice
@dataclass(frozen=True, slots=True, repr=False)
class GroupList(Notice):
    """All groups of an event: how they travel, when they left, heads and names as numbers."""

    stays = timedelta(hours=12)
    rings = False

    event_id: EventId
    page: int = 0

    @override
    def card(self) -> str | None:
        return f"groups:{self.event_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class GroupPick(Notice):
    """One page of names to put into a group by tapping; gone after a minute."""

    stays = SHORT_STAY
    rings = False
    is_protected = True

    group_id: int
    page: int = 0

    @override
    def card(self) -> str | None:
        return f"group-pick:{self.group_id}"
