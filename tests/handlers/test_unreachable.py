"""Somebody blocks the bot: the organizers learn in one message whom to call."""

from datetime import timedelta

from tests.handlers.test_disclosure import HOUR, MINUTE
from tests.harness import World


async def test_organizers_are_told_whom_to_call_and_names_stand_behind_a_tap(
    world: World,
) -> None:
    """A number rings; who it is shows for a minute, and never on a locked phone."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    dana, _ = await world.has_participants(event, "Dana P", "Erik")
    await dana.blocks()
    await world.pass_time(MINUTE)
    card = team.organizer.sees("1 person cannot be reached here")
    assert card.rang
    assert team.second.shows("1 person cannot be reached here")
    assert not team.steward.shows("cannot be reached")
    team.organizer.sees_nothing_of("Dana P")
    await team.organizer.presses("Who?")
    assert team.organizer.sees("– Dana P").is_protected
    team.organizer.sees_nothing_of("Erik")
    await world.pass_time(MINUTE)
    team.organizer.sees_nothing_of("Dana P")


async def test_many_who_block_the_bot_at_once_are_one_message(world: World) -> None:
    """A burst rings once; who comes later rings again, in place of the old card."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    people = await world.has_participants(event, *(f"P{number}" for number in range(20)))
    for number, person in enumerate(people[:19]):
        await person.blocks()
        await world.pass_time(timedelta(seconds=number % 4))
    assert not team.organizer.shows("cannot be reached"), "it rings for all of them at once"
    await world.pass_time(MINUTE)
    cards = [seen for seen in team.organizer.screens if "cannot be reached" in seen.text]
    assert ["19 people" in seen.text for seen in cards] == [True]
    await people[19].blocks()
    await world.pass_time(MINUTE)
    cards = [seen for seen in team.organizer.screens if "cannot be reached" in seen.text]
    assert ["20 people" in seen.text for seen in cards] == [True]


async def test_a_burst_that_goes_on_is_told_after_its_first_minute(world: World) -> None:
    """Whoever blocks the bot next keeps nobody from being called."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    for person in await world.has_participants(event, *(f"P{number}" for number in range(9))):
        await person.blocks()
        await world.pass_time(timedelta(seconds=10))
    assert "6 people" in team.organizer.sees("cannot be reached").text


async def test_nobody_is_told_of_somebody_who_is_back_within_the_minute(world: World) -> None:
    """There is nobody to call."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    (dana,) = await world.has_participants(event, "Dana P")
    await dana.blocks()
    await dana.unblocks()
    await world.pass_time(2 * MINUTE)
    assert not team.organizer.shows("cannot be reached")


async def test_of_somebody_of_the_team_the_organizers_are_told_as_well(world: World) -> None:
    """Without its steward a door is open; the list of the team says who it is."""
    team = await world.has_team()
    await team.steward.blocks()
    await world.pass_time(MINUTE)
    assert team.organizer.sees("1 person of the team cannot be reached here").rang
    team.organizer.sees_nothing_of("Saule")
    await team.organizer.presses("Who?")
    text = team.organizer.sees("Saule").text
    assert text.partition("Saule")[2].startswith(": Steward\n– cannot be reached here: call")


async def test_after_the_event_nobody_is_called(world: World) -> None:
    """Whoever clears away old chats worries nobody."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    (dana,) = await world.has_participants(event, "Dana P")
    await world.pass_time(timedelta(days=3))
    await dana.blocks()
    await world.pass_time(2 * MINUTE)
    assert not team.organizer.shows("cannot be reached")


async def test_an_organizer_who_could_not_be_told_is_told_when_they_are_back(
    world: World,
) -> None:
    """Whoever has to be called must not be forgotten because nobody could be told just then."""
    organizer = await world.has_organizer()
    event = await world.has_event(starts_in=HOUR)
    (dana,) = await world.has_participants(event, "Dana P")
    await organizer.blocks()
    await dana.blocks()
    await world.pass_time(10 * MINUTE)
    await organizer.unblocks()
    await world.pass_time(2 * MINUTE)
    assert organizer.sees("1 person cannot be reached").rang
