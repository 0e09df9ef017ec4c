"""A machine's clock that is wrong tells no place early, forgets nobody, and delays no alarm."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.app import make_bot
from bot.asking import read_date
from bot.checkedclock import STANDS, TRUSTED, CheckedClock
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
NOTHING = timedelta()


@pytest.fixture
def machine() -> MovableClock:
    """Give a machine whose clock somebody may set."""
    return MovableClock(START, STANDING)


class Line:
    """The service's answers, as they reach a clock, over connections that have names."""

    def __init__(self, clock: CheckedClock, machine: MovableClock) -> None:
        self.clock = clock
        self._machine = machine
        self.told: list[timedelta] = []  # how far from what it should be, after each answer

    def answers(self, over: str, away: timedelta = NOTHING, after: float = 0.0) -> None:
        """Let `after` seconds pass, and an answer come that is dated `away` from the time."""
        self._machine.move(timedelta(seconds=after))
        seconds = timedelta(seconds=self._machine.monotonic())
        self.clock.note_served(START + seconds + away, over)
        self.told.append(self.clock.now() - START - seconds)

    @property
    def away(self) -> timedelta:
        """Give how far the clock is from what it should be."""
        seconds = timedelta(seconds=self._machine.monotonic())
        return self.clock.now() - START - seconds


@pytest.fixture
def line(machine: MovableClock) -> Line:
    """Give a line to a clock that has heard nothing yet."""
    return Line(CheckedClock(machine), machine)


@pytest.mark.parametrize("by", [HOUR, -HOUR, timedelta(days=400)])
def test_whatever_the_machine_is_set_to_the_services_time_goes_on(
    machine: MovableClock, line: Line, by: timedelta
) -> None:
    """No jump is seen at all, before another answer has come as well as after it."""
    line.answers("a")
    machine.set_wall(by)
    assert abs(line.away) < SECOND
    machine.move(HOUR)
    assert abs(line.away) < SECOND
    line.answers("a")
    assert abs(line.away) < SECOND
    ahead = line.clock.ahead()
    assert ahead is not None
    assert abs(ahead - by) < SECOND
    machine.set_wall(-by)
    assert line.clock.now() == machine.now()


def test_a_machine_that_is_ahead_from_the_beginning_is_corrected_by_the_first_answer(
    machine: MovableClock, line: Line
) -> None:
    """Of two that disagree the earlier one tells nothing too early; before it nobody knows."""
    machine.set_wall(HOUR)
    assert line.clock.now() == machine.now()
    line.answers("a")
    assert abs(line.away) < SECOND
    checked = [line.clock.is_checked]
    line.answers("b", after=STANDS)
    assert [*checked, line.clock.is_checked] == [False, True], "one answer alone is not enough"
    assert abs(line.away) < SECOND


def test_a_machine_that_is_behind_from_the_beginning_is_corrected_by_the_second_one(
    machine: MovableClock, line: Line
) -> None:
    """One answer alone may be ahead; another one, over another connection, says the same."""
    machine.set_wall(-HOUR)
    line.answers("a")
    line.answers("a", after=STANDS)
    assert abs(line.away + HOUR) < SECOND
    line.answers("b")
    assert abs(line.away) < SECOND


