"""The events that a command without an event can mean."""

from coordination.turns import Work
from safety.choosing import meant
from safety.events import Event
from storage import events


def events_meant(work: Work) -> list[Event]:
    """Give the events that are on or coming, the earliest first; else the latest one."""
    return meant(events.open_events(work.tx), work.now)
