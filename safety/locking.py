"""*Lock*: names, places and what was said are out of reach at once; it takes one of the team.

While an alarm is open a colleague has a minute to object: a phone in wrong hands must not blind
the team in the middle of an attack. Opening again never goes through a chat.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from typing_extensions import override

from safety.notices import Lane, Notice, notice
from safety.people import Role, TeamId
from safety.timers import AfterPause, timer

OBJECTION = timedelta(seconds=60)
TOLD = (Role.ORGANIZER, Role.DEPUTY, Role.STEWARD, Role.LAWYER, Role.MEDIC)
LOCK_TIMER = "lock"  # its key
_CARD = "lock"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class LockDue(AfterPause):
    """Nobody has objected within the minute."""

    asked_by: TeamId

    @override
    def key(self) -> str:
        return LOCK_TIMER


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LockScreen(Notice):
    """What locking does, and the button; or how it stands."""

    stays = timedelta(minutes=10)


class _LockNews(Notice):
    """What all news of one lock have in common: one message, which rings anew."""

    __slots__ = ()

    lane = Lane.HOLD
    replaces = True

    @override
    def card(self) -> str | None:
        return _CARD


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LockAsked(_LockNews):
    """It is locked at `due_at` unless somebody objects."""

    at: datetime
    due_at: datetime


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LockStopped(_LockNews):
    """It stays open; `was_objected` False: whoever asked for it may not any more."""

    at: datetime
    was_objected: bool


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LockedNews(_LockNews):
    """It is locked."""

    at: datetime


@notice
@dataclass(frozen=True, slots=True, repr=False)
class OpenedNews(_LockNews):
    """It was opened again, on the server."""

    at: datetime
