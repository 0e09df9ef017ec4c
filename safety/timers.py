"""What falls due later: typed timers, kept as rows, run late by their own rule, never skipped.

Feature modules define their own timers; `coordination/timetable.py` says which use case each runs.
"""

from datetime import timedelta
from typing import TypeVar

from typing_extensions import override

from safety.people import Unprinted

# Whoever has many people to write to goes on with the next by a timer (ADR-0037).
CHUNK = 20  # people written to in one transaction: an alarm waits for it
CHUNK_EVERY = timedelta(seconds=0.25)  # eighty a second: thirty get through, on a busy machine too


class Timer(Unprinted):
    """Base of all timers. Subclasses are frozen dataclasses of ids and short values."""

    __slots__ = ()

    def key(self) -> str:
        """Name this timer; setting one with the same name replaces it."""
        raise NotImplementedError

    def is_pause(self) -> bool:
        """Say whether it waits for seconds to pass, not for what the clock shows (ADR-0023).

        Such a timer comes no later because somebody has set the clock back.
        """
        raise NotImplementedError


class AfterPause(Timer):
    """Falls due a while after something happened, whatever the clock is set to meanwhile."""

    __slots__ = ()

    @override
    def is_pause(self) -> bool:
        return True


class AtMoment(Timer):
    """Falls due when the clock shows a time that people go by, or that a stored row names."""

    __slots__ = ()

    @override
    def is_pause(self) -> bool:
        return False


TIMERS: dict[str, type[Timer]] = {}

_T = TypeVar("_T", bound=Timer)


def timer(kind: type[_T]) -> type[_T]:
    """Register a kind of timer under its own name, so that a stored one can be read again.

    Raises:
        ValueError: another feature has one of this name, and would read what this one stored.
    """
    known = TIMERS.setdefault(kind.__name__, kind)
    if known.__module__ != kind.__module__:
        raise ValueError(kind.__name__)
    return kind
