"""An alarm is a call for help. It stays open until somebody of the team says how it ended.

*I'm on it* resolves nothing. *It was a mistake* and *I'm safe* leave it unverified until a person
of the team has heard the caller's voice: such words can be forced. Nothing that was sent before a
call can calm it, in whatever order the service delivers (ADR-0007).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from safety.people import EventId, PersonId, TeamId, Unprinted

WORDS_KEPT = 500  # characters of a call's own words

Place = tuple[float, float]  # latitude and longitude, degrees


class AlarmState(StrEnum):
    """Where an alarm stands."""

    OPEN = "open"
    UNVERIFIED = "unverified"  # every caller has taken it back; somebody's voice is still unheard
    RESOLVED = "resolved"


class Way(StrEnum):
    """How somebody called."""

    KEY = "key"  # the permanent key, or the bare word on it
    COMMAND = "command"
    WORDS = "words"
    BUTTON = "button"


class TakenBack(StrEnum):
    """What a caller said afterwards; it counts only once their voice was heard."""

    MISTAKE = "mistake"
    SAFE = "safe"


class Heard(StrEnum):
    """What the caller's own voice said."""

    SAFE = "safe"
    NEEDS_HELP = "help"


class Ending(StrEnum):
    """What whoever resolves an alarm says of it."""

    REAL = "real"
    MISTAKEN = "mistaken"


class HandedOn(StrEnum):
    """What comes of handing an alarm on."""

    GOES_ON = "goes-on"  # to the others, at once
    COVERED = "covered"  # somebody else is on it
    LEFT_TO_NOBODY = "left-to-nobody"  # everybody has handed it on: it rings for all again
    BEFORE = "before"  # this person had handed it on already


@dataclass(frozen=True, slots=True, repr=False)
class Caller(Unprinted):
    """One person's call: a participant, somebody of the team, or both, called as a participant.

    `first_seq` and `seq` are the call's and its latest press's places in the order of intake.
    """

    person_id: PersonId | None
    team_id: TeamId | None
    way: Way
    at: datetime
    first_seq: int
    seq: int
    last_at: datetime  # the latest press, place or file
    pressed_at: datetime
    presses: int = 1
    words: str | None = None
    place: Place | None = None
    place_at: datetime | None = None
    taken_back: TakenBack | None = None
    taken_back_at: datetime | None = None
    heard_by: TeamId | None = None  # their voice said that they are safe
    heard_at: datetime | None = None

    @property
    def is_unheard(self) -> bool:
        """Say whether they have taken it back and nobody has heard their voice yet."""
        return self.taken_back is not None and self.heard_by is None

    def is_by(self, person_id: PersonId | None, team_id: TeamId | None) -> bool:
        """Say whether this is that person's call."""
        if self.person_id is not None:
            return self.person_id == person_id
        return self.team_id == team_id


@dataclass(frozen=True, slots=True, repr=False)
class Acknowledgement(Unprinted):
    """One *I'm on it*, and its place in the order of intake."""

    by: TeamId
    at: datetime
    seq: int
    news_at: datetime | None = None  # the latest that was heard of them about this alarm

    def counts_until(self, holds: timedelta) -> datetime:
        """Say how long it counts, if it holds for this long after the latest news."""
        return (self.news_at or self.at) + holds


@dataclass(frozen=True, slots=True, repr=False)
class HandingOn(Unprinted):
    """One *I can't: hand on*, and its place in the order of intake.

    `is_own` False: they were on it, and have left, are frozen, or were taken.
    """

    by: TeamId
    at: datetime
    seq: int
    is_own: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class Alarm(Unprinted):
    """All calls at one event (or of the team without one) until they are resolved."""

    id: int
    event_id: EventId | None
    number: int
    state: AlarmState
    opened_at: datetime
    rung_at: datetime  # when everybody was last rung
    callers: tuple[Caller, ...]
    acknowledgements: tuple[Acknowledgement, ...] = ()
    handed_on: tuple[HandingOn, ...] = ()  # by whom it is, and who has not come back to it
    is_wide: bool = False  # deputies are asked as well
    level: int = 0  # how often it went unanswered
    since_news: int = 0  # how often of these since anything was heard about it
    files: int = 0
    ending: Ending | None = None
    resolved_by: TeamId | None = None
    resolved_at: datetime | None = None

    def caller(self, person_id: PersonId | None, team_id: TeamId | None) -> Caller | None:
        """Give this person's call, if they are one of the callers."""
        return next((one for one in self.callers if one.is_by(person_id, team_id)), None)

    @property
    def cannot(self) -> frozenset[TeamId]:
        """Give who has said that they cannot come."""
        return frozenset(one.by for one in self.handed_on if one.is_own)


