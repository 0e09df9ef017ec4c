"""A machine's clock that is wrong tells nobody a place early, whether it has a line or not."""

from datetime import datetime, timedelta

import pytest

from bot.app import Application
from bot.clock import MovableClock, SystemClock
from bot.config import Config
from bot.rehearsal.botapi import BotApiServer, Fault, FaultKind, Phone
from coordination.telling import advance
from coordination.turns import Work
from safety.people import EventId, TeamId
from safety.policy import Policy
from safety.venues import Place, Stage, StageTimes, Venue, VenueState
from storage import disclosure
from storage.events import EVENTS
from storage.transaction import Transaction
from storage.vault.keyslots import KeySlots
from tests.bot.test_app import quiet, running
from tests.made import gathering, put_with_chat, somebody

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
EVENT = EventId(5)
VENUE = 7
NEWS = "Жаңалық бар"  # press *Show* for the place
PEOPLE = (17, 18, 19)
TIMES = StageTimes(5 * HOUR, 4 * HOUR, 3 * HOUR)


@pytest.fixture
async def phones(service: BotApiServer) -> list[Phone]:
    """Give the phones of people who may be written to."""
    phones = [service.person(chat, f"P{chat}", language_code="en") for chat in PEOPLE]
    for phone in phones:
        await phone.opens()
    return phones


def _plan(tx: Transaction, now: datetime) -> None:
    """Have an event and a place that is confirmed; its first stage is told in five hours."""
    event = gathering(EVENT, now + 10 * HOUR, 3 * HOUR)
    tx.create_event_keys(EVENT)
    EVENTS.put(tx, event)
    for chat in PEOPLE:
        put_with_chat(tx, somebody(EVENT, chat, now))
    where = (Place("The north fountain"), Place("Green street 40"))
    state, who = VenueState.CONFIRMED, TeamId(1)
    venue = Venue(VENUE, EVENT, 1, state, "Park", *where, TIMES, who, now)
    disclosure.put(tx, venue)
    advance(Work(tx, now, Policy()), venue, event)


async def _released(application: Application) -> tuple[Stage, ...]:
    venue = await application.database.read(lambda tx: disclosure.get(tx, VENUE))
    assert venue is not None
    return venue.released


def _told(phones: list[Phone]) -> int:
    return sum(phone.shows(NEWS) for phone in phones)


async def _passes(application: Application, by: timedelta, *clocks: MovableClock) -> None:
    """Let time pass, by a step more, and everybody look anew each time."""
    for step in (by, MINUTE, MINUTE):
        for clock in clocks:
            clock.move(step)
        await quiet(application)


async def test_a_clock_set_forward_tells_nobody_a_place_early(
    service: BotApiServer,
    config: Config,
    slots: KeySlots,
    clock: MovableClock,
    phones: list[Phone],
) -> None:
    """By the machine's clock the stage is past; all are told when the service's time has come."""
    machine = MovableClock(clock.now())
    async with running(config, slots, machine) as application:
        await application.has_started()
        await application.database.write(lambda tx: _plan(tx, clock.now()))
        machine.set_wall(6 * HOUR)
        await _passes(application, MINUTE, clock, machine)
        assert await _released(application) == ()
        assert _told(phones) == 0
        await _passes(application, 5 * HOUR, clock, machine)
        assert await _released(application) == (Stage.AREA,)
        assert _told(phones) == len(phones)
    assert service.violations == ()


async def test_a_clock_that_is_ahead_at_a_start_without_a_line_tells_nobody_a_place_early(
    service: BotApiServer,
    config: Config,
    slots: KeySlots,
    clock: MovableClock,
    phones: list[Phone],
) -> None:
    """After a power cut there may be no line for a while, so no time server and no answer.

    What was told meanwhile would go out with the first answer that says that it was too early.
    """
    async with running(config, slots, MovableClock(clock.now())) as application:
        await application.has_started()
        await application.database.write(lambda tx: _plan(tx, clock.now()))
        await quiet(application)
    service.faults.add(Fault(FaultKind.SERVER_ERROR, times=None))
    machine = MovableClock(clock.now() + 6 * HOUR)
    async with running(config, slots, machine) as application:
        await application.has_started()
        for _ in range(5):
            machine.move(MINUTE)
            clock.move(MINUTE)
            await SystemClock().sleep(0.1)
        assert await _released(application) == ()
        service.faults.clear()
        await _passes(application, MINUTE, clock, machine)
        assert await _released(application) == ()
        assert _told(phones) == 0
        await _passes(application, 5 * HOUR, clock, machine)
        assert _told(phones) == len(phones)
