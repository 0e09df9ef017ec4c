"""`kill -9` around each request of the real program: everything is sent or still owed."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.rehearsal.botapi import Call, Phone, Request
from tests.faults.program import START_WITHIN, Program, program


@dataclass(slots=True)
class Strikes:
    """Kills the worker where it is told to."""

    program: Program
    kills: int = 0
    _points: list[tuple[str, str, int]] = field(default_factory=list)

    def at(self, when: str, method: str, number: int = 1) -> None:
        """Have it killed before or after its `number`-th call of `method`."""
        self._points.append((when, method, number))
        self.program.service.before_request = self._before
        self.program.service.after_request = self._after

    async def _before(self, request: Request) -> None:
        await self._strike("before", request.method)

    async def _after(self, call: Call) -> None:
        await self._strike("after", call.method)

    async def _strike(self, when: str, method: str) -> None:
        for point in [point for point in self._points if point[:2] == (when, method)]:
            self._points.remove(point)
            if point[2] > 1:
                self._points.append((when, method, point[2] - 1))
                continue
            self.kills += 1
            await self.program.is_killed()


@pytest.mark.parametrize(
    ("when", "method", "number"),
    [
        ("before", "getMe", 1),
        ("after", "setMyCommands", 2),
        ("before", "getUpdates", 1),
        ("after", "getUpdates", 1),
        ("before", "getUpdates", 2),
        ("before", "sendMessage", 1),
        ("after", "sendMessage", 1),
        ("before", "getUpdates", 3),
    ],
)
async def test_whatever_a_kill_cuts_off_is_answered_without_a_human(
    tmp_path: Path, when: str, method: str, number: int
) -> None:
    """Before a request, after it, before its answer: the next worker goes on."""
    async with program(tmp_path) as running:
        dana = running.service.person(17, "Dana", language_code="en")
        await dana.opens()
        strikes = Strikes(running)
        strikes.at(when, method, number)
        await running.starts()
        if (method, number) == ("getUpdates", 3):
            await dana.sees("", within=START_WITHIN)
            await dana.writes("one more")
        await _is_answered(running, dana)
        assert strikes.kills == 1
        assert running.running is not None
        assert running.running.returncode is None


async def test_what_the_supervisors_end_cuts_off_is_answered_after_the_next_start(
    tmp_path: Path,
) -> None:
    """As after a power cut."""
    async with program(tmp_path) as running:
        dana = running.service.person(17, "Dana", language_code="en")
        await running.starts()
        await running.works()
        await dana.opens()
        await running.is_over()
        await running.starts()
        await _is_answered(running, dana)


async def _is_answered(running: Program, dana: Phone) -> None:
    await dana.sees("", within=START_WITHIN)
    await running.service.settles(within=START_WITHIN)
    answers = [message for message in dana.messages if message.from_bot]
    assert 1 <= len(answers) <= 2  # nobody can tell of the one that was cut off: then it is two
    assert running.service.violations == ()
