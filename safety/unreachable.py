"""Who cannot be reached in their chat any more: organizers are told that somebody must be called.

People block a bot one after the other, or, when a release goes out, many at once: what comes
within a minute is one message. It counts; names are on a tap.
"""

from dataclasses import dataclass
from datetime import timedelta

from typing_extensions import override

from safety.notices import Lane, Notice, notice
from safety.people import EventId
from safety.timers import AfterPause, timer

GATHERED_FOR = timedelta(minutes=1)


@timer
@dataclass(frozen=True, slots=True, repr=False)
class TellUnreachable(AfterPause):
    """Somebody of an event, or of the team where `event_id` is None, took no more messages."""

    event_id: EventId | None

    @override
    def key(self) -> str:
        return f"unreachable:{self.event_id or 0}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Unreachable(Notice):
    """How many of an event, or of the team where `event_id` is None, have to be called."""

    lane = Lane.HOLD
    replaces = True

    event_id: EventId | None

    @override
    def card(self) -> str | None:
        return f"unreachable:{self.event_id or 0}"
