"""Who is rung, and when again: an unanswered alarm goes on until somebody answers or resolves it.

An answer holds for a while only: without news after it the alarm rings again. An answer from
before a call does not cover that call, and nobody covers their own. Handing on spares one person
and rings the others; where everybody has handed on, everybody is rung. Being late changes when it
rings, never whether (ADR-0019).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from typing_extensions import override

from safety.alarms import Alarm, AlarmState, Caller, answers_to
from safety.people import Role, TeamId
from safety.policy import Policy
from safety.timers import AfterPause, timer

AT_ONCE = frozenset({Role.ORGANIZER, Role.STEWARD, Role.LAWYER, Role.MEDIC})
LATER = AT_ONCE | {Role.DEPUTY}  # whoever is only told what is released is never alarmed
ROUNDS = 60  # at one pace; then the same people are rung less often, and still for ever
PACES = (1, 4, 20)  # times the first pause


@timer
@dataclass(frozen=True, slots=True, repr=False)
class RingAgain(AfterPause):
    """An alarm's next moment to be rung, unless somebody has answered by then."""

    alarm_id: int

    @override
    def key(self) -> str:
        return f"alarm:{self.alarm_id}"


# ---------------------------------------------------------------- when


def next_ring(alarm: Alarm, policy: Policy) -> datetime | None:
    """Say when it must ring next; None only for an alarm that is resolved."""
    if alarm.state is AlarmState.RESOLVED:
        return None
    return min(_next_for(alarm, one, policy) for one in _waiting(alarm))


def pause(rounds: int, ring_every: timedelta) -> timedelta:
    """Say how long to wait after so many rounds in vain: longer and longer, never for ever."""
    return ring_every * PACES[min(rounds // ROUNDS, len(PACES) - 1)]


def is_covered(alarm: Alarm, now: datetime, holds: timedelta) -> bool:
    """Say whether somebody is on it, for every caller, now."""
    return uncovered(alarm, now, holds) == 0


def uncovered(alarm: Alarm, now: datetime, holds: timedelta) -> int:
    """Count the callers for whom nobody is on it now, such as one who called after the answer."""
    return sum(not is_covered_for(alarm, one, now, holds) for one in _waiting(alarm))


def is_covered_for(alarm: Alarm, caller: Caller, now: datetime, holds: timedelta) -> bool:
    """Say whether somebody is on it for this caller now."""
    return _covered_until(alarm, caller, holds) > now


def rung(alarm: Alarm, now: datetime, policy: Policy, *, is_unanswered: bool) -> Alarm:
    """Note that it is being rung now; more people are asked once nobody has come in time."""
    return replace(
        alarm,
        rung_at=now,
        level=alarm.level + int(is_unanswered),
        since_news=alarm.since_news + 1 if is_unanswered else 0,
        is_wide=alarm.is_wide or _has_waited(alarm, now, policy),
    )


def widened(alarm: Alarm) -> Alarm:
    """Ask deputies as well, whatever the hour."""
    return replace(alarm, is_wide=True)


def _next_for(alarm: Alarm, caller: Caller, policy: Policy) -> datetime:
    until = _covered_until(alarm, caller, policy.answer_holds)
    if until > alarm.rung_at:
        return until
    again = alarm.rung_at + pause(alarm.since_news, policy.ring_every)
    return again if alarm.is_wide else min(again, _patience_ends(alarm, caller, policy))


def _has_waited(alarm: Alarm, now: datetime, policy: Policy) -> bool:
    return any(
        _patience_ends(alarm, one, policy) <= now
        for one in _waiting(alarm)
        if not is_covered_for(alarm, one, now, policy.answer_holds)
    )


def _patience_ends(alarm: Alarm, caller: Caller, policy: Policy) -> datetime:
    """Say when too long nothing was heard of anybody for this caller."""
    heard = [one.counts_until(policy.escalate_after) for one in answers_to(alarm, caller)]
    return max([caller.at + policy.escalate_after, *heard])


def _covered_until(alarm: Alarm, caller: Caller, holds: timedelta) -> datetime:
    ends = [one.counts_until(holds) for one in answers_to(alarm, caller)]
    return max(ends, default=alarm.opened_at)


def _waiting(alarm: Alarm) -> list[Caller]:
    return [one for one in alarm.callers if one.heard_by is None]


# ---------------------------------------------------------------- whom


def rung_roles(alarm: Alarm) -> frozenset[Role]:
    """Say who is asked for as long as it is young, and who later on."""
    return LATER if alarm.is_wide else AT_ONCE


def whom_to_ask(alarm: Alarm, team: Mapping[TeamId, Role]) -> frozenset[TeamId]:
    """Say who has the alarm on their phone, of those who can be reached now."""
    asked = frozenset(one for one, role in team.items() if role in rung_roles(alarm))
    return asked or frozenset(team)


def whom_to_ring(
    alarm: Alarm, team: Mapping[TeamId, Role], now: datetime, holds: timedelta, *, is_new: bool
) -> frozenset[TeamId]:
    """Say who is rung now, of those who can be reached; nobody only where somebody is on it.

    Whoever has handed it on is left alone. Whoever is on it already is told of what is new, such
    as another caller (`is_new`), and is not rung again for it.
    """
    asked = whom_to_ask(alarm, team)
    busy = set() if is_new else _busy(alarm, now, holds)
    left = asked - alarm.cannot - busy
    return left if left or is_covered(alarm, now, holds) else asked


def is_left_to_nobody(alarm: Alarm, team: Mapping[TeamId, Role]) -> bool:
    """Say whether everybody who can be reached has handed it on."""
    asked = whom_to_ask(alarm, team)
    return bool(asked) and asked <= alarm.cannot


def is_only_caller(alarm: Alarm, team_id: TeamId) -> bool:
    """Say whether somebody of the team is the one who calls: they get their own card."""
    return all(one.team_id == team_id for one in alarm.callers)


def _busy(alarm: Alarm, now: datetime, holds: timedelta) -> set[TeamId]:
    return {one.by for one in alarm.acknowledgements if one.counts_until(holds) > now}
