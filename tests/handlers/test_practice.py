"""Three minutes explain everything; the practice press at their end calls nobody."""

import pytest

from handlers.buttons import pack
from handlers.buttons.practice import BEGIN, PracticePress
from safety.languages import Language
from safety.people import Role
from safety.practice import Page
from storage.transaction import Transaction
from tests.harness import Someone, World

LONGEST = 420  # characters of a page; a frightened person reads no more


def _count_alarms(tx: Transaction) -> int:
    row = tx.one(tuple[int], "SELECT COUNT(*) FROM alarms")
    assert row is not None
    return row[0]


async def _learns(someone: Someone) -> None:
    """Go through the explanation as far as the practice press."""
    for _ in range(len(Page) - 2):
        await someone.presses("Go on")


async def test_three_minutes_end_with_a_practice_press_that_calls_nobody(world: World) -> None:
    """It shows what an alarm would show; no alarm is stored, and nobody is rung."""
    organizer = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/help")
    await aliya.presses("Myself")
    await aliya.presses("How this works")
    await _learns(aliya)
    await aliya.presses("Practice press")
    aliya.sees("Practice, 10:00. Nobody was called.")
    assert organizer.screens == []
    assert await world.look(_count_alarms) == 0


async def test_this_is_real_turns_the_practice_into_an_alarm(world: World) -> None:
    """Whoever is attacked while practising has the button under their thumb already."""
    organizer = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.forges(pack(PracticePress(Page.PRESSED)))
    await aliya.presses("This is real")
    aliya.sees("Alarm 1.\nReceived 10:00.")
    assert organizer.sees("Alarm 1.").rang


async def test_the_word_and_the_key_call_for_real_while_somebody_practises(world: World) -> None:
    """A page of the explanation never stands between a person and help."""
    organizer = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    for page in Page:
        await aliya.forges(pack(PracticePress(page)))
        await aliya.writes("sos")
    assert organizer.sees("Alarm 1.").rang
    aliya.sees(f"Pressed {len(Page)} times")


@pytest.mark.parametrize("language", Language)
async def test_a_page_is_short_and_names_buttons_as_they_are(
    world: World, language: Language
) -> None:
    """Each page fits a small screen; the words in it are those that stand on the buttons."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya", language)
    for page in Page:
        await aliya.forges(pack(PracticePress(page)))
        assert len(aliya.screens[-1].text) <= LONGEST
    assert world.texts.plain(language, "alarm-button-taken") in "".join(
        seen.text for seen in aliya.screens
    )


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.LAWYER, Role.STEWARD])
async def test_the_team_practises_like_everybody(world: World, role: Role) -> None:
    """Whoever can call for help can try it; a stranger learns nothing of it."""
    bota = await world.has_team_person("Bota", role)
    await bota.forges(pack(BEGIN))
    await _learns(bota)
    await bota.presses("Practice press")
    bota.sees("Nobody was called.")
    stranger = world.person("Nobody")
    await stranger.forges(pack(BEGIN))
    assert stranger.screens == []
    stranger.is_told("There is nothing here for you without a personal link")


async def test_an_approval_leads_to_the_explanation(world: World) -> None:
    """It stands under the answer itself, before anything else can be asked."""
    event = await world.has_event()
    organizer = await world.has_organizer()
    aliya = await world.has_participant(event, "Aliya")
    await organizer.writes("/people")
    await organizer.presses("Approved (1)")
    await organizer.presses("Aliya")
    await organizer.presses("Waiting list")
    assert not aliya.can_press("How this works")
    await organizer.presses("Waiting list (1)")
    await organizer.presses("Aliya")
    await organizer.presses("Approve")
    aliya.sees("You are registered")
    await aliya.presses("How this works")
    aliya.sees("1 of 4.")
