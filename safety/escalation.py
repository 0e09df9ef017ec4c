"""Who is rung, and when again: an unanswered alarm goes on until somebody answers or resolves it.

An answer holds for a while only: without news after it the alarm rings again. An answer from
before a call does not cover that call. Being late changes when it rings, never whether.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from typing_extensions import override

from safety.alarms import Alarm, AlarmState, Caller
from safety.people import Role, TeamId
from safety.timers import Timer, timer

AT_ONCE = frozenset({Role.ORGANIZER, Role.STEWARD, Role.LAWYER, Role.MEDIC})
LATER = AT_ONCE | {Role.DEPUTY}  # whoever is only told what is released is never alarmed
ROUNDS = 10  # at one pace; then the same people are rung less often, and still for ever
PACES = (1, 4, 20)  # times the first pause


@timer
@dataclass(frozen=True, slots=True, repr=False)
class RingAgain(Timer):
    """An alarm's next moment to be rung, unless somebody has answered by then."""

    alarm_id: int

    @override
    def key(self) -> str:
        return f"alarm:{self.alarm_id}"


def rung_roles(level: int) -> frozenset[Role]:
    """Say who is rung after `level` unanswered rounds."""
    return AT_ONCE if level == 0 else LATER


def next_ring(alarm: Alarm, after: timedelta, holds: timedelta) -> datetime | None:
    """Say when to ring again; None only for an alarm that is resolved.

    `after` is the patience with an unanswered alarm, `holds` how long an answer counts.
    """
    if alarm.state is AlarmState.RESOLVED:
        return None
    waiting = [one for one in alarm.callers if one.heard_by is None]
    return min(_next_for(alarm, one, after, holds) for one in waiting)


def pause(level: int, after: timedelta) -> timedelta:
    """Say how long to wait after `level` unanswered rounds: longer and longer, never for ever."""
    return after * PACES[min(level // ROUNDS, len(PACES) - 1)]


def is_covered(alarm: Alarm, now: datetime, holds: timedelta) -> bool:
    """Say whether somebody is on it, for every caller, now."""
    waiting = [one for one in alarm.callers if one.heard_by is None]
    return all(_covered_until(alarm, one, holds) > now for one in waiting)


def rung(alarm: Alarm, now: datetime, *, is_unanswered: bool) -> Alarm:
    """Note that everybody is being rung now."""
    return replace(alarm, rung_at=now, level=alarm.level + int(is_unanswered))


def _next_for(alarm: Alarm, caller: Caller, after: timedelta, holds: timedelta) -> datetime:
    until = _covered_until(alarm, caller, holds)
    if until > alarm.rung_at:
        return until
    return alarm.rung_at + pause(alarm.level, after)


def _covered_until(alarm: Alarm, caller: Caller, holds: timedelta) -> datetime:
    ends = [one.at + holds for one in alarm.acknowledgements if one.seq > caller.first_seq]
    return max(ends, default=alarm.opened_at)


def is_only_caller(alarm: Alarm, team_id: TeamId) -> bool:
    """Say whether somebody of the team is the one who calls: they get their own card."""
    return all(one.team_id == team_id for one in alarm.callers)
