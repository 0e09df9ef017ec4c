"""A ring that the service refuses: organizers hear of it once, and it rings as soon as it can."""

import json
from datetime import timedelta

import pytest

from bot.app import Application
from bot.clock import MovableClock, SystemClock
from bot.config import Config
from bot.rehearsal.botapi import BotApiServer, Fault, FaultKind, Phone
from safety.languages import Language
from safety.people import ChatId, Recipient, Role, TeamId
from safety.team import TeamPerson, TeamState
from storage import counters, outbox, routes
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault.keyslots import KeySlots
from tests.bot.test_app import quiet, running
from tests.logbook import logbook

AIGUL, TIMUR = 17, 18
STEP = timedelta(seconds=5)
STEPS = 48  # four minutes: eight rings, and six looks of the auditor


@pytest.mark.torture
@pytest.mark.parametrize(
    "words",
    [
        "Forbidden: bot was blocked by the user",
        "Forbidden: user is deactivated",
        "Bad Request: chat not found",
    ],
)
async def test_a_chat_that_is_gone_is_tried_once_and_rung_when_it_is_back(
    service: BotApiServer,
    config: Config,
    slots: KeySlots,
    clock: MovableClock,
    words: str,
) -> None:
    """Nothing is made anew for it meanwhile, and organizers read that somebody has to call."""
    async with running(config, slots, clock) as application:
        aigul, timur = await _have_team(service, application)
        service.faults.add(_refusal(words))
        await aigul.writes("sos")
        await _passes(clock)
        assert len(_tries(service)) == 1
        assert aigul.shows("1 person of the team cannot be reached here. Call, by voice.")
        assert await application.database.read(_given_up) == 0
        service.faults.clear()
        await timur.writes("/help")
        await timur.sees("Alarm 1.")
        await quiet(application)


@pytest.mark.torture
async def test_a_ring_that_is_refused_for_no_known_reason_counts_once_and_is_tried_on(
    service: BotApiServer, config: Config, slots: KeySlots, clock: MovableClock
) -> None:
    """Each look of the auditor made it anew, and each was another message that was lost."""
    with logbook(clock) as log:
        async with running(config, slots, clock) as application:
            aigul, timur = await _have_team(service, application)
            service.faults.add(_refusal("Bad Request: something new"))
            await aigul.writes("sos")
            await _passes(clock)
            assert "event=refused" in log.getvalue()
            assert "event=fell-behind" not in log.getvalue()
            assert await application.database.read(_given_up) == 0
            assert aigul.shows("Urgent messages that do not get out: 1.")
            assert len(_tries(service)) > 8
            service.faults.clear()
            await _passes(clock)
            assert timur.shows("Alarm 1.")


def _refusal(words: str) -> Fault:
    code = 403 if words.startswith("Forbidden") else 400
    body = json.dumps({"ok": False, "error_code": code, "description": words}).encode()
    return Fault(
        FaultKind.ELSEWHERE, "sendMessage", chat_id=TIMUR, times=None, code=code, body=body
    )


async def _have_team(service: BotApiServer, application: Application) -> tuple[Phone, Phone]:
    phones = [
        service.person(number, name, language_code="en")
        for number, name in ((AIGUL, "Aigul"), (TIMUR, "Timur"))
    ]
    for phone in phones:
        await phone.opens()
        await phone.sees("")
    await quiet(application)
    await application.database.write(_has_team)
    return phones[0], phones[1]


def _has_team(tx: Transaction) -> None:
    for number, role in ((AIGUL, Role.ORGANIZER), (TIMUR, Role.LAWYER)):
        person = TeamPerson(TeamId(number), role, TeamState.ACTIVE, "A", SystemClock().now())
        TEAM.put(tx, person)
        routes.put(tx, None, number, Recipient(ChatId(number), Language.EN))


async def _passes(clock: MovableClock) -> None:
    for _ in range(STEPS):
        await SystemClock().sleep(0.06)  # real seconds in which the bot works
        clock.move(STEP)


def _tries(service: BotApiServer) -> list[str]:
    return [
        call.description
        for call in service.calls
        if call.method == "sendMessage" and call.chat_id == TIMUR and not call.is_ok
    ]


def _given_up(tx: Transaction) -> int:
    return counters.value(tx, outbox.GIVEN_UP)
