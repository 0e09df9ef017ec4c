"""Whom a detention rings: not only while everybody who is told of it is still there."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from tests.harness import Seen, Someone, Team, World

MINUTE = timedelta(minutes=1)


def card(someone: Someone) -> Seen:
    """Give the card of the first detention on somebody's phone."""
    return someone.sees("Urgent 1.")


async def _is_taken(team: Team) -> None:
    await team.lawyer.writes("/taken")


async def _is_frozen(team: Team) -> None:
    await team.organizer.writes("/freeze")
    await team.organizer.presses("Timur")
    await team.organizer.presses("Freeze")


async def _leaves(team: Team) -> None:
    await team.lawyer.writes("/privacy")
    await team.lawyer.presses("Leave the team")
    await team.lawyer.presses("Yes, I leave")


@pytest.mark.parametrize("happens", [_is_taken, _is_frozen, _leaves])
async def test_who_was_on_it_and_is_gone_keeps_nobody_quiet(
    world: World, happens: Callable[[Team], Awaitable[None]]
) -> None:
    """The only answer was a lawyer's who is taken, frozen or gone: nobody waits half an hour."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await team.lawyer.presses("I'm on it")
    before = card(team.organizer)
    assert "lawyer: on it" in before.text
    await happens(team)
    rung = card(team.organizer)
    assert rung.rang
    assert rung.message_id != before.message_id
    assert "on it" not in rung.text
    await world.pass_time(2 * MINUTE)
    assert card(team.organizer).message_id != rung.message_id
    team.lawyer.sees_nothing_of("Urgent 1.")


async def test_who_was_on_it_and_is_gone_rings_nobody_while_somebody_else_is(
    world: World,
) -> None:
    """The others see it on their cards, and are left in peace."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await team.lawyer.presses("I'm on it")
    await team.second.presses("I'm on it")
    before = card(team.organizer)
    await _is_taken(team)
    assert card(team.organizer).message_id == before.message_id
    assert "Timur" not in card(team.organizer).text
    assert "Dana, organizer: on it" in card(team.organizer).text
