"""Which event a word means, where more than one is on or coming: the person says it by a press."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from typing_extensions import override

from safety.events import AFTER, Event, EventState, current
from safety.notices import Notice, notice


@notice
@dataclass(frozen=True, slots=True, repr=False)
class EventChoice(Notice):
    """The events that a command can mean, each a button."""

    stays = timedelta(minutes=10)
    replaces = True

    command: str
    page: int = 0

    @override
    def card(self) -> str | None:
        return f"which:{self.command}"


def meant(events: Sequence[Event], now: datetime) -> list[Event]:
    """Give the events that a command can mean: those on or coming, else the latest, else none."""
    is_open = [event for event in events if event.state is EventState.OPEN]
    coming = [event for event in is_open if now < event.ends_at + AFTER]
    if coming:
        return sorted(coming, key=lambda event: event.starts_at)
    latest = current(is_open, now)
    return [] if latest is None else [latest]
