"""How organizers learn that an alarm was not rung in time."""

from coordination import alarmviews
from handlers.context import Showing
from handlers.screens import Screen
from safety.auditing import AlarmDamaged, AlarmLate


def render_late(showing: Showing, notice: AlarmLate) -> Screen | None:
    """Say what is known, and what people can do that no machine can fail at."""
    alarm = alarmviews.look(showing.work, notice.alarm_id)
    if alarm is None:
        return None
    return Screen(showing.say("alarm-late", number=alarm.number))


def render_damaged(showing: Showing, notice: AlarmDamaged) -> Screen | None:
    """Say that somebody has called, and that nothing else is left of it."""
    return Screen(showing.say("alarm-damaged", number=notice.number))
