"""Time as the rest of Aman sees it: the only module that may ask the machine for it.

Everything that waits, counts or dates takes a clock, so that a rehearsal can let an evening pass
in seconds while the very same code runs.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from typing_extensions import override


class Clock(Protocol):
    """What is the time, and wake me later."""

    def now(self) -> datetime:
        """Give the present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Give seconds that never run backwards; only differences mean anything."""
        ...

    def real_seconds(self, seconds: float) -> float:
        """Say how many seconds of the machine's time `seconds` of this clock take."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Come back when `seconds` of this clock have passed."""
        ...

    def on_move(self, callback: Callable[[], None]) -> None:
        """Have `callback` called whenever this clock jumps."""
        ...

    def note_jump(self) -> None:
        """Tell all of them that it has jumped: somebody has found out."""
        ...


class SystemClock(Clock):
    """The machine's own time. It cannot be moved from here; `bot/watch.py` sees when it was."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[[], None]] = []

    @override
    def now(self) -> datetime:
        return datetime.now(UTC)

    @override
    def monotonic(self) -> float:
        return time.monotonic()

    @override
    def real_seconds(self, seconds: float) -> float:
        return seconds

    @override
    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    @override
    def on_move(self, callback: Callable[[], None]) -> None:
        self._callbacks.append(callback)

    @override
    def note_jump(self) -> None:
        for callback in self._callbacks:
            callback()


def hold(seconds: float) -> None:
    """Hold this whole program back, in real seconds: for commands, never inside a loop."""
    time.sleep(seconds)


class MovableClock(Clock):
    """A clock that starts where it is told, may run faster than real time, and can be moved.

    `speed` is seconds of this clock for each second of the machine's. Sleepers whose time has come
    wake at once when the clock is moved.
    """

    def __init__(self, start: datetime, speed: float = 1.0) -> None:
        self._start = start
        self._speed = speed
        self._origin = time.monotonic()
        self._jumped = 0.0  # seconds
        self._moved = asyncio.Event()
        self._callbacks: list[Callable[[], None]] = []

    @override
    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    @override
    def monotonic(self) -> float:
        return (time.monotonic() - self._origin) * self._speed + self._jumped

    @override
    def real_seconds(self, seconds: float) -> float:
        return seconds / self._speed

    @override
    async def sleep(self, seconds: float) -> None:
        deadline = self.monotonic() + seconds
        while (remaining := deadline - self.monotonic()) > 0:
            try:
                async with asyncio.timeout(self.real_seconds(remaining)):
                    await self._moved.wait()
            except TimeoutError:
                continue

    @override
    def on_move(self, callback: Callable[[], None]) -> None:
        self._callbacks.append(callback)

    def move(self, by: timedelta) -> None:
        """Let `by` pass at once and wake whoever waited for less; a negative one sets it back."""
        self._jumped += by.total_seconds()
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        self.note_jump()

    @override
    def note_jump(self) -> None:
        for callback in self._callbacks:
            callback()

    def set_wall(self, by: timedelta) -> None:
        """Set what this clock shows, as a machine's is set: no time passes, nobody wakes."""
        self._start += by

    def move_to(self, moment: datetime) -> None:
        """Let time pass until `moment` (aware); a moment already gone changes nothing."""
        self.move(max(moment - self.now(), timedelta()))

    @override
    def __repr__(self) -> str:
        return f"<MovableClock at {self.now():%Y-%m-%d %H:%M:%S}>"
