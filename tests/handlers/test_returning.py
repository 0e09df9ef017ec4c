"""Somebody had blocked the bot and comes back: they are told what holds now."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from coordination import events
from coordination.team import remove
from coordination.timetable import LOOK_AGAIN
from safety.events import Event
from safety.people import Standing
from safety.team import TeamState
from storage import chats
from storage.team import in_state
from tests.handlers.test_disclosure import (
    ADDRESS,
    AREA,
    HOUR,
    enters_another,
    has_plan,
    has_venue,
    until,
)
from tests.harness import Someone, Team, World


async def freezes(team: Team, name: str) -> None:
    """Have an organizer freeze somebody of the team."""
    await team.organizer.writes("/freeze")
    await team.organizer.presses(name)
    await team.organizer.presses("Freeze")


async def brings_back(team: Team, name: str) -> None:
    """Have two bring a frozen account back."""
    await team.organizer.writes("/freeze")
    await team.organizer.presses(f"Bring back: {name}")
    await team.second.presses("Confirm")


async def _away(world: World) -> tuple[Team, Event, Someone]:
    """Let somebody block the bot before anything is told."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await has_venue(world, team)
    await aliya.blocks()
    return team, event, aliya


async def test_whoever_comes_back_learns_the_place_card_and_key_that_were_told(
    world: World,
) -> None:
    """What was owed meanwhile is gone, and nobody else would tell them."""
    _, event, aliya = await _away(world)
    await until(world, event, HOUR)
    assert aliya.screens == []
    await aliya.unblocks()
    await aliya.presses("Show")
    aliya.sees(ADDRESS)
    aliya.sees("No answer in 15 seconds: call")
    assert aliya.keyboard == "🆘 SOS"


async def test_a_start_after_the_block_is_as_good(world: World) -> None:
    """Telegram may tell of the unblocking, or only of what is written then."""
    _, event, aliya = await _away(world)
    await until(world, event, HOUR)
    aliya.has_blocked = False
    await aliya.writes("/start")
    await aliya.presses("Show", within=aliya.sees("There is something new."))
    aliya.sees(ADDRESS)
    before = len(aliya.screens)
    await aliya.writes("hello")
    assert len(aliya.screens) == before + 1  # told once, not with every word


async def test_a_new_place_is_told_as_a_new_one(world: World) -> None:
    """Somebody who had the old place and was away would otherwise go there."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await has_venue(world, team)
    await until(world, event, 3 * HOUR)
    await aliya.presses("Show")
    await aliya.blocks()
    await enters_another(team.organizer)
    await team.second.presses("Confirm")
    await aliya.unblocks()
    aliya.sees("The earlier place does not count any more.")


async def test_on_hold_they_are_told_to_wait(world: World) -> None:
    """And not where they would have gone."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await has_venue(world, team)
    await until(world, event, 3 * HOUR)
    await aliya.blocks()
    await team.organizer.writes("/hold")
    await aliya.unblocks()
    aliya.sees("Wait. Do not set out.")
    assert aliya.keyboard == "🆘 SOS"


async def test_nothing_is_told_before_its_stage_nor_after_the_end(world: World) -> None:
    """Coming back opens nothing that is not open for everybody."""
    _, event, aliya = await _away(world)
    await aliya.unblocks()
    assert not aliya.can_press("Show")
    await aliya.blocks()
    await world.pass_time(event.ends_at - world.now + timedelta(hours=4))
    await aliya.unblocks()
    aliya.sees_nothing_of("There is something new.")
    aliya.sees_nothing_of(AREA)
    assert aliya.keyboard is None


async def test_whoever_comes_back_while_places_are_locked_is_told_when_they_are_opened(
    world: World,
) -> None:
    """The chat takes messages at once; nothing that holds is forgotten over the lock."""
    _, event, aliya = await _away(world)
    await until(world, event, HOUR)
    await world.locks()
    await aliya.unblocks()
    assert aliya.screens == []
    await aliya.writes("/help")
    aliya.sees("What you can do here")
    await world.opens_again()
    await world.pass_time(LOOK_AGAIN)
    await aliya.presses("Show", within=aliya.sees("There is something new."))
    aliya.sees(ADDRESS)
    assert aliya.keyboard == "🆘 SOS"


