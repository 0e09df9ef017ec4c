"""The clock that the bot lives by: the machine's, unless the service's says otherwise (ADR-0040).

A clock that was set forward would tell a place hours too early and destroy a roster; one that was
set back would keep the next ring of an alarm waiting. Each answer of the service says when it was
given, and nobody in between can write that.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from typing_extensions import override

from bot import logs
from bot.clock import Clock

TRUSTED = timedelta(minutes=2)  # away from the service's; answers can be late by some seconds
TRUSTED_AGAIN = timedelta(minutes=1)


class CheckedClock(Clock):
    """A machine's clock that is corrected as soon as an answer of the service has come.

    Between two answers, and while none comes, seconds are counted from the last one.
    """

    def __init__(self, machine: Clock) -> None:
        self._machine = machine
        self._served: tuple[datetime, float] | None = None  # what it was, and at which second
        self._is_off = False

    def note_served(self, moment: datetime) -> None:
        """The service has just dated an answer: `moment` (aware) is now, or was on its way.

        The answer that came quickest says best what its time is.
        """
        served = self._served_now()
        if served is None or not timedelta() <= served - moment <= TRUSTED:
            self._served = (moment, self._machine.monotonic())

    def ahead(self) -> timedelta | None:
        """Give how far the machine is ahead of the service; negative: behind; None: not known."""
        served = self._served_now()
        return None if served is None else self._machine.now() - served

    @override
    def now(self) -> datetime:
        now, served = self._machine.now(), self._served_now()
        if served is None:
            return now
        is_off = abs(now - served) > (TRUSTED_AGAIN if self._is_off else TRUSTED)
        if is_off is not self._is_off:
            self._is_off = is_off
            logs.warn("clock-checked", seconds=round((now - served).total_seconds()))
        return served if is_off else now

    def _served_now(self) -> datetime | None:
        if self._served is None:
            return None
        moment, since = self._served
        return moment + timedelta(seconds=self._machine.monotonic() - since)

    @override
    def monotonic(self) -> float:
        return self._machine.monotonic()

    @override
    def real_seconds(self, seconds: float) -> float:
        return self._machine.real_seconds(seconds)

    @override
    async def sleep(self, seconds: float) -> None:
        await self._machine.sleep(seconds)

    @override
    def on_move(self, callback: Callable[[], None]) -> None:
        self._machine.on_move(callback)

    @override
    def note_jump(self) -> None:
        self._machine.note_jump()
