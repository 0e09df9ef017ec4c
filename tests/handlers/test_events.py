"""An event is planned by buttons or typing; what was understood is shown before it counts."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from coordination.events import cancel, move
from coordination.turns import Work
from safety.events import Event, EventState
from safety.languages import Language
from safety.people import EventId, Standing
from safety.retention import RetentionDue
from safety.timers import CHUNK, CHUNK_EVERY
from storage import events, resealing, timers
from storage.events import EVENTS
from storage.vault.keys import COMMUNITY_WIDE, KEYS_OF_EVENT, KeyKind
from storage.vault.slotimage import KEY_PLACES, REPLACEMENT_PLACES
from tests.harness import Someone, World


async def plans(someone: Someone) -> None:
    """Answer the form up to its summary, by typing and by buttons."""
    await someone.writes("/event")
    await someone.writes("Evening of tea")
    await someone.writes("Almaty")
    await someone.presses("Fri 28 May")
    await someone.presses("18:00")
    await someone.presses("21:00")
    await someone.presses("Asia/Almaty")
    await someone.presses("30")
    await someone.presses("Русский")
    await someone.writes("+7 700 000 00 00")


async def stored(world: World) -> list[Event]:
    """Give all events."""
    return await world.look(lambda tx: list(EVENTS.find(tx, "1")))


async def test_an_event_is_planned_in_nine_answers(world: World) -> None:
    """The summary says what was understood; *Confirm* makes the event, with keys of its own."""
    aigul = await world.has_organizer()
    await plans(aigul)
    summary = aigul.sees("Is this right?")
    assert "Fri 28 May, 18:00–21:00 (Asia/Almaty)" in summary.text
    assert await stored(world) == []
    await aigul.presses("Confirm")
    aigul.sees("Evening of tea, Almaty")
    (event,) = await stored(world)
    assert event.starts_at == datetime(2027, 5, 28, 13, 0, tzinfo=UTC)
    assert event.ends_at == datetime(2027, 5, 28, 16, 0, tzinfo=UTC)
    assert event.language is Language.RU
    assert await world.look(lambda tx: tx.has_key(KeyKind.PEOPLE, event.id))
    aigul.sees_nothing_of("Is this right?")


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        (("tomorrow",), "I cannot read that as a day"),
        (("25.05.2027",), "That day is over"),
        (("26.05", "9:00"), "That hour is over"),
        (("28.05", "six"), "I cannot read that as an hour"),
        (("28.05", "18:00", "17:00"), "too long for one event"),
        (("28.05", "18:00", "1:00", "Almaty"), "I do not know this time zone"),
        (("28.05", "18:00", "1:00", "Asia/Almaty", "many"), "Please write a number"),
    ],
)
async def test_a_wrong_answer_is_explained_and_asked_again(
    world: World, answers: tuple[str, ...], refusal: str
) -> None:
    """Nobody has to start over because of a slip."""
    aigul = await world.has_organizer()
    for answer in ("/event", "Evening", "Almaty", *answers):
        await aigul.writes(answer)
    aigul.sees(refusal)
    assert aigul.can_press("Cancel")


async def test_an_end_after_midnight_is_understood(world: World) -> None:
    """A long evening ends on the next day."""
    aigul = await world.has_organizer()
    for answer in ("/event", "Evening", "Almaty", "28.05", "20:00", "1:30", "Asia/Almaty"):
        await aigul.writes(answer)
    await aigul.presses("30")
    await aigul.presses("English")
    await aigul.presses("Skip")
    await aigul.presses("Confirm")
    (event,) = await stored(world)
    assert event.ends_at - event.starts_at == timedelta(hours=5, minutes=30)
    assert event.voice_number == ""


async def test_a_given_up_form_leaves_nothing(world: World) -> None:
    """Questions and answers leave the chat."""
    aigul = await world.has_organizer()
    await plans(aigul)
    await aigul.presses("Cancel")
    assert await stored(world) == []
    assert [seen.text for seen in aigul.chat] == ["/event", "Cancelled."]


async def test_nobody_else_can_plan(world: World) -> None:
    """Neither by command nor by a forged press."""
    team = await world.has_team()
    event = await world.has_event()
    await team.organizer.writes("/event")
    await team.organizer.presses("Change or call off")
    forged = team.organizer.payload_of("Call it off")
    for someone in (team.deputy, team.steward, team.lawyer, world.person("Nobody")):
        await someone.writes("/event")
        await someone.forges(forged)
        someone.sees_nothing_of("How it stands")
        assert not someone.can_press("Change the time")
    found = await world.look(lambda tx: events.get(tx, event.id))
    assert found == event


async def test_no_event_takes_the_room_that_replacing_keys_needs(world: World) -> None:
    """Cases that are kept open fill the key slot file in the course of years. Whoever is erased
    then is erased all the same, and the organizer learns what to do.
    """
    aigul = await world.has_organizer()
    most = (KEY_PLACES - REPLACEMENT_PLACES - len(COMMUNITY_WIDE) - KEYS_OF_EVENT) // 2
    await _keeps_cases(world, range(1, most + 1))
    await plans(aigul)
    await aigul.presses("Confirm")
    (event,) = await stored(world)
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/privacy")
    await aliya.presses("Erase mine")
    await aliya.presses("Yes, erase mine")
    while await world.change(lambda work: resealing.step(work.tx)):
        pass
    assert await world.look(resealing.count_owed) == 0
    await aigul.writes("/event")
    await aigul.presses("New event")
    aigul.is_told("Close an old case first")


async def _keeps_cases(world: World, numbers: Iterable[int]) -> None:
    """Have events that were purged, and whose cases are open."""
    for number in map(EventId, numbers):
        await world.change(partial(_makes_keys, number))
        await world.change(partial(_destroys_keys, number))


def _makes_keys(number: EventId, work: Work) -> None:
    work.tx.create_event_keys(number)


def _destroys_keys(number: EventId, work: Work) -> None:
    work.tx.destroy_keys(number, KeyKind.PEOPLE, KeyKind.ROUTING)


async def test_a_new_time_is_told_to_everybody_registered(world: World) -> None:
    """Those who wait for an answer count on it too."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana")
    zoya = await world.has_participant(event, "Zoya", standing=Standing.WAITING)
    gone = await world.has_participant(event, "Gone", standing=Standing.DECLINED)
    await aigul.writes("/event")
    await aigul.presses("Change or call off")
    await aigul.presses("Change the time")
    for answer in ("29.05", "12:00", "15:00"):
        await aigul.writes(answer)
    await aigul.presses("Confirm")
    for told in (dana, zoya):
        told.sees("Sat 29 May, 12:00–15:00")
    gone.sees_nothing_of("29 May")
    found = await world.look(lambda tx: events.get(tx, event.id))
    assert found is not None
    assert found.starts_at == datetime(2027, 5, 29, 7, 0, tzinfo=UTC)


