"""The limits, without a network: what may go out, and what is kept for alarms."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.limits import (
    CHAT_BURST,
    EDIT_BURST,
    EDITS_AT_ONCE,
    IN_FLIGHT,
    IN_FLIGHT_KEPT_FOR_ALARMS,
    KEPT_FOR_ALARMS,
    OVERALL,
    STEADY_BURST,
    Cost,
    Grant,
    Limits,
)
from safety.notices import Lane

TEAM = 13  # messages at once: to twelve who are rung, and to whoever calls
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
    if grant is None:
        return None
    if limits.wait_before(grant) > 0:  # a place to come, for whoever has to be made ready
        limits.release(grant)
        return None
    _end(limits, grant)
    return grant


def _flood(limits: Limits, watch: Watch, lane: Lane, seconds: float) -> int:
    """Send to ever new chats, as much as may go out in so many seconds; give how much did."""
    sent = 0
    for _ in range(int(seconds * 100)):
        watch.seconds += 0.01
        while _send(limits, int(watch.seconds * 1000) + sent + 10_000, lane) is not None:
            sent += 1
    return sent


@pytest.mark.parametrize("lane", [Lane.REPLY, Lane.RELEASE, Lane.HOUSEKEEPING])
def test_a_whole_teams_alarm_is_kept_free_in_every_second(
    limits: Limits, watch: Watch, lane: Lane
) -> None:
    """A release cannot fill the second so that an alarm must wait."""
    sent = _flood(limits, watch, lane, 10)
    assert sent == pytest.approx(10 * (OVERALL - TEAM), abs=STEADY_BURST + 2)
    alarms = sum(_send(limits, 200 + number, Lane.ALARM) is not None for number in range(100))
    assert alarms >= TEAM


def test_a_relocation_takes_every_place_and_an_alarm_the_next_one(
    limits: Limits, watch: Watch
) -> None:
    """Everybody must learn the new place at once; evenly, so that no alarm waits for a second."""
    sent = _flood(limits, watch, Lane.HOLD, 10)
    assert sent >= 0.97 * 10 * OVERALL
    waited = []
    for number in range(12):
        before = watch.seconds
        while _send(limits, 200 + number, Lane.ALARM) is None:
            watch.seconds += 0.001
        waited.append(watch.seconds - before)
    assert waited[0] < 0.2
    assert sum(waited) < 0.6


def test_room_is_kept_for_alarms_in_flight(limits: Limits) -> None:
    """Thirty slow requests at most, and some of them are for alarms alone."""
    for number in range(IN_FLIGHT - IN_FLIGHT_KEPT_FOR_ALARMS):
        assert limits.admit(_chat(number), Lane.REPLY, Cost.FREE) is not None
    assert limits.admit(_chat(100), Lane.REPLY, Cost.FREE) is None
    for number in range(IN_FLIGHT_KEPT_FOR_ALARMS):
        assert limits.admit(_chat(200 + number), Lane.ALARM, Cost.MESSAGE) is not None
    assert limits.admit(_chat(300), Lane.ALARM, Cost.MESSAGE) is None


def test_a_wave_of_changed_cards_goes_a_few_at_a_time(limits: Limits) -> None:
    """Fifty callers see that somebody is on it, and the next alarm finds the machine free.

    The team's own cards of an alarm, and what is no card, wait for none of them.
    """
    cards = [limits.admit(_chat(number), Lane.REPLY, Cost.EDIT) for number in range(50)]
    begun = [grant for grant in cards if grant is not None]
    assert len(begun) == EDITS_AT_ONCE
    assert limits.admit(_chat(50), Lane.REPLY, Cost.MESSAGE) is not None
    assert limits.admit(_chat(51), Lane.HOUSEKEEPING, Cost.FREE) is not None
    for number in range(52, 64):
        assert limits.admit(_chat(number), Lane.ALARM, Cost.EDIT) is not None
    assert limits.admit(_chat(90), Lane.REPLY, Cost.EDIT) is None
    for grant in begun:
        limits.answered(grant, was_sent=True)
    assert limits.admit(_chat(90), Lane.REPLY, Cost.EDIT) is not None


def test_answers_that_turn_out_to_be_edits_keep_no_card_waiting(limits: Limits) -> None:
    """A crowd that presses buttons on a slow line: callers learn all the same who comes."""
    for number in range(EDITS_AT_ONCE):
        answer = limits.admit(_chat(number), Lane.ALARM, Cost.MESSAGE)
        assert answer is not None
        answer.lane = Lane.REPLY
        assert limits.turn_into(answer, Cost.EDIT) == 0
    assert limits.admit(_chat(90), Lane.REPLY, Cost.EDIT) is not None


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
    assert _chat(1) in limits.paced_chats(Lane.REPLY)
    assert _chat(1) not in limits.paced_chats(Lane.ALARM)
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
    """Changing a card leaves the second to messages, and has a pace of its own."""
    for _ in range(EDIT_BURST):
        grant = limits.admit(_chat(1), Lane.REPLY, Cost.MESSAGE)
        assert grant is not None
        assert limits.turn_into(grant, Cost.EDIT) == 0
        _end(limits, grant)
    grant = limits.admit(_chat(1), Lane.REPLY, Cost.MESSAGE)
    assert grant is not None
    assert limits.turn_into(grant, Cost.EDIT) > 0


def test_what_answers_nobody_is_changed_evenly(limits: Limits, watch: Watch) -> None:
    """A board that a thousand people change is right soon after the last of them.

    A burst used up in the first moments would leave one change a second.
    """
    changed = []
    while watch.seconds < 3:
        while (grant := limits.admit(_chat(1), Lane.BOARD, Cost.EDIT)) is not None:
            changed.append(watch.seconds)
            _end(limits, grant)
        moment = limits.next_change()
        assert moment is not None, "nobody would look again"
        watch.seconds = moment
    assert changed == pytest.approx([0, 0.5, 1, 1.5, 2, 2.5])


@pytest.mark.parametrize("lane", [Lane.ALARM, Lane.HOLD, Lane.REPLY])
def test_who_presses_is_answered_at_once_where_a_card_was_just_changed(
    limits: Limits, lane: Lane
) -> None:
    """Two presses in a second, and an alarm shown on its card: the burst is there for them."""
    for _ in range(EDIT_BURST):
        grant = limits.admit(_chat(1), lane, Cost.EDIT)
        assert grant is not None
        _end(limits, grant)


def test_a_halted_chat_waits_to_its_deadline(limits: Limits, watch: Watch) -> None:
    """Not a moment less, and nobody else does."""
    limits.hold_chat(_chat(1), timedelta(seconds=5))
    assert _send(limits, 1) is None
    assert _send(limits, 2) is not None
    watch.seconds = 5.01
    assert _send(limits, 1) is not None


def test_a_chat_that_was_halted_gets_one_message_at_a_time(limits: Limits, watch: Watch) -> None:
    """No burst follows: that is what the halt was for."""
    limits.hold_chat(_chat(1), timedelta(seconds=5))
    watch.seconds = 5.01
    assert sum(_send(limits, 1) is not None for _ in range(10)) == 1
    watch.seconds += 1.1
    assert sum(_send(limits, 1) is not None for _ in range(10)) == 1


def test_a_halt_that_comes_again_at_once_lasts_longer(limits: Limits, watch: Watch) -> None:
    """A service that says "one second" for ever is not asked each second."""
    asked = 0
    while watch.seconds < 60:
        if _send(limits, 1) is not None:
            asked += 1
            limits.hold_chat(_chat(1), timedelta(seconds=1))
        watch.seconds += 0.1
    assert asked < 14
    limits.worked(_chat(1))
    watch.seconds += 10
    limits.worked(_chat(1))
    limits.hold_chat(_chat(1), timedelta(seconds=1))
    watch.seconds += 1.01
    assert _send(limits, 1) is not None


def test_after_a_halt_of_everything_the_rate_grows_step_by_step(
    limits: Limits, watch: Watch
) -> None:
    """Not all that has piled up goes out in the first second, and alarms have their part."""
    limits.hold_chat(_chat(1), timedelta(seconds=5))
    limits.hold_chat(_chat(2), timedelta(seconds=5))
    assert limits.is_halted
    assert _send(limits, 3) is None
    watch.seconds = 5.05
    assert sum(_send(limits, 100 + number) is not None for number in range(50)) == 3
    assert sum(_send(limits, 200 + n, Lane.ALARM) is not None for n in range(50)) == 2
    watch.seconds = 12
    assert _flood(limits, watch, Lane.RELEASE, 1) >= OVERALL - KEPT_FOR_ALARMS


def test_during_a_halt_one_alarm_tries_now_and_then(limits: Limits, watch: Watch) -> None:
    """A probe every two seconds, and only by alarms: in a chat that is halted, and overall."""
    limits.hold_chat(_chat(1), timedelta(seconds=60))
    assert _send(limits, 1, Lane.ALARM) is None
    watch.seconds = 2.1
    assert _send(limits, 1, Lane.HOLD) is None
    assert _send(limits, 1, Lane.ALARM) is not None
    assert _send(limits, 1, Lane.ALARM) is None
    limits.worked(_chat(1))
    assert _send(limits, 1, Lane.HOLD) is None, "what the service has said stands"


def test_a_message_that_never_gets_through_holds_up_its_own_chat_alone(
    limits: Limits, watch: Watch
) -> None:
    """One bad message must not slow down an alarm to somebody else."""
    for _ in range(5):
        limits.failed(_chat(1))
        assert not limits.is_halted
        assert _send(limits, 1) is None
        assert _send(limits, int(watch.seconds) + 100) is not None
        limits.worked(_chat(2))
        watch.seconds += 10


def test_when_several_chats_fail_one_request_finds_out_for_all(
    limits: Limits, watch: Watch
) -> None:
    """A dead line is tried by one at a time; the first that works lets everybody go on at once."""
    for chat in (1, 2, 3):
        limits.failed(_chat(chat))
    assert limits.is_halted
    watch.seconds = 9
    tries = [limits.admit(_chat(chat), Lane.RELEASE, Cost.MESSAGE) for chat in (1, 2, 3)]
    assert [one is not None for one in tries] == [True, False, False]
    assert tries[0] is not None
    _end(limits, tries[0])
    limits.worked(_chat(1))
    assert all(_send(limits, chat) is not None for chat in (2, 3))


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
    moment = limits.next_change()
    assert moment is not None
    watch.seconds = moment
    assert _send(limits, 5) is not None


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), slowest=st.floats(0.01, 1.5))
def test_no_second_holds_more_messages_than_the_service_takes(seed: int, slowest: float) -> None:
    """However long the answers take, and whenever on the way the service counts a message."""
    random = Random(seed)  # noqa: S311 - no secret
    watch = Watch()
    limits = Limits(watch)
    limits._quickest = 0.0  # noqa: SLF001 - the worst case: a way may take no time at all
    counted: list[float] = []
    waiting: list[Grant] = []
    flying: list[tuple[float, Grant]] = []
    for step in range(400):
        watch.seconds = step / 100
        for end, grant in [pair for pair in flying if pair[0] <= watch.seconds]:
            _end(limits, grant)
            flying.remove((end, grant))
        lane = random.choice([Lane.ALARM, Lane.HOLD, Lane.RELEASE])
        for chat in random.sample(range(200), 6):
            admitted = limits.admit(_chat(chat), lane, Cost.MESSAGE)
            waiting += [] if admitted is None else [admitted]
        for grant in [one for one in waiting if limits.wait_before(one) <= 0]:
            waiting.remove(grant)
            takes = random.uniform(0.001, slowest)
            counted.append(watch.seconds + random.uniform(0, takes))
            flying.append((watch.seconds + takes, grant))
    counted.sort()
    assert len(counted) > OVERALL
    for first, last in zip(counted, counted[OVERALL:], strict=False):
        assert last - first >= 1.0


def _end(limits: Limits, grant: Grant) -> None:
    limits.answered(grant, was_sent=True)
    limits.release(grant)
