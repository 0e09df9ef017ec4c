"""Held, by the lawyer's own thresholds, and out of the city: followed until somebody is heard."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.buttons import pack
from handlers.buttons.escorts import EscortArrived, EscortBegun, EscortSeen
from safety.facts import FactKind
from safety.incidents import Entry
from safety.languages import Language
from safety.lawrules import UNFILLED, LawRules, Threshold
from safety.people import EventId, PersonId, Presence, Role
from storage import detentions, incidents, people
from storage.people import PEOPLE
from storage.transaction import Transaction
from tests.handlers.test_closing import has_key
from tests.handlers.test_envelopes import leaves
from tests.harness import World

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
WORDS = {
    Language.EN: "The protocol must be there.",
    Language.RU: "Протокол должен быть.",
    Language.KK: "Хаттама болуы керек.",
}


def a_law(hours: int) -> LawRules:
    """Give rules with one threshold that has words, and one a day later that has none."""
    first = Threshold(timedelta(hours=hours), WORDS)
    return replace(UNFILLED, detention=(first, Threshold(timedelta(hours=hours + 24))))


def said(tx: Transaction, event_id: EventId, kind: FactKind) -> list[Entry]:
    """Give what was recorded of this kind at an event."""
    found = incidents.at_event(tx, event_id)
    entries = [one.entry for each in found for one in incidents.entries(tx, each)]
    return [one for one in entries if one.what == kind.value]


async def test_a_threshold_rings_with_the_lawyers_own_words_in_each_language(world: World) -> None:
    """At the moment itself, whoever is on it already; and a changed file holds at once."""
    world.policy = replace(world.policy, law=a_law(hours=2))
    event = await world.has_event()
    organizer = await world.has_organizer(language=Language.KK)
    lawyer = await world.has_team_person("Timur", Role.LAWYER, Language.RU)
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    lawyer.sees("Следующий срок: ср 26 мая 12:00, 2 часа после задержания.")
    await lawyer.presses("Я занимаюсь")
    await world.pass_time(2 * HOUR - MINUTE)
    before = lawyer.sees("Срочно 1.")
    lawyer.sees_nothing_of(WORDS[Language.RU])
    await world.pass_time(MINUTE)
    after = lawyer.sees(f"Прошло 2 часа.\n{WORDS[Language.RU]}")
    assert after.rang
    assert after.message_id != before.message_id
    organizer.sees(f"2 сағат өтті.\n{WORDS[Language.KK]}")
    world.policy = replace(world.policy, law=a_law(hours=3))
    await world.pass_time(HOUR)
    lawyer.sees("Прошло 3 часа.")
    await world.pass_time(24 * HOUR)
    lawyer.sees("Прошло 27 часов.\nЧто уже должно было произойти: юрист этого не написал.")


async def test_one_screen_tells_who_is_held_since_when_where_and_what_is_next(
    world: World,
) -> None:
    """`/case`: numbers, times and places, no name; the board shows the organizers the times."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await team.organizer.writes("/board")
    await team.medic.writes("/board")
    await aliya.writes("/taken")
    await world.pass_time(30 * MINUTE)
    await bota.writes("/taken")
    await team.steward.writes("/mark")
    await team.lawyer.presses("Transferred")
    await team.lawyer.writes("Station 3, Abay street")
    await team.lawyer.writes("/case")
    shown = team.lawyer.sees("Taken: 2 people.")
    assert "Somebody was taken at 10:00, 0 h 30 min ago." in shown.text
    assert "Last known: Station 3, Abay street" in shown.text
    assert "Next time limit: Wed 26 May 11:00, after 1 hour." in shown.text
    assert "Urgent 1, since 10:00\nSomebody" in shown.text
    assert "Where: unknown." in shown.text
    assert "No lawyer has answered yet." in shown.text
    assert shown.is_protected
    assert "Aliya" not in shown.text
    board = team.organizer.sees("Urgent 2: since 10:30")
    assert "Next time limit: Wed 26 May 11:30, after 1 hour." in board.text
    team.medic.sees_nothing_of("Urgent")
    await world.pass_time(30 * MINUTE)
    assert "after 3 hours" in team.organizer.sees("Urgent 1: since 10:00").text


@pytest.mark.parametrize(
    ("language", "hours"),
    [(Language.RU, "3 часа после задержания"), (Language.KK, "ұсталғаннан кейін 3 сағат")],
)
async def test_a_time_limit_is_counted_from_the_taking_in_every_language(
    world: World, language: Language, hours: str
) -> None:
    """It reads "in 3 hours" to nobody: half of them may be over."""
    lawyer = await world.has_team_person("Timur", Role.LAWYER, language)
    aliya = await world.has_participant(await world.has_event(), "Aliya")
    world.policy = replace(world.policy, law=a_law(hours=3))
    await aliya.writes("/taken")
    await world.pass_time(2 * HOUR)
    assert hours in lawyer.sees("13:00").text


