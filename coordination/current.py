"""Which event a word without an event means."""

from coordination.turns import Work
from safety.errors import RefusalError
from safety.events import Event, current
from storage import events


def current_event(work: Work) -> Event:
    """Give the event that is on, else the next one, else the latest.

    Raises:
        RefusalError: there is none.
    """
    event = current(events.open_events(work.tx), work.now)
    if event is None:
        raise RefusalError("no-event")
    return event
