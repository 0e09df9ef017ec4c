"""An alarm to which many have called: each of them can be read, and told from the others."""

from bot.fitting import TEXT_LIMIT, seen_length
from safety.alarmnotices import AlarmPlace
from safety.notices import Lane
from tests.harness import Someone, World

MANY = 20
WORDS = "sos " + "they stand at the door and shout " * 12  # nearly as much as is kept


async def _has_callers(world: World, organizer: Someone) -> list[str]:
    """Let many call, each with as many words as they like; give their names."""
    event = await world.has_event()
    names = [f"Person {number:02}" for number in range(MANY)]
    for name in names:
        await (await world.has_participant(event, name)).writes(WORDS)
    await organizer.presses("Show")
    return names


async def test_everybody_who_calls_can_be_read_however_much_they_say(world: World) -> None:
    """No page is longer than the service takes: what it would cut are the latest callers."""
    team = await world.has_team()
    names = await _has_callers(world, team.organizer)
    read: list[str] = []
    while True:
        shown = team.organizer.screens[-1]
        assert seen_length(shown.html) <= TEXT_LIMIT
        read += [name for name in names if name in shown.text]
        if not team.organizer.can_press("More ›"):
            break
        await team.organizer.presses("More ›")
    assert read == names
    await team.organizer.presses("‹ Before")
    assert names[-1] not in team.organizer.screens[-1].text


async def test_callers_have_the_number_by_which_a_button_names_them(world: World) -> None:
    """Whoever has heard the voice of one must not press for another."""
    team = await world.has_team()
    event = await world.has_event()
    callers = await world.has_participants(event, "Aliya", "Bota", "Dias")
    for someone in callers:
        await someone.writes("sos")
    await callers[1].presses("I'm safe")
    await team.organizer.presses("Show")
    shown = team.organizer.screens[-1].text
    for line in ("1. Aliya", "2. Bota", "3. Dias"):
        assert line in shown
    await team.organizer.presses("I have heard their voice: caller 2")
    await team.organizer.presses("Their voice says: safe")
    await team.organizer.presses("Show")
    bota = team.organizer.screens[-1].text.partition("2. Bota")[2].partition("3. Dias")[0]
    assert "voice heard" in bota


async def test_a_single_caller_needs_no_number(world: World) -> None:
    """There is nobody to be told from."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await team.organizer.presses("Show")
    assert "1. Aliya" not in team.organizer.sees("Aliya").text


def test_pins_of_many_callers_keep_no_ring_waiting() -> None:
    """Fifty of them take a minute in one chat; whatever rings there goes before them."""
    assert AlarmPlace(1, 1).lane > Lane.HOLD