def call(alarm: Alarm, caller: Caller) -> tuple[Alarm, bool]:
    """Let somebody call; say whether it rings: for a new person, or after it was taken back."""
    alarm = replace(alarm, since_news=0)
    old = alarm.caller(caller.person_id, caller.team_id)
    if old is None:
        joined = replace(alarm, callers=(*alarm.callers, caller))
        return _settled(joined), True
    calls_anew = old.taken_back is not None or old.heard_by is not None
    if calls_anew:
        kept = replace(caller, presses=old.presses + 1, place=old.place, place_at=old.place_at)
    else:
        kept = replace(
            old,
            seq=max(old.seq, caller.seq),
            last_at=caller.last_at,
            pressed_at=caller.pressed_at,
            presses=old.presses + 1,
            words=caller.words or old.words,
        )
    return _settled(_with(alarm, old, kept)), calls_anew


def may_still_calm(calls: Sequence[Caller], seq: int) -> bool:
    """Say whether a check-in with this place in the order of intake came after all these calls."""
    return all(seq > one.seq for one in calls)


def take_back(alarm: Alarm, caller: Caller, how: TakenBack, now: datetime, seq: int) -> Alarm:
    """Note that a caller says it is over; what was sent before their latest press says nothing."""
    if alarm.state is AlarmState.RESOLVED or not may_still_calm([caller], seq):
        return alarm
    return _settled(_with(alarm, caller, replace(caller, taken_back=how, taken_back_at=now)))


def hear(alarm: Alarm, caller: Caller, heard: Heard, by: TeamId, now: datetime) -> Alarm:
    """Note what the caller's voice said: *safe* ends their call, *help* makes it stand again."""
    alarm = replace(alarm, since_news=0)
    if heard is Heard.NEEDS_HELP:
        stands = replace(caller, taken_back=None, taken_back_at=None, heard_by=None, heard_at=None)
        return _settled(_with(alarm, caller, stands))
    settled = _settled(_with(alarm, caller, replace(caller, heard_by=by, heard_at=now)))
    if settled.state is not AlarmState.RESOLVED:
        return settled
    all_mistaken = all(one.taken_back is TakenBack.MISTAKE for one in settled.callers)
    ending = Ending.MISTAKEN if all_mistaken else Ending.REAL
    return replace(settled, ending=ending, resolved_by=by, resolved_at=now)


def acknowledge(alarm: Alarm, by: TeamId, now: datetime, seq: int) -> Alarm:
    """Note one *I'm on it*; a person's later one replaces the earlier, and their handing on."""
    others = _without(alarm, by)
    answer = Acknowledgement(by, now, seq)
    return replace(others, acknowledgements=(*others.acknowledgements, answer), since_news=0)


def hand_on(alarm: Alarm, by: TeamId, now: datetime, seq: int) -> Alarm:
    """Note one *I can't: hand on*; it takes back that person's *I'm on it*."""
    return _handed_on(alarm, HandingOn(by, now, seq))


def stand_down(alarm: Alarm, by: TeamId, now: datetime) -> Alarm:
    """Hand an alarm on for whoever was on it and has left, is frozen, or was taken."""
    answer = next((one for one in alarm.acknowledgements if one.by == by), None)
    if answer is None:
        return alarm
    return _handed_on(alarm, HandingOn(by, now, answer.seq, is_own=False))


def hear_from(alarm: Alarm, by: TeamId | None, now: datetime, holds: timedelta) -> Alarm:
    """Note news of somebody who is on it: that counts anew, for the calls it counted for.

    An answer that has grown too old is not revived: that takes *I'm on it*.
    """
    answers = tuple(
        replace(one, news_at=now) if one.by == by and one.counts_until(holds) > now else one
        for one in alarm.acknowledgements
    )
    return replace(alarm, acknowledgements=answers)


def may_resolve(alarm: Alarm) -> bool:
    """Say whether it can be closed by a word: not while a caller who took it back is unheard."""
    return not any(one.is_unheard for one in alarm.callers)


def resolve(alarm: Alarm, ending: Ending, by: TeamId, now: datetime) -> Alarm:
    """Close an alarm."""
    state = AlarmState.RESOLVED
    return replace(alarm, state=state, ending=ending, resolved_by=by, resolved_at=now)


