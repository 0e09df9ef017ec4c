"""Alarms past a disk that takes nothing: each of the team is told, once, and until it is taken."""

import asyncio

import pytest
from telegram import Bot

from bot.bare import BareAlarms
from bot.clock import SystemClock
from bot.rehearsal.botapi import BotApiServer, Fault, FaultKind
from handlers.texts import Texts
from safety.languages import Language
from safety.people import ChatId, Recipient, Role, TeamId
from safety.team import TeamPerson, TeamState
from storage import routes
from storage.database import Database
from storage.lease import Fence
from storage.team import TEAM
from storage.transaction import Transaction

TIMUR, DANA = 17, 18


def _have_a_team(tx: Transaction) -> None:
    for chat in (TIMUR, DANA):
        person = TeamPerson(TeamId(chat), Role.STEWARD, TeamState.ACTIVE, "", SystemClock().now())
        TEAM.put(tx, person)
        routes.put(tx, None, chat, Recipient(ChatId(chat), Language.EN))


async def _bare(database: Database, bot: Bot, service: BotApiServer) -> BareAlarms:
    for chat in (TIMUR, DANA):
        await service.person(chat, str(chat), language_code="en").opens()
    await database.write(_have_a_team)
    bare = BareAlarms(database, bot, Texts.load(default=Language.EN), Fence())
    await bare.refresh()
    return bare


def _tries(service: BotApiServer, chat: int) -> int:
    sent = (call for call in service.calls if call.method == "sendMessage")
    return sum(call.chat_id == chat for call in sent)


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.CUT_AFTER])
async def test_whoever_was_not_reached_is_told_when_the_alarm_comes_again(
    database: Database, bot: Bot, service: BotApiServer, kind: FaultKind
) -> None:
    """One that got it does not stand for the others; and nobody gets it twice who has it."""
    bare = await _bare(database, bot, service)
    service.faults.add(Fault(kind, "sendMessage", DANA))
    for _ in range(3):
        await bare.raise_for_raw(b"one")
    assert (_tries(service, TIMUR), _tries(service, DANA)) == (1, 2)


async def test_whoever_takes_nothing_is_not_tried_again_and_again(
    database: Database, bot: Bot, service: BotApiServer
) -> None:
    """The alarm comes again each second, for as long as the disk takes nothing."""
    bare = await _bare(database, bot, service)
    await service.person(DANA, str(DANA), language_code="en").blocks()
    for _ in range(3):
        await bare.raise_for_raw(b"one")
    assert (_tries(service, TIMUR), _tries(service, DANA)) == (1, 1)


async def test_one_that_comes_by_two_ways_at_once_is_told_once(
    database: Database, bot: Bot, service: BotApiServer
) -> None:
    """It could not be stored again while the earlier one is still being told."""
    bare = await _bare(database, bot, service)
    await asyncio.gather(bare.raise_for_raw(b"one"), bare.raise_for_raw(b"one"))
    assert (_tries(service, TIMUR), _tries(service, DANA)) == (1, 1)
