"""`aman run` with one protection taken out, to see the suites of the real program red.

`python -m tests.faults.weakened WEAKNESS run …`: the supervisor, and each worker that it starts.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum

from bot import __main__, supervisor, worker
from bot.clock import SystemClock
from bot.intake import Intake
from bot.supervisor import Supervisor
from storage import connections
from storage.inbox import Received
from storage.vault.keyslots import KeySlots

WORKER = "bot.worker"  # as the supervisor starts it
REST = 4.0  # seconds: more than it may take until it works again
LATE = 0.5  # seconds until what was acknowledged is stored after all
_tasks = set[asyncio.Task[int]]()  # or they might be collected


class Weakness(StrEnum):
    """What is taken out."""

    STORES_LATE = "stores-late"
    UNFLUSHED = "unflushed"
    WAKES_NOBODY = "wakes-nobody"
    ACKNOWLEDGES_ALL = "acknowledges-all"
    RESTS = "rests"


def _stores_late() -> None:
    """Acknowledge first, as python-telegram-bot does by itself; store a moment later."""
    take = Intake.take

    async def take_late(self: Intake, updates: Sequence[Received], *, is_polled: bool) -> int:
        async def store() -> int:
            await SystemClock().sleep(LATE)
            return await take(self, updates, is_polled=is_polled)

        task = asyncio.get_running_loop().create_task(store())
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
        return len(updates)

    Intake.take = take_late  # type: ignore[method-assign] # in a program of its own


def _commits_unflushed() -> None:
    """Leave the log of the database to the system: `synchronous=NORMAL`."""
    connections.PRAGMAS = tuple(  # type: ignore[assignment] # one word differs
        ("synchronous", "NORMAL", 1) if one[0] == "synchronous" else one
        for one in connections.PRAGMAS
    )


def _wakes_nobody() -> None:
    """Send no call for help that could not be stored."""
    after = Intake._after_failure  # noqa: SLF001 - where it is decided

    async def quietly(
        self: Intake, updates: Sequence[Received], error: Exception, *, is_polled: bool
    ) -> int:
        silent = replace(self, on_storage_failure=_does_nothing)
        return await after(silent, updates, error, is_polled=is_polled)

    Intake._after_failure = quietly  # type: ignore[method-assign] # noqa: SLF001 - as above


async def _does_nothing(_updates: Sequence[Received]) -> None:
    pass


def _acknowledges_all() -> None:
    """Tell the service that we have what could not be stored."""
    take = Intake.take

    async def take_all(self: Intake, updates: Sequence[Received], *, is_polled: bool) -> int:
        await take(self, updates, is_polled=is_polled)
        return len(updates)

    Intake.take = take_all  # type: ignore[method-assign] # as above


def _rests() -> None:
    """Wait before every start, not only after some that failed."""
    supervisor.PAUSES = tuple(max(pause, REST) for pause in supervisor.PAUSES)  # type: ignore[assignment] # as above


_TAKEN_OUT: dict[Weakness, Callable[[], None]] = {
    Weakness.STORES_LATE: _stores_late,
    Weakness.UNFLUSHED: _commits_unflushed,
    Weakness.WAKES_NOBODY: _wakes_nobody,
    Weakness.ACKNOWLEDGES_ALL: _acknowledges_all,
    Weakness.RESTS: _rests,
}


def _weakens_workers(weakness: Weakness) -> None:
    begin = Supervisor.__init__

    def begin_so(
        self: Supervisor, slots: KeySlots, command: list[str], first: Sequence[str] = ()
    ) -> None:
        at = command.index(WORKER)
        weakened = [*command[:at], __spec__.name, weakness.value, *command[at:]]
        begin(self, slots, weakened, first)

    Supervisor.__init__ = begin_so  # type: ignore[method-assign] # as above


def main() -> None:
    """Take it out, and be the supervisor or the worker."""
    weakness, room = Weakness(sys.argv[1]), sys.argv[2]
    _TAKEN_OUT[weakness]()
    if room == WORKER:
        sys.argv = sys.argv[2:]
        sys.exit(worker.main())
    _weakens_workers(weakness)
    sys.argv = sys.argv[1:]
    __main__.main()


if __name__ == "__main__":
    main()
