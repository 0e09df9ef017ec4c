"""The limits, without a network: what may go out, and what is kept for alarms."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.limits import CHAT_BURST, IN_FLIGHT, OVERALL, Cost, Grant, Limits
from safety.notices import Lane

START = datetime(2026, 5, 28, 18, tzinfo=UTC)


class Watch:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        """Give the moment."""
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Give the seconds since the start."""
        return self.seconds

    def real_seconds(self, seconds: float) -> float:
        """Take all time for real."""
        return seconds

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds

    def on_move(self, callback: object) -> None:
        """Keep nothing."""

    def note_jump(self) -> None:
        """Tell nobody."""


@pytest.fixture
def watch() -> Watch:
    """Give a clock that the test moves."""
    return Watch()


@pytest.fixture
def limits(watch: Watch) -> Limits:
    """Give limits that nothing has used yet."""
    return Limits(watch)


def _chat(number: int) -> bytes:
    return number.to_bytes(4, "big")


def _send(limits: Limits, chat: int, lane: Lane = Lane.RELEASE) -> Grant | None:
    """Take a right and answer at once."""
    grant = limits.admit(_chat(chat), lane, Cost.MESSAGE)
    if grant is not None:
        limits.answered(grant, was_sent=True)
        limits.release(grant)
    return grant


def test_room_is_kept_for_alarms_in_every_second(limits: Limits) -> None:
    """A broadcast cannot fill the second so that an alarm must wait."""
    sent = sum(_send(limits, number) is not None for number in range(100))
    assert sent == OVERALL - 5
    alarms = sum(_send(limits, 200 + number, Lane.ALARM) is not None for number in range(100))
    assert alarms == 5


def test_room_is_kept_for_alarms_in_flight(limits: Limits) -> None:
    """Thirty slow requests at most, and six of them are for alarms."""
    for number in range(IN_FLIGHT - 6):
        assert limits.admit(_chat(number), Lane.REPLY, Cost.FREE) is not None
    assert limits.admit(_chat(100), Lane.REPLY, Cost.FREE) is None
    for number in range(6):
        assert limits.admit(_chat(200 + number), Lane.ALARM, Cost.MESSAGE) is not None
    assert limits.admit(_chat(300), Lane.ALARM, Cost.MESSAGE) is None


def test_one_chat_has_one_request_at_a_time(limits: Limits) -> None:
    """Until what became of it is stored."""
    grant = limits.admit(_chat(1), Lane.REPLY, Cost.MESSAGE)
    assert grant is not None
    limits.answered(grant, was_sent=True)
    assert limits.admit(_chat(1), Lane.REPLY, Cost.FREE) is None
    limits.release(grant)
    assert limits.admit(_chat(1), Lane.REPLY, Cost.FREE) is not None


def test_a_chat_has_a_burst_and_then_about_one_a_second(limits: Limits, watch: Watch) -> None:
    """Short bursts pass; more is paced."""
    assert sum(_send(limits, 1) is not None for _ in range(10)) == CHAT_BURST
    assert _chat(1) in limits.paced_chats()
    watch.seconds += 1.2
    assert sum(_send(limits, 1) is not None for _ in range(10)) == 1


def test_what_never_left_is_given_back(limits: Limits) -> None:
    """A dead line uses up nobody's pace."""
    for _ in range(10):
        grant = limits.admit(_chat(1), Lane.REPLY, Cost.MESSAGE)
        assert grant is not None
        limits.answered(grant, was_sent=False)
        limits.release(grant)


def test_an_edit_gives_the_messages_right_back(limits: Limits) -> None:
    """Editing the board leaves the second to messages, and has a pace of its own."""
    for _ in range(5):
        grant = limits.admit(_chat(1), Lane.BOARD, Cost.MESSAGE)
        assert grant is not None
        assert limits.turn_into_edit(grant) == 0
        limits.release(grant)
    grant = limits.admit(_chat(1), Lane.BOARD, Cost.MESSAGE)
    assert grant is not None
    assert limits.turn_into_edit(grant) > 0


def test_a_halted_chat_waits_to_its_deadline(limits: Limits, watch: Watch) -> None:
    """Not a moment less, and nobody else does."""
    limits.hold_chat(_chat(1), timedelta(seconds=5))
    assert _send(limits, 1) is None
    assert _send(limits, 2) is not None
    watch.seconds = 5.01
    assert _send(limits, 1) is not None


def test_after_a_halt_of_everything_the_rate_grows_step_by_step(
    limits: Limits, watch: Watch
) -> None:
    """Not all that has piled up goes out in the first second."""
    limits.hold_chat(_chat(1), timedelta(seconds=5))
    limits.hold_chat(_chat(2), timedelta(seconds=5))
    assert _send(limits, 3) is None
    watch.seconds = 5.05
    assert sum(_send(limits, 100 + number) is not None for number in range(50)) == 5
    watch.seconds = 12
    assert sum(_send(limits, 200 + number) is not None for number in range(50)) == 25


def test_during_a_halt_one_alarm_tries_the_line_now_and_then(limits: Limits, watch: Watch) -> None:
    """A probe every two seconds, and only by alarms."""
    limits.hold_all(timedelta(seconds=60))
    assert _send(limits, 1, Lane.ALARM) is None
    watch.seconds = 2.1
    assert _send(limits, 1, Lane.HOLD) is None
    assert _send(limits, 1, Lane.ALARM) is not None
    assert _send(limits, 2, Lane.ALARM) is None


def test_there_is_always_a_moment_at_which_to_ask_again(limits: Limits, watch: Watch) -> None:
    """Whoever is refused is told when more may pass, so nothing is ever asked in a circle."""
    while _send(limits, int(watch.seconds * 100) + 1000) is not None:
        watch.seconds += 0.001
    wait = limits.next_change()
    assert wait is not None
    watch.seconds += wait
    assert _send(limits, 5) is not None


@given(seed=st.integers(0, 2**32), slowest=st.floats(0.01, 1.5))
def test_no_second_holds_more_messages_than_the_service_takes(seed: int, slowest: float) -> None:
    """However long the answers take, and whenever on the way the service counts a message."""
    random = Random(seed)  # noqa: S311 - no secret
    watch = Watch()
    limits = Limits(watch)
    limits._quickest = 0.0  # noqa: SLF001 - the worst case: a way may take no time at all
    counted: list[float] = []
    flying: list[tuple[float, Grant]] = []
    for step in range(400):
        watch.seconds = step / 100
        for end, grant in [pair for pair in flying if pair[0] <= watch.seconds]:
            _end(limits, grant)
            flying.remove((end, grant))
        lane = random.choice([Lane.ALARM, Lane.RELEASE])
        for chat in random.sample(range(200), 6):
            admitted = limits.admit(_chat(chat), lane, Cost.MESSAGE)
            if admitted is not None:
                takes = random.uniform(0.001, slowest)
                counted.append(watch.seconds + random.uniform(0, takes))
                flying.append((watch.seconds + takes, admitted))
    counted.sort()
    assert len(counted) > OVERALL
    for first, last in zip(counted, counted[OVERALL:], strict=False):
        assert last - first >= 1.0


def _end(limits: Limits, grant: Grant) -> None:
    limits.answered(grant, was_sent=True)
    limits.release(grant)
