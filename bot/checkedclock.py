"""The clock that the bot lives by: the machine's, unless the service's says otherwise (ADR-0040).

A clock that was set forward would tell a place hours too early and destroy a roster; one that was
set back would keep the next ring of an alarm waiting. Each answer of the service says when it was
given, and nobody in between can write that. But one answer alone moves nothing that two others
agree on: one machine of the service may be wrong as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from typing_extensions import override

from bot import logs
from bot.clock import Clock

TRUSTED = timedelta(minutes=2)  # away from the service's; answers can be late by some seconds
TRUSTED_AGAIN = timedelta(minutes=1)
STANDS = 10.0  # seconds in which no other answer says that what nobody else says is wrong


@dataclass(frozen=True, slots=True)
class _Claim:
    """What an answer says that agrees with nothing else, over which connection, since when.

    `zero` is the moment that it was at second 0 of the clock that nobody can set.
    """

    zero: datetime
    connection: object
    since: float


class CheckedClock(Clock):
    """A machine's clock that is corrected by the answers of the service.

    Between two answers, and while none comes, seconds are counted from the last one; before the
    first one, from the moment at which the bot was last known to work.
    """

    def __init__(self, machine: Clock) -> None:
        self._machine = machine
        self._zero: datetime | None = None  # as of `_Claim`, of what is counted; None: nothing is
        self._claim: _Claim | None = None
        self._is_checked = False  # by the service, since the start
        self._is_off = False

    def go_on_from(self, moment: datetime) -> None:
        """Before the first answer it is `moment` (aware), and later by what passes from here on.

        A machine that starts without a line has no time server either.
        """
        self._zero = self._zero_of(moment)

    def note_served(self, moment: datetime | None, connection: object) -> None:
        """The service has just dated an answer: `moment` (aware) is now, or was on its way.

        Two that agree are believed: an answer and what is counted; an answer and the machine; or
        two answers over different connections, some seconds apart, with none in between that
        says otherwise. The answer that came quickest says best what the time is. None: the
        service dates nothing, so the machine's clock is all there is.
        """
        if moment is None:
            self._note_undated()
            return
        zero = self._zero_of(moment)
        if self._zero is not None and _agree(zero, self._zero):
            self._believe(max(zero, self._zero) if self._is_checked else zero)
        elif _agree(zero, self._zero_of(self._machine.now())) or self._is_said_twice(
            zero, connection
        ):
            self._believe(zero)

    @property
    def is_checked(self) -> bool:
        """Say whether the service has said what time it is, or that it never does."""
        return self._is_checked

    def ahead(self) -> timedelta | None:
        """Give how far the machine is ahead of what is counted, or None; negative: behind."""
        if self._zero is None:
            return None
        return self._machine.now() - self._since(self._zero)

    @override
    def now(self) -> datetime:
        now, zero, claim = self._machine.now(), self._zero, self._claim
        counted = now if zero is None else self._since(zero)
        is_off = abs(now - counted) > (TRUSTED_AGAIN if self._is_off else TRUSTED)
        if is_off is not self._is_off:
            self._is_off = is_off
            logs.warn("clock-checked", seconds=round((now - counted).total_seconds()))
        if claim is not None and (zero is None or (is_off and not self._is_checked)):
            # What is late for a moment can be run yet; what the bot has lived through stays past.
            return min(max(now, counted), self._since(claim.zero))
        return counted if is_off else now

    def _note_undated(self) -> None:
        if not self._is_checked:
            self._zero, self._claim, self._is_checked = None, None, True

    def _believe(self, zero: datetime) -> None:
        self._zero, self._claim, self._is_checked = zero, None, True

    def _is_said_twice(self, zero: datetime, connection: object) -> bool:
        claim, steady = self._claim, self._machine.monotonic()
        if claim is None or not _agree(zero, claim.zero):
            self._claim = _Claim(zero, connection, steady)
            return False
        return connection is not claim.connection and steady - claim.since >= STANDS

    def _zero_of(self, moment: datetime) -> datetime:
        return moment - timedelta(seconds=self._machine.monotonic())

    def _since(self, zero: datetime) -> datetime:
        return zero + timedelta(seconds=self._machine.monotonic())

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


def _agree(one: datetime, other: datetime) -> bool:
    return abs(one - other) <= TRUSTED
