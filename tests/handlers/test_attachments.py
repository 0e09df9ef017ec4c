"""Places that people send go with the alarm or detention they belong to."""

from datetime import timedelta

import pytest

from coordination import alarms as calls
from coordination import reports
from safety.alarms import Ending
from safety.evidence import EvidenceItem, MediaKind
from safety.incidents import IncidentKind
from safety.people import EventId
from storage import alarms, evidence, incidents
from storage.transaction import Transaction
from tests.handlers.test_disclosure import has_venue
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
    (alarm,) = await world.look(alarms.unresolved)
    assert alarm.callers[0].place == (43.25, 76.92)
    await world.pass_time(timedelta(0))
    assert all(seen.is_ours for seen in aliya.chat)


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


async def test_a_video_sent_after_an_alarm_is_owed_to_its_incident(world: World) -> None:
    """It goes with the alarm, the cards count it, and the original is asked to be kept."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await aliya.sends_video()
    aliya.sees("Keep the original")
    aigul.sees("1 file came with it.")
    alarm = (await world.look(alarms.unresolved))[0]
    items = await world.look(lambda tx: _files_of(tx, event.id, alarm.id))
    assert [item.kind for item in items] == [MediaKind.VIDEO]


async def test_the_same_file_twice_is_one_file(world: World) -> None:
    """A forwarded or repeated file is not counted again."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await aliya.sends_video()
    await aliya.sends_video()
    aigul.sees("1 file came with it.")


async def test_a_photo_whose_caption_is_a_cry_raises_the_alarm_and_is_kept(world: World) -> None:
    """Neither the words nor the picture is lost."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.sends_photo("help me, they are beating us")
    await bota.sends_video("/sos")
    aliya.sees("Alarm 1.")
    bota.sees("Alarm 1.")
    aigul.sees("2 files came with it.")


async def test_whoever_is_on_it_can_send_files_to_the_alarm(world: World) -> None:
    """A steward who films what they see adds it to the alarm they answered."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await team.steward.presses("I'm on it")
    await team.steward.sends_video()
    team.organizer.sees("1 file came with it.")


async def test_a_file_that_belongs_to_nothing_is_a_report_of_its_own(world: World) -> None:
    """No file is ever dropped."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.sends_photo("they stood at my door")
    found = await world.look(lambda tx: incidents.at_event(tx, event.id))
    assert [one.kind for one in found] == [IncidentKind.REPORT]
    files = await world.look(lambda tx: evidence.of_incident(tx, found[0].id))
    assert len(files) == 1


async def test_a_file_goes_to_the_report_that_was_begun_after_the_alarm(world: World) -> None:
    """Whoever reports something else meanwhile means that; a new call means the alarm again."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await world.pass_time(timedelta(minutes=1))
    await world.do(aliya, reports.report)
    await world.pass_time(timedelta(minutes=1))
    await aliya.sends_photo()
    aigul.sees_nothing_of("came with it")
    await world.pass_time(timedelta(minutes=1))
    await aliya.writes("sos")
    await aliya.sends_video()
    aigul.sees("1 file came with it.")


async def test_a_taken_persons_files_go_to_the_detention_and_from_the_phone(world: World) -> None:
    """What is still filmed is kept; the phone stays empty."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await aliya.sends_video()
    await world.pass_time(timedelta(0))
    assert aliya.chat == []
    team.lawyer.sees("1 file came with it.")


def _files_of(tx: Transaction, event_id: EventId, subject_id: int) -> list[EvidenceItem]:
    incident = incidents.of_subject(tx, event_id, subject_id)
    assert incident is not None
    return evidence.of_incident(tx, incident.id)


async def test_what_follows_a_call_is_in_its_incident_also_when_it_is_over(world: World) -> None:
    """Words, a place and a file minutes later: no question is asked, nothing is typed twice."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await aliya.writes("about thirty men at the back door")
    aliya.sees("Noted with it.")
    assert all("thirty" not in seen.text for seen in aliya.chat)
    await team.organizer.presses("Show")
    team.organizer.sees("about thirty men at the back door")
    alarm = (await world.look(alarms.unresolved))[0]
    await world.do(team.organizer, lambda turn: calls.resolve(turn, alarm.id, Ending.REAL))
    await world.pass_time(timedelta(minutes=5))
    await aliya.writes("they have gone now")
    await aliya.sends_location(43.25, 76.92)
    await aliya.sends_video()
    aliya.sees_nothing_of("Do you need help right now?")
    (incident,) = await world.look(lambda tx: incidents.at_event(tx, event.id))
    said = await world.look(lambda tx: [one.entry for one in incidents.entries(tx, incident)])
    told = {value for one in said for _, value in one.details}
    words = {"about thirty men at the back door", "they have gone now", "43.250000,76.920000"}
    assert words <= told
    assert len(await world.look(lambda tx: _files_of(tx, event.id, alarm.id))) == 1


