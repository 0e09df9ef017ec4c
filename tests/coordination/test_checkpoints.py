"""The head of the proof log goes to the lawyer and the deputies, rarely, quietly, and opens."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.keptcheckpoints import find_checkpoint
from safety.checkpoints import EVERY, SOON
from safety.languages import Language
from safety.people import Role
from safety.secondaddresses import AddressKind
from storage import chats, proofs, soundness
from storage.secondaddresses import SECOND_ADDRESSES
from tests.handlers.test_closing import closes, told
from tests.harness import Team, World
from tests.letters import address_of, has_address, letters, owed

pytestmark = pytest.mark.usefixtures("ways")
MOMENT = timedelta(seconds=1)
KEPT = "Keep these lines."
KEEPERS = {"timur@example.org", "nora@example.org"}


async def has_addresses(world: World, team: Team) -> None:
    """Have lawyer, deputy and, for nothing but alarms, an organizer reachable otherwise."""
    for someone in (team.lawyer, team.deputy, team.organizer):
        await has_address(world, someone)


async def kept(world: World) -> dict[str, str]:
    """Deliver all letters; give those that are to be kept, by their address."""
    found = await letters(world)
    return {one.address: one.words for one in found if one.words.startswith(KEPT)}


async def test_after_an_alarm_lawyer_and_deputy_get_the_head_of_the_log(world: World) -> None:
    """As it stands then, whole, in a letter that names nobody; nobody else gets one."""
    team = await world.has_team()
    await has_addresses(world, team)
    await team.medic.writes("/sos they broke the door")
    await team.organizer.presses("I'm on it")
    await team.organizer.presses("Resolved")
    await team.organizer.presses("It was real")
    await world.pass_time(SOON - MOMENT)
    assert await kept(world) == {}
    await world.pass_time(2 * MOMENT)
    assert all(not notice.rings for notice in await owed(world))
    found = await kept(world)
    assert found.keys() == KEEPERS
    note = await world.look(proofs.latest_note)
    for words in found.values():
        assert find_checkpoint(words.encode()) == note
        told_ = [someone.name for someone in world.people.values() if someone.name in words]
        assert told_ == []
    team.lawyer.sees_nothing_of("log-1")
    await world.pass_time(3 * EVERY)
    assert await kept(world) == {}


async def test_what_is_recorded_is_covered_within_a_day_and_no_more_often(world: World) -> None:
    """However much comes in; and a day in which nothing does brings no letter."""
    team, event = await world.has_team(), await world.has_event()
    await has_addresses(world, team)
    sizes = []
    for hour in range(60):
        if hour < 40:
            await told(world, event.id, "They were seen again.", subject=hour)
        await world.pass_time(timedelta(hours=1))
        if await kept(world):
            sizes.append(await world.look(proofs.size))
    assert sizes == [24, 40]


async def test_a_closed_case_is_covered_soon(world: World) -> None:
    """Whoever opens it elsewhere later can tell that it is the one that was closed."""
    team, _, _, _ = await closes(world)
    await has_addresses(world, team)
    await world.pass_time(SOON + MOMENT)
    assert (await kept(world)).keys() == KEEPERS


async def test_what_was_kept_finds_a_log_that_was_set_back(world: World) -> None:
    """The letter's text as it is, and only what is signed in it."""
    team, event = await world.has_team(), await world.has_event()
    await has_addresses(world, team)
    await told(world, event.id, "They came to my parents.")
    await world.pass_time(EVERY + MOMENT)
    words = (await kept(world))["timur@example.org"]
    note = find_checkpoint(words.encode())
    assert await world.look(lambda tx: soundness.holds(tx, note))
    other = note.replace("\n1\n", "\n2\n")
    assert other != note
    assert not await world.look(lambda tx: soundness.holds(tx, other))


async def test_nobody_is_paged_or_told_who_may_not_be(world: World) -> None:
    """A service that can only ring, somebody who was taken, somebody whose account is frozen."""
    team, event = await world.has_team(), await world.has_event()
    await has_addresses(world, team)
    address = await address_of(world, team.lawyer)
    assert address is not None
    pager = replace(address, kind=AddressKind.APPRISE, text="pover://a@b")
    await world.change(lambda work: SECOND_ADDRESSES.put(work.tx, pager))
    # No call: one that nobody answers would ring through the whole day that passes.
    await world.change(lambda work: chats.silence(work.tx, team.deputy.chat_id, chats.TAKEN, 0))
    await told(world, event.id, "They came.")
    await world.pass_time(EVERY + MOMENT)
    assert await kept(world) == {}
    aidar = await world.has_team_person("Aidar", Role.LAWYER, Language.KK)
    await has_address(world, aidar)
    await told(world, event.id, "And again.", subject=2)
    await world.pass_time(EVERY + MOMENT)
    his = [one for one in await letters(world) if one.address == "aidar@example.org"]
    (letter,) = [one for one in his if one.words.startswith("Мына жолдарды сақтаңыз.\n")]
    assert find_checkpoint(letter.words.encode()) == await world.look(proofs.latest_note)
