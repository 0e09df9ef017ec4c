"""*They are taking me* over HTTP: the phone is empty within seconds, whatever was under way."""

import asyncio
from datetime import timedelta
from functools import partial

from telegram import Bot, ReplyKeyboardMarkup

from bot.app import Application
from bot.clock import MovableClock, SystemClock
from bot.config import Config
from bot.rehearsal.botapi import BotApiServer, Fault, FaultKind
from bot.rehearsal.botapi.phones import Phone
from safety.languages import Language
from safety.notices import Say
from safety.people import (
    ChatId,
    EventId,
    Recipient,
    Role,
    TeamId,
)
from safety.team import TeamPerson, TeamState
from storage import messages, outbox, routes
from storage.events import EVENTS
from storage.messages import NewMessage
from storage.people import PEOPLE
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault.keyslots import KeySlots
from tests.made import gathering, somebody

ALIYA = Recipient(ChatId(17), Language.EN)
TIMUR = Recipient(ChatId(18), Language.EN)
EVENT = EventId(5)
SOON = 6.0  # seconds of the machine: a few messages at one a second


async def test_the_phone_is_empty_within_seconds_and_stays_so(
    service: BotApiServer, config: Config, slots: KeySlots, clock: MovableClock, bot: Bot
) -> None:
    """The key, its anchor, both sides' messages and what was still owed: all gone."""
    aliya = service.person(17, "Aliya", language_code="en")
    timur = service.person(18, "Timur", language_code="en")
    application = Application(config, slots, clock)
    async with application, asyncio.TaskGroup() as tasks:
        tasks.create_task(application.run())
        await application.database.write(partial(_begin, clock=clock))
        await timur.opens()
        await aliya.opens()
        await aliya.sees("What you can do here")
        await _has_an_anchor(application, bot)
        await aliya.presses("SOS")
        await aliya.sees("Alarm 1.")
        await application.database.write(partial(_owe_much, clock=clock))
        await aliya.presses("They are taking me")
        await timur.sees("Urgent 1.")
        await _until_empty(aliya)
        assert aliya.keyboard == ()
        await aliya.writes("sos")
        await aliya.writes("/help")
        await _until_empty(aliya)
        clock.move(timedelta(minutes=30))
        await SystemClock().sleep(1)
        assert aliya.messages == ()
        application.stop()
    assert service.violations == ()


async def test_a_message_that_was_under_way_goes_as_soon_as_it_arrives(
    service: BotApiServer, config: Config, slots: KeySlots, clock: MovableClock
) -> None:
    """What left before the press and arrives after it does not stay on the phone."""
    aliya = service.person(17, "Aliya", language_code="en")
    application = Application(config, slots, clock)
    async with application, asyncio.TaskGroup() as tasks:
        tasks.create_task(application.run())
        await application.database.write(partial(_begin, clock=clock))
        await aliya.opens()
        await aliya.writes("sos")
        await aliya.sees("Alarm 1.")
        under_way = Fault(FaultKind.DELAY, method="sendMessage", chat_id=17, seconds=2.5)
        service.faults.add(under_way)
        clock.move(timedelta(seconds=5))
        await application.database.write(partial(_owe_one, clock=clock))
        await SystemClock().sleep(0.3)
        await aliya.presses("They are taking me")
        await SystemClock().sleep(2.5)
        await _until_empty(aliya)
        application.stop()
    assert service.violations == ()


async def _until_empty(phone: Phone) -> None:
    async with asyncio.timeout(SOON):
        while phone.messages:
            await SystemClock().sleep(0.05)


async def _has_an_anchor(application: Application, bot: Bot) -> None:
    keyboard = ReplyKeyboardMarkup([["🆘 SOS"]], is_persistent=True)
    sent = await bot.send_message(ALIYA.chat_id, "…", reply_markup=keyboard)
    anchor = NewMessage(ALIYA, sent.message_id, None, event_id=EVENT)
    await application.database.write(lambda tx: messages.add(tx, anchor))


def _owe_much(tx: Transaction, clock: MovableClock) -> None:
    """More than goes out in the second until the press: it must be withdrawn, not sent."""
    for _ in range(20):
        outbox.owe(tx, clock.now(), ALIYA, Say("saved"), event_id=EVENT)


def _owe_one(tx: Transaction, clock: MovableClock) -> None:
    outbox.owe(tx, clock.now(), ALIYA, Say("saved"), event_id=EVENT)


def _begin(tx: Transaction, clock: MovableClock) -> None:
    now = clock.now()
    tx.create_event_keys(EVENT)
    EVENTS.put(tx, gathering(EVENT, now, timedelta(hours=3)))
    person = somebody(EVENT, 2, now)
    PEOPLE.put(tx, person)
    routes.put(tx, EVENT, person.id, ALIYA)
    TEAM.put(tx, TeamPerson(TeamId(1), Role.LAWYER, TeamState.ACTIVE, "Timur", now))
    routes.put(tx, None, 1, TIMUR)
