"""Waking the team beside Telegram: when, whom, how often, and that nothing is told in it.

An alarm or a detention that has not arrived, that nobody has answered, or that comes while the
chat does not work, goes out a second way as well: its number, nothing else. Whoever runs the mail
server learns that there was one, and when (ADR-0020).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from typing_extensions import override

from safety.alarms import Alarm, AlarmState, Caller, answers_to
from safety.detentions import Detention
from safety.notices import Channel, Lane, Notice, notice
from safety.people import TeamId, Unprinted
from safety.timers import AfterPause, timer

ARRIVES_WITHIN = timedelta(seconds=15)
ANSWERED_WITHIN = timedelta(seconds=60)
LOOK_EVERY = timedelta(seconds=15)
PACE = timedelta(minutes=2)  # for one person and one alarm
TIMES_AT_PACE = 10
SLOW_PACE = timedelta(minutes=10)  # from then on, and still for ever
LINE_PACE = timedelta(minutes=30)  # whoever looks after the server is told again


@dataclass(frozen=True, slots=True)
class Told:
    """When somebody was last told of one over the second channel, and how often."""

    team_id: TeamId
    at: datetime
    times: int = 1


@timer
@dataclass(frozen=True, slots=True, repr=False)
class WakeOtherwise(AfterPause):
    """The next look at whom an alarm has not reached."""

    alarm_id: int
    woken: tuple[Told, ...] = ()

    @override
    def key(self) -> str:
        return f"second:{self.alarm_id}"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class WakeForDetention(AfterPause):
    """The next look at whom a detention has not reached."""

    detention_id: int
    woken: tuple[Told, ...] = ()

    @override
    def key(self) -> str:
        return f"second-detention:{self.detention_id}"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class LineStaysDown(AfterPause):
    """The next time that a silent line is told of."""

    @override
    def key(self) -> str:
        return "second-line"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class LineStaysShared(AfterPause):
    """The next time that a line is told of which somebody else has, too."""

    @override
    def key(self) -> str:
        return LINE_SHARED_CARD


@dataclass(frozen=True, slots=True)
class Ringing(Unprinted):
    """How a call stands with one person. `woken`: over the second channel, so far."""

    rung_at: datetime
    has_arrived: bool  # the newest ring, in the chat
    woken: Told | None


def unanswered_since(alarm: Alarm, now: datetime, holds: timedelta) -> datetime | None:
    """Say since when nobody is on it for some caller; None while somebody is, or it is over."""
    if alarm.state is AlarmState.RESOLVED:
        return None
    waiting = [one for one in alarm.callers if one.heard_by is None]
    since = (_open_since(alarm, one, holds) for one in waiting)
    return min((moment for moment in since if moment <= now), default=None)


def unheeded_since(detention: Detention, now: datetime) -> datetime | None:
    """Say since when nobody is on it for somebody who is held; None once somebody is."""
    if not detention.is_held or detention.answers:
        return None
    if detention.since > now:  # the clock was set back: that counts as long enough
        return now - ANSWERED_WITHIN
    return detention.since


def wakes(person: Ringing, now: datetime, since: datetime, *, is_line_down: bool) -> bool:
    """Say whether somebody is told now over the second channel too.

    `since` is when the alarm began to be unanswered.
    """
    if person.woken is not None and now < person.woken.at + pace(person.woken.times):
        return False
    is_missing = not person.has_arrived and now >= person.rung_at + ARRIVES_WITHIN
    return is_line_down or is_missing or now >= since + ANSWERED_WITHIN


def pace(times: int) -> timedelta:
    """Say how long one person is left in peace after being told so often; never for ever."""
    return PACE if times < TIMES_AT_PACE else SLOW_PACE


def not_after(told: Told, now: datetime) -> Told:
    """Have nobody told in the future: the clock was set back, it happened by now."""
    return replace(told, at=min(told.at, now))


def again(woken: Told | None, team_id: TeamId, now: datetime) -> Told:
    """Note that somebody is told now."""
    return Told(team_id, now, 1 if woken is None else woken.times + 1)


def _open_since(alarm: Alarm, caller: Caller, holds: timedelta) -> datetime:
    ends = [one.counts_until(holds) for one in answers_to(alarm, caller)]
    return max(ends, default=caller.at)


# ---------------------------------------------------------------- notices over it


@dataclass(frozen=True, slots=True, repr=False)
class SecondNotice(Notice):
    """Base of what goes over the second channel: a text without content, to one of the team."""

    channel = Channel.SECOND
    lane = Lane.ALARM

    team_id: TeamId


@notice
@dataclass(frozen=True, slots=True, repr=False)
class SecondAlarm(SecondNotice):
    """There is an alarm, and its number."""

    alarm_id: int

    @override
    def card(self) -> str | None:
        return alarm_card(self.alarm_id)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class SecondDetention(SecondNotice):
    """Somebody is held, and nobody is on it: its number."""

    detention_id: int

    @override
    def card(self) -> str | None:
        return detention_card(self.detention_id)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LineDown(SecondNotice):
    """Nothing was heard from the service since then: somebody has to look at the server."""

    since: datetime

    @override
    def card(self) -> str | None:
        return LINE_CARD


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LineShared(SecondNotice):
    """Somebody else takes updates in turn with us since then: nothing may be written there."""

    since: datetime

    @override
    def card(self) -> str | None:
        return LINE_SHARED_CARD


@notice
@dataclass(frozen=True, slots=True, repr=False)
class SecondTest(SecondNotice):
    """A test that somebody has asked for themselves."""

    lane = Lane.REPLY
    valid_for = timedelta(minutes=10)

    @override
    def card(self) -> str | None:
        return "second-test"


LINE_CARD = "second-line"
LINE_SHARED_CARD = "second-line-shared"


def alarm_card(alarm_id: int) -> str:
    """Name what is owed about one alarm, so that a newer one takes its place."""
    return f"second-alarm:{alarm_id}"


def detention_card(detention_id: int) -> str:
    """Name what is owed about one detention, likewise."""
    return f"second-detention:{detention_id}"