@pytest.mark.parametrize("by", [HOUR, -HOUR, timedelta(days=30), -timedelta(minutes=4)])
@pytest.mark.parametrize("machine_by", [NOTHING, 5 * HOUR, -5 * HOUR])
def test_one_answer_that_is_wrong_moves_nothing(
    machine: MovableClock, line: Line, by: timedelta, machine_by: timedelta
) -> None:
    """One machine of the service may be an hour off; what others said goes on."""
    line.answers("a")
    machine.set_wall(machine_by)
    line.answers("b", by, after=1)
    line.answers("a", after=60)
    for _ in range(50):  # and as long as some say so, and others do not
        line.answers("b", by, after=STANDS / 2)
        line.answers("c", by, after=STANDS / 2)
        line.answers("a", after=1)
    assert max(map(abs, line.told)) < SECOND


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_who_asks_the_same_one_again_and_again_gets_no_second_opinion(
    machine: MovableClock, line: Line, by: timedelta
) -> None:
    """A poll keeps its connection for hours, and who answers there."""
    line.answers("a")
    for _ in range(200):
        line.answers("b", by, after=30)
    assert max(map(abs, line.told)) < SECOND
    assert line.clock.now() == machine.now()


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_a_first_answer_that_is_wrong_tells_nothing_early(
    machine: MovableClock, line: Line, by: timedelta
) -> None:
    """At the start nobody has said anything else yet but the machine."""
    line.answers("a", by)
    assert line.away < SECOND
    line.answers("b", after=1)
    line.answers("b", by, after=1)
    assert abs(line.away) < SECOND
    assert line.clock.now() == machine.now()


def test_a_bot_that_knows_until_when_it_worked_is_moved_by_no_first_answer(
    machine: MovableClock, line: Line
) -> None:
    """Then two say the same before any answer has come: where it stopped, and the machine."""
    line.clock.go_on_from(machine.now())
    for by in (HOUR, -HOUR):
        line.answers("a", by)
    assert max(map(abs, line.told)) < SECOND


@pytest.mark.parametrize("by", [HOUR, -HOUR, timedelta(days=400)])
def test_before_the_first_answer_a_bot_goes_on_from_when_it_worked_last(
    machine: MovableClock, line: Line, by: timedelta
) -> None:
    """Where there is no line there is no time server: a place would be told as it comes back."""
    line.clock.go_on_from(machine.now())
    machine.set_wall(by)
    assert abs(line.away) < SECOND
    machine.move(HOUR)
    assert abs(line.away) < SECOND
    line.answers("a")
    assert abs(line.away) < SECOND
    assert line.clock.is_checked, "it agrees with what was counted"


@pytest.mark.parametrize("minutes", [10, 50])
def test_a_machine_that_starts_behind_what_the_bot_has_lived_through_takes_nothing_back(
    machine: MovableClock, line: Line, minutes: int
) -> None:
    """It was off for ten minutes, and its clock has lost more; time servers answer later."""
    last = machine.now() - timedelta(minutes=10)
    machine.set_wall(-timedelta(minutes=minutes))
    line.clock.go_on_from(last)
    shown = [line.clock.now()]
    line.answers("a", after=1)
    shown.append(line.clock.now())
    line.answers("b", after=STANDS)
    shown.append(line.clock.now())
    assert shown == sorted(shown)
    assert abs(line.away) < SECOND


def test_what_is_counted_from_the_last_sign_makes_the_tolerance_no_wider(
    machine: MovableClock, line: Line
) -> None:
    """A quick restart by a machine that is nearly two minutes ahead, which then goes further."""
    machine.set_wall(TRUSTED - SECOND)
    line.clock.go_on_from(machine.now())
    line.answers("a")
    machine.set_wall(TRUSTED - SECOND)
    assert abs(line.away) < SECOND


def test_a_bot_that_was_off_for_hours_is_told_by_the_first_answer(
    machine: MovableClock, line: Line
) -> None:
    """The machine and the service say the same, and what has stopped knows nothing of it."""
    line.clock.go_on_from(machine.now() - 8 * HOUR)
    assert abs(line.away + 8 * HOUR) < SECOND
    line.answers("a")
    assert abs(line.away) < SECOND


def test_where_nothing_is_dated_the_machine_is_all_there_is(
    machine: MovableClock, line: Line
) -> None:
    """A Bot API server of one's own says no date; one undated answer later changes nothing."""
    line.clock.go_on_from(machine.now() - 8 * HOUR)
    line.clock.note_served(None, "a")
    assert line.clock.now() == machine.now()
    machine.set_wall(HOUR)
    line.clock.note_served(None, "a")
    assert line.clock.now() == machine.now()
    assert line.clock.ahead() is None
    machine.set_wall(-HOUR)
    line.answers("a")
    machine.set_wall(HOUR)
    line.clock.note_served(None, "b")
    assert abs(line.away) < SECOND


