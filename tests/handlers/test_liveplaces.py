"""A sent place leaves the chat once it is sealed; one that moves is followed while it lives."""

from datetime import datetime, timedelta

from coordination import alarms as calls
from safety.alarms import Ending
from safety.incidents import IncidentKind
from safety.people import EventId
from storage import alarms, detentions, incidents
from storage.transaction import Transaction
from tests.harness import Someone, World

AT_ONCE = timedelta(0)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
FIRST, SECOND, THIRD = (43.25, 76.92), (43.30, 76.95), (43.35, 76.98)


def shows(someone: Someone, message_id: int) -> bool:
    """Say whether a message stands in somebody's chat."""
    return any(one.message_id == message_id for one in someone.chat)


async def track(world: World, event_id: EventId, kind: IncidentKind) -> list[tuple[str, datetime]]:
    """Give the positions that are sealed with an event's incident of this kind, and when."""

    def read(tx: Transaction) -> list[tuple[str, datetime]]:
        (incident,) = (one for one in incidents.at_event(tx, event_id) if one.kind is kind)
        said = [one.entry for one in incidents.entries(tx, incident)]
        found = ((one.detail("location"), one.at) for one in said)
        return [(place, at) for place, at in found if place is not None]

    return await world.look(read)


def written(*places: tuple[float, float]) -> list[str]:
    """Write places as they are sealed."""
    return [f"{latitude:.6f},{longitude:.6f}" for latitude, longitude in places]


async def test_a_place_leaves_the_chat_as_soon_as_it_is_sealed(world: World) -> None:
    """With a call, with a report by name, through whatever it came: like words and files."""
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("sos")
    await bota.writes("/report")
    sent = {someone.name: await someone.sends_location(*FIRST) for someone in (aliya, bota)}
    await world.pass_time(AT_ONCE)
    assert not shows(aliya, sent["Aliya"])
    assert not shows(bota, sent["Bota"])
    called = await track(world, event.id, IncidentKind.ALARM)
    reported = await track(world, event.id, IncidentKind.REPORT)
    assert [place for place, _ in (*called, *reported)] == written(FIRST, FIRST)


async def test_a_running_persons_live_place_is_followed_until_it_ends(world: World) -> None:
    """Hours after the call, also when that was closed: only who shares it ends it.

    The message stays, since deleting it would end the sharing; it goes when the sharing is over.
    """
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    began, live = world.now, 4 * HOUR
    place = await aliya.sends_location(*FIRST, live=live)
    aliya.sees("It is followed while you share it.")
    heard = len(aliya.screens)
    await world.pass_time(MINUTE)
    await aliya.moves(place, *SECOND, live=live)
    alarm = (await world.look(alarms.unresolved))[0]
    assert alarm.callers[0].place == SECOND
    await world.do(aigul, lambda turn: calls.resolve(turn, alarm.id, Ending.REAL))
    await world.pass_time(3 * HOUR)
    await aliya.moves(place, *THIRD, live=live)
    kept = await world.look(lambda tx: alarms.get(tx, alarm.id))
    assert kept is not None
    assert kept.callers[0].place == THIRD
    assert shows(aliya, place)
    assert len(aliya.screens) <= heard
    followed = await track(world, event.id, IncidentKind.ALARM)
    assert [where for where, _ in followed] == written(FIRST, SECOND, THIRD)
    assert [at - began for _, at in followed] == [AT_ONCE, MINUTE, 3 * HOUR + MINUTE]
    await world.pass_time(HOUR)
    assert not shows(aliya, place)


async def test_stopping_to_share_takes_the_place_from_the_chat_at_once(world: World) -> None:
    """The service then sends the last position without a time to live; that is kept too."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    place = await aliya.sends_location(*FIRST, live=HOUR)
    await world.pass_time(MINUTE)
    assert shows(aliya, place)
    await aliya.moves(place, *SECOND)
    await world.pass_time(AT_ONCE)
    assert not shows(aliya, place)
    followed = await track(world, event.id, IncidentKind.REPORT)
    assert [where for where, _ in followed] == written(FIRST, SECOND)


async def test_a_call_takes_over_a_place_that_was_shared_with_a_report(world: World) -> None:
    """Whoever begins to run does not have to send it again."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    place = await aliya.sends_location(*FIRST, live=HOUR)
    await aliya.writes("sos")
    await aliya.moves(place, *SECOND, live=HOUR)
    alarm = (await world.look(alarms.unresolved))[0]
    assert alarm.callers[0].place == SECOND


async def test_whoever_is_taken_leaves_no_live_place_on_the_phone(world: World) -> None:
    """It goes with everything else; a position that comes all the same is kept."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    place = await aliya.sends_location(*FIRST, live=HOUR)
    await aliya.presses("They are taking me")
    await aliya.moves(place, *SECOND, live=HOUR)
    await world.pass_time(AT_ONCE)
    assert aliya.chat == []
    (held,) = await world.look(detentions.unclosed)
    assert held.place == SECOND


async def test_a_place_on_no_map_is_asked_about_all_the_same(world: World) -> None:
    """What no button could carry is asked about without it."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.sends_location(1e300, -1e300)
    aliya.sees("Do you need help right now?")
    await aliya.presses("I need help")
    assert len(await world.look(alarms.unresolved)) == 1
