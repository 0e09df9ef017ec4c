"""Waiting for a change without asking again and again."""

import asyncio
from collections.abc import Callable


class Signal:
    """Something that happens again and again; everybody who waits is woken each time."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def fire(self) -> None:
        """Wake everybody who waits now."""
        happened, self._next = self._next, asyncio.Event()
        happened.set()

    async def wait(self) -> None:
        """Come back at the next firing."""
        await self._next.wait()

    async def until(self, is_so: Callable[[], bool], within: float) -> bool:
        """Wait at most `within` real seconds for `is_so`, asked once and after each firing.

        Gives whether it came true.
        """
        try:
            async with asyncio.timeout(within):
                while not is_so():
                    await self._next.wait()
        except TimeoutError:
            return is_so()
        return True
