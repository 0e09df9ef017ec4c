"""What must hold while the real program's disk takes nothing, and after that."""

import asyncio
from contextlib import AbstractAsyncContextManager

from bot.clock import SystemClock
from safety.languages import Language
from safety.people import ChatId, Recipient, Role, TeamId
from safety.team import TeamPerson, TeamState
from storage import routes
from storage.team import TEAM
from storage.transaction import Transaction
from tests.faults.program import Program

WITHIN = 30.0  # real seconds
SHORTLY = 8.0  # real seconds, where it does not come
AIGUL, TIMUR = 17, 18


async def suffer(
    one: Program, trouble: AbstractAsyncContextManager[None], within: float = WITHIN
) -> None:
    """Have somebody call for help in trouble: it is woken at once, and stored afterwards."""
    await one.stores(_have_a_team)
    service = one.service
    aigul = service.person(AIGUL, "Aigul", language_code="en")
    timur = service.person(TIMUR, "Timur", language_code="en")
    await timur.opens()
    await aigul.opens()
    await one.starts()
    await aigul.sees("", within=WITHIN)
    await service.settles(within=WITHIN)
    worker = one.worker
    async with trouble:
        await timur.writes("sos")
        await aigul.sees("The bot cannot store anything right now", within=within)
        await says(one, "event=intake-not-stored")
        assert service.pending_updates > 0, "it was acknowledged and is not stored"
    await aigul.sees("Alarm 1", within=within)
    await service.settles(within=WITHIN)
    assert service.pending_updates == 0
    bare = [seen for seen in aigul.messages if "cannot store anything" in seen.text]
    assert len(bare) == 1
    assert one.worker == worker


async def says(one: Program, line: str) -> None:
    """Wait until its log has this.

    Raises: TimeoutError.
    """
    async with asyncio.timeout(WITHIN):
        while not one.said(line):
            await SystemClock().sleep(0.05)


def _have_a_team(tx: Transaction) -> None:
    for number, role in ((AIGUL, Role.ORGANIZER), (TIMUR, Role.STEWARD)):
        person = TeamPerson(TeamId(number), role, TeamState.ACTIVE, "A", SystemClock().now())
        TEAM.put(tx, person)
        routes.put(tx, None, number, Recipient(ChatId(number), Language.EN))
