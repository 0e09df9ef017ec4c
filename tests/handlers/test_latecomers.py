"""Who comes to the team, or back, while somebody is held or calls: they are rung at once."""

from datetime import timedelta

from tests.handlers.test_team import adds, link_on
from tests.harness import Team, World

MINUTE = timedelta(minutes=1)


async def _is_on_it(world: World) -> Team:
    """Let somebody be held and somebody call, and an organizer be on both."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await team.lawyer.blocks()
    await aliya.writes("/taken")
    await bota.writes("sos")
    await team.organizer.presses("I'm on it", team.organizer.sees("Urgent 1."))
    await team.organizer.presses("I'm on it", team.organizer.sees("Alarm 1."))
    await world.pass_time(MINUTE)
    return team


async def test_whoever_comes_back_is_rung_for_what_is_open(world: World) -> None:
    """The lawyer had blocked the bot; nobody would ring them for half an hour."""
    team = await _is_on_it(world)
    team.lawyer.sees_nothing_of("Urgent 1.")
    await team.lawyer.unblocks()
    for first in ("Urgent 1.", "Alarm 1."):
        assert team.lawyer.sees(first).rang


async def test_whoever_joins_is_rung_for_what_is_open(world: World) -> None:
    """A lawyer who was brought in for just that; whoever is told of neither is not."""
    team = await _is_on_it(world)
    for role, name in (("Lawyer", "Ermek"), ("Press", "Ira")):
        await adds(team.organizer, role, name)
        someone = world.person(name)
        await someone.opens(link_on(team.organizer))
    for first in ("Urgent 1.", "Alarm 1."):
        assert world.person("Ermek").sees(first).rang
        world.person("Ira").sees_nothing_of(first)


async def test_whoever_is_restored_is_rung_for_what_is_open(world: World) -> None:
    """Their chat was emptied when the account was frozen."""
    team = await _is_on_it(world)
    await team.lawyer.unblocks()
    await team.organizer.writes("/freeze")
    await team.organizer.presses("Timur")
    await team.organizer.presses("Freeze")
    team.lawyer.sees_nothing_of("Urgent 1.")
    await team.organizer.writes("/freeze")
    await team.organizer.presses("Bring back: Timur")
    await team.second.presses("Confirm")
    for first in ("Urgent 1.", "Alarm 1."):
        assert team.lawyer.sees(first).rang


async def test_a_medic_who_comes_back_hears_of_the_call_alone(world: World) -> None:
    """A detention is told to lawyers and organizers."""
    team = await _is_on_it(world)
    await team.medic.blocks()
    await team.medic.unblocks()
    assert team.medic.sees("Alarm 1.").rang
    team.medic.sees_nothing_of("Urgent 1.")
