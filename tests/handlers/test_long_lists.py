"""Lists of names under stress: of many nobody is cut off, and each page fits."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.fitting import TEXT_LIMIT, seen_length
from coordination.turns import Work
from safety.events import Event
from storage.people import PEOPLE
from tests.harness import Someone, Team, World

HOUR = timedelta(hours=1)
MANY = 60
LONG = "of a street with a very long name indeed, behind the old market hall of the town"
SENTENCE = "Tell my sister that I have not come home, she must call the lawyer. " * 4


async def _has_many(world: World) -> tuple[Team, Event, list[str]]:
    """Let many take part, each with a long name and somebody to tell."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR, capacity=MANY)
    names = [f"Person {number:02} {LONG}" for number in range(MANY)]
    for name in names:
        await world.has_participant(event, name)

    def leave_a_contact(work: Work) -> None:
        for one in list(PEOPLE.find(work.tx, "1 = 1")):
            left = replace(one, contact="+7 700 111 22 33", contact_sentence=SENTENCE)
            PEOPLE.put(work.tx, left)

    await world.change(leave_a_contact)
    return team, event, names


async def _reads(reader: Someone, names: Iterable[str]) -> list[str]:
    """Turn all pages of the newest screen; give whose names stand on them."""
    read: list[str] = []
    while True:
        shown = reader.screens[-1]
        assert seen_length(shown.html) <= TEXT_LIMIT
        read += [name for name in names if name in shown.text]
        if not any("More ›" in label for label in shown.labels):
            return read
        await reader.presses("More ›", within=shown)


async def test_everybody_who_is_silent_in_a_roll_call_can_be_read(world: World) -> None:
    """Who stands last may be the one who was taken."""
    team, _, names = await _has_many(world)
    await team.organizer.writes("/rollcall")
    await team.organizer.presses("Names")
    assert sorted(await _reads(team.organizer, names)) == names
    assert "silent" in team.organizer.screens[-1].text.lower()


async def test_whom_to_tell_can_be_read_of_everybody_who_did_not_get_home(world: World) -> None:
    """With the exact sentence of each."""
    team, _, names = await _has_many(world)
    await world.pass_time(12 * HOUR)
    await team.organizer.presses("Names", within=team.organizer.sees("have not answered"))
    assert sorted(await _reads(team.organizer, names)) == names


async def test_all_names_of_a_list_of_the_board_can_be_read(world: World) -> None:
    """However many are not there yet."""
    team, _, names = await _has_many(world)
    await team.organizer.writes("/board")
    await team.organizer.presses("Names")
    await team.organizer.presses(str(MANY), within=team.organizer.screens[-1])
    assert sorted(await _reads(team.organizer, names)) == names


@pytest.mark.parametrize("page", [0, 7])
async def test_a_page_that_is_gone_is_the_nearest_one(world: World, page: int) -> None:
    """An old button leads to something."""
    team, event, names = await _has_many(world)
    await team.organizer.writes("/rollcall")
    await team.organizer.presses("Names")
    await team.organizer.presses("More ›")
    turned = team.organizer.payload_of("‹ Before").rpartition("|")[0]
    await team.organizer.forges(f"{turned}|{page}")
    assert any(name in team.organizer.screens[-1].text for name in names)
    assert event.capacity == MANY


async def test_of_much_that_a_taken_phone_sends_the_latest_is_read(world: World) -> None:
    """With whether a lawyer is there: what the service would cut off stood at the end."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    for number in range(12):
        await aliya.writes(f"Message {number:02}: " + "they ask who else was there " * 17)
    await team.lawyer.presses("Show")
    shown = team.lawyer.screens[-1]
    assert seen_length(shown.html) <= TEXT_LIMIT
    assert "Message 11" in shown.text
    assert "Message 00" not in shown.text
    assert "lawyer" in shown.text.lower()
