"""Whom a detention rings: not only while everybody who is told of it is still there."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from safety.people import Role
from storage import detentions
from tests.handlers.test_team import adds, link_on, owner_link
from tests.harness import Seen, Someone, Team, World

MINUTE = timedelta(minutes=1)


def card(someone: Someone) -> Seen:
    """Give the card of the first detention on somebody's phone."""
    return someone.sees("Urgent 1.")


async def _is_taken(team: Team) -> None:
    await team.lawyer.writes("/taken")


async def _is_frozen(team: Team) -> None:
    await team.organizer.writes("/freeze")
    await team.organizer.presses("Timur")
    await team.organizer.presses("Freeze")


async def _leaves(team: Team) -> None:
    await team.lawyer.writes("/privacy")
    await team.lawyer.presses("Leave the team")
    await team.lawyer.presses("Yes, I leave")


@pytest.mark.parametrize("happens", [_is_taken, _is_frozen, _leaves])
async def test_who_was_on_it_and_is_gone_keeps_nobody_quiet(
    world: World, happens: Callable[[Team], Awaitable[None]]
) -> None:
    """The only answer was a lawyer's who is taken, frozen or gone: nobody waits half an hour."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await team.lawyer.presses("I'm on it")
    before = card(team.organizer)
    assert "lawyer: on it" in before.text
    await happens(team)
    rung = card(team.organizer)
    assert rung.rang
    assert rung.message_id != before.message_id
    assert "on it" not in rung.text
    await world.pass_time(2 * MINUTE)
    assert card(team.organizer).message_id != rung.message_id
    team.lawyer.sees_nothing_of("Urgent 1.")


async def test_who_was_on_it_and_is_gone_rings_nobody_while_somebody_else_is(
    world: World,
) -> None:
    """The others see it on their cards, and are left in peace."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await team.lawyer.presses("I'm on it")
    await team.second.presses("I'm on it")
    before = card(team.organizer)
    await _is_taken(team)
    assert card(team.organizer).message_id == before.message_id
    assert "Timur" not in card(team.organizer).text
    assert "Dana, organizer: on it" in card(team.organizer).text


async def _has_no_lawyer(world: World) -> tuple[Someone, list[Someone]]:
    """Give the only organizer, and everybody else of a small team."""
    organizer = await world.has_organizer()
    roles = {"Nora": Role.DEPUTY, "Saule": Role.STEWARD, "Madina": Role.MEDIC}
    others = [await world.has_team_person(name, role) for name, role in roles.items()]
    return organizer, others


async def test_where_the_only_organizer_is_taken_everybody_else_is_rung(world: World) -> None:
    """Nobody is told of it otherwise, of this person nor of anybody taken afterwards."""
    organizer, others = await _has_no_lawyer(world)
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await organizer.writes("/taken")
    await aliya.writes("/taken")
    for someone in others:
        for urgent in ("Urgent 1.", "Urgent 2."):
            assert someone.sees(urgent).rang
            assert "so you are rung" in someone.sees(urgent).text
        before = card(someone).message_id
        await world.pass_time(2 * MINUTE)
        assert card(someone).message_id != before
    assert organizer.screens == []


async def test_only_a_steward_among_them_reads_who_it_is_and_answers(world: World) -> None:
    """A deputy or medic sees no names; there is nothing to press that they may not press."""
    organizer, (deputy, steward, medic) = await _has_no_lawyer(world)
    await organizer.writes("/taken")
    for someone in (deputy, medic):
        assert card(someone).presses == []
        await someone.forges(steward.payload_of("Show"))
        someone.sees_nothing_of("Aigul")
    await steward.presses("Show", card(steward))
    steward.sees("Aigul")
    await steward.presses("I'm on it")
    assert "Saule, steward: on it" in card(deputy).text


