"""Five hundred people at once: what one of them says is handled in the order they said it.

The bot is killed in between, and part of what it handles meets a fault of ours: it is tried again,
or set aside. Calls for help overtake; among themselves they too stay in order. However late an
older *I'm safe* is handled, it takes back no newer call.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import pytest

from bot.clock import SystemClock
from safety.people import ChatId, PersonId
from storage import alarms, counters, routes
from storage.transaction import Transaction
from tests.faults.fates import CALMS_LATE, WITHOUT_ORDER, place_of, times_of, writer_of
from tests.faults.killing import Steps, When
from tests.faults.standing import Ground, standing
from tests.harness import World

pytestmark = [pytest.mark.torture, pytest.mark.timeout(400)]

PEOPLE = 500
EACH = 6  # texts of one person
CALL_EVERY = 5  # of these people one calls for help, and another calls and is safe in turn
LAST = 20  # of them at least called last, and as many were safe last
KILLS = 15
FAILING = 0.05  # part of all updates
FEW, FAILING_OFTEN = 20, 0.2  # people, and part of their updates, where a protection is missing
SOME = 100  # people, a fifth of whom call and are safe in turn
SPEED = 10.0  # seconds of the evening in a real one
HANDLED_WITHIN = 240.0  # real seconds, on a machine with other work too


@dataclass(frozen=True, slots=True)
class Handled:
    """One update: whose (0: never handled), when it came and was handled, and how often."""

    writer: int
    is_urgent: bool
    seq: int
    place: int
    times: int
    state: str


async def _have_people(world: World) -> None:
    event = await world.has_event(capacity=PEOPLE)
    await world.has_participants(event, *(f"Person {number}" for number in range(PEOPLE)))


async def _everybody_writes(ground: Ground, people: list[ChatId]) -> int:
    """Have everybody say all they have to say, half of it at a time; give how much that was."""
    for half in range(2):
        for at, chat_id in enumerate(people):
            phone = ground.service.person(chat_id, "Somebody", language_code="en")
            for number in range(EACH // 2):
                await phone.writes(_words(at, half * EACH // 2 + number))
    return EACH * len(people)


def _words(at: int, number: int) -> str:
    """Say what the person at this place says as their word of that number.

    Of those who call and are safe in turn, every other one says *safe* last.
    """
    match at % CALL_EVERY:
        case 0 if number % (EACH // 2):
            return "sos"
        case 1:
            return "sos" if (number + at // CALL_EVERY) % 2 else "/safe"
        case _:
            return f"word {number}"


def _handled(tx: Transaction) -> list[Handled]:
    rows = tx.all(
        tuple[int, int, str],
        "SELECT urgent, seq, state FROM inbox ORDER BY urgent, seq",
    )
    return [
        Handled(
            counters.value(tx, writer_of(seq)),
            bool(urgent),
            seq,
            counters.value(tx, place_of(seq)),
            counters.value(tx, times_of(seq)),
            state,
        )
        for urgent, seq, state in rows
    ]


def _turned_around(handled: list[Handled]) -> Iterator[Handled]:
    """Give what was handled before something that the same person had said earlier."""
    lanes = attrgetter("writer", "is_urgent")
    done = sorted((one for one in handled if one.place), key=lanes)  # each lane as it came
    for _, said in groupby(done, key=lanes):
        last = 0
        for one in said:
            if one.place < last:
                yield one
            last = max(last, one.place)


def _calls(tx: Transaction, people: list[ChatId]) -> dict[ChatId, bool]:
    """Give who has called, and whether the call still stands: nobody is there to end one."""
    callers = [caller for alarm in alarms.unresolved(tx) for caller in alarm.callers]
    stands = {caller.person_id: caller.taken_back is None for caller in callers}
    return {
        chat_id: stands[holder]
        for chat_id in people
        for holder in [PersonId(routes.of_chat(tx, chat_id)[0].holder_id)]
        if holder in stands
    }


def _judge(handled: list[Handled], people: list[ChatId]) -> dict[ChatId, bool]:
    """Give for whoever calls and is safe in turn whether their call must stand.

    It must where the newest word is a call. Where that is *safe*, it is taken back unless an older
    call had met a fault and was handled after it: rather one alarm too many than one too few.
    """
    must: dict[ChatId, bool] = {}
    for chat_id in people[1::CALL_EVERY]:
        own = [one for one in handled if one.place and one.writer == chat_id]
        calls = [one for one in own if one.is_urgent]
        newest = max(own, key=attrgetter("seq"))
        if calls and (newest.is_urgent or newest.place > max(one.place for one in calls)):
            must[chat_id] = newest.is_urgent
    return must


async def test_nobodys_words_are_turned_around(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each update once and in order, through kills and faults; what is set aside, not at all."""
    chance = random.Random(seed)  # noqa: S311 - played again with the same seed
    never = Steps(When.BEFORE, every=0)
    async with standing(tmp_path, SPEED, never, _have_people, FAILING) as ground:
        people = [ChatId(700_000 + number) for number in range(PEOPLE)]
        said = await _everybody_writes(ground, people)
        for _ in range(KILLS):
            await SystemClock().sleep(chance.uniform(0.3, 1.2))
            await ground.runner.strike()
        await ground.until(ground.is_handled, HANDLED_WITHIN)
        handled = await ground.look(_handled)
        stand = await ground.look(lambda tx: _calls(tx, people))
    must = _judge(handled, people)
    set_aside = [one for one in handled if one.state == "quarantined"]
    with capsys.disabled():
        sys.stdout.write(
            f"\n{said} updates of {PEOPLE} people in order through {ground.runner.kills} kills, "
            f"{len(set_aside)} set aside; {sum(must.values())} called last, "
            f"{len(must) - sum(must.values())} were safe last\n"
        )
    assert len(handled) == said
    assert list(_turned_around(handled)) == []
    assert {one.times for one in handled if one.state == "done"} == {1}
    assert {one.times for one in set_aside} == {0}
    assert 0 < len(set_aside) < said * FAILING
    assert {one.writer for one in handled if one.place} == set(people)
    assert any(one.is_urgent for one in handled)
    assert {chat_id: stand.get(chat_id) for chat_id in must} == must
    assert min(Counter(must.values())[is_call] for is_call in (True, False)) > LAST