async def test_a_decision_that_was_made_meanwhile_is_told_to_whoever_comes_back(
    world: World,
) -> None:
    """What was owed to a chat that takes nothing is gone: they would wait for it for ever."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya", standing=Standing.PENDING)
    await aliya.blocks()
    await aigul.writes("/people")
    await aigul.presses("Who waits?")
    await aigul.presses("Waiting list")
    aigul.is_told("Nothing is sent to that chat now")
    await aliya.unblocks()
    aliya.sees("You are on the waiting list.")


async def test_a_frozen_account_that_takes_part_as_well_is_told_nothing_until_it_is_restored(
    world: World,
) -> None:
    """Whoever has it would read when a place is told, and when all wait; its owner learns all."""
    team = await world.has_team()
    event = await world.has_event()
    madina = await world.has_participant(event, "Madina")
    await has_venue(world, team)
    await freezes(team, "Madina")
    await until(world, event, HOUR)
    await team.organizer.writes("/rollcall")
    assert madina.screens == []
    assert madina.keyboard is None
    await brings_back(team, "Madina")
    await madina.presses("Show")
    madina.sees(ADDRESS)
    assert madina.keyboard == "🆘 SOS"


async def test_an_account_that_is_restored_learns_that_an_event_was_called_off(
    world: World,
) -> None:
    """It was told nothing meanwhile: its owner would wait there alone."""
    team = await world.has_team()
    event = await world.has_event()
    madina = await world.has_participant(event, "Madina")
    await freezes(team, "Madina")
    await world.do(team.organizer, lambda turn: events.cancel(turn, event.id))
    assert madina.screens == []
    await brings_back(team, "Madina")
    madina.sees("it will not take place")


async def test_a_frozen_account_that_is_taken_out_learns_no_place_where_it_took_part(
    world: World,
) -> None:
    """It takes one to take a medic out, and two to bring one back; a call is heard again."""
    team = await world.has_team()
    event = await world.has_event()
    madina = await world.has_participant(event, "Madina")
    await has_venue(world, team)
    await freezes(team, "Madina")
    (frozen,) = await world.look(lambda tx: in_state(tx, TeamState.FROZEN))
    await world.do(team.organizer, lambda turn: remove(turn, frozen.id))
    await until(world, event, HOUR)
    assert madina.screens == []
    await madina.writes("sos")
    team.organizer.sees("Alarm 1")


@pytest.mark.parametrize("standing", [Standing.APPROVED, Standing.PENDING, Standing.INVITED])
async def test_whoever_comes_back_learns_that_an_event_is_off(
    world: World, standing: Standing
) -> None:
    """The word of it was withdrawn while nobody could write to them; they would go there."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya", standing=standing)
    await aliya.blocks()
    await world.do(aigul, lambda turn: events.cancel(turn, event.id))
    await aliya.unblocks()
    aliya.sees("it will not take place")