async def test_whoever_is_brought_out_of_the_city_is_followed_to_the_end(world: World) -> None:
    """Begun with one tap, rung when overdue, seen on the way, arrived, and still not free."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await team.lawyer.presses("I'm on it")
    begun = team.lawyer.payload_of("Out of the city")
    await team.lawyer.presses("Out of the city")
    await team.organizer.forges(begun)  # a second press begins no second way
    assert len((await world.look(detentions.unclosed))[0].escorts) == 1
    await team.organizer.presses("That is all")
    team.organizer.sees("It stays noted")
    await team.lawyer.presses("2 h")
    team.organizer.sees("On the way out of the city since 10:00.\nShould arrive by 12:00.")
    await team.organizer.presses("Seen on the way")
    await team.organizer.writes("bridge, white bus")
    team.lawyer.sees_nothing_of("white bus")
    await world.pass_time(2 * HOUR - MINUTE)
    before = team.lawyer.sees("Urgent 1.")
    await world.pass_time(MINUTE)
    overdue = team.lawyer.sees("Overdue since 12:00.")
    assert overdue.rang
    assert overdue.message_id != before.message_id
    await team.lawyer.presses("Arrived")
    await team.lawyer.writes("railway station of the next city")
    team.lawyer.sees("Free only when you press Released.")
    await team.lawyer.presses("Show")
    shown = team.lawyer.sees("12:00: arrived at railway station of the next city").text
    assert "10:00: on the way out of the city\n10:00: seen at bridge, white bus" in shown
    await aliya.writes("/help")
    assert aliya.chat[:-1] == []  # still quiet: nothing but what was just written
    person = await world.look(lambda tx: people.situation(tx, PersonId(aliya.person_id or 0)))
    assert person is not None
    assert person.presence is Presence.TAKEN
    entries = await world.look(lambda tx: said(tx, event.id, FactKind.ESCORT))
    assert [dict(one.details).get("escort") for one in entries] == ["begun", None, "arrived"]
    assert entries[1].detail("stop") == "bridge, white bus"
    await team.organizer.presses("Released")
    await team.organizer.presses("I have heard their voice")
    assert await world.look(detentions.unclosed) == []


async def test_a_late_answer_is_kept_and_a_wrong_hand_changes_nothing(world: World) -> None:
    """What is told after the release is a sighting; whoever is not of the task presses in vain."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("/taken")
    (held,) = await world.look(detentions.unclosed)
    await team.lawyer.forges(pack(EscortSeen(held.id)))  # they are on no way
    await team.lawyer.writes("nowhere")
    for someone in (team.medic, team.deputy, bota):
        await someone.forges(pack(EscortBegun(held.id)))
        await someone.forges(pack(EscortArrived(held.id)))
    await team.lawyer.forges(pack(EscortBegun(held.id + 1)))
    (held,) = await world.look(detentions.unclosed)
    assert held.escorts == ()
    await team.lawyer.presses("Out of the city")
    await team.lawyer.writes("-5")
    team.lawyer.sees("Press one of the numbers")
    await team.lawyer.presses("Skip")
    await team.lawyer.presses("Seen on the way")
    await team.organizer.presses("Released")
    await team.lawyer.writes("too late")
    (held,) = await world.look(detentions.unclosed)
    assert held.escorts[0].stops == ()
    assert held.where == "too late"
    assert not held.is_held
    await team.lawyer.writes("hello")  # no question is left open
    assert len((await world.look(detentions.unclosed))[0].sightings) == len(held.sightings)


async def test_all_of_it_goes_on_while_locked_and_after_the_person_is_erased(
    world: World,
) -> None:
    """Numbers, places and reminders need nobody's name, and outlive it."""
    world.policy = replace(world.policy, law=a_law(hours=1))
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await world.locks()
    await aliya.writes("/taken")
    await team.organizer.presses("Out of the city")
    await team.organizer.presses("1 h")
    await world.change(lambda work: PEOPLE.remove(work.tx, "id = ?", aliya.person_id))
    await world.pass_time(HOUR)
    assert "Overdue since 11:00." in team.lawyer.sees(WORDS[Language.EN]).text
    await team.organizer.presses("Arrived")
    await team.organizer.writes("the next city")
    await team.lawyer.writes("/case")
    team.lawyer.sees("Last known: the next city")


async def test_the_lawyer_reads_that_something_is_sealed_and_nobody_else(world: World) -> None:
    """A real name opens with the lawyer's key alone; here stands only that there is one."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await has_key(world, "Timur", Role.LAWYER)
    await leaves(aliya)
    await bota.writes("/taken")
    await team.lawyer.presses("Show")
    assert "Sealed" not in team.lawyer.sees("Bota").text
    await aliya.writes("/taken")
    for someone in (team.lawyer, team.organizer):
        await someone.presses("Show")
    assert "Sealed for the lawyer" in team.lawyer.sees("Aliya").text
    assert "Sealed" not in team.organizer.sees("Aliya").text
    assert not any("Real-Name" in seen.text for seen in team.lawyer.screens)
