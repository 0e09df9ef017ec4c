"""Somebody who is held as several things says: the last of it decides, never the first."""

from datetime import timedelta

from coordination.detentions import mark_taken
from coordination.retention import By, purge_event
from coordination.turns import Work
from safety.people import PersonId, Presence
from safety.registration import Situation
from storage import alarms, detentions, events, people
from tests.harness import Someone, Team, World

AT_ONCE = timedelta(0)
HOUR = timedelta(hours=1)


async def test_a_phone_stays_quiet_until_the_last_release(world: World) -> None:
    """Marked at two events: whoever knows one card alone must not end the quiet of the other."""
    team, aliya, places = await _takes_part_twice(world)
    for place in places:
        await _is_marked(world, team, place)
    await team.lawyer.presses("Released", team.lawyer.sees("Urgent 1."))
    await aliya.writes("/help")
    await world.pass_time(AT_ONCE)
    assert aliya.chat == []
    await team.lawyer.presses("Released", team.lawyer.sees("Urgent 2."))
    assert aliya.chat == []
    await aliya.writes("/help")
    aliya.sees("What you can do here")


async def test_whoever_took_themselves_off_and_was_marked_as_well_stays_quiet(
    world: World,
) -> None:
    """Somebody of the team has two places: their own, and the one at the event."""
    team = await world.has_team()
    event = await world.has_event()
    await team.steward.writes("/taken")
    place = await world.has_participant(event, "Saule")
    await _is_marked(world, team, place.person_id)
    await team.lawyer.presses("Released", team.lawyer.sees("Urgent 2."))
    await team.steward.writes("/help")
    await world.pass_time(AT_ONCE)
    assert team.steward.chat == []
    await team.lawyer.presses("Released", team.lawyer.sees("Urgent 1."))
    await team.steward.writes("/help")
    team.steward.sees("What you can do here")


async def test_a_voice_from_before_says_nothing_of_whoever_was_taken_again(world: World) -> None:
    """The first card is still there: its press calms nobody, and ends no call."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await team.lawyer.presses("Released")
    await aliya.writes("sos")
    await aliya.writes("/taken")
    await team.lawyer.presses("I have heard their voice", team.lawyer.sees("Urgent 1."))
    team.lawyer.is_told("By Urgent 2 they are held still.")
    assert len(await world.look(detentions.unclosed)) == 2
    (alarm,) = await world.look(alarms.unresolved)
    assert alarm.callers[0].heard_by is None
    held = await _person(world, aliya)
    assert (held.presence, held.needs_help) == (Presence.TAKEN, True)


async def test_one_voice_closes_all_that_held_somebody(world: World) -> None:
    """Nobody is asked to hear the same person twice; what holds comes once, at both events."""
    team, aliya, places = await _takes_part_twice(world)
    for place in places:
        await _is_marked(world, team, place)
    for number in (1, 2):
        await team.lawyer.presses("Released", team.lawyer.sees(f"Urgent {number}."))
    assert [(await _situation(world, one)).is_unverified for one in places] == [True, True]
    await team.lawyer.presses("I have heard their voice", team.lawyer.sees("Urgent 1."))
    assert await world.look(detentions.unclosed) == []
    for number in (1, 2):
        assert "Voice heard" in team.lawyer.sees(f"Urgent {number}.").text
    assert [(await _situation(world, one)).is_unverified for one in places] == [False, False]
    told = [seen for seen in aliya.screens if "You are registered" in seen.text]
    assert len(told) == 2


async def test_whoever_is_held_still_counts_as_taken_after_another_release(world: World) -> None:
    """A purge carried the first event's detention over to where they were marked, too."""
    team, aliya, (first, second) = await _takes_part_twice(world)
    for place in (first, second):
        await _is_marked(world, team, place)
    await world.change(lambda work: _purge_event_of(work, first))
    await team.lawyer.presses("Released", team.lawyer.sees("Urgent 2."))
    assert (await _person(world, aliya)).presence is Presence.TAKEN
    await aliya.writes("/help")
    await world.pass_time(AT_ONCE)
    assert aliya.chat == []
    await team.lawyer.presses("Released", team.lawyer.sees("Urgent 1."))
    out = await _person(world, aliya)
    assert (out.presence, out.is_unverified) == (Presence.UNANSWERED, True)


async def _takes_part_twice(world: World) -> tuple[Team, Someone, tuple[PersonId, PersonId]]:
    team = await world.has_team()
    places = []
    for starts_in in (56 * HOUR, 80 * HOUR):
        event = await world.has_event(starts_in=starts_in)
        place = (await world.has_participant(event, "Aliya")).person_id
        assert place is not None
        places.append(place)
    return team, world.person("Aliya"), (places[0], places[1])


async def _is_marked(world: World, team: Team, person_id: PersonId | None) -> None:
    assert person_id is not None
    await world.do(team.organizer, lambda turn: mark_taken(turn, person_id))


async def _person(world: World, someone: Someone) -> Situation:
    assert someone.person_id is not None
    return await _situation(world, someone.person_id)


async def _situation(world: World, person_id: PersonId) -> Situation:
    person = await world.look(lambda tx: people.situation(tx, person_id))
    assert person is not None
    return person


def _purge_event_of(work: Work, person_id: PersonId) -> None:
    person = people.situation(work.tx, person_id)
    event = None if person is None else events.get(work.tx, person.event_id)
    assert event is not None
    purge_event(work, event, By())