def locate(alarm: Alarm, caller: Caller, place: Place, now: datetime) -> Alarm:
    """Note where a caller is now."""
    moved = replace(caller, place=place, place_at=now, last_at=now)
    return replace(_with(alarm, caller, moved), since_news=0)


def say(alarm: Alarm, caller: Caller | None, words: str, now: datetime) -> Alarm:
    """Let what a caller writes afterwards stand with their call; of much, what came last."""
    if caller is None:
        return replace(alarm, since_news=0)
    said = words if caller.words is None else f"{caller.words}\n{words}"
    kept = replace(caller, words=said[-WORDS_KEPT:], last_at=now)
    return replace(_with(alarm, caller, kept), since_news=0)


def add_file(alarm: Alarm, caller: Caller | None, now: datetime) -> Alarm:
    """Count a file that belongs to this alarm."""
    moved = alarm if caller is None else _with(alarm, caller, replace(caller, last_at=now))
    return replace(moved, files=alarm.files + 1, since_news=0)


def takes(
    alarm: Alarm,
    person_id: PersonId | None,
    team_id: TeamId | None,
    now: datetime,
    attach_for: timedelta,
) -> bool:
    """Say whether what this person sends now belongs to this alarm: they called, or are on it."""
    caller = alarm.caller(person_id, team_id)
    moments = [] if caller is None else [caller.last_at]
    moments += [
        one.at for one in alarm.acknowledgements if team_id is not None and one.by == team_id
    ]
    return any(now < moment + attach_for for moment in moments)


def seen_at(alarm: Alarm, caller: Caller) -> Acknowledgement | None:
    """Give the latest *I'm on it* that came after this person's call."""
    return max(answers_to(alarm, caller), key=lambda one: one.at, default=None)


def handed_on_at(alarm: Alarm, caller: Caller) -> datetime | None:
    """Say when somebody last handed it on, of those who did so after this person's call."""
    after = (one.at for one in alarm.handed_on if one.seq > caller.first_seq)
    return max(after, default=None)


def answers_to(alarm: Alarm, caller: Caller) -> list[Acknowledgement]:
    """Give each *I'm on it* that covers a call: later than the call, and not the caller's own."""
    return [
        one
        for one in alarm.acknowledgements
        if one.seq > caller.first_seq and one.by != caller.team_id
    ]


def _handed_on(alarm: Alarm, handing: HandingOn) -> Alarm:
    others = _without(alarm, handing.by)
    return replace(others, handed_on=(*others.handed_on, handing), since_news=0)


def _without(alarm: Alarm, by: TeamId) -> Alarm:
    return replace(
        alarm,
        acknowledgements=tuple(one for one in alarm.acknowledgements if one.by != by),
        handed_on=tuple(one for one in alarm.handed_on if one.by != by),
    )


def not_after(alarm: Alarm, now: datetime) -> Alarm:
    """Have nothing of an alarm lie in the future: the clock was set back, it happened by now."""
    return _moved(alarm, lambda moment: min(moment, now))


def set_back(alarm: Alarm, by: timedelta) -> Alarm:
    """Have all of an alarm lie as long ago as before the clock was set back (`by` < 0)."""
    return _moved(alarm, lambda moment: moment + by)


def _moved(alarm: Alarm, move: Callable[[datetime], datetime]) -> Alarm:
    callers = (
        replace(one, at=move(one.at), last_at=move(one.last_at), pressed_at=move(one.pressed_at))
        for one in alarm.callers
    )
    answers = (
        replace(one, at=move(one.at), news_at=None if one.news_at is None else move(one.news_at))
        for one in alarm.acknowledgements
    )
    handed_on = (replace(one, at=move(one.at)) for one in alarm.handed_on)
    return replace(
        alarm,
        opened_at=move(alarm.opened_at),
        rung_at=move(alarm.rung_at),
        callers=tuple(callers),
        acknowledgements=tuple(answers),
        handed_on=tuple(handed_on),
    )


def _with(alarm: Alarm, old: Caller, new: Caller) -> Alarm:
    callers = tuple(new if one is old else one for one in alarm.callers)
    return replace(alarm, callers=callers)


def _settled(alarm: Alarm) -> Alarm:
    if all(one.heard_by is not None for one in alarm.callers):
        return replace(alarm, state=AlarmState.RESOLVED)
    over = all(one.taken_back is not None or one.heard_by is not None for one in alarm.callers)
    return replace(alarm, state=AlarmState.UNVERIFIED if over else AlarmState.OPEN)
