"""`/report`: the first message alone is a report; everything after it is optional."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from safety.incidents import Incident, IncidentKind
from safety.people import EventId, Role
from storage import incidents as rows
from storage import reports
from storage.database import Database
from storage.evidence import EVIDENCE
from tests.handlers.test_disclosure import has_venue
from tests.harness import World, a_file
from tests.recorded import incidents_at, said_of


async def _reports(world: World, event_id: EventId | None) -> list[Incident]:
    found = await incidents_at(world, event_id)
    return [one for one in found if one.kind is IncidentKind.REPORT]


async def test_words_alone_are_a_report(world: World) -> None:
    """One command and one message: it is kept, numbered, and gone from the chat."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    aliya.sees("What happened?")
    await aliya.writes("Two officers came to my parents.")
    aliya.sees("Kept. Number 1.")
    assert all("officers" not in seen.text for seen in aliya.chat)
    (incident,) = await _reports(world, event.id)
    first = (await said_of(world, incident))[0]
    assert first.detail("text") == "Two officers came to my parents."
    assert first.source == f"person-{aliya.person_id}"


async def test_a_voice_message_after_the_words_belongs_to_the_same_incident(world: World) -> None:
    """Text and voice: one report, not two."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes("Two officers came to my parents.")
    await aliya.sends_voice()
    (incident,) = await _reports(world, event.id)
    (file,) = await world.look(lambda tx: list(EVIDENCE.find(tx, "1 = 1")))
    assert file.incident_id == incident.id


async def test_a_voice_message_alone_is_a_report_and_words_join_it(world: World) -> None:
    """Whoever cannot write can speak; what is written afterwards joins."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.sends_voice()
    aliya.sees("Kept. Number 1.")
    await aliya.writes("It was yesterday at the university.")
    (incident,) = await _reports(world, event.id)
    texts = [one.detail("text") for one in await said_of(world, incident)]
    assert "It was yesterday at the university." in texts
    assert all("university" not in seen.text for seen in aliya.chat)


async def test_a_few_taps_say_the_rest(world: World) -> None:
    """What does not fit the time is two taps further; day and certainty are one tap each."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes("They came.")
    await aliya.presses("Something else")
    await aliya.finds("A visit or pressure afterwards")
    await aliya.presses("Visit or summons afterwards")
    await aliya.presses("Yesterday")
    await aliya.presses("I was told")
    aliya.sees("For an hour")
    (incident,) = await _reports(world, event.id)
    answers = dict(detail for one in await said_of(world, incident) for detail in one.details)
    assert answers["type"] == "follow_up_visit"
    assert answers["when"] == "yesterday"
    assert answers["certainty"] == "reported"


async def test_every_question_can_be_passed_over(world: World) -> None:
    """*Skip*, *Skip*, *Skip*: nothing is made up for what was not said."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes("They came.")
    for _ in range(3):
        await aliya.presses("Skip")
    aliya.sees("For an hour")
    await aliya.presses("Done")
    aliya.sees_nothing_of("Kept")
    (incident,) = await _reports(world, event.id)
    names = [name for one in await said_of(world, incident) for name, _ in one.details]
    assert names == ["text", "consent"]


async def test_a_question_can_be_answered_after_other_things(world: World) -> None:
    """The questions wait where they were left."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes("They came.")
    await aliya.presses("Something else")
    await aliya.presses("Threats")
    await aliya.writes("/help")
    await aliya.sends_photo()
    await world.pass_time(timedelta(minutes=40))
    await aliya.presses("Death threat")
    aliya.sees("When did it happen?")


async def test_words_that_join_are_answered_at_the_bottom_of_the_chat(world: World) -> None:
    """They leave the chat, so whoever wrote them sees below whatever else came that they are kept.

    A card that is changed far above, where nobody looks, is no answer.
    """
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes("Two officers came to my parents.")
    await aliya.writes("/help")
    await aliya.writes("They are back.")
    assert "Kept. Number 1." in aliya.chat[-1].text
    await aliya.writes("/help")
    await aliya.sends_location(43.24, 76.89)
    assert "Kept. Number 1." in aliya.screens[-1].text
    assert sum("Kept." in seen.text for seen in aliya.screens) == 1


async def test_after_an_hour_nothing_joins_any_more(world: World) -> None:
    """Once it is finished the bot does not know which chat it came from, and its card is gone."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes("They came.")
    for _ in range(3):
        await aliya.presses("Skip")
    await world.pass_time(timedelta(minutes=61))
    aliya.sees_nothing_of("Kept")
    assert await world.look(lambda tx: tx.number("SELECT COUNT(*) FROM open_reports")) == 0
    await aliya.writes("How is the weather")
    assert len(await _reports(world, event.id)) == 1


