"""What must hold when hostile updates come by the hundred or by the thousand."""

import asyncio
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.clock import SystemClock
from tests.hostile.senders import Sender
from tests.hostile.shapes import MARKER, PHONE
from tests.hostile.siege import Siege, besieged

BETWEEN = 0.5  # real seconds between two questions of a guest

_EVENT = re.compile(r"\bevent=(\S+)")
_ID = re.compile(r"(?<!\d)77\d{8}(?!\d)")

# Whatever else a log says while updates come is a fault of ours.
EXPECTED = frozenset({
    "download-left-to-hand", "given-up",  # a file, a message to change, that was never there
    "started", "stopped", "update-set-aside", "update-without-id", "chat-unreachable",
    "bare-alarm",  # somebody's call for help that is no update: it wakes the team all the same
    "fell-behind",  # the auditor's ten seconds are half a real one here (SPEED)
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a siege went; the lists are empty when all is well."""

    updates: int
    changed: list[str]  # tables that somebody without authority has changed
    faults: list[str]  # lines of the log that are no answer to what was sent
    leaks: list[str]  # lines of the log that say something of a person
    slowest: float  # real seconds until a guest was answered in between
    events: Counter[str]


async def besiege(folder: Path, seed: int, count: int) -> Verdict:
    """Send `count` updates, two thirds of them without authority, and say what they did."""
    sys.stdout.write(f"\nseed {seed}\n")
    waits: list[float] = []
    async with besieged(folder, seed) as siege:
        before = await siege.contents()
        for senders in (siege.cast.outside, siege.cast.inside):
            await _strike(siege, count // 3, senders, waits, rightly=False)
        changed = before.changed(await siege.contents())
        everybody = (*siege.cast.inside, *siege.cast.reporters)
        await _strike(siege, count - siege.sent, everybody, waits, rightly=True)
    lines = siege.log.getvalue().splitlines()
    events = Counter(found[1] for line in lines if (found := _EVENT.search(line)))
    faults = [line for line in lines if _is_fault(line)]
    leaks = [line for line in lines if MARKER in line or PHONE in line or _ID.search(line)]
    return Verdict(siege.sent, changed, faults, leaks, max(waits), events)


async def _strike(
    siege: Siege, count: int, senders: Sequence[Sender], waits: list[float], *, rightly: bool
) -> None:
    """Send updates while a guest asks something now and then, and wait until all is done.

    Where people may do what they like there are alarms, which ring on.
    """
    async with asyncio.TaskGroup() as tasks:
        striking = tasks.create_task(siege.strike(count, senders, rightly=rightly))
        while not striking.done():
            waits.append(await siege.is_answered())
            await SystemClock().sleep(BETWEEN)
    await (siege.handles() if rightly else siege.calms())


def _is_fault(line: str) -> bool:
    found = _EVENT.search(line)
    return found is None or found[1] not in EXPECTED
