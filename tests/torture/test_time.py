"""The real `aman run`, stopped like a suspended machine while an alarm is open.

What it slept through is run when it wakes: once, and not once for each time it was due.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from bot.clock import SystemClock
from safety.languages import Language
from safety.people import ChatId, Recipient, Role, TeamId
from safety.team import TeamPerson, TeamState
from storage import routes
from storage.team import TEAM
from storage.transaction import Transaction
from tests.faults.program import START_WITHIN, Program, program

EVERY = 10  # seconds between two rings: the shortest that can be set
ASLEEP = 3.5 * EVERY  # real seconds
TEAM_CHATS = {101: ("Aigul", Role.ORGANIZER), 102: ("Timur", Role.STEWARD)}
TIMUR = 102


def _have_a_team(tx: Transaction) -> None:
    for chat, (name, role) in TEAM_CHATS.items():
        person = TeamPerson(TeamId(chat), role, TeamState.ACTIVE, name, SystemClock().now())
        TEAM.put(tx, person)
        routes.put(tx, None, chat, Recipient(ChatId(chat), Language.EN))


def _rings(running: Program) -> int:
    sent = [call for call in running.service.calls if call.method == "sendMessage"]
    return sum(call.parameters.get("chat_id") == TIMUR for call in sent)


def _signals(running: Program, number: signal.Signals) -> None:
    for process in (running.supervisor, *running.workers):
        os.kill(process, number)


@pytest.mark.torture
@pytest.mark.timeout(180)
async def test_a_suspended_bot_rings_once_for_all_that_it_slept_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three rings were due in the meantime; it rings one, at once, and goes on as before."""
    async with program(tmp_path) as running:
        running.surroundings["AMAN_ESCALATION_ESCALATE_AFTER_SECONDS"] = str(EVERY)
        running.surroundings["AMAN_ESCALATION_RING_EVERY_SECONDS"] = str(EVERY)
        await running.stores(_have_a_team)
        await running.starts()
        await running.works()
        phones = {
            chat: running.service.person(chat, name, language_code="en")
            for chat, (name, _) in TEAM_CHATS.items()
        }
        for phone in phones.values():
            await phone.opens()
            await phone.sees("", within=START_WITHIN)
        await phones[101].writes("sos")
        await phones[TIMUR].sees("Alarm 1.", within=START_WITHIN)
        _signals(running, signal.SIGSTOP)
        before = _rings(running)
        await SystemClock().sleep(ASLEEP)
        assert _rings(running) == before
        _signals(running, signal.SIGCONT)
        woken_at = SystemClock().monotonic()
        async with asyncio.timeout(EVERY):
            while _rings(running) == before:
                await SystemClock().sleep(0.01)
        took = SystemClock().monotonic() - woken_at
        await SystemClock().sleep(EVERY / 2 - took)
        assert _rings(running) == before + 1
        await SystemClock().sleep(EVERY)
        assert _rings(running) == before + 2
        assert running.said("standby-in-doubt") >= 1
        assert running.said("fell-behind") == 0
        assert running.service.violations == ()
    with capsys.disabled():
        sys.stdout.write(f"\nasleep for {ASLEEP:.0f} s; rung {took:.2f} s after it woke\n")