async def test_organizers_learn_a_number_and_read_behind_show(world: World) -> None:
    """The first line says nothing; the words stand behind *Show* and go soon."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes("They threatened <b>us</b> & laughed.")
    news = team.organizer.sees("Something new: number 1.")
    assert "threatened" not in news.text
    await team.organizer.presses("Show", within=news)
    team.organizer.sees("They threatened <b>us</b> & laughed.")
    team.lawyer.sees_nothing_of("Something new")
    await world.pass_time(timedelta(minutes=11))
    team.organizer.sees_nothing_of("threatened")


async def test_an_organizer_confirms_it_and_the_counts_change(world: World) -> None:
    """It counts only when a person stands for it."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes("They came.")
    await team.organizer.writes("/incidents")
    team.organizer.sees("Confirmed: 0")
    await team.organizer.presses("? 1")
    await team.organizer.presses("Confirm that it happened")
    team.organizer.sees("confirmed, it counts.")
    await team.organizer.writes("/incidents")
    team.organizer.sees("Confirmed: 1")
    await team.organizer.presses("✓ 1")
    await team.organizer.presses("It did not happen")
    await team.organizer.writes("/incidents")
    team.organizer.sees("Did not happen: 1")


async def test_a_steward_reports_without_any_event(world: World) -> None:
    """Somebody of the team may report before there is anything to report at."""
    saule = await world.has_team_person("Saule", Role.STEWARD)
    await saule.writes("/report")
    await saule.writes("A rally calls for violence.")
    saule.sees("Kept. Number 1.")
    assert len(await _reports(world, None)) == 1


async def test_a_stranger_reports_nothing(world: World) -> None:
    """Default denied."""
    await world.has_event()
    stranger = world.person("X")
    await stranger.writes("/report")
    await stranger.writes("hello")
    await stranger.sends_photo()
    stranger.sees_nothing_of("Kept")
    assert await world.look(lambda tx: tx.number("SELECT COUNT(*) FROM incidents")) == 0


async def test_forged_answers_change_nothing(world: World) -> None:
    """Somebody else's report, an unknown answer, a question that is not open: all out of date."""
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("/report")
    await aliya.writes("They came.")
    await aliya.forges(aliya.payload_of("Death threat").replace("death_threat", "eviction"))
    await aliya.presses("Something else")
    payload = aliya.payload_of("Threats")
    await bota.forges(payload)
    bota.is_told("out of date")
    for forged in (
        payload.replace("threats", "assault"),
        payload.replace("threats", "../../x"),
        payload.replace("group", "quick"),
        payload.replace("group", "end").replace("threats", ""),
        payload.replace("group", "certainty").replace("threats", "witnessed"),
        "rpa|1|group|threats",
        "rps|zz|type",
        "ico|1",
        "ish|-5",
        "inp|99|-7",
    ):
        await aliya.forges(forged)
    (incident,) = await _reports(world, event.id)
    names = [name for one in await said_of(world, incident) for name, _ in one.details]
    assert names == ["text", "consent"]


