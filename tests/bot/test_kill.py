"""`kill -9` around each request of the real program: everything is sent or still owed."""

import signal
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.rehearsal.botapi import Call, Fault, FaultKind, Phone, Request
from bot.rehearsal.botapi.courier import DELIVERY
from storage.transaction import Transaction
from tests.bot.test_webhook import free_port
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
        ("after", "getUpdates", 1),
        ("after", "sendMessage", 1),
        *(
            pytest.param(*moment, marks=pytest.mark.torture)
            for moment in (
                ("before", "getMe", 1),
                ("after", "setMyCommands", 2),
                ("before", "getUpdates", 1),
                ("before", "getUpdates", 2),
                ("before", "sendMessage", 1),
                ("before", "getUpdates", 3),
            )
        ),
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


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        ("before", None),  # nothing was delivered
        ("after", FaultKind.CUT_AFTER),  # it was committed, and nobody was told
    ],
)
@pytest.mark.torture
async def test_a_delivery_that_a_kill_cuts_off_is_handled_once(
    tmp_path: Path, when: str, fault: FaultKind | None
) -> None:
    """Before it came, and between the commit and the 200."""
    async with program(tmp_path) as running:
        _delivers(running)
        if fault is not None:
            running.service.faults.add(Fault(fault, method=DELIVERY))
        dana = running.service.person(17, "Dana", language_code="en")
        await dana.opens()
        strikes = Strikes(running)
        strikes.at(when, DELIVERY)
        await running.starts()
        await _is_answered(running, dana)
        assert strikes.kills == 1
        await running.is_over()
        states = await running.stores(_states)
    assert states == ["done"]


@pytest.mark.parametrize("is_delivered", [False, pytest.param(True, marks=pytest.mark.torture)])
async def test_a_webhook_answers_as_polling_does(tmp_path: Path, *, is_delivered: bool) -> None:
    """The same people, the same words, the same answers; SIGTERM ends both cleanly."""
    async with program(tmp_path) as running:
        if is_delivered:
            _delivers(running)
        people = [running.service.person(17 + n, "X", language_code="en") for n in range(20)]
        await people[0].opens()
        await running.starts()
        await people[0].sees("", within=START_WITHIN)
        for person in people[1:]:
            await person.opens()
            await person.writes("sos")
        for person in people:
            await _is_answered(running, person)
        assert running.running is not None
        running.running.send_signal(signal.SIGTERM)
        assert await running.ends() == 0
        states = await running.stores(_states)
    assert states == ["done"] * 39
    polls = [call for call in running.service.calls if call.method == "getUpdates"]
    assert bool(polls) is not is_delivered


def _delivers(running: Program) -> None:
    """Have this bot's updates delivered instead of asked for."""
    port = free_port()
    running.service.messenger.updates.is_local = True
    running.surroundings["AMAN_TELEGRAM_WEBHOOK_URL"] = f"http://127.0.0.1:{port}/in"
    running.surroundings["AMAN_TELEGRAM_WEBHOOK_LISTEN"] = f"127.0.0.1:{port}"


def _states(tx: Transaction) -> list[str]:
    return [state for (state,) in tx.all(tuple[str], "SELECT state FROM inbox")]


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
