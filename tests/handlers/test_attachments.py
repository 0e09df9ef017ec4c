"""Places that people send go with the alarm or detention they belong to."""

from datetime import timedelta

from storage import alarms
from tests.harness import Someone, World


def pins(someone: Someone) -> list[tuple[float, float]]:
    """Give the pins that stand on a phone."""
    return [(one.pin.latitude, one.pin.longitude) for one in someone.screens if one.pin]


async def test_a_place_sent_after_an_alarm_is_with_it_behind_show(world: World) -> None:
    """The card says nothing of it; *Show* gives the pin, and it goes after a minute."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await aliya.sends_location(43.25, 76.92)
    aliya.sees("The place goes with it")
    assert pins(aigul) == []
    await aigul.presses("Show")
    assert pins(aigul) == [(43.25, 76.92)]
    await world.pass_time(timedelta(minutes=1))
    assert pins(aigul) == []


async def test_a_live_place_moves_on_in_silence(world: World) -> None:
    """Each step of a live location is kept; the person is not written to for it."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    message_id = await aliya.sends_location(43.25, 76.92)
    before = len(aliya.screens)
    await aliya.moves(message_id, 43.30, 76.95)
    assert len(aliya.screens) == before
    alarm = (await world.look(alarms.unresolved))[0]
    assert alarm.callers[0].place == (43.30, 76.95)


async def test_each_callers_place_is_their_own(world: World) -> None:
    """Two callers, two pins."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    for someone, latitude in ((aliya, 43.1), (bota, 43.2)):
        await someone.writes("sos")
        await someone.sends_location(latitude, 76.9)
    await aigul.presses("Show")
    assert pins(aigul) == [(43.1, 76.9), (43.2, 76.9)]


async def test_a_place_that_belongs_to_nothing_makes_the_bot_ask(world: World) -> None:
    """Somebody who only manages to send a place may be calling."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.sends_location(43.25, 76.92)
    aliya.sees("Do you need help right now?")
    aigul.sees_nothing_of("Alarm")
    await aliya.presses("I need help")
    aigul.sees("Alarm 1.")


async def test_a_place_sent_long_after_the_alarm_does_not_change_it(world: World) -> None:
    """Two hours after the last sign a place is a new thing."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await world.pass_time(world.policy.attach_for)
    await aliya.sends_location(43.25, 76.92)
    aliya.sees("Do you need help right now?")
    alarm = (await world.look(alarms.unresolved))[0]
    assert alarm.callers[0].place is None


async def test_a_strangers_place_reaches_nobody(world: World) -> None:
    """Whoever the bot does not know gets the neutral sentence."""
    stranger = world.person("Nobody")
    await stranger.sends_location(43.25, 76.92)
    assert len(stranger.screens) == 1
