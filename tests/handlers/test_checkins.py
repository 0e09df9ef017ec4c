"""Check-ins on people's phones: noted at once, kindly twice, and never more than a word."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from coordination import checkins
from coordination.schedule import schedule
from handlers.buttons import pack
from handlers.buttons.checkins import CheckInPress
from safety.checkins import CheckInKind
from safety.events import Event
from safety.people import Presence, Standing
from safety.registration import Person
from storage import people
from storage.people import PEOPLE
from tests.handlers.test_disclosure import HOUR, MINUTE, has_venue, until
from tests.harness import Someone, World


async def person(world: World, someone: Someone) -> Person:
    """Give somebody's registration as it is stored."""
    person_id = someone.person_id
    assert person_id is not None
    found = await world.look(lambda tx: PEOPLE.get(tx, person_id))
    assert found is not None
    return found


async def test_on_the_way_and_here_are_noted_with_their_time(world: World) -> None:
    """One message says what was noted; it is at the bottom again after each press."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await until(world, event, HOUR)
    await dana.presses("I'm on my way")
    assert "You are on the way." in dana.sees("Noted 17:00.").text
    await world.pass_time(40 * MINUTE)
    await dana.presses("I'm here")
    assert "You are here." in dana.sees("Noted 17:40.").text
    dana.sees_nothing_of("Noted 17:00.")
    assert (await person(world, dana)).presence is Presence.HERE


async def test_a_second_press_is_answered_kindly_again(world: World) -> None:
    """The same press tells the first time again, and changes nothing."""
    event = await world.has_event(starts_in=HOUR)
    (dana,) = await world.has_participants(event, "Dana P")
    await dana.writes("/here")
    await world.pass_time(5 * MINUTE)
    await dana.writes("/here")
    dana.sees("Noted 10:00.")
    assert len([seen for seen in dana.screens if "Noted" in seen.text]) == 1


async def test_a_report_sent_before_a_call_never_calms_it(world: World) -> None:
    """The service delivers in any order: what was sent earlier cannot change a later alarm."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    (dana,) = await world.has_participants(event, "Dana P")
    await dana.writes("/here")
    turn_seq = 2
    await world.pass_time(MINUTE)
    await dana.writes("sos")
    await world.do(
        dana,
        lambda turn: checkins.check_in(replace(turn, seq=turn_seq), CheckInKind.SAFE),
    )
    after = await person(world, dana)
    assert after.needs_help
    assert not after.is_unverified
    team.organizer.sees_nothing_of("says it is over")


async def test_safe_after_a_call_is_unverified_until_a_voice_was_heard(world: World) -> None:
    """The person is told so, the team's card shows it, and the board counts it."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    (dana,) = await world.has_participants(event, "Dana P")
    await dana.writes("sos")
    await team.organizer.writes("/board")
    await dana.writes("/safe")
    assert "until somebody has heard your voice" in dana.sees("Noted 10:00.").text
    assert (await person(world, dana)).is_unverified
    team.organizer.sees("says it is over")
    assert "Voice not heard yet: 1" in team.organizer.sees("As of").text
    await team.organizer.presses("I have heard their voice")
    await team.organizer.presses("Their voice says: safe")
    after = await person(world, dana)
    assert not after.is_unverified
    assert not after.needs_help


async def test_safe_after_a_detention_is_unverified_whatever_the_roster_knew(
    world: World,
) -> None:
    """Taken while the names were locked: "safe" waits for a voice all the same."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    (dana,) = await world.has_participants(event, "Dana P")
    untouched = await person(world, dana)
    await dana.writes("/taken")
    await team.lawyer.presses("Released")
    await world.change(lambda work: PEOPLE.put(work.tx, untouched))
    await dana.writes("/safe")
    assert (await person(world, dana)).is_unverified


async def test_home_after_a_call_keeps_the_key_and_is_not_home_on_the_board(world: World) -> None:
    """Forced words take nothing away from the person."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await until(world, event, HOUR)
    await dana.writes("sos")
    await dana.writes("/home")
    assert dana.keyboard == "🆘 SOS"
    await team.organizer.writes("/board")
    assert "Home: 0" in team.organizer.sees("As of").text


async def test_home_counts_once_the_voice_was_heard_and_takes_the_key_then(world: World) -> None:
    """What was only words counts once somebody has heard them."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await until(world, event, HOUR)
    await dana.writes("sos")
    await dana.writes("/home")
    await team.organizer.presses("I have heard their voice")
    await team.organizer.presses("Their voice says: safe")
    await world.pass_time(timedelta(0))
    assert dana.keyboard is None
    assert not any(seen.key for seen in dana.screens)


