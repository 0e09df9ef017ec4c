"""Switches that break the line between the bot and the service, one call at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.rehearsal.botapi.calls import Request


class FaultKind(StrEnum):
    """What goes wrong.

    CUT_BEFORE: the connection breaks, nothing was done. CUT_AFTER: it was done, but no answer
    comes. DELAY: the call waits `seconds` of the clock, then goes on as usual. REPEAT_UPDATES:
    the service forgets one confirmation, and the same updates come again. ELSEWHERE: a wall in
    between answers with a page and `code`, nothing was done. NONSENSE: it was done, and the answer
    is `body`. TRICKLE: it was done, and the answer comes byte by byte, without an end.
    """

    SERVER_ERROR = "server error"
    CUT_BEFORE = "cut before"
    CUT_AFTER = "cut after"
    DELAY = "delay"
    TOO_MANY = "too many"
    UNAUTHORIZED = "unauthorized"
    REPEAT_UPDATES = "repeat updates"
    ELSEWHERE = "elsewhere"
    NONSENSE = "nonsense"
    TRICKLE = "trickle"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, and the calls that it strikes.

    A call is struck when method and chat fit (None fits all) and `when` agrees. The first `skip`
    such calls pass, the next `times` are struck (None: all, until the fault is removed).
    """

    kind: FaultKind
    method: str | None = None
    chat_id: int | None = None
    times: int | None = 1
    skip: int = 0
    when: Callable[[Request], bool] | None = None
    seconds: float = 0.0  # of the clock, for DELAY
    retry_after: int = 1  # seconds, for TOO_MANY
    code: int = 502  # for SERVER_ERROR and ELSEWHERE
    body: bytes = b""  # for NONSENSE, and for ELSEWHERE in place of a page

    def fits(self, request: Request) -> bool:
        """Tell whether this fault is meant for such a call."""
        return (
            (self.method is None or self.method.lower() == request.method.lower())
            and (self.chat_id is None or self.chat_id == request.chat_id)
            and (self.when is None or self.when(request))
        )


@dataclass(slots=True)
class _Armed:
    """A fault, and how often it has met its calls."""

    fault: Fault
    met: int = 0

    @property
    def is_spent(self) -> bool:
        times = self.fault.times
        return times is not None and self.met >= self.fault.skip + times


class Faults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []

    def add(self, fault: Fault) -> None:
        """Switch a fault on."""
        self._armed.append(_Armed(fault))

    def remove(self, fault: Fault) -> None:
        """Switch a fault off, if it is still on."""
        self._armed = [armed for armed in self._armed if armed.fault is not fault]

    def clear(self) -> None:
        """Switch everything off."""
        self._armed.clear()

    @property
    def left(self) -> tuple[Fault, ...]:
        """Give the faults that can still strike."""
        return tuple(armed.fault for armed in self._armed)

    def strike(self, request: Request) -> Fault | None:
        """Give the first fault that strikes this call, and count it."""
        for armed in self._armed:
            if not armed.fault.fits(request):
                continue
            armed.met += 1
            if armed.met <= armed.fault.skip:
                continue
            self._armed = [other for other in self._armed if not other.is_spent]
            return armed.fault
        return None