async def test_one_organizer_cannot_prolong_what_is_kept_of_people(world: World) -> None:
    """Moved again and again it ends 30 days after its first end at most; what is over stays so."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    await world.has_participant(event, "Dana")
    days = timedelta(days=20)
    await _moves(aigul, event.starts_at + days)
    aigul.sees("Thu 17 Jun")
    kept_until = await _kept_until(world, event)
    await _moves(aigul, event.starts_at + 2 * days)
    aigul.is_told("more than 30 days after the end that was planned first")
    assert await _kept_until(world, event) == kept_until == event.ends_at + timedelta(days=20 + 14)
    await aigul.writes("/cancel")
    await aigul.writes("/event")
    await aigul.presses("Change or call off")
    early = aigul.payload_of("Change the time")
    await world.pass_time(event.ends_at + days - world.now)
    await aigul.forges(early)
    aigul.is_told("This event is over")
    assert await _kept_until(world, event) == kept_until


async def test_a_new_time_that_was_asked_for_before_the_end_is_refused_after_it(
    world: World,
) -> None:
    """A form stays open for a while."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    await world.pass_time(event.ends_at - timedelta(minutes=5) - world.now)
    await _types_time(aigul, event.starts_at + timedelta(days=2))
    await world.pass_time(timedelta(minutes=5))
    await aigul.presses("Confirm")
    aigul.is_told("This event is over")
    assert await world.look(lambda tx: events.get(tx, event.id)) == event


async def _types_time(someone: Someone, starts_at: datetime) -> None:
    local = starts_at.astimezone(ZoneInfo("Asia/Almaty"))
    await someone.writes("/event")
    await someone.presses("Change or call off")
    await someone.presses("Change the time")
    for answer in (f"{local:%d.%m}", f"{local:%H:%M}", f"{local + timedelta(hours=3):%H:%M}"):
        await someone.writes(answer)


async def _moves(someone: Someone, starts_at: datetime) -> None:
    await _types_time(someone, starts_at)
    await someone.presses("Confirm")


async def _kept_until(world: World, event: Event) -> datetime | None:
    return await world.look(lambda tx: timers.moment_of(tx, RetentionDue(event.id)))