def test_a_machine_that_slept_is_believed_as_soon_as_the_service_says_the_same(
    machine: MovableClock,
) -> None:
    """The seconds that are counted stand still while it sleeps, so they know nothing of it."""
    clock = CheckedClock(machine)
    clock.note_served(START, "a")
    machine.set_wall(HOUR)  # as it wakes
    assert abs(clock.now() - START) < SECOND
    clock.note_served(START - SECOND, "a")  # it came as the machine fell asleep
    assert abs(clock.now() - START) < SECOND
    clock.note_served(START + HOUR, "a")
    assert clock.now() == machine.now()


def test_a_machine_that_was_held_and_knows_nothing_of_it_is_told(
    machine: MovableClock, line: Line
) -> None:
    """Where a whole virtual machine stood still, both its clocks did: two answers know better."""
    line.answers("a")
    line.answers("a", HOUR, after=1)
    line.answers("b", HOUR, after=1)
    assert abs(line.away) < SECOND
    line.answers("c", HOUR, after=STANDS)
    assert abs(line.away - HOUR) < SECOND
    assert line.clock.now() != machine.now()


def test_an_answer_that_took_long_sets_nothing_back(machine: MovableClock) -> None:
    """It was dated when it set out; the quickest one says best what the time is."""
    machine.set_wall(HOUR)
    clock = CheckedClock(machine)
    clock.go_on_from(START)
    clock.note_served(START, "a")
    machine.move(TRUSTED)
    clock.note_served(START + SECOND, "a")
    assert abs(clock.now() - START - TRUSTED) < SECOND
    machine.move(SECOND)
    clock.note_served(START, "b")
    assert abs(clock.now() - START - TRUSTED - SECOND) < SECOND


def test_a_small_difference_is_the_machines_own(machine: MovableClock) -> None:
    """Answers are under way for seconds, and their dates are whole seconds."""
    clock = CheckedClock(machine)
    clock.note_served(START, "a")
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
    [
        "",
        "x",
        "0",
        "9" * 5_000,
        "Fri, 99 May 2027 10:00:00 GMT",
        "Fri, 28 May 9999 10:00:00 GMT",
        f"Fri, 28 May {'9' * 20} 10:00:00 GMT",
        f"Fri, 28 May 2027 {'9' * 20}:00:00 GMT",
        f"Fri, 28 May 2027 10:00:00 +{'9' * 20}",
        "Fri, 28 May 2027 10:00:00 +0500",
        "Fri, 28 May 2027 10:00:00 GMT, Fri, 28 May 2027 11:00:00 GMT",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    """Whatever stands there, nothing breaks, and no clock is led astray by it."""
    assert read_date(text) is None


async def test_only_the_services_own_answers_say_what_time_it_is(
    service: BotApiServer, config: Config, clock: MovableClock
) -> None:
    """A wall in between is polite as well."""
    heard: list[tuple[datetime | None, object]] = []
    async with make_bot(config, lambda *said: heard.append(said)) as bot:
        service.faults.add(Fault(FaultKind.ELSEWHERE, code=200))
        with pytest.raises(Exception, match="Invalid server response"):
            await bot.get_my_name()
        assert [date for date, _ in heard] == [clock.now().replace(microsecond=0)]  # of the getMe
        await bot.get_my_name()
        await asyncio.gather(bot.get_my_name(), bot.get_my_name())
    connections = [connection for _, connection in heard]
    assert len(connections) == 4
    assert connections[2] is not connections[3], "at once"
    assert connections[1] in connections[2:], "one after the other"


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
        (said,) = [line for line in await application.count() if line.name == "service's clock"]
        assert said.line == "service's clock: followed, the machine's is +129600 minutes away"
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
