"""Telling places while names are locked, when times move, and by a stricter policy."""

from dataclasses import replace
from datetime import timedelta

from coordination.schedule import schedule
from safety.events import Event, EventState
from storage.events import EVENTS
from tests.handlers.test_disclosure import (
    ADDRESS,
    AREA,
    HOUR,
    MINUTE,
    POINT,
    has_venue,
    until,
)
from tests.harness import World


async def test_a_stage_waits_while_places_are_locked(world: World) -> None:
    """What cannot be read is told to nobody, and its moment is not forgotten."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    world._slots.lock()  # noqa: SLF001 - what `aman lock` does
    await until(world, event, 24 * HOUR - 3 * MINUTE)
    assert dana.screens == []
    waiting = await world.look(
        lambda tx: tx.number("SELECT COUNT(*) FROM timers WHERE key LIKE 'stage:%:area'")
    )
    assert waiting == 1


async def test_a_later_start_moves_the_stages_with_it(world: World) -> None:
    """What has been told stays told; the rest comes relative to the new start."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await until(world, event, 24 * HOUR)
    moved = await _moves(world, event, 2 * HOUR)
    await dana.presses("Show")
    dana.sees(AREA)
    await until(world, event, 3 * HOUR)
    dana.sees_nothing_of(POINT)
    await until(world, moved, 3 * HOUR)
    await dana.presses("Show")
    dana.sees(POINT)


async def test_an_earlier_start_tells_at_once_what_is_due_by_then(world: World) -> None:
    """Nobody waits for a moment that has passed."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await until(world, event, 5 * HOUR)
    await _moves(world, event, -2 * HOUR)
    await dana.presses("Show")
    dana.sees(POINT)


async def test_a_cancelled_event_tells_no_more_stages(world: World) -> None:
    """Nobody is sent to a place where nobody is."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    cancelled = replace(event, state=EventState.CANCELLED)
    await world.change(lambda work: EVENTS.put(work.tx, cancelled))
    await until(world, event, MINUTE)
    assert dana.screens == []


async def test_a_stricter_policy_takes_places_away_sooner(world: World) -> None:
    """Two hours instead of twelve; the key stays."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    world.policy = replace(world.policy, places_stay=2 * HOUR)
    await has_venue(world, team)
    await until(world, event, HOUR)
    await dana.presses("Show")
    dana.sees(ADDRESS)
    await world.pass_time(2 * HOUR)
    dana.sees_nothing_of(ADDRESS)
    assert dana.keyboard == "🆘 SOS"


async def test_whoever_is_told_later_puts_off_nobodys_end(world: World) -> None:
    """Somebody is approved just before the two hours are over: everybody has two hours."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    world.policy = replace(world.policy, places_stay=2 * HOUR)
    await has_venue(world, team)
    await until(world, event, HOUR)
    await dana.presses("Show")
    dana.sees(ADDRESS)
    await world.pass_time(2 * HOUR - 10 * MINUTE)
    late = await world.has_participant(event, "Late")
    await late.presses("Show")
    late.sees(ADDRESS)
    await world.pass_time(11 * MINUTE)
    dana.sees_nothing_of(ADDRESS)
    late.sees(ADDRESS)
    await world.pass_time(2 * HOUR)
    late.sees_nothing_of(ADDRESS)


async def _moves(world: World, event: Event, by: timedelta) -> Event:
    moved = replace(event, starts_at=event.starts_at + by, ends_at=event.ends_at + by)
    await world.change(lambda work: EVENTS.put(work.tx, moved))
    await world.change(lambda work: schedule(work, moved))
    return moved
