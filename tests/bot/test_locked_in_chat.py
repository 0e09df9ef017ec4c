"""*Lock* pressed in a chat reaches the supervisor; opened on the shell, the chat is told."""

import asyncio
from datetime import timedelta
from pathlib import Path

from bot import control
from bot.clock import SystemClock
from bot.rehearsal.botapi.phones import Phone
from safety.languages import Language
from safety.people import ChatId, EventId, Recipient, Role, TeamId
from safety.team import TeamPerson, TeamState
from storage import routes
from storage.database import Database
from storage.events import EVENTS
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault import keyslots, words
from storage.vault.keywire import Look
from tests.faults.program import Program, program
from tests.made import gathering

AIGUL = 5_100_000_101
PATIENCE = 30.0  # real seconds, where others work here too
LOCKED, OPENED = "are locked: nobody can read them", "can be read again"


def _an_evening(tx: Transaction) -> None:
    """Put an organizer and an event there, as they are after an evening was planned."""
    now = SystemClock().now()
    event = gathering(EventId(7), now + timedelta(days=1), timedelta(hours=3))
    tx.create_event_keys(event.id)
    EVENTS.put(tx, event)
    TEAM.put(tx, TeamPerson(TeamId(1), Role.ORGANIZER, TeamState.ACTIVE, "Aigul", now))
    routes.put(tx, None, TeamId(1), Recipient(ChatId(AIGUL), Language.EN))


async def _prepare(one: Program) -> Phone:
    secret = words.parse(one.made.words)
    with await asyncio.to_thread(keyslots.unlock, one.made.directory / "keys", secret) as slots:
        async with Database(one.made.directory / "aman.db", slots) as database:
            await database.write(_an_evening)
    aigul = one.service.person(AIGUL, "Aigul", language_code="en")
    await aigul.opens()
    return aigul


async def _is_locked(one: Program) -> bool:
    path = one.made.directory / "control"
    return (await asyncio.to_thread(control.ask, path, Look())).is_locked


async def test_a_lock_in_chat_holds_until_the_shell_opens_it(tmp_path: Path) -> None:
    """Neither a crash nor the next worker opens it; the unlock secret does, and all are told."""
    async with program(tmp_path) as one:
        aigul = await _prepare(one)
        await one.starts()
        await one.works()
        assert not await _is_locked(one)
        await aigul.writes("/lock")
        asked = await aigul.sees("Before you decide.", within=PATIENCE)
        await aigul.presses("Lock", message=asked, within=PATIENCE)
        await aigul.sees(LOCKED, within=PATIENCE)
        assert await _is_locked(one)
        await one.is_killed()
        await one.works()
        await aigul.writes("/lock")
        await aigul.sees("It is locked. Only an unlock secret", within=PATIENCE)
        assert await _is_locked(one)
        opened = await one.aman("unlock")
        assert opened.code == 0, opened.err
        await aigul.sees(OPENED, within=PATIENCE)
        since = aigul.moment
        assert (await one.aman("lock")).code == 0
        await aigul.sees(LOCKED, since=since, within=PATIENCE)
        assert one.said("fault") == 0
