"""What an auditor calls fallen behind: an open alarm or detention that is not rung as it must be.

It asks the rule when the next ring is due, and compares with what is stored: a timer that is gone,
set too late, or was not run when it was due.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.notices import Lane, Notice, notice

EVERY = timedelta(seconds=30)
GRACE = timedelta(seconds=10)  # for whoever is about to do it anyway
LONGEST_PAUSE = timedelta(minutes=5)  # between two tries to send one notice


class Lag(StrEnum):
    """How something fell behind."""

    NO_TIMER = "no-timer"  # nothing would have rung it in time
    NOT_RUN = "not-run"  # it was due, and nobody was rung
    NOT_SENT = "not-sent"  # somebody who must have been rung has nothing on their phone
    SET_BACK = "set-back"  # it was rung, or failed, in the future: the clock was set back since
    DAMAGED = "damaged"  # its row does not open: nothing is left to ring but its number


def lag_of(
    due: datetime | None, rung_at: datetime, timer_at: datetime | None, now: datetime
) -> Lag | None:
    """Say how a ring that is `due` fell behind; `timer_at` is where its timer stands. None: not.

    `due` None: nothing has to ring any more.
    """
    if due is None:
        return None
    if is_ahead(rung_at, now):
        return Lag.SET_BACK
    if due + GRACE < now:
        return Lag.NOT_RUN
    return Lag.NO_TIMER if timer_at is None or timer_at > due else None


def is_ahead(moment: datetime, now: datetime) -> bool:
    """Say whether something that has happened lies in the future."""
    return moment > now + GRACE


@notice
@dataclass(frozen=True, slots=True, repr=False)
class AlarmLate(Notice):
    """An alarm was not rung in time because something failed; it is now."""

    lane = Lane.ALARM

    alarm_id: int

    @override
    def card(self) -> str | None:
        return f"alarm-late:{self.alarm_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class AlarmDamaged(Notice):
    """There is an alarm that nobody can read any more; its number is all that is left of it."""

    lane = Lane.ALARM

    number: int
