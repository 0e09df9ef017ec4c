"""Inviting where more than one event is planned: nobody is invited to the wrong one."""

from datetime import timedelta

from safety.events import Event
from storage.events import EVENTS
from storage.invitations import INVITATIONS
from storage.transaction import Transaction
from tests.harness import Someone, World

DAY = timedelta(days=1)


async def _two_events(world: World) -> tuple[Event, Event]:
    """Plan one for the day after tomorrow, and one for next week."""
    return await world.has_event(), await world.has_event(starts_in=9 * DAY)


def _event_ids(tx: Transaction) -> list[int]:
    return [one.event_id for one in INVITATIONS.find(tx, "1 = 1")]


async def _chooses(organizer: Someone, world: World, event: Event) -> None:
    day = world.texts.day(organizer.language, event.starts_at.date())
    await organizer.presses(f"{event.title}, {day}")


async def test_an_organizer_is_asked_to_which_of_two_events(world: World) -> None:
    """The nearer one is not taken for granted: whoever is invited learns where it is."""
    _, later = await _two_events(world)
    organizer = await world.has_organizer()
    await organizer.writes("/invite")
    organizer.sees("Which one?")
    await _chooses(organizer, world, later)
    assert "Evening of tea" in organizer.sees("Whom is it for?").text
    await organizer.writes("from the choir")
    assert await world.look(_event_ids) == [later.id]
    await organizer.presses("One more")
    await organizer.writes("her sister")
    assert await world.look(_event_ids) == [later.id, later.id]


async def test_a_name_that_is_written_later_goes_to_the_event_that_was_meant(world: World) -> None:
    """The question stays open while the nearer event begins or ends."""
    nearer, later = await _two_events(world)
    organizer = await world.has_organizer()
    await organizer.writes("/invite")
    await _chooses(organizer, world, later)
    await world.pass_time(nearer.ends_at - world.now - timedelta(minutes=1))
    await organizer.writes("from the choir")
    assert await world.look(_event_ids) == [later.id]


async def test_a_new_link_lives_as_long_as_its_own_event(world: World) -> None:
    """Not only until the nearer event is over; the one before it is worth nothing."""
    nearer, later = await _two_events(world)
    organizer = await world.has_organizer()
    await organizer.writes("/invite")
    await _chooses(organizer, world, later)
    await organizer.writes("from the choir")
    old = organizer.sees("https://").text.split("start=")[1].split()[0]
    await organizer.presses("Not opened yet")
    await organizer.presses("New link: from the choir")
    link = organizer.sees("https://").text.split("start=")[1].split()[0]
    await world.pass_time(nearer.ends_at - world.now + DAY)
    stranger = world.person("Stranger")
    await stranger.opens(old)
    stranger.sees("There is nothing here for you")
    aliya = world.person("Aliya")
    await aliya.opens(link)
    aliya.sees("You were invited in person.")


async def test_the_people_of_each_event_can_be_looked_at(world: World) -> None:
    """An organizer decides about people of the later event as well."""
    nearer, later = await _two_events(world)
    await world.has_participant(nearer, "Aliya")
    organizer = await world.has_organizer()
    await organizer.writes("/people")
    await _chooses(organizer, world, later)
    organizer.sees("Approved: 0")
    organizer.sees_nothing_of("Approved: 1")


async def test_nobody_is_invited_to_what_is_over(world: World) -> None:
    """It is said before anybody is asked for a name."""
    event = await world.has_event()
    organizer = await world.has_organizer()
    await world.pass_time(event.ends_at - world.now + timedelta(hours=1))
    assert (await world.look(lambda tx: EVENTS.get(tx, event.id))) is not None
    await organizer.writes("/invite")
    organizer.sees("There is nothing planned now")
    organizer.sees_nothing_of("Whom is it for?")
