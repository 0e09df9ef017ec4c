"""A clock that is set back makes nobody wait longer: what counts seconds goes on counting them.

What people go by on a clock, the start, a stage of the place, stays where that clock shows it.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from coordination import clockjumps
from safety.disclosure import StageDue
from safety.timers import CHUNK
from safety.venues import Stage
from storage import disclosure, timers
from storage.transaction import Transaction
from tests.handlers.test_disclosure import HOUR, MINUTE, has_venue, until
from tests.handlers.test_locking import is_locked, lock
from tests.handlers.test_waking import begins, ringing
from tests.harness import Someone, Team, World

MANY = 50
AT_ONCE = timedelta(seconds=5)
SECOND = timedelta(seconds=1)


async def _is_set_back(world: World, by: timedelta = HOUR) -> None:
    """Set the clock back, and have the watch see it."""
    world.now -= by
    await world.change(lambda work: clockjumps.note_jump(work, -by))


async def _evening(world: World, guests: int = MANY) -> tuple[Team, list[Someone]]:
    """Give a team, and guests who have just learnt the area."""
    team = await world.has_team()
    event = await world.has_event(capacity=MANY + 10)
    people = await world.has_participants(event, *(f"G {number}" for number in range(guests)))
    await has_venue(world, team)
    await until(world, event, 24 * HOUR)
    await world.pass_time(MINUTE)
    return team, people


async def _one_writes(world: World, words: str) -> Team:
    """Give a team whose only guest has just written this."""
    team, (aliya,) = await _evening(world, guests=1)
    await aliya.writes(words)
    return team


def _newest(people: list[Someone]) -> list[int]:
    return [max((seen.message_id for seen in one.screens), default=0) for one in people]


def _told_since(people: list[Someone], before: list[int]) -> int:
    return sum(last > then for last, then in zip(_newest(people), before, strict=True))


async def _hold(team: Team) -> None:
    await team.organizer.writes("/hold")


async def _roll_call(team: Team) -> None:
    await team.organizer.writes("/rollcall")


@pytest.mark.parametrize("begin", [_hold, _roll_call])
async def test_all_are_told_at_once_though_the_clock_is_set_back_after_the_first(
    world: World, begin: Callable[[Team], Awaitable[None]]
) -> None:
    """Twenty of fifty know: the others do not go on towards the place for an hour."""
    team, people = await _evening(world)
    before = _newest(people)
    await begin(team)
    assert 0 < _told_since(people, before) <= CHUNK
    await _is_set_back(world)
    await world.pass_time(AT_ONCE)
    assert _told_since(people, before) == MANY


async def test_a_place_is_told_to_all_though_the_clock_is_set_back_after_the_first(
    world: World,
) -> None:
    """Its moment has come for everybody; it is the rule that is asked again, by the new clock."""
    team = await world.has_team()
    event = await world.has_event(capacity=MANY + 10)
    people = await world.has_participants(event, *(f"G {number}" for number in range(MANY)))
    await has_venue(world, team)
    await until(world, event, 24 * HOUR)
    assert 0 < _told_since(people, [0] * MANY) < MANY
    await _is_set_back(world)
    await world.pass_time(AT_ONCE)
    assert _told_since(people, [0] * MANY) == MANY


async def test_a_stage_of_the_place_stays_where_the_clock_shows_it(world: World) -> None:
    """Nobody learns a place an hour too early because somebody corrected a clock."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await until(world, event, 25 * HOUR)
    await _is_set_back(world)
    await until(world, event, 24 * HOUR + SECOND)
    assert dana.screens == []
    await until(world, event, 24 * HOUR)
    dana.sees("something new")

    def other_stages(tx: Transaction) -> list[bool]:
        venue = disclosure.confirmed(tx, event.id)
        assert venue is not None
        return [timers.is_set(tx, StageDue(venue.id, stage).key()) for stage in Stage]

    assert await world.look(other_stages) == [False, True, True]


async def test_an_alarm_rings_at_its_pace_though_the_clock_is_set_back(world: World) -> None:
    """Not an hour later, and not as late as the next audit."""
    team = await _one_writes(world, "sos")
    rung = team.lawyer.sees("Alarm 1.").message_id
    await world.pass_time(10 * SECOND)
    await _is_set_back(world)
    await world.pass_time(world.policy.ring_every - 11 * SECOND)
    assert team.lawyer.sees("Alarm 1.").message_id == rung
    await world.pass_time(2 * SECOND)
    again = team.lawyer.sees("Alarm 1.").message_id
    assert again > rung
    await world.pass_time(world.policy.ring_every)
    assert team.lawyer.sees("Alarm 1.").message_id > again


async def test_what_is_done_about_an_alarm_after_the_clock_was_set_back_keeps_its_pace(
    world: World,
) -> None:
    """A caller's words make a plan for the next ring, by what the clock shows since."""
    team = await _one_writes(world, "sos")
    await _is_set_back(world)
    await world.person("G 0").writes("second floor, behind the stage")
    rung = team.lawyer.sees("Alarm 1.").message_id
    await world.pass_time(world.policy.ring_every)
    assert team.lawyer.sees("Alarm 1.").message_id > rung