async def test_a_very_long_and_hostile_text_is_kept_as_it_is(world: World) -> None:
    """Four thousand letters, marks and tags: stored to the letter."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    words = "<b>" + "ә\u202e\"';--" * 500
    await aliya.writes("/report")
    await aliya.writes(words[:4000])
    (incident,) = await _reports(world, event.id)
    assert (await said_of(world, incident))[0].detail("text") == words[:4000]


async def test_a_file_without_a_report_is_one(world: World) -> None:
    """A photo that belongs to nothing is not dropped."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.sends_photo("they stand before the door")
    aliya.sees("Kept. Number 1.")
    (incident,) = await _reports(world, event.id)
    assert "they stand before the door" in [
        one.detail("text") for one in await said_of(world, incident)
    ]


async def test_a_second_report_does_not_mix_with_the_first(world: World) -> None:
    """`/report` begins anew."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    for words in ("first thing", "second thing"):
        await aliya.writes("/report")
        await aliya.writes(words)
    assert len(await _reports(world, event.id)) == 2
    opened = await world.look(lambda tx: reports.of_chat(tx, aliya.chat_id, world.now))
    assert opened is not None


async def test_the_lawyer_gets_the_case_in_numbers_and_no_words(world: World) -> None:
    """Through chat go counts; the case itself is given out on the server only."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes("Two officers came.")
    await team.lawyer.writes("/case")
    team.lawyer.sees("Not confirmed by anyone yet: 1")
    team.lawyer.sees("never through this chat")
    team.lawyer.sees_nothing_of("officers")
    await aliya.writes("/case")
    aliya.sees_nothing_of("never through this chat")


ALONE: dict[str, Mapping[str, object]] = {
    "words": {"text": "Two officers came."},
    "forwarded": {
        "text": "We know where you meet.",
        "forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "X"},
    },
    "voice": {"voice": {**a_file("voice"), "duration": 3}},
    "photo": {"photo": [{**a_file("photo"), "width": 90, "height": 90}]},
    "video": {"video": {**a_file("video"), "width": 90, "height": 90, "duration": 3}},
    "round video": {"video_note": {**a_file("round"), "length": 90, "duration": 3}},
    "audio": {"audio": {**a_file("audio"), "duration": 3}},
    "file": {"document": {**a_file("document"), "file_name": "scan.pdf"}},
    "place": {"location": {"latitude": 43.25, "longitude": 76.92}},
    "contact": {"contact": {"phone_number": "+77010000000", "first_name": "Man in a cap"}},
    "poll": {"poll": {"question": "Where do we meet them?", "options": [{"text": "the door"}]}},
}


async def test_whatever_somebody_manages_to_send_is_a_report(world: World) -> None:
    """One tap, one message, of whatever kind; nothing more is asked than can be passed over."""
    event = await world.has_event()
    for number, (kind, content) in enumerate(ALONE.items(), start=1):
        person = await world.has_participant(event, kind)
        await person.writes("/report")
        await person.sends_content(content)
        person.sees(f"Kept. Number {number}.")
        person.sees_nothing_of("Do you need help")
    found = await _reports(world, event.id)
    assert len(found) == len(ALONE)
    place, contact, poll = [await said_of(world, one) for one in found[-3:]]
    assert "43.250000,76.920000" in [one.detail("location") for one in place]
    assert "☎ Man in a cap, +77010000000" in [one.detail("text") for one in contact]
    assert "📊 Where do we meet them?\n– the door" in [one.detail("text") for one in poll]


async def test_who_tells_something_without_the_command_reads_that_it_is_not_kept(
    world: World,
) -> None:
    """Nobody believes that they have reported; a greeting brings the menu alone."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("hello")
    aliya.sees_nothing_of("kept nowhere")
    await aliya.writes("Two men wait at my door")
    aliya.sees("What you wrote is kept nowhere.")
    aliya.sees("What you can do here:")
    assert await _reports(world, event.id) == []


async def test_what_comes_with_the_command_is_the_report(world: World) -> None:
    """Whoever writes all of it in one message, or under a photo, is not asked for it again."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")  # asked, and not answered yet
    written = await aliya.writes("/report two men wait at my door")
    aliya.sees("Kept. Number 1.")
    assert written not in [seen.message_id for seen in aliya.chat]
    await aliya.presses("Done")
    await aliya.sends_photo("/report@EveningBot they are here still")
    aliya.sees("Kept. Number 2.")
    words, photo = await _reports(world, event.id)
    assert "two men wait at my door" in [one.detail("text") for one in await said_of(world, words)]
    told = await said_of(world, photo)
    assert "they are here still" in [one.detail("text") for one in told]
    (file,) = await world.look(lambda tx: list(EVIDENCE.find(tx, "1 = 1")))
    assert file.incident_id == photo.id
    await aliya.writes("and one stands at the back door")
    assert len(await _reports(world, event.id)) == 2


