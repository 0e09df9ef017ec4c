"""What an event must have is set anew where it was lost: no promise hangs on one row."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from coordination.turns import Work
from safety.people import Standing
from safety.timers import CHUNK
from safety.venues import resume
from storage import disclosure, events
from storage.transaction import Transaction
from tests.handlers.test_disclosure import ADDRESS, HOUR, has_plan, until
from tests.handlers.test_registration import invited, registered
from tests.handlers.test_traces import number, reaches
from tests.harness import World

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def _lose(tx: Transaction) -> None:
    tx.run("DELETE FROM timers")


def _spoil(tx: Transaction) -> None:
    tx.run("UPDATE timers SET sealed = x'00'")


HARMS = [_lose, _spoil]
Harm = Callable[[Transaction], None]


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("days", [0, 1, 4])
async def test_lives_end_at_their_time_though_their_timers_were_lost(
    world: World, harm: Harm, days: int
) -> None:
    """Who invited whom, who was where, the roster; also where nobody looked for some days."""
    team, event = await has_plan(world)
    aliya = await world.has_participant(event, "Aliya")
    await registered(world, await invited(team.organizer))
    await until(world, event, HOUR)
    await aliya.writes("/here")
    assert all([await number(world, table) for table in ("invitations", "checkins", "people")])
    await world.database.write(harm)
    world.now = event.ends_at + days * DAY
    await world.sweeps()
    await world.pass_time(HOUR)
    assert await number(world, "invitations") == 0
    await reaches(world, max(world.now, event.ends_at + world.policy.traces_kept))
    assert [await number(world, table) for table in ("checkins", "venues")] == [0, 0]
    assert await number(world, "people") == 1
    await reaches(world, event.ends_at + world.policy.people_kept)
    assert await number(world, "people") == 0


@pytest.mark.parametrize("harm", HARMS)
async def test_a_place_is_told_at_its_stage_though_its_timer_was_lost(
    world: World, harm: Harm
) -> None:
    """People would stand in a street, and everybody believe that they know."""
    _, event = await has_plan(world)
    aliya = await world.has_participant(event, "Aliya")
    await until(world, event, 30 * HOUR)
    await world.database.write(harm)
    await world.sweeps()
    await until(world, event, 24 * HOUR + timedelta(minutes=1))
    aliya.sees_nothing_of("There is something new.")
    await until(world, event, 24 * HOUR)
    aliya.sees("There is something new.")
    await until(world, event, HOUR)
    await aliya.presses("Show")
    aliya.sees(ADDRESS)


@pytest.mark.parametrize("harm", HARMS)
async def test_a_stage_whose_moment_has_passed_unseen_is_told_by_the_next_sweep(
    world: World, harm: Harm
) -> None:
    """An hour late is better than never; but not while it is held."""
    team, event = await has_plan(world)
    aliya = await world.has_participant(event, "Aliya")
    await until(world, event, 25 * HOUR)
    await world.database.write(harm)
    await until(world, event, 23 * HOUR)
    await team.organizer.writes("/hold")
    await world.sweeps()
    await world.pass_time(SECOND)
    aliya.sees_nothing_of("There is something new.")
    await world.change(_ends_hold)
    await world.sweeps()
    await world.pass_time(SECOND)
    aliya.sees("There is something new.")


async def test_whoever_was_left_out_when_the_next_were_to_be_told_learns_the_place(
    world: World,
) -> None:
    """Twenty learn it at once; what was to tell the others is lost in the quarter of a second."""
    _, event = await has_plan(world)
    names = [f"Guest {number}" for number in range(CHUNK + 2)]
    guests = await world.has_participants(event, *names)
    await until(world, event, 24 * HOUR + SECOND)
    world.now += SECOND
    await world.change(partial(_runs_what_is_due, world))
    told = [one for one in guests if one.shows("There is something new.")]
    assert len(told) == CHUNK
    await world.database.write(_lose)
    await world.sweeps()
    await world.pass_time(SECOND)
    for one in guests:
        news = [seen for seen in one.screens if "There is something new." in seen.text]
        assert len(news) == 1


def _runs_what_is_due(world: World, work: Work) -> None:
    world._run_due(work.tx)  # noqa: SLF001 - what falls due, and no more of it than that


def _ends_hold(work: Work) -> None:
    (event,) = events.open_events(work.tx)
    venue = disclosure.confirmed(work.tx, event.id)
    assert venue is not None
    disclosure.put(work.tx, resume(venue))


@pytest.mark.parametrize("harm", HARMS)
async def test_home_is_asked_though_the_timer_was_lost(world: World, harm: Harm) -> None:
    """Silence is never safe: whoever does not answer is told to the organizers."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await until(world, event, HOUR)
    await world.database.write(harm)
    await world.sweeps()
    await reaches(world, event.ends_at + world.policy.home_question_after)
    aliya.sees("Did you get home?")
    await reaches(world, world.now + 3 * world.policy.home_question_after)
    team.organizer.sees("1 person has not answered whether they got home.")
    await reaches(world, event.ends_at + world.policy.aftercare_after)
    aliya.sees("How are you")


async def test_a_sweep_changes_nothing_where_nothing_is_lost(world: World) -> None:
    """No timer is set anew, earlier, or again after it was run: nobody is asked or told twice."""
    _, event = await has_plan(world)
    await world.has_participant(event, "Aliya", standing=Standing.PENDING)
    await world.has_participant(event, "Bota")
    while world.now < event.ends_at + 13 * DAY:
        before = await world.look(_timers)
        await world.sweeps()
        assert await world.look(_timers) == before
        await world.pass_time(2 * HOUR)


def _timers(tx: Transaction) -> list[tuple[str, int]]:
    return tx.all(tuple[str, int], "SELECT key, due_at FROM timers ORDER BY key")


async def test_shorter_traces_hold_for_the_events_that_are_there(world: World) -> None:
    """The configuration says one day from now on: nobody waits for the three of before."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await until(world, event, HOUR / 2)
    await aliya.writes("/here")
    await reaches(world, event.ends_at + 2 * HOUR)
    world.policy = replace(world.policy, traces_kept=DAY)
    await world.sweeps()
    await reaches(world, event.ends_at + DAY)
    assert await number(world, "checkins") == 0


async def test_while_locked_all_but_the_place_is_set_anew(world: World) -> None:
    """A sweep that is refused would keep the questions and the lives from being set as well."""
    _, event = await has_plan(world)
    aliya = await world.has_participant(event, "Aliya")
    await until(world, event, 25 * HOUR)
    await world.locks()
    await world.database.write(_lose)
    await world.sweeps()
    await until(world, event, 23 * HOUR)
    aliya.sees_nothing_of("There is something new.")
    await world.opens_again()
    await world.pass_time(SECOND)
    aliya.sees("There is something new.")
    await reaches(world, event.ends_at + world.policy.home_question_after)
    aliya.sees("Did you get home?")
