"""A machine's clock that is wrong tells no place early, forgets nobody, and delays no alarm."""

from datetime import datetime, timedelta

import pytest

from bot.app import make_bot
from bot.asking import read_date
from bot.checkedclock import TRUSTED, CheckedClock
from bot.clock import MovableClock
from bot.config import Config
from bot.rehearsal.botapi import BotApiServer, Fault, FaultKind
from coordination.schedule import schedule
from coordination.turns import Work
from safety.events import Event, EventState
from safety.languages import Language
from safety.people import EventId, TeamId
from safety.policy import Policy
from storage import events
from storage.events import EVENTS
from storage.transaction import Transaction
from storage.vault.keyslots import KeySlots
from tests.bot.conftest import STANDING
from tests.bot.test_app import quiet, running
from tests.harness import START

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def machine() -> MovableClock:
    """Give a machine whose clock somebody may set."""
    return MovableClock(START, STANDING)


@pytest.mark.parametrize("by", [HOUR, -HOUR, timedelta(days=400)])
def test_whatever_the_machine_is_set_to_the_services_time_goes_on(
    machine: MovableClock, by: timedelta
) -> None:
    """No jump is seen at all, before another answer has come as well as after it."""
    clock = CheckedClock(machine)
    clock.note_served(START)
    machine.set_wall(by)
    assert abs(clock.now() - START) < SECOND
    machine.move(HOUR)
    assert abs(clock.now() - START - HOUR) < SECOND
    clock.note_served(START + HOUR)
    assert abs(clock.now() - START - HOUR) < SECOND
    ahead = clock.ahead()
    assert ahead is not None
    assert abs(ahead - by) < SECOND
    machine.set_wall(-by)
    assert clock.now() == machine.now()


def test_a_machine_that_was_wrong_from_the_beginning_is_corrected_by_the_first_answer(
    machine: MovableClock,
) -> None:
    """Before it nobody knows better."""
    machine.set_wall(HOUR)
    clock = CheckedClock(machine)
    assert clock.ahead() is None
    assert clock.now() == machine.now()
    clock.note_served(START)
    assert abs(clock.now() - START) < SECOND


def test_a_machine_that_slept_is_believed_as_soon_as_the_service_says_the_same(
    machine: MovableClock,
) -> None:
    """The seconds that are counted stand still while it sleeps, so they know nothing of it."""
    clock = CheckedClock(machine)
    clock.note_served(START)
    machine.set_wall(HOUR)  # as it wakes
    assert abs(clock.now() - START) < SECOND
    clock.note_served(START + HOUR)
    assert clock.now() == machine.now()


def test_an_answer_that_took_long_sets_nothing_back(machine: MovableClock) -> None:
    """It was dated when it set out; the quickest one says best what the time is."""
    machine.set_wall(HOUR)
    clock = CheckedClock(machine)
    clock.note_served(START)
    machine.move(TRUSTED)
    clock.note_served(START + SECOND)
    assert abs(clock.now() - START - TRUSTED) < SECOND
    machine.move(SECOND)
    clock.note_served(START)  # later than that it was not under way: the service was set back
    assert abs(clock.now() - START) < SECOND


def test_a_small_difference_is_the_machines_own(machine: MovableClock) -> None:
    """Answers are under way for seconds, and their dates are whole seconds."""
    clock = CheckedClock(machine)
    clock.note_served(START)
    machine.set_wall(TRUSTED - SECOND)
    assert clock.now() == machine.now()
    machine.set_wall(2 * SECOND)
    assert clock.now() != machine.now()
    machine.set_wall(-2 * SECOND)
    assert clock.now() != machine.now(), "it goes back and forth at the limit"
    machine.set_wall(-TRUSTED / 2)
    assert clock.now() == machine.now()


@pytest.mark.parametrize(
    "text",
    ["", "x", "Fri, 99 May 2027 10:00:00 GMT", "Fri, 28 May 9999 10:00:00 GMT", "0", "9" * 5_000],
)
def test_what_is_no_date_is_none(text: str) -> None:
    """Whatever stands there, nothing breaks, and no clock is led astray by it."""
    assert read_date(text) is None


async def test_only_the_services_own_answers_say_what_time_it_is(
    service: BotApiServer, config: Config, clock: MovableClock
) -> None:
    """A wall in between is polite as well."""
    dates: list[datetime] = []
    async with make_bot(config, dates.append) as bot:
        service.faults.add(Fault(FaultKind.ELSEWHERE, code=200))
        with pytest.raises(Exception, match="Invalid server response"):
            await bot.get_my_name()
        assert dates == [clock.now().replace(microsecond=0)]  # of the getMe before it
        await bot.get_my_name()
    assert len(dates) == 2


@pytest.mark.usefixtures("service")
async def test_a_clock_set_forward_forgets_nobody_early(
    config: Config, slots: KeySlots, clock: MovableClock
) -> None:
    """By the machine's clock the event was over long ago; by the service's it is still to come."""
    machine, event = MovableClock(clock.now(), STANDING), _event(clock.now())

    def prepare(tx: Transaction) -> None:
        tx.create_event_keys(event.id)
        EVENTS.put(tx, event)
        schedule(Work(tx, clock.now(), Policy()), event)

    async def state() -> EventState:
        found = await application.database.read(lambda tx: events.get(tx, event.id))
        assert found is not None
        return found.state

    async with running(config, slots, machine) as application:
        await application.has_started()
        await application.database.write(prepare)
        machine.set_wall(timedelta(days=90))
        for _ in range(3):
            for one in (clock, machine):  # everybody looks anew when it is moved
                one.move(timedelta(minutes=1))
            await quiet(application)
        assert await state() is EventState.OPEN
        (said,) = [line for line in await application.count() if line.startswith("service's")]
        assert said == "service's clock: followed, the machine's is +129600 minutes away"
        for one in (clock, machine):
            one.move(timedelta(days=30))
        await quiet(application)
        assert await state() is EventState.CLOSED, "the same is run when its time has come"


def _event(now: datetime) -> Event:
    return Event(
        id=EventId(7),
        state=EventState.OPEN,
        title="Evening of tea",
        city="Almaty",
        zone="Asia/Almaty",
        starts_at=now + timedelta(days=5),
        ends_at=now + timedelta(days=5, hours=3),
        capacity=30,
        language=Language.RU,
        created_by=TeamId(1),
    )
