"""*I'm hurt*: kept with one tap; the medic learns who it is; whoever wants it is reminded."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from coordination import injuries
from handlers.buttons import pack
from handlers.buttons.injuries import (
    HurtAgain,
    HurtEnough,
    HurtPress,
    InjuriesPress,
    InjuryShow,
)
from safety.events import Event
from safety.incidents import Entry, Incident, IncidentKind
from safety.injuries import MOST_OPEN, YES, Injury, InjuryQuestion
from safety.languages import Language
from safety.lawrules import LawRules, LawText, Threshold
from safety.people import Role
from storage import incidents
from storage.evidence import EVIDENCE
from tests.harness import Someone, Team, World

HOUR = timedelta(hours=1)
LAW = LawRules(
    detention=(),
    injury=(
        Threshold(24 * HOUR, {Language.EN: "Show it to a doctor today."}),
        Threshold(72 * HOUR, {Language.EN: "Ask for the paper."}),
    ),
    texts={LawText.KEEP: {Language.EN: "Keep the broken glasses."}},
)


async def begun(world: World) -> tuple[Team, Event, Someone]:
    """Give a team whose lawyer has written the rules, and somebody at an event."""
    world.policy = replace(world.policy, law=LAW)
    team = await world.has_team()
    event = await world.has_event()
    return team, event, await world.has_participant(event, "Aliya")


async def is_hurt(someone: Someone, remind: str = "Yes, ask") -> None:
    """Say it, send a photo, and answer what is asked."""
    await someone.writes("/help")
    await someone.presses("I'm hurt")
    await someone.sends_photo("my arm")
    await someone.presses("Done")
    await someone.presses("A bone, a joint")
    await someone.presses(remind)
    await someone.presses("In a clinic")
    await someone.presses("Yes")
    await someone.presses("Not yet")


async def every(world: World) -> list[Injury]:
    """Give every injury."""
    return await world.look(lambda tx: injuries.every(world.work(tx)))


async def told(world: World, event: Event) -> tuple[Incident, list[Entry]]:
    """Give the only incident, and what it says."""
    (incident,) = await world.look(lambda tx: incidents.at_event(tx, event.id))
    entries = await world.look(lambda tx: [one.entry for one in incidents.entries(tx, incident)])
    return incident, entries


async def test_one_tap_is_kept_and_the_rest_are_taps(world: World) -> None:
    """The first tap alone is recorded; a photo joins it; each answer is kept as it comes."""
    _, event, aliya = await begun(world)
    await aliya.writes("/help")
    await aliya.presses("I'm hurt")
    aliya.is_told("Noted.")
    assert "Keep the broken glasses." in aliya.sees("Then take a photo").text
    incident, _ = await told(world, event)
    assert incident.kind is IncidentKind.INJURY
    await aliya.sends_photo("my arm")
    await aliya.presses("Done")
    await aliya.presses("Head")
    await aliya.presses("That is all")
    aliya.sees("What you said stays noted.")
    aliya.sees_nothing_of("Cancelled")
    _, entries = await told(world, event)
    details = [detail for one in entries for detail in one.details]
    assert ("hurt", "head") in details
    assert ("words", "my arm") in details
    (file,) = await world.look(lambda tx: list(EVIDENCE.find(tx, "1 = 1")))
    assert file.incident_id == incident.id
    (injury,) = await every(world)
    assert injury.files == 1


async def test_said_again_it_is_the_same_injury_and_goes_on(world: World) -> None:
    """A second press asks only what may have changed; a late answer changes nothing."""
    _, _, aliya = await begun(world)
    await is_hurt(aliya)
    late = aliya.payload_of("Add something")
    await aliya.writes("/help")
    await aliya.presses("I'm hurt")
    await aliya.presses("Skip")  # a photo; then only the paper is open
    aliya.sees("Did you get a paper about it?")
    old = aliya.payload_of("Yes")
    await aliya.presses("Yes")
    aliya.sees("Paper about it: Yes")
    await aliya.forges(old)
    await aliya.forges(late)
    assert len(await every(world)) == 1


async def test_the_medic_sees_who_it_is_for_a_minute_and_nothing_else(world: World) -> None:
    """A number rings; the name stands behind *Show*; incidents and complaints stay closed."""
    team, _, aliya = await begun(world)
    await is_hurt(aliya)
    news = team.medic.sees("Please take note. Number 1.")
    await team.medic.presses("Show", within=news)
    seen = team.medic.sees("Aliya")
    assert seen.is_protected
    for part in ("Hurt: A bone", "Treated: In a clinic", "Examined: Yes", "Photos and papers: 1"):
        assert part in seen.text
    await world.pass_time(timedelta(minutes=1))
    team.medic.sees_nothing_of("Aliya")
    await team.medic.writes("/incidents")
    await team.medic.writes("/case")
    team.medic.sees_nothing_of("What is recorded")
    await team.medic.writes("/help")
    await team.medic.presses("Who is hurt")
    assert team.medic.can_press("1 · Wed 26 May")


@pytest.mark.parametrize("role", [Role.STEWARD, Role.DEPUTY, Role.LAWYER, Role.PRESS])
async def test_nobody_else_sees_an_injury_or_answers_for_somebody(
    world: World, role: Role
) -> None:
    """Neither by a menu nor by a forged press."""
    _, event, aliya = await begun(world)
    await is_hurt(aliya)
    (injury,) = await every(world)
    before = (await told(world, event))[1]
    someone = await world.has_team_person("X", role)
    await someone.writes("/help")
    for page in ("What happened", "Myself"):
        assert not someone.can_press("Who is hurt")
        if someone.can_press(page):
            await someone.presses(page)
    assert not someone.can_press("Who is hurt")
    for press in (InjuryShow(injury.id), HurtAgain(injury.id), HurtEnough(injury.id)):
        await someone.forges(pack(press))
    await someone.forges(pack(InjuriesPress()))
    someone.sees_nothing_of("Number 1")
    someone.sees_nothing_of("Aliya")
    assert await every(world) == [injury]
    assert (await told(world, event))[1] == before


async def test_whoever_wants_it_is_reminded_at_both_moments(world: World) -> None:
    """In the lawyer's words, with a first line that says nothing; after *enough* no more."""
    _, _, aliya = await begun(world)
    await is_hurt(aliya)
    await world.pass_time(23 * HOUR)
    aliya.sees_nothing_of("How are you today?")
    await world.pass_time(HOUR)
    seen = aliya.sees("Show it to a doctor today.")
    assert seen.text.startswith("How are you today?\n")
    await world.pass_time(48 * HOUR)
    aliya.sees("Ask for the paper.")
    await aliya.presses("No more reminders")
    aliya.sees("You will not be reminded.")
    await world.pass_time(240 * HOUR)
    aliya.sees_nothing_of("How are you today?")


