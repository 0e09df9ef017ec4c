"""What has to happen when at an event: each feature that sets timers for it is listed here.

They run when an event is made, when its times change, and when it is cancelled (`event.state` says
so then, and what is not for a cancelled event is not set). Setting a timer again replaces it.
"""

from collections.abc import Callable

from coordination import checkins, retention, telling, traces
from coordination.turns import Work
from safety.events import Event

SCHEDULES: tuple[Callable[[Work, Event], None], ...] = (
    retention.keep_until,
    traces.set_lives,
    telling.schedule_stages,
    checkins.schedule_aftercare,
)


def schedule(work: Work, event: Event) -> None:
    """Have every feature set its timers for this event, as it stands now."""
    for set_timers in SCHEDULES:
        set_timers(work, event)