@pytest.mark.parametrize("name", ["as it is", "without order"])
async def test_without_order_the_suite_finds_words_turned_around(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that cannot fail promises nothing."""
    if name == "without order":
        monkeypatch.setenv(WITHOUT_ORDER, "1")
    never = Steps(When.BEFORE, every=0)
    async with standing(tmp_path, SPEED, never, _have_people, FAILING_OFTEN) as ground:
        await _everybody_writes(ground, [ChatId(700_000 + number) for number in range(FEW)])
        await ground.until(ground.is_handled, HANDLED_WITHIN)
        handled = await ground.look(_handled)
    assert bool(list(_turned_around(handled))) == (name == "without order")


@pytest.mark.parametrize("name", ["as it is", "calming late"])
async def test_ignoring_when_it_was_said_the_suite_finds_calls_taken_back(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As above: a call overtakes the older *I'm safe*, which then takes it back."""
    if name == "calming late":
        monkeypatch.setenv(CALMS_LATE, "1")
    never = Steps(When.BEFORE, every=0)
    people = [ChatId(700_000 + number) for number in range(SOME)]
    async with standing(tmp_path, SPEED, never, _have_people, FAILING_OFTEN) as ground:
        await _everybody_writes(ground, people)
        await ground.until(ground.is_handled, HANDLED_WITHIN)
        handled = await ground.look(_handled)
        stand = await ground.look(lambda tx: _calls(tx, people))
    must = _judge(handled, people)
    taken_back = [chat_id for chat_id in must if must[chat_id] and not stand.get(chat_id)]
    assert bool(taken_back) == (name == "calming late")