@pytest.mark.parametrize("by", [HOUR, 2 * MINUTE])  # a clock is mostly corrected by little
async def test_i_am_on_it_counts_ten_minutes_whatever_the_clock_is_set_to(
    world: World, by: timedelta
) -> None:
    """Not an hour longer, not a minute longer, and nobody is rung before it is over."""
    team = await _one_writes(world, "sos")
    await team.lawyer.presses("I'm on it")
    rung = team.organizer.sees("Alarm 1.").message_id
    await world.pass_time(4 * MINUTE)
    await _is_set_back(world, by)
    await world.pass_time(world.policy.answer_holds - 4 * MINUTE - SECOND)
    assert team.organizer.sees("Alarm 1.").message_id == rung
    await world.pass_time(2 * SECOND)
    assert team.organizer.sees("Alarm 1.").message_id > rung


async def test_a_detention_is_rung_at_its_pace_though_the_clock_is_set_back(
    world: World,
) -> None:
    """Not an hour later, and not as late as the next audit; since when it lasts stays as told."""
    team = await _one_writes(world, "/taken")
    rung = team.lawyer.sees("Urgent 1.").message_id
    await _is_set_back(world)
    await world.pass_time(world.policy.escalate_after)
    assert team.lawyer.sees("Urgent 1.").message_id > rung


async def test_whoever_is_on_a_detention_is_reminded_in_time_though_the_clock_is_corrected(
    world: World,
) -> None:
    """By less than has passed since: nothing lies in the future, and everything is too late."""
    team = await _one_writes(world, "/taken")
    await team.lawyer.presses("I'm on it")
    rung = team.lawyer.sees("Urgent 1.").message_id
    await world.pass_time(4 * MINUTE)
    await _is_set_back(world, 2 * MINUTE)
    await world.pass_time(world.policy.detention_again_after - 4 * MINUTE)
    assert team.lawyer.sees("Urgent 1.").message_id > rung


async def test_a_damaged_wake_test_keeps_no_alarm_from_ringing_at_its_pace(world: World) -> None:
    """Nor from being raised: a test makes way for it, if it can be read."""
    team, (aliya,) = await _evening(world, guests=1)
    await begins(world, team.organizer)
    await world.change(lambda work: work.tx.run("UPDATE wakings SET sealed = zeroblob(90)"))
    await world.change(lambda work: work.tx.run("DELETE FROM timers WHERE key LIKE 'wake:%'"))
    await aliya.writes("sos")
    await world.pass_time(10 * SECOND)
    rung = team.lawyer.sees("Alarm 1.").message_id
    await _is_set_back(world)
    await world.pass_time(world.policy.ring_every)
    assert team.lawyer.sees("Alarm 1.").message_id > rung


async def test_nobody_was_taken_in_the_future(world: World) -> None:
    """The card says when, as it was told, and of how long ago nothing that cannot be."""
    team = await _one_writes(world, "/taken")
    await _is_set_back(world)
    await world.pass_time(world.policy.escalate_after)
    team.lawyer.sees("Somebody was taken at 18:01, 0 h 0 min ago.")


async def test_what_is_done_about_a_detention_after_the_clock_was_set_back_keeps_its_pace(
    world: World,
) -> None:
    """Whoever is on it is reminded after the same while as always."""
    team = await _one_writes(world, "/taken")
    await _is_set_back(world)
    await team.lawyer.presses("I'm on it")
    rung = team.lawyer.sees("Urgent 1.").message_id
    await world.pass_time(world.policy.detention_again_after)
    assert team.lawyer.sees("Urgent 1.").message_id > rung


async def test_a_roll_call_asks_again_after_its_pause(world: World) -> None:
    """Whoever is silent is asked once more within minutes, whatever the clock was set to."""
    team, people = await _evening(world, guests=2)
    await team.organizer.writes("/rollcall")
    asked = _newest(people)
    await _is_set_back(world)
    await world.pass_time(world.policy.ask_again_after - SECOND)
    assert _told_since(people, asked) == 0
    await world.pass_time(2 * SECOND)
    assert _told_since(people, asked) == 2


async def test_a_lock_waits_its_minute_and_no_longer(world: World) -> None:
    """Two can start and one can stop: for a minute, not for an hour and a minute."""
    team = await _one_writes(world, "sos")
    await lock(team.organizer)
    await _is_set_back(world)
    await world.pass_time(59 * SECOND)
    assert not is_locked(world)
    await world.pass_time(2 * SECOND)
    assert is_locked(world)


async def test_a_wake_test_goes_on_at_its_pace(world: World) -> None:
    """An hour's silence in the middle of a test would say that somebody sleeps."""
    team = await world.has_team()
    await begins(world, team.organizer)
    rung = ringing(team.lawyer).message_id
    await _is_set_back(world)
    await world.pass_time(world.policy.ring_every)
    assert ringing(team.lawyer).message_id > rung


async def test_what_stands_on_a_phone_for_a_minute_goes_after_a_minute(world: World) -> None:
    """Names do not stay for an hour because a clock was set back."""
    team, people = await _evening(world, guests=2)
    await team.organizer.writes("/rollcall")
    await team.organizer.presses("Names")
    names = team.organizer.sees(people[0].name)
    await _is_set_back(world)
    await world.pass_time(MINUTE)
    assert team.organizer.find_message(names.message_id) is None


async def test_a_clock_that_was_set_forward_and_corrected_leaves_every_pause_as_it_was(
    world: World,
) -> None:
    """What was due by the wrong time has come, once; what was set meanwhile waits no longer."""
    team, people = await _evening(world, guests=2)
    world.now += HOUR
    await world.change(lambda work: clockjumps.note_jump(work, HOUR))
    await team.organizer.writes("/rollcall")
    asked = _newest(people)
    await _is_set_back(world)
    await world.pass_time(world.policy.ask_again_after - SECOND)
    assert _told_since(people, asked) == 0
    await world.pass_time(2 * SECOND)
    assert _told_since(people, asked) == 2