async def test_a_cancelled_event_is_told_and_then_silent(world: World) -> None:
    """One organizer can stop it; nobody is told or asked anything of it any more."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana")
    await aigul.writes("/event")
    await aigul.presses("Change or call off")
    await aigul.presses("Call it off")
    again = aigul.payload_of("Yes, call it off")
    await aigul.presses("Yes, call it off")
    dana.sees("it will not take place")
    assert dana.sees("it will not take place").text.startswith("Something has changed.\n")
    found = await world.look(lambda tx: events.get(tx, event.id))
    assert found is not None
    assert found.state is EventState.CANCELLED
    await aigul.forges(again)
    aigul.is_told("out of date")
    await world.pass_time(timedelta(days=6))
    assert dana.screens == []


async def test_a_released_phone_learns_of_no_change_until_a_voice_was_heard(world: World) -> None:
    """Nobody knows who has it: neither that an event is called off, nor when it is now."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("/taken")
    await team.lawyer.presses("Released")
    await team.organizer.writes("/event")
    await team.organizer.presses("Change or call off")
    await team.organizer.presses("Call it off")
    await team.organizer.presses("Yes, call it off")
    bota.sees("it will not take place")
    assert aliya.chat == []
    await team.lawyer.presses("I have heard their voice")
    aliya.sees("it will not take place")


async def test_a_large_event_is_told_in_short_steps_what_holds_last(world: World) -> None:
    """An alarm waits for one step; a change in the middle reaches everybody, as it is now."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    crowd = await world.has_participants(event, *(f"P{number}" for number in range(2 * CHUNK + 5)))
    day = timedelta(days=1)
    starts, ends = event.starts_at + day, event.ends_at + day
    await world.do(aigul, lambda turn: move(turn, event.id, starts, ends))
    assert sum(someone.shows("a new time") for someone in crowd) == CHUNK
    await world.do(aigul, lambda turn: cancel(turn, event.id))
    await world.pass_time(10 * CHUNK_EVERY)
    for someone in crowd:
        someone.sees("it will not take place")
        assert sum("Something has changed" in seen.text for seen in someone.screens) == 1


async def test_minors_take_two_organizers(world: World) -> None:
    """A deputy's word is not enough for this, and one organizer's is not either."""
    team = await world.has_team()
    event = await world.has_event()
    await team.organizer.writes("/event")
    await team.organizer.presses("Change or call off")
    await team.organizer.presses("Allow under 18")
    await team.deputy.presses("Confirm")
    team.deputy.is_told("This takes two organizers")
    before = await world.look(lambda tx: events.get(tx, event.id))
    assert before is not None
    assert not before.allows_minors
    await team.second.presses("Confirm")
    after = await world.look(lambda tx: events.get(tx, event.id))
    assert after is not None
    assert after.allows_minors


async def test_room_and_number_can_be_changed(world: World) -> None:
    """What turns out different is changed without a new event."""
    aigul = await world.has_organizer()
    await world.has_event()
    await aigul.writes("/event")
    await aigul.presses("Change or call off")
    await aigul.presses("Change the room")
    await aigul.writes("45")
    aigul.sees("Room for: 45")
    await aigul.presses("Change or call off")
    await aigul.presses("Change the voice number")
    await aigul.writes("ask the porter")
    aigul.sees("does not look like a telephone number")
    await aigul.writes("+7 701 111 22 33")
    aigul.sees("Voice number: +7 701 111 22 33")


async def test_the_team_learns_at_once_who_has_changed_the_number_that_everybody_calls(
    world: World,
) -> None:
    """One account in wrong hands could have had every call for help come to itself, unseen."""
    team = await world.has_team()
    await world.has_event()
    await team.organizer.writes("/event")
    await team.organizer.presses("Change or call off")
    await team.organizer.presses("Change the voice number")
    await team.organizer.writes("+7 700 666 66 66")
    for one in (team.second, team.deputy, team.steward):
        news = one.sees("whom everybody calls in trouble was changed by Aigul")
        assert "+7 700 666 66 66" in news.text
    team.organizer.sees_nothing_of("was changed by")
    team.medic.sees_nothing_of("was changed by")


async def test_a_form_outlives_a_restart(world: World) -> None:
    """A draft is a row: whoever answers next day goes on where they were."""
    aigul = await world.has_organizer()
    await aigul.writes("/event")
    await aigul.writes("Evening")
    await world.pass_time(timedelta(hours=8))
    await aigul.writes("Almaty")
    aigul.sees("On which day?")
