"""Wake tests: would an alarm in the night wake this person? Rung like one, and never one.

A test is nobody's call: it enters no record, keeps no alarm waiting, and ends when a real one
comes. Nobody is tested twice within a day, and a result counts for a week only (ADR-0019).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.notices import SHORT_STAY, Lane, Notice, notice
from safety.people import TeamId, Unprinted
from safety.timers import AfterPause, timer

ROUNDS = 10  # then whoever has not pressed was not woken
WITHIN = timedelta(hours=24)  # when an unannounced test begins for somebody
RESTS = timedelta(hours=24)  # nobody is tested again sooner
LATE = timedelta(minutes=2)  # a ring that is delivered later rings nobody any more


class WakeWhen(StrEnum):
    """When a test begins."""

    AT_ONCE = "now"
    UNANNOUNCED = "later"


class WakeState(StrEnum):
    """How a test stands, or how it ended."""

    WAITS = "waits"
    RINGS = "rings"
    AWAKE = "awake"
    ASLEEP = "asleep"
    STOPPED = "stopped"  # by an alarm, by an organizer, or because the person is gone


class Woken(StrEnum):
    """What a press of *I'm awake* is worth."""

    NOTED = "noted"
    BEFORE = "before"
    TOO_LATE = "too-late"


@dataclass(frozen=True, slots=True, repr=False)
class Waking(Unprinted):
    """Somebody's latest test; `id` is theirs in the team."""

    id: TeamId
    state: WakeState
    begins_at: datetime
    rung_at: datetime | None = None
    rounds: int = 0
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Say whether it still waits or rings."""
        return self.state in {WakeState.WAITS, WakeState.RINGS}


@dataclass(frozen=True, slots=True, repr=False)
class Woke(Unprinted):
    """What is known of everybody whom an alarm rings. `since` is when the oldest test began."""

    awake: frozenset[TeamId]
    asleep: frozenset[TeamId]
    untested: frozenset[TeamId]
    still_open: int
    since: datetime | None

    @property
    def of(self) -> int:
        """Say how many an alarm rings."""
        return len(self.awake) + len(self.asleep) + len(self.untested)


@timer
@dataclass(frozen=True, slots=True, repr=False)
class WakeAgain(AfterPause):
    """Somebody's next moment to be rung for a test."""

    team_id: TeamId

    @override
    def key(self) -> str:
        return f"wake:{self.team_id}"


# ---------------------------------------------------------------- rules


def begins(when: WakeWhen, now: datetime, draw: int) -> datetime:
    """Say when a test begins; `draw` is a random number that nobody can guess."""
    if when is WakeWhen.AT_ONCE:
        return now
    return now + timedelta(seconds=draw % int(WITHIN.total_seconds()))


def may_begin(latest: Waking | None, now: datetime) -> bool:
    """Say whether somebody may be tested: not while they are, nor soon after they were rung."""
    if latest is None or (latest.state is WakeState.STOPPED and not latest.rounds):
        return True
    return not latest.is_open and latest.begins_at + RESTS <= now


def next_ring(waking: Waking, every: timedelta) -> datetime | None:
    """Say when it rings next, or is over; None once it is."""
    if not waking.is_open:
        return None
    return waking.begins_at if waking.rung_at is None else waking.rung_at + every


def ring(waking: Waking, now: datetime) -> Waking:
    """Ring once more; after the last round in vain it is over."""
    if waking.rounds >= ROUNDS:
        return replace(waking, state=WakeState.ASLEEP, ended_at=now)
    return replace(
        waking,
        state=WakeState.RINGS,
        begins_at=waking.begins_at if waking.rounds else now,
        rung_at=now,
        rounds=waking.rounds + 1,
    )


def wake(waking: Waking | None, now: datetime) -> tuple[Waking, Woken] | None:
    """Take *I'm awake*; None where that says nothing, such as before anybody was rung."""
    match None if waking is None else waking.state:
        case WakeState.RINGS if waking is not None:
            return replace(waking, state=WakeState.AWAKE, ended_at=now), Woken.NOTED
        case WakeState.AWAKE if waking is not None:
            return waking, Woken.BEFORE
        case WakeState.ASLEEP if waking is not None:
            return waking, Woken.TOO_LATE
        case _:
            return None


def set_back(waking: Waking, by: timedelta) -> Waking:
    """Have a test go on at its pace though the clock was set back (`by` < 0)."""
    rung_at = None if waking.rung_at is None else waking.rung_at + by
    return replace(waking, begins_at=waking.begins_at + by, rung_at=rung_at)


def stop(waking: Waking, now: datetime) -> Waking:
    """End a test without a result."""
    return replace(waking, state=WakeState.STOPPED, ended_at=now) if waking.is_open else waking


def count(
    latest: Mapping[TeamId, Waking], rung: Collection[TeamId], now: datetime, lasts: timedelta
) -> Woke:
    """Say of everybody whom an alarm rings what their latest test has shown, if it still counts.

    Whoever was not tested, or too long ago, is not counted as somebody who can be woken.
    """
    counts = {one: latest[one] for one in rung if _counts(latest.get(one), now, lasts)}
    awake = frozenset(one for one, it in counts.items() if it.state is WakeState.AWAKE)
    return Woke(
        awake=awake,
        asleep=frozenset(counts) - awake,
        untested=frozenset(rung) - frozenset(counts),
        still_open=sum(one in latest and latest[one].is_open for one in rung),
        since=min((one.begins_at for one in counts.values()), default=None),
    )


def _counts(waking: Waking | None, now: datetime, lasts: timedelta) -> bool:
    has_result = waking is not None and waking.state in {WakeState.AWAKE, WakeState.ASLEEP}
    return has_result and waking is not None and now < waking.begins_at + lasts


# ---------------------------------------------------------------- notices

SCREENS_STAY = timedelta(minutes=10)
CARD_STAYS = timedelta(hours=12)
_CARD = "wake"
WAKE_SCREEN = "wake-screen"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class WakeRing(Notice):
    """A test, rung: a new message each time. Below the lane of alarms, and never sent late."""

    valid_for = LATE
    stays = CARD_STAYS
    replaces = True

    team_id: TeamId

    @override
    def card(self) -> str | None:
        return _CARD


@notice
@dataclass(frozen=True, slots=True, repr=False)
class WakeOver(Notice):
    """How a test ended, in the place of what has rung or was still to ring; it rings nobody."""

    stays = CARD_STAYS
    replaces = True
    rings = False

    team_id: TeamId

    @override
    def card(self) -> str | None:
        return _CARD


@notice
@dataclass(frozen=True, slots=True, repr=False)
class WakeScreen(Notice):
    """What the latest tests have shown, and the buttons that begin another."""

    stays = SCREENS_STAY
    replaces = True

    @override
    def card(self) -> str | None:
        return WAKE_SCREEN


@notice
@dataclass(frozen=True, slots=True, repr=False)
class WakeUpdate(Notice):
    """The same screen where it stands, with what has been answered since."""

    lane = Lane.BOARD
    valid_for = SCREENS_STAY
    stays = SCREENS_STAY
    rings = False

    @override
    def card(self) -> str | None:
        return WAKE_SCREEN


@notice
@dataclass(frozen=True, slots=True, repr=False)
class WakeNames(Notice):
    """Who did not wake, and who was not tested; gone after a minute."""

    stays = SHORT_STAY
    rings = False
    is_protected = True
