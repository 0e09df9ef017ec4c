"""Who may know a place, and from when: late, in stages, each person alone, and never on hold.

Nobody but approved people (and the stewards who receive them) learns anything, and no stage is
told before its time unless two people have released it (BRIEF, "an infiltrator registers").
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from safety.people import EventId, Presence, Standing, TeamId, Unprinted
from safety.policy import Policy

Point = tuple[float, float]  # latitude and longitude, degrees


class Stage(StrEnum):
    """One step of telling a place; each one holds what the earlier ones said."""

    AREA = "area"
    MEETING_POINT = "meeting-point"
    ADDRESS = "address"


class VenueState(StrEnum):
    """Where a venue stands."""

    PROPOSED = "proposed"  # waits for a second person
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CANCELLED = "cancelled"  # whoever let it has taken it back
    REPLACED = "replaced"  # another one holds now


class Reason(StrEnum):
    """Why a venue is held or left."""

    CANCELLED = "cancelled"
    UNSAFE = "unsafe"
    OTHER = "other"


@dataclass(frozen=True, slots=True, repr=False)
class StageTimes(Unprinted):
    """How long before the start each stage is told."""

    area: timedelta
    meeting_point: timedelta
    address: timedelta

    def before(self, stage: Stage) -> timedelta:
        """Give how long before the start this stage is told."""
        match stage:
            case Stage.AREA:
                return self.area
            case Stage.MEETING_POINT:
                return self.meeting_point
            case Stage.ADDRESS:
                return self.address


@dataclass(frozen=True, slots=True, repr=False)
class Place(Unprinted):
    """The words for a place and, if there is one, its point on the map."""

    words: str
    point: Point | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Hold(Unprinted):
    """One *Hold*: who, since when, why."""

    since: datetime
    by: TeamId
    reason: Reason | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Venue(Unprinted):
    """A place for an event. `address` None: nobody is sent one, a steward walks people in.

    `released` are the stages that were told, or that two people have released early.
    """

    id: int
    event_id: EventId
    number: int
    state: VenueState
    area: str
    meeting_point: Place
    address: Place | None
    times: StageTimes
    entered_by: TeamId
    entered_at: datetime
    released: tuple[Stage, ...] = ()
    hold: Hold | None = None
    holds: int = 0  # how often it was held
    replaces: int | None = None  # the venue that people may have known before
    reason: Reason | None = None  # why the one before was left
    reason_words: str | None = None

    @property
    def held_at(self) -> datetime | None:
        """Say since when it is on hold, if it is."""
        return None if self.hold is None else self.hold.since

    @property
    def held_by(self) -> TeamId | None:
        """Say who holds it, if it is on hold."""
        return None if self.hold is None else self.hold.by

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Give the stages that this venue has, in their order."""
        stages = tuple(Stage)
        return stages if self.address is not None else stages[:-1]

    def place(self, stage: Stage) -> Place | None:
        """Give what a stage tells; an area has no point."""
        match stage:
            case Stage.AREA:
                return Place(self.area)
            case Stage.MEETING_POINT:
                return self.meeting_point
            case Stage.ADDRESS:
                return self.address


# ---------------------------------------------------------------- rules


def usual_times(policy: Policy) -> StageTimes:
    """Give the times that the configuration sets."""
    return StageTimes(policy.area_before, policy.meeting_point_before, policy.address_before)


def due_at(venue: Venue, stage: Stage, starts_at: datetime) -> datetime:
    """Say when a stage is to be told."""
    return starts_at - venue.times.before(stage)


def open_stages(venue: Venue, starts_at: datetime, now: datetime) -> tuple[Stage, ...]:
    """Say which stages may be told now: up to the last one that is released or due.

    None while on hold, nor of a venue that is not confirmed or no longer is.
    """
    if venue.state is not VenueState.CONFIRMED or venue.hold is not None:
        return ()
    return told_so_far(venue, starts_at, now)


def told_so_far(venue: Venue, starts_at: datetime, now: datetime) -> tuple[Stage, ...]:
    """Say which stages would be open if nothing held them."""
    stages = venue.stages
    ready = [
        number
        for number, stage in enumerate(stages)
        if stage in venue.released or due_at(venue, stage, starts_at) <= now
    ]
    return stages[: max(ready, default=-1) + 1]


def may_know(
    venue: Venue, standing: Standing, presence: Presence, starts_at: datetime, now: datetime
) -> tuple[Stage, ...]:
    """Say which stages a registered person may know now; whoever is not approved, none.

    A phone in other hands learns nothing.
    """
    if standing is not Standing.APPROVED or presence is Presence.TAKEN:
        return ()
    return open_stages(venue, starts_at, now)


def next_stage(venue: Venue, starts_at: datetime, now: datetime) -> Stage | None:
    """Give the stage that *Release* would tell, or None where all are told."""
    known = told_so_far(venue, starts_at, now)
    return next((stage for stage in venue.stages if stage not in known), None)


def release(venue: Venue, stage: Stage) -> Venue:
    """Note that a stage, and what comes before it, is told from now on."""
    upto = venue.stages[: venue.stages.index(stage) + 1]
    released = tuple(one for one in venue.stages if one in venue.released or one in upto)
    return replace(venue, released=released)


def hold(venue: Venue, by: TeamId, now: datetime) -> Venue:
    """Stop all releases; a second *Hold* changes nothing."""
    if venue.hold is not None:
        return venue
    return replace(venue, hold=Hold(now, by), holds=venue.holds + 1)


def explain(venue: Venue, reason: Reason, words: str | None) -> Venue:
    """Add why it is held."""
    if venue.hold is None:
        return venue
    return replace(venue, hold=replace(venue.hold, reason=reason, words=words))


def resume(venue: Venue) -> Venue:
    """End the hold: what was due meanwhile is due now."""
    return replace(venue, hold=None)


def replaced_by(old: Venue, reason: Reason) -> Venue:
    """Give the old venue after a relocation."""
    is_cancelled = reason is Reason.CANCELLED
    return replace(
        old, state=VenueState.CANCELLED if is_cancelled else VenueState.REPLACED, hold=None
    )


def take_over(new: Venue, told: Iterable[Stage]) -> Venue:
    """Give the new venue, confirmed: whoever knew a stage of the old one learns the same of it."""
    told = frozenset(told)
    known = [stage for stage in new.stages if stage in told]
    if Stage.ADDRESS in told and new.address is None:
        known = list(new.stages)
    confirmed = replace(new, state=VenueState.CONFIRMED)
    return release(confirmed, known[-1]) if known else confirmed