async def test_a_message_that_is_changed_stands_beside_what_it_said_before(world: World) -> None:
    """Who puts a number right before the message has gone has said both."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    greeting = await aliya.writes("hello")
    await aliya.writes("/report")
    await aliya.edits(greeting, "hello there")
    assert await _reports(world, event.id) == []
    written = await aliya.writes("There are five of them.")
    await aliya.edits(written, "There are fifty of them.")
    (incident,) = await _reports(world, event.id)
    told = [one.detail("text") for one in await said_of(world, incident)]
    assert told[:1] + told[-1:] == ["There are five of them.", "There are fifty of them."]
    assert written not in [seen.message_id for seen in aliya.chat]


async def test_an_album_is_one_report(world: World) -> None:
    """The service sends its pictures one by one, and the words under the first."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    for number in range(3):
        photo = [{**a_file(f"album-{number}"), "width": 90, "height": 90}]
        words = {"caption": "they stand before the door"} if number == 0 else {}
        await aliya.sends_content({"photo": photo, "media_group_id": "7", **words})
    (incident,) = await _reports(world, event.id)
    files = await world.look(lambda tx: list(EVIDENCE.find(tx, "1 = 1")))
    assert {one.incident_id for one in files} == {incident.id}
    assert len(files) == 3


async def test_a_frightened_person_needs_two_taps_and_one_message(world: World) -> None:
    """The menu's *Report*, what happened, and one tap that fits the time: it is usable."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/help")
    before = len(aliya.screens)
    await aliya.presses("Report")
    await aliya.writes("A rally on the square is called for Friday.")
    await aliya.presses("Public call to violence")
    assert len(aliya.screens) - before <= 2
    (incident,) = await _reports(world, event.id)
    answers = dict(detail for one in await said_of(world, incident) for detail in one.details)
    assert answers["type"] == "call_to_violence"
    aliya.sees("When did it happen?")


async def test_what_fits_the_time_is_asked_first_weeks_later_too(world: World) -> None:
    """Before: threats and tailing. During: assault. As long as the registration lives: a visit."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    for moment, label in (
        (world.now, "Tailing"),
        (event.starts_at, "Physical assault"),
        (event.ends_at + timedelta(days=13), "Visit or summons"),
    ):
        await world.pass_time(moment - world.now)
        await aliya.writes("/report")
        await aliya.writes("They came.")
        aliya.sees("Which of these was it?")
        await aliya.presses(label)
        aliya.sees("When did it happen?")
    assert len(await _reports(world, event.id)) == 3


