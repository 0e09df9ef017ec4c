"""Processors that do not go to sleep while something is measured.

A virtual one that has nothing to do is taken away by its host, and giving it back takes 50 to
100 µs each time somebody is woken: longer the longer the sleep was. So whoever waits once for
250 µs is late by more than whoever waits twice for half of that, whatever either has to do.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

KEEPER = """
import os
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
while os.getppid() == {parent}:
    pass
"""  # it runs only where nobody else wants to, and not for longer than whoever has begun it


@asynccontextmanager
async def awake() -> AsyncIterator[None]:
    """Keep each of our processors busy with nothing, at the lowest priority that there is."""
    program = KEEPER.format(parent=os.getpid())
    async with AsyncExitStack() as keepers:
        for _ in os.sched_getaffinity(0):
            keeper = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
            keepers.push_async_callback(keeper.wait)
            keepers.callback(keeper.kill)
        yield
