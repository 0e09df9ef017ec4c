"""Faults of the line: all that is owed arrives or ends as its rule says, and repeats say so.

What may come twice is only what may have arrived: a connection cut after the service had taken a
message, or an answer that came too late. Each protection is taken out once, to see this red.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot import app, outcomes
from bot.limits import Limits
from bot.outcomes import Failure
from bot.rehearsal.botapi import Fault, FaultKind
from storage import outbox
from storage.transaction import Transaction
from tests.faults.line import FIRST, KINDS, LASTING, Line, LineRelease, LineReminder, line

pytestmark = [pytest.mark.torture, pytest.mark.in_parts]

MINUTE = 60  # seconds
Patch = pytest.MonkeyPatch


@dataclass(frozen=True, slots=True)
class Trouble:
    """One fault of the line. Seconds are the clock's.

    `calls`: how many requests it may cost at most while it lasts. `answers_in`: real seconds that
    the bot waits for an answer.
    """

    kind: FaultKind | None
    seconds: int
    calls: int
    chat_id: int | None = None
    may_repeat: bool = False
    retry_after: int = 1
    code: int = 502
    answers_in: float = 15.0


TROUBLES = {
    "the service cannot serve": Trouble(FaultKind.SERVER_ERROR, 2 * MINUTE, 120),
    "one chat cannot be served": Trouble(FaultKind.SERVER_ERROR, 2 * MINUTE, 85, chat_id=103),
    "one chat is halted": Trouble(FaultKind.TOO_MANY, MINUTE, 45, chat_id=103, retry_after=20),
    "everything is halted": Trouble(FaultKind.TOO_MANY, MINUTE, 80, retry_after=20),
    "the halt goes on after its time": Trouble(FaultKind.TOO_MANY, 2 * MINUTE, 140, retry_after=1),
    "the line is cut before": Trouble(FaultKind.CUT_BEFORE, MINUTE, 100, may_repeat=False),
    "the line is cut after": Trouble(FaultKind.CUT_AFTER, MINUTE, 100, may_repeat=True),
    "the service is slow": Trouble(FaultKind.DELAY, 20, 60, may_repeat=True, answers_in=0.3),
    "answers have no end": Trouble(FaultKind.TRICKLE, 20, 60, may_repeat=True, answers_in=0.3),
    "answers make no sense": Trouble(FaultKind.NONSENSE, MINUTE, 100, may_repeat=True),
    "a wall answers instead": Trouble(FaultKind.ELSEWHERE, 2 * MINUTE, 120, code=403),
    "a halt is said to last for years": Trouble(FaultKind.TOO_MANY, MINUTE, 80, retry_after=10**9),
    "a blackout": Trouble(FaultKind.CUT_BEFORE, 10 * MINUTE, 450),
    "no name is found": Trouble(None, 10 * MINUTE, 0),
}


@pytest.mark.parametrize("name", TROUBLES)
async def test_all_that_is_owed_arrives_whatever_the_line_does(
    name: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    """Before, in the middle of it and after it: once, or again with its number."""
    await _endure(TROUBLES[name], tmp_path, monkeypatch)


async def _endure(trouble: Trouble, folder: Path, patch: Patch) -> None:
    patch.setattr(app, "SEND_TIMEOUT", trouble.answers_in)
    async with line(folder) as one:
        end = _begin(trouble, one, patch)
        await one.owes(*KINDS)
        await one.passes(trouble.seconds / 2)
        await one.owes(*LASTING)
        await one.passes(trouble.seconds / 2)
        spent = _count(one, trouble)
        end()
        await one.owes(LineRelease)
        await one.empties()
        one.check(may_repeat=trouble.may_repeat, struck=_struck(trouble))
        assert spent <= trouble.calls, f"{spent} requests into a line that is down"


def _count(one: Line, trouble: Trouble) -> int:
    chats = [call.chat_id for call in one.sendings]
    return len(chats) if trouble.chat_id is None else chats.count(trouble.chat_id)


def _struck(trouble: Trouble) -> int | None:
    return None if trouble.chat_id is None else trouble.chat_id - FIRST


def _begin(trouble: Trouble, one: Line, patch: Patch) -> Callable[[], None]:
    """Let the fault begin; give what ends it."""
    if trouble.kind is None:
        return _lose_names(patch)
    fault = Fault(
        trouble.kind,
        method="sendMessage",
        chat_id=trouble.chat_id,
        times=None,
        seconds=5,
        retry_after=trouble.retry_after,
        code=trouble.code,
    )
    one.service.faults.add(fault)
    return one.service.faults.clear


def _lose_names(patch: Patch) -> Callable[[], None]:
    found = socket.getaddrinfo

    def lost(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    patch.setattr(socket, "getaddrinfo", lost)
    return lambda: patch.setattr(socket, "getaddrinfo", found)


# ---------------------------------------------------------------- seen red


def _gives_up(patch: Patch) -> None:
    """What was not sent is taken for refused."""
    patch.setattr(outcomes, "_judge_network", lambda _: Failure.REFUSED)


def _hopes(patch: Patch) -> None:
    """What may have arrived is taken for what did not."""
    patch.setattr(outcomes, "_judge_network", lambda _: Failure.NOT_SENT)


def _never_slows_down(patch: Patch) -> None:
    """A line that is down is tried again at once."""
    patch.setattr(Limits, "failed", lambda *_: None)


def _ignores_halts(patch: Patch) -> None:
    """The service's word to wait is not heard."""
    patch.setattr(Limits, "hold_chat", lambda *_: None)


def _forgets_attempts(patch: Patch) -> None:
    """A repeat does not know that it is one."""
    put_back = outbox.put_back

    def forgetful(tx: Transaction, row_id: int, at: datetime, *, was_tried: bool) -> None:
        del was_tried
        put_back(tx, row_id, at, was_tried=False)

    patch.setattr(outbox, "put_back", forgetful)


def _forgets_deadlines(patch: Patch) -> None:
    """A reminder comes, however late."""
    patch.setattr(LineReminder, "valid_for", None)


BREAKS: dict[str, tuple[Callable[[Patch], None], str]] = {
    "it gives up": (_gives_up, "a blackout"),
    "it hopes": (_hopes, "the line is cut after"),
    "it never slows down": (_never_slows_down, "the service cannot serve"),
    "it ignores halts": (_ignores_halts, "everything is halted"),
    "it forgets attempts": (_forgets_attempts, "the line is cut after"),
    "it forgets deadlines": (_forgets_deadlines, "a blackout"),
}


@pytest.mark.parametrize("name", BREAKS)
async def test_without_its_protection_the_suite_is_red(
    name: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    """A check that cannot fail promises nothing."""
    breaks, trouble = BREAKS[name]
    breaks(monkeypatch)
    with pytest.RaisesGroup(AssertionError, allow_unwrapped=True, flatten_subgroups=True):
        await _endure(TROUBLES[trouble], tmp_path, monkeypatch)