async def test_without_a_medic_who_can_be_written_to_the_organizers_learn_of_it(
    world: World,
) -> None:
    """One that was taken, or has blocked the bot, helps nobody."""
    team, event, aliya = await begun(world)
    bota = await world.has_participant(event, "Bota")
    await world.do(aliya, injuries.begin)
    team.organizer.sees_nothing_of("Please take note.")
    await team.medic.writes("/taken")
    await world.do(bota, injuries.begin)
    await team.organizer.presses("Show", within=team.organizer.sees("Please take note."))
    team.organizer.sees("Bota")


async def test_nobody_floods_the_medic(world: World) -> None:
    """Hurt, enough, hurt again: three are kept apart, what is said after that joins the last."""
    team, _, aliya = await begun(world)
    for _ in range(8):
        injury = await world.do(aliya, injuries.begin)
        await world.do(aliya, partial(injuries.end, injury_id=injury.id))
    assert len(await every(world)) == MOST_OPEN
    assert sum("Please take note." in seen.text for seen in team.medic.screens) == MOST_OPEN


@pytest.mark.parametrize("language", list(Language))
async def test_a_reminder_without_the_lawyers_words_names_its_own_button(
    world: World, language: Language
) -> None:
    """What is only typed after it would belong to nothing: so it says what to press."""
    await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya", language)
    await world.do(aliya, injuries.begin)
    (injury,) = await every(world)
    asked = InjuryQuestion.REMIND
    await world.do(aliya, lambda turn: injuries.answer(turn, injury.id, asked, YES))
    await world.pass_time(24 * HOUR)
    reminder = aliya.screens[-1]
    assert reminder.labels[0] in reminder.text


@pytest.mark.parametrize("way", ["does not want it", "erased", "taken", "released", "enough"])
async def test_nobody_else_is_reminded(world: World, way: str) -> None:
    """Not who said no, erased themself, is held or not heard since, or said that it is enough."""
    team, _, aliya = await begun(world)
    await is_hurt(aliya, "No" if way == "does not want it" else "Yes, ask")
    match way:
        case "erased":
            await aliya.writes("/leave")
            await aliya.presses("Yes")
        case "taken":
            await aliya.writes("/taken")
        case "released":
            await aliya.writes("/taken")
            await team.lawyer.presses("Released")
        case "enough":
            await aliya.presses("No more reminders")
        case _:
            pass
    await world.pass_time(80 * HOUR)
    assert not aliya.shows("How are you today?")
    if way == "taken":
        await team.lawyer.presses("Released")
        assert not aliya.shows("How are you today?")
    assert bool(await every(world)) == (way != "erased")


async def test_it_belongs_to_the_call_it_was_said_in_also_when_that_is_resolved(
    world: World,
) -> None:
    """The alarm's incident gains the injury, its harm and its photo: nothing is told twice."""
    team, event, aliya = await begun(world)
    await aliya.writes("sos")
    await team.steward.presses("I'm on it")
    await team.steward.presses("Resolve")
    await team.steward.presses("It was real")
    await world.pass_time(3 * HOUR)
    await aliya.presses("I'm hurt")
    await aliya.sends_photo()
    incident, entries = await told(world, event)
    assert incident.kind is IncidentKind.ALARM
    assert "injury" in {one.what for one in entries}
    (file,) = await world.look(lambda tx: list(EVIDENCE.find(tx, "1 = 1")))
    assert file.incident_id == incident.id


@pytest.mark.parametrize("language", list(Language))
async def test_while_everything_is_locked_it_is_kept_in_every_language(
    world: World, language: Language
) -> None:
    """Adding needs no key that is gone; the medic sees a number, and no name."""
    team, event, _ = await begun(world)
    someone = await world.has_participant(event, "Bota", language)
    await world.locks()
    await someone.forges("hur|0|0")
    await someone.sends_photo()
    await team.medic.presses("Show")
    team.medic.sees_nothing_of("Bota")
    (injury,) = await every(world)
    assert injury.files == 1
    await world.opens_again()
    incident, _ = await told(world, event)
    assert incident.kind is IncidentKind.INJURY


async def test_another_persons_call_cannot_be_named(world: World) -> None:
    """A forged button joins nobody else's alarm, and nobody else's event."""
    _, event, aliya = await begun(world)
    bota = await world.has_participant(event, "Bota")
    await aliya.writes("sos")
    (alarm,) = await world.look(lambda tx: incidents.at_event(tx, event.id))
    await bota.forges(pack(HurtPress(event.id, alarm.subject_id)))
    await bota.forges("hur|zzz|zzz")
    (injury,) = await every(world)
    assert injury.subject_id != alarm.subject_id
    assert injury.person_id == bota.person_id
