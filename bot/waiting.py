"""Waiting for a ring or for a moment, whichever comes first, in the clock's own time."""

import asyncio

from bot.clock import Clock


class Bell:
    """Something to be woken by. A ring that comes while nobody waits is not lost."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()
        clock.on_move(self._rung.set)

    def ring(self) -> None:
        """Wake whoever waits, or whoever waits next."""
        self._rung.set()

    async def wait(self, seconds: float | None = None) -> bool:
        """Come back after a ring, or a move of the clock; False when `seconds` have passed."""
        real = None if seconds is None else max(self._clock.real_seconds(seconds), 0)
        try:
            async with asyncio.timeout(real):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True