async def test_an_event_that_was_earlier_than_they_know_is_told_until_the_first_time_is_over(
    world: World,
) -> None:
    """It is over, and they would stand there alone at the hour that they were told."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.blocks()
    starts, ends = event.starts_at - 24 * HOUR, event.ends_at - 24 * HOUR
    await world.do(aigul, lambda turn: events.move(turn, event.id, starts, ends))
    await until(world, event, HOUR)
    await aliya.unblocks()
    aliya.sees("a new time.")
    await aliya.blocks()
    await world.pass_time(event.ends_at - world.now)
    await aliya.unblocks()
    assert len([seen for seen in aliya.screens if "a new time." in seen.text]) == 1


async def test_whoever_was_declined_meanwhile_learns_it_also_after_the_start(
    world: World,
) -> None:
    """They know the place, and would come late to a door that nobody opens; not after the end."""
    team, event, aliya = await _knows_a_place(world)
    await _is_declined_while_away(team.organizer, aliya)
    await until(world, event, -HOUR)
    await aliya.unblocks()
    aliya.sees("we cannot offer you a place")


async def test_whoever_was_declined_before_it_was_called_off_learns_the_first(
    world: World,
) -> None:
    """Nobody counts them among those who hear of the second: they would hear nothing."""
    team, event, aliya = await _knows_a_place(world)
    await _is_declined_while_away(team.organizer, aliya)
    await world.do(team.organizer, lambda turn: events.cancel(turn, event.id))
    await aliya.unblocks()
    aliya.sees("we cannot offer you a place")


async def _is_declined_while_away(organizer: Someone, person: Someone) -> None:
    await person.blocks()
    await organizer.writes("/people")
    await organizer.presses("Approved (1)")
    await organizer.presses("Aliya")
    await organizer.presses("Decline")


async def _knows_a_place(world: World) -> tuple[Team, Event, Someone]:
    team, event = await has_plan(world)
    aliya = await world.has_participant(event, "Aliya")
    await until(world, event, 2 * HOUR)
    return team, event, aliya


async def _is_away(team: Team, world: World) -> None:
    await team.steward.blocks()
    del world


async def _is_back(team: Team) -> None:
    await team.steward.unblocks()


async def _is_taken(team: Team, world: World) -> None:
    await team.steward.writes("/taken")
    await world.pass_time(timedelta(0))
    await team.lawyer.presses("Released")


async def _is_heard(team: Team) -> None:
    await team.lawyer.presses("I have heard their voice")


WAYS = pytest.mark.parametrize(
    ("goes", "comes"), [(_is_away, _is_back), (_is_taken, _is_heard)], ids=["blocked", "taken"]
)
Goes = Callable[[Team, World], Awaitable[None]]
Comes = Callable[[Team], Awaitable[None]]


@WAYS
async def test_a_steward_who_comes_back_learns_the_new_place(
    world: World, goes: Goes, comes: Comes
) -> None:
    """They would receive people at a door that is shut, and everybody else be elsewhere."""
    team, event, _ = await _knows_a_place(world)
    await until(world, event, HOUR)
    team.steward.sees("There is something new.")
    await goes(team, world)
    await enters_another(team.organizer)
    await team.second.presses("Confirm")
    await world.pass_time(HOUR / 60)
    team.steward.sees_nothing_of("The earlier place does not count any more.")
    await comes(team)
    team.steward.sees("The earlier place does not count any more.")


@WAYS
async def test_a_steward_who_comes_back_is_told_to_wait(
    world: World, goes: Goes, comes: Comes
) -> None:
    """They would set out to a place that nobody vouches for any more; also while it is locked."""
    team, event, _ = await _knows_a_place(world)
    await until(world, event, HOUR)
    await goes(team, world)
    await team.organizer.writes("/hold")
    team.steward.sees_nothing_of("Wait. Do not set out.")
    await world.locks()
    await comes(team)
    team.steward.sees("Wait. Do not set out.")


async def test_a_steward_who_comes_back_while_places_are_locked_learns_it_when_they_are_opened(
    world: World,
) -> None:
    """What was owed meanwhile counts as told to nobody."""
    team, event, _ = await _knows_a_place(world)
    await team.steward.blocks()
    await enters_another(team.organizer)
    await team.second.presses("Confirm")
    await world.locks()
    await team.steward.unblocks()
    await world.opens_again()
    await world.pass_time(LOOK_AGAIN)
    team.steward.sees("The earlier place does not count any more.")
    del event


async def test_a_block_that_was_forgotten_keeps_nobody_from_hearing_that_an_event_is_off(
    world: World,
) -> None:
    """After a month nothing says any more that they were away; the service does."""
    aigul = await world.has_organizer()
    event = await world.has_event(starts_in=60 * 24 * HOUR)
    aliya = await world.has_participant(event, "Aliya")
    await aliya.blocks()
    await world.do(aigul, lambda turn: events.cancel(turn, event.id))
    await world.pass_time(8 * 24 * HOUR)
    await world.database.write(lambda tx: chats.forget_blocked(tx, world.now))
    await aliya.unblocks()
    aliya.sees("it will not take place")
    before = len(aliya.screens)
    await aliya.writes("/help")
    assert len(aliya.screens) == before + 1