@pytest.mark.parametrize("way", ["a report", "hurt before", "hurt after"])
async def test_words_after_a_call_go_with_it_whatever_was_asked(world: World, way: str) -> None:
    """Where somebody is comes in the next message; a question that was open swallows it not."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    if way == "hurt after":
        await aliya.writes("sos")
    if way == "a report":
        await aliya.writes("/report")
    else:
        await aliya.writes("/help")
        await aliya.presses("I'm hurt")
    await world.pass_time(timedelta(seconds=5))
    if way != "hurt after":
        await aliya.writes("sos")
    await aliya.writes("Third floor, blue door.")
    aliya.sees("Noted with it.")
    await team.organizer.presses("Show")
    team.organizer.sees("Third floor, blue door.")


async def test_words_of_an_organizer_who_calls_and_then_holds_go_with_the_call(
    world: World,
) -> None:
    """The letter after a hold joins the hold; where they are, a minute after a call, does not."""
    team = await world.has_team()
    await world.has_event()
    await has_venue(world, team)
    await team.organizer.writes("sos")
    await world.pass_time(timedelta(minutes=1))
    await team.organizer.writes("/hold")
    await team.organizer.presses("Skip")
    await team.organizer.writes("Third floor, blue door.")
    await team.steward.presses("Show")
    team.steward.sees("Third floor, blue door.")


@pytest.mark.parametrize("way", ["a mistake", "later"])
async def test_a_question_that_a_call_came_between_is_answered_afterwards(
    world: World, way: str
) -> None:
    """When it is taken back, or a while after the last word of it, the report goes on."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await world.pass_time(timedelta(seconds=5))
    await aliya.writes("sos")
    if way == "later":
        await world.pass_time(timedelta(minutes=11))
    else:
        await aliya.presses("It was a mistake")
    await aliya.writes("Two men came.")
    aliya.sees("Kept. Number 2.")
    team.organizer.sees("Something new: number 2.")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE alarms SET sealed = zeroblob(90)",
        "UPDATE detentions SET sealed = zeroblob(90)",
    ],
)
async def test_a_damaged_row_of_somebody_else_keeps_no_word_that_follows_a_call(
    world: World, damage: str
) -> None:
    """Where somebody is goes with the call that can be read."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await bota.writes("sos")
    await bota.writes("/taken")
    await world.change(lambda work: work.tx.run(damage))
    await aliya.writes("sos")
    await aliya.writes("Third floor, blue door.")
    aliya.sees("Noted with it.")
    await team.organizer.presses("Show")
    team.organizer.sees("Third floor, blue door.")


@pytest.mark.parametrize("is_reversed", [False, True])
async def test_what_a_helper_of_two_events_sends_goes_to_the_call_they_took_last(
    world: World, *, is_reversed: bool
) -> None:
    """Else it is news of the other call, stands in the other case, and this one rings again."""
    team = await world.has_team()
    events = [await world.has_event(starts_in=timedelta(hours=1)) for _ in range(2)]
    first, second = sorted(events, key=lambda event: event.id, reverse=is_reversed)
    for name, event in (("Aliya", first), ("Bota", second)):
        await (await world.has_participant(event, name)).writes("sos")
        await team.steward.presses("I'm on it")
        await world.pass_time(timedelta(minutes=5))
    await team.steward.sends_photo()
    await team.steward.sends_location(43.2, 76.8)
    found = {one.event_id: one for one in await world.look(alarms.unresolved)}
    assert (found[first.id].files, found[second.id].files) == (0, 1)
    assert found[first.id].acknowledgements[0].news_at is None
    assert found[second.id].acknowledgements[0].news_at is not None