async def test_a_report_is_gone_on_with_after_hours_a_restart_and_an_alarm(
    world: World, tmp_path: Path
) -> None:
    """The menu and /report offer it; what comes next joins it again; then it is finished."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes("They came.")
    await aliya.writes("sos")
    await world.pass_time(timedelta(hours=3))
    aliya.sees_nothing_of("Kept. Number 1.")
    await world.database.__aexit__(None, None, None)
    slots = world._slots  # noqa: SLF001 - the same keys, as after an unlock
    world.database = Database(tmp_path / "aman.db", slots)
    await world.database.__aenter__()
    await aliya.writes("something else")
    late = aliya.payload_of("Go on with number 1")
    await aliya.writes("/report")
    aliya.sees("Number 1 is kept, and not finished")
    await aliya.presses("Go on with number 1")
    aliya.sees_nothing_of("What happened?")
    await aliya.writes("It was at noon.")
    await aliya.presses("Tailing")
    (incident,) = await _reports(world, event.id)
    texts = [one.detail("text") for one in await said_of(world, incident)]
    assert [text for text in texts if text] == ["They came.", "It was at noon."]
    await aliya.writes("/report")
    await aliya.presses("It is finished")
    for _ in range(2):
        await aliya.forges(late)
        aliya.is_told("out of date")
    await aliya.writes("A second thing.")
    assert len(await _reports(world, event.id)) == 2


async def test_after_a_day_it_is_not_offered_any_more(world: World) -> None:
    """Nothing leads from the chat to the report then; and nobody else's is ever offered."""
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("/report")
    await aliya.writes("They came.")
    await aliya.writes("/help")
    payload = aliya.payload_of("Go on with number 1")
    await bota.writes("/help")
    assert not bota.can_press("Go on")
    await bota.writes("/report")
    await bota.writes("Something of my own.")
    await bota.forges(payload)
    bota.is_told("out of date")
    await world.pass_time(timedelta(hours=24))
    await aliya.writes("/report")
    aliya.sees_nothing_of("not finished")
    await aliya.forges(payload)
    aliya.is_told("out of date")
    assert await world.look(lambda tx: tx.number("SELECT COUNT(*) FROM open_reports")) == 0


async def test_a_visit_in_the_days_after_is_one_tap(world: World) -> None:
    """It opens by itself; a second press is the same one, and what is sent then joins it."""
    team = await world.has_team()
    event = await world.has_event(starts_in=timedelta(hours=2))
    aliya = await world.has_participant(event, "Aliya")
    bota = await world.has_team_person("Bota", Role.STEWARD)
    await world.pass_time(event.ends_at + timedelta(days=3) - world.now)
    payload = aliya.payload_of("Somebody came")
    await bota.forges(payload)
    bota.is_told("out of date")
    for _ in range(2):
        await aliya.forges(payload)
        aliya.sees("Kept. Number 1.")
    await aliya.writes("Two men asked my mother about me.")
    await aliya.sends_photo()
    team.organizer.sees("Something new: number 1.")
    (incident,) = await world.look(lambda tx: rows.at_event(tx, event.id))
    assert incident.kind is IncidentKind.AFTERMATH
    said = await said_of(world, incident)
    assert [one.what for one in said if one.what == "visit"] == ["visit"]
    assert len(await world.look(lambda tx: list(EVIDENCE.find(tx, "1 = 1")))) == 1


async def test_what_an_organizer_sends_after_a_hold_belongs_to_it(world: World) -> None:
    """The hotel's letter, and what was said on the phone: no second report, no retyping."""
    team = await world.has_team()
    event = await world.has_event()
    await has_venue(world, team)
    await team.organizer.writes("/hold")
    await team.organizer.sends_photo("the letter")
    team.organizer.sees("Kept. Number 1.")
    (incident,) = await world.look(lambda tx: rows.at_event(tx, event.id))
    said = await said_of(world, incident)
    assert {"hold", "report"} <= {one.what for one in said}
    assert "the letter" in [one.detail("text") for one in said]


async def test_what_a_deputy_sends_is_a_report_as_anybody_elses(world: World) -> None:
    """A file that belongs to nothing, from abroad: it is kept and the organizers learn of it.

    The menu that the service shows is the same for everybody, and has the command in it.
    """
    team = await world.has_team()
    event = await world.has_event()
    await team.deputy.sends_photo("posted in a channel today")
    team.deputy.sees("Kept. Number 1.")
    team.organizer.sees("Something new: number 1.")
    (incident,) = await _reports(world, event.id)
    (file,) = await world.look(lambda tx: list(EVIDENCE.find(tx, "1 = 1")))
    assert file.incident_id == incident.id
    texts = [one.detail("text") for one in await said_of(world, incident)]
    assert "posted in a channel today" in texts
    await team.deputy.writes("/report")
    team.deputy.sees("What happened?")
    team.deputy.sees_nothing_of("nothing here for you")
