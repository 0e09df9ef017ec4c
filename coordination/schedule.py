"""What has to happen when at an event: each feature that sets timers for it is listed here.

They run when an event is made, when its times change, and when it is cancelled (`event.state` says
so then, and what is not for a cancelled event is not set). Setting a timer again replaces it.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from coordination import checkins, retention, telling, traces
from coordination.turns import Work
from safety.events import Event
from safety.timers import Timer
from storage import timers

SCHEDULES: tuple[Callable[[Work, Event], None], ...] = (
    retention.keep_until,
    traces.set_lives,
    telling.schedule_stages,
    checkins.schedule_aftercare,
)

# What is still to come at an event, as it stands now. What has passed was run, unless its row is
# there and does not open; a feature that knows better says so by a moment that is to come.
PLANS: tuple[Callable[[Work, Event], Iterable[tuple[datetime, Timer]]], ...] = (
    retention.list_planned,
    telling.list_planned,
    checkins.list_planned,
)


def schedule(work: Work, event: Event) -> None:
    """Have every feature set its timers for this event, as it stands now."""
    for set_timers in SCHEDULES:
        set_timers(work, event)


def set_anew(work: Work) -> None:
    """Set what is to come at an event where its row was lost or does not open."""
    for event in retention.list_known(work):
        for list_planned in PLANS:
            for due_at, timer in list_planned(work, event):
                _set_if_lost(work, event, due_at, timer)


def _set_if_lost(work: Work, event: Event, due_at: datetime, timer: Timer) -> None:
    is_to_come = due_at > work.now or timers.is_damaged(work.tx, timer)
    if is_to_come and timers.moment_of(work.tx, timer) is None:
        work.set_timer(max(due_at, work.now), timer, event.id)
