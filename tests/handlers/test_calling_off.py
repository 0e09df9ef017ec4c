"""An event is called off while people are on their way or in trouble: nothing urgent ends."""

from datetime import timedelta

from safety.events import Event
from tests.handlers.test_disclosure import AREA, HOUR, POINT, has_venue, until
from tests.harness import Someone, Team, World

MINUTE = timedelta(minutes=1)


async def _on_the_way(world: World) -> tuple[Team, Event, Someone]:
    """Let somebody be on the way to a meeting point that was told."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await has_venue(world, team)
    await until(world, event, 2 * HOUR)
    await aliya.presses("Show")
    return team, event, aliya


async def _calls_off(organizer: Someone) -> None:
    await organizer.writes("/event")
    await organizer.presses("Change or call off")
    await organizer.presses("Call it off")
    await organizer.presses("Yes, call it off")


async def test_an_open_alarm_rings_on(world: World) -> None:
    """Somebody calls for help; that there will be no meeting answers nobody."""
    team, _, aliya = await _on_the_way(world)
    await aliya.writes("sos")
    await _calls_off(team.second)
    rung = team.medic.sees("Alarm 1.").message_id
    await world.pass_time(2 * MINUTE)
    again = team.medic.sees("Alarm 1.")
    assert again.message_id != rung
    assert again.rang
    team.deputy.sees("Alarm 1.")


async def test_the_lawyer_is_reminded_of_whoever_is_held(world: World) -> None:
    """A detention outlives the event it began at."""
    team, _, aliya = await _on_the_way(world)
    await aliya.writes("/taken")
    await _calls_off(team.second)
    told = team.lawyer.sees("Urgent 1.").message_id
    await world.pass_time(HOUR)
    assert team.lawyer.sees("Urgent 1.").message_id != told


async def test_a_roll_call_goes_on(world: World) -> None:
    """Whoever is silent is asked again."""
    team, _, aliya = await _on_the_way(world)
    await team.organizer.writes("/rollcall")
    await _calls_off(team.second)
    asked = aliya.sees("Are you safe?").message_id
    await world.pass_time(6 * MINUTE)
    assert aliya.sees("Are you safe?").message_id != asked


async def test_stewards_and_the_other_organizers_are_told_too(world: World) -> None:
    """Whoever would wait at the meeting point must not."""
    team, _, _ = await _on_the_way(world)
    await _calls_off(team.organizer)
    for someone in (team.steward, team.second):
        assert someone.sees("it will not take place").rang
    team.organizer.sees_nothing_of("it will not take place")


async def test_after_a_new_time_it_rings_again(world: World) -> None:
    """A word that only changes an older message is read by nobody who is on the way."""
    team, _, aliya = await _on_the_way(world)
    await team.organizer.writes("/event")
    await team.organizer.presses("Change or call off")
    await team.organizer.presses("Change the time")
    for answer in ("29.05", "12:00", "15:00"):
        await team.organizer.writes(answer)
    await team.organizer.presses("Confirm")
    moved = aliya.sees("a new time").message_id
    await _calls_off(team.second)
    assert aliya.sees("it will not take place").message_id != moved


async def test_the_place_leaves_every_phone_and_people_are_asked_whether_they_got_home(
    world: World,
) -> None:
    """The key stays until they say so: they may still be on their way back."""
    team, _, aliya = await _on_the_way(world)
    await _calls_off(team.organizer)
    await world.pass_time(MINUTE)
    for words in (AREA, POINT):
        aliya.sees_nothing_of(words)
    assert aliya.keyboard == "🆘 SOS"
    await world.pass_time(HOUR)
    aliya.sees("Did you get home?")
    await aliya.presses("I got home")
    assert aliya.keyboard is None