async def test_a_steward_who_is_not_asked_reads_nothing_of_who_was_taken(world: World) -> None:
    """*Show* of a card that rings others is a forged press."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await team.steward.forges(team.lawyer.payload_of("Show"))
    team.steward.sees_nothing_of("Aliya")


async def test_an_organizer_who_comes_back_is_rung_instead_and_the_cards_say_so(
    world: World,
) -> None:
    """A steward's card does not go on saying that nobody else is there."""
    organizer, (_, steward, _) = await _has_no_lawyer(world)
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await organizer.blocks()
    await aliya.writes("/taken")
    assert "so you are rung" in card(steward).text
    before = card(steward).message_id
    await organizer.unblocks()
    await world.pass_time(2 * MINUTE)
    assert card(organizer).rang
    assert card(steward).message_id == before
    assert "so you are rung" not in card(steward).text


async def test_where_the_only_organizer_took_part_and_is_out_others_are_rung(
    world: World,
) -> None:
    """They cannot confirm their own voice: a ring on their phone alone would help nobody."""
    organizer, (_, steward, _) = await _has_no_lawyer(world)
    event = await world.has_event(starts_in=60 * MINUTE)
    await world.has_participant(event, organizer.name)
    await organizer.writes("/taken")
    await steward.presses("Released")
    before = card(steward)
    assert "so you are rung" in before.text
    await world.pass_time(2 * MINUTE)
    assert card(steward).message_id != before.message_id
    organizer.sees_nothing_of("Urgent 1.")


async def test_whoever_is_heard_learns_who_is_held_though_somebody_is_on_it(world: World) -> None:
    """A lawyer who is back would read nothing of it for half an hour; what they have is left."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await team.lawyer.writes("/taken")
    await aliya.writes("/taken")
    await team.second.presses("I'm on it", card(team.second))
    await team.organizer.presses("I'm on it", team.organizer.sees("Urgent 2."))
    await team.organizer.presses("Released", card(team.organizer))
    await team.organizer.presses("I have heard their voice", card(team.organizer))
    assert team.lawyer.sees("Urgent 2.").rang
    team.lawyer.sees_nothing_of("Urgent 1.")


async def test_a_link_from_the_server_brings_somebody_who_hears_the_only_one_of_the_team(
    world: World,
) -> None:
    """Nobody is rung, nobody could press: their phone would be quiet for ever."""
    organizer = await world.has_organizer()
    await organizer.writes("/taken")
    await world.pass_time(MINUTE)
    link = await owner_link(world)
    await organizer.opens(link)
    assert organizer.chat == []
    erlan = world.person("Erlan")
    await erlan.opens(link)
    assert card(erlan).rang
    await erlan.presses("Released", card(erlan))
    await erlan.presses("I have heard their voice", card(erlan))
    assert "Voice heard" in card(erlan).text
    assert await world.look(detentions.unclosed) == []
    await organizer.writes("/help")
    organizer.sees("What you can do here")


async def test_who_was_released_and_is_left_alone_reads_who_could_hear_them(world: World) -> None:
    """Whom they bring in themselves is rung, and hears them."""
    organizer = await world.has_organizer()
    lawyer = await world.has_team_person("Timur", Role.LAWYER)
    await organizer.writes("/taken")
    await lawyer.presses("Released")
    await lawyer.writes("/privacy")
    await lawyer.presses("Leave the team")
    await lawyer.presses("Yes, I leave")
    await organizer.writes("/case")
    await organizer.presses("voice not heard yet")
    await organizer.presses("I have heard their voice")
    organizer.is_told("If nobody is left, bring somebody in (/team)")
    await adds(organizer, "Lawyer", "Erlan")
    erlan = world.person("Erlan")
    await erlan.opens(link_on(organizer))
    await erlan.presses("I have heard their voice", card(erlan))
    assert await world.look(detentions.unclosed) == []


@pytest.mark.parametrize("takes_part", [True, False])
async def test_nobody_is_on_it_for_themselves(world: World, *, takes_part: bool) -> None:
    """Whoever holds a phone that was released would have the others wait half an hour."""
    team = await world.has_team()
    event = await world.has_event(starts_in=60 * MINUTE)
    if takes_part:
        await world.has_participant(event, team.organizer.name)
    await team.organizer.writes("/taken")
    kept = team.lawyer.payload_of("I'm on it")
    await team.lawyer.presses("Released")
    await team.organizer.forges(kept)
    team.organizer.is_told("out of date")
    assert "Aigul, organizer: on it" not in card(team.lawyer).text