async def test_home_takes_key_and_places_from_the_phone(world: World) -> None:
    """An empty phone is safer than a clever one."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await until(world, event, HOUR)
    await dana.presses("Show")
    await dana.writes("/home")
    await world.pass_time(timedelta(0))
    assert dana.keyboard is None
    dana.sees_nothing_of("The north fountain")
    assert not any(seen.key for seen in dana.screens)
    dana.sees("The key is gone from here")
    await dana.writes("/here")
    assert dana.keyboard == "🆘 SOS"


async def test_home_of_one_event_leaves_the_key_of_another(world: World) -> None:
    """Two events at once: the key is there as long as one of them needs it."""
    team = await world.has_team()
    first = await world.has_event()
    (dana,) = await world.has_participants(first, "Dana P")
    await has_venue(world, team)
    await until(world, first, HOUR)
    second = await world.has_event(starts_in=30 * HOUR)
    other = await world.has_participant(second, "Dana P")
    await dana.forges(pack(CheckInPress(second.id, CheckInKind.HERE)))
    assert (await person(world, other)).presence is Presence.HERE
    await dana.forges(pack(CheckInPress(second.id, CheckInKind.HOME)))
    assert dana.keyboard == "🆘 SOS"


async def test_whoever_is_not_approved_reports_nothing(world: World) -> None:
    """They are told so, and nothing is noted."""
    event = await world.has_event(starts_in=HOUR)
    tim = await world.has_participant(event, "Tim", standing=Standing.WAITING)
    await tim.writes("/here")
    tim.sees("Your registration is not confirmed.")  # they are registered, and wait
    assert (await person(world, tim)).presence is Presence.UNANSWERED


async def test_only_approved_people_of_that_event_can_report(world: World) -> None:
    """A forged button of another event changes nothing there."""
    event = await world.has_event(starts_in=HOUR)
    other = await world.has_event(starts_in=2 * HOUR)
    dana = await world.has_participant(event, "Dana P")
    erik = await world.has_participant(other, "Erik")
    await erik.forges(pack(CheckInPress(event.id, CheckInKind.HERE)))
    assert (await person(world, dana)).presence is Presence.UNANSWERED


async def test_after_the_end_people_are_asked_twice_then_the_organizers_told(
    world: World,
) -> None:
    """Silence is told as silence: how many, and on a tap whom to tell, with the exact sentence."""
    team = await world.has_team()
    event = await _scheduled(world)
    dana, erik = await world.has_participants(event, "Dana P", "Erik")
    await _leaves(world, erik, "mother, +7 701", "I am late, do not worry")
    await world.pass_time(event.ends_at + HOUR - world.now)
    for someone in (dana, erik):
        assert someone.sees("Did you get home?").text.splitlines()[0] == "Did you get home?"
    await dana.presses("I got home")
    dana.sees_nothing_of("Did you get home?")
    first = erik.sees("Did you get home?").message_id
    await world.pass_time(HOUR)
    assert erik.sees("Did you get home?").message_id != first
    dana.sees_nothing_of("Did you get home?")
    team.organizer.sees_nothing_of("has not answered")
    await world.pass_time(HOUR)
    card = team.organizer.sees("1 person has not answered whether they got home.")
    assert "Erik" not in card.text
    await team.organizer.presses("Names", within=card)
    shown = team.organizer.sees("Erik – tell: mother, +7 701")
    assert "“I am late, do not worry”" in shown.text
    team.organizer.sees_nothing_of("Dana P")
    await world.pass_time(MINUTE)
    team.organizer.sees_nothing_of("mother")
    team.steward.sees_nothing_of("has not answered")


async def test_on_the_third_day_a_neutral_question_comes_and_goes(world: World) -> None:
    """Words that mean nothing to whoever looks at the phone."""
    event = await _scheduled(world)
    dana, erik = await world.has_participants(event, "Dana P", "Erik")
    await erik.writes("/taken")
    await world.pass_time(event.ends_at + timedelta(days=3) - world.now)
    question = dana.sees("How are you?")
    assert question.text == "How are you?"
    assert "Something happened" in question.labels
    await dana.presses("Fine")
    dana.sees("Good to hear.")
    await world.pass_time(timedelta(days=2))
    dana.sees_nothing_of("Good to hear.")
    assert erik.chat == []


async def test_whoever_is_out_and_was_not_heard_is_not_asked_how_they_are(world: World) -> None:
    """Nobody knows who holds the phone; once their voice was heard they are asked."""
    team = await world.has_team()
    event = await _scheduled(world)
    dana, erik = await world.has_participants(event, "Dana P", "Erik")
    for someone in (dana, erik):
        await someone.writes("/taken")
        await team.lawyer.presses("Released")
    await team.lawyer.presses("I have heard")
    await world.pass_time(event.ends_at + timedelta(days=3) - world.now)
    erik.sees("How are you?")
    dana.sees_nothing_of("How are you?")


async def test_a_steward_marks_somebody_as_here(world: World) -> None:
    """Whoever has no battery left is marked by somebody who sees them."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    (dana,) = await world.has_participants(event, "Dana P")
    await team.steward.writes("/mark")
    await team.steward.presses("Dana P")
    await team.steward.presses("They are here")
    assert (await person(world, dana)).presence is Presence.HERE


async def _scheduled(world: World) -> Event:
    event = await world.has_event(starts_in=HOUR)
    await world.change(lambda work: schedule(work, event))
    return event


async def _leaves(world: World, someone: Someone, contact: str, sentence: str) -> None:
    known = await person(world, someone)
    changed = replace(known, contact=contact, contact_sentence=sentence)
    await world.change(lambda work: PEOPLE.put(work.tx, changed))


async def test_an_organizer_who_is_registered_too_reports_as_a_participant(world: World) -> None:
    """Whoever has both roles at an event is on the board, and is answered."""
    event = await world.has_event(starts_in=timedelta(hours=1))
    await world.has_organizer("Dana")
    dana = await world.has_participant(event, "Dana")
    await dana.writes("/here")
    dana.sees("Noted")
    everybody = await world.look(lambda tx: people.situations(tx, event.id, Standing.APPROVED))
    counts = Counter(one.presence for one in everybody)
    assert counts == {Presence.HERE: 1}
