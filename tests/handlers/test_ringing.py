"""Who is rung again, person by person: on it, handed on, taken, frozen, gone; and what is news."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from safety.people import Role
from tests.harness import Seen, Someone, Team, World

HALF_MINUTE = timedelta(seconds=30)
MINUTE = timedelta(minutes=1)


async def calls(world: World) -> tuple[Team, Someone]:
    """Let a participant call the whole team."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    return team, aliya


def card(someone: Someone) -> Seen:
    """Give the card of the alarm on somebody's phone."""
    return someone.sees("Alarm 1.")


async def rings_within(world: World, someone: Someone, time: timedelta) -> bool:
    """Say whether a new message comes within this time."""
    before = card(someone).message_id
    await world.pass_time(time)
    return card(someone).message_id != before


async def test_nobody_is_rung_again_while_somebody_is_on_it(world: World) -> None:
    """One answer is enough for everybody's quiet, for as long as it holds."""
    team, _ = await calls(world)
    await team.medic.presses("I'm on it")
    for someone in (team.organizer, team.steward, team.medic):
        assert not await rings_within(world, someone, 3 * MINUTE)
    assert await rings_within(world, team.organizer, MINUTE)


async def test_handing_on_rings_the_others_at_once_and_oneself_no_more(world: World) -> None:
    """Deputies come in without waiting; whoever cannot come is left alone, and sees on."""
    team, aliya = await calls(world)
    cards = {someone.name: card(someone).message_id for someone in (team.organizer, team.medic)}
    await team.steward.presses("I can't: hand on")
    team.steward.is_told("You are not rung again for this alarm")
    assert card(team.deputy).rang
    for someone in (team.organizer, team.medic):
        assert card(someone).message_id != cards[someone.name]
        someone.sees("10:00 Saule, steward: can't, handed it on.")
    aliya.sees("Received 10:00. Seen 10:00, and handed on: nobody is on it yet.")
    aliya.sees("No answer in 15 seconds: call +7 700 000 00 00")
    before = card(team.steward).message_id
    assert await rings_within(world, team.organizer, HALF_MINUTE)
    assert card(team.steward).message_id == before
    team.steward.sees("Rung 2 times.")


async def test_whoever_was_on_it_hands_it_on(world: World) -> None:
    """Their answer counts no more at that moment: nobody waits for it to grow old."""
    team, aliya = await calls(world)
    await team.steward.presses("I'm on it")
    before = card(team.organizer).message_id
    await team.steward.presses("I can't: hand on")
    assert card(team.organizer).message_id != before
    team.organizer.sees_nothing_of("steward: on it")
    aliya.sees_nothing_of("Seen by: steward")


async def test_handing_on_rings_nobody_while_somebody_else_is_on_it(world: World) -> None:
    """It is noted, and shown."""
    team, aliya = await calls(world)
    await team.medic.presses("I'm on it")
    before = card(team.organizer).message_id
    await team.steward.presses("I can't: hand on")
    team.steward.is_told("Somebody else is on it")
    assert card(team.organizer).message_id == before
    team.organizer.sees("Saule, steward: can't, handed it on.")
    team.deputy.sees_nothing_of("Alarm 1.")
    aliya.sees("Seen by: medic.")


async def test_where_everybody_has_handed_on_it_rings_for_all_again(world: World) -> None:
    """Nobody is left silent, and nobody is told that anybody is coming."""
    team, aliya = await calls(world)
    others = (team.organizer, team.second, team.lawyer, team.medic, team.steward)
    for someone in (*others, team.deputy):
        await someone.presses("I can't: hand on")
    team.deputy.is_told("it rings for all again")
    for someone in (*others, team.deputy):
        someone.sees("Everybody has handed it on. It goes on ringing for all.")
        assert not someone.can_press("I can't: hand on")
        assert await rings_within(world, someone, HALF_MINUTE)
    aliya.sees("nobody is on it yet")
    await team.deputy.presses("I'm on it")
    aliya.sees("Seen by: deputy.")
    team.organizer.sees_nothing_of("Everybody has handed it on")


async def test_a_later_on_it_takes_the_handing_on_back(world: World) -> None:
    """Whoever can after all says so, and is rung like everybody afterwards."""
    team, _ = await calls(world)
    await team.steward.presses("I can't: hand on")
    await team.steward.presses("I'm on it")
    team.organizer.sees("Saule, steward: on it.")
    team.organizer.sees_nothing_of("handed it on")
    assert await rings_within(world, team.steward, 10 * MINUTE)


async def test_handing_on_twice_too_late_or_by_nobody_asked_changes_nothing(
    world: World,
) -> None:
    """Buttons stay clickable: each press is answered as what it is."""
    team, aliya = await calls(world)
    ally = await world.has_team_person("Ira", Role.ALLY)
    payload = team.steward.payload_of("I can't: hand on")
    await team.steward.forges(payload)
    before = card(team.organizer).message_id
    await team.steward.forges(payload)
    team.steward.is_told("You have handed it on already")
    for someone in (aliya, ally):
        await someone.forges(payload)
    assert card(team.organizer).message_id == before
    await team.organizer.presses("Resolved")
    await team.organizer.presses("It was real")
    await team.medic.forges(payload)
    team.medic.is_told("out of date")


async def test_the_only_caller_can_neither_answer_nor_hand_on(world: World) -> None:
    """Whoever calls from the team needs somebody else, whatever is pressed on their phone."""
    team = await world.has_team()
    await team.steward.writes("/sos")
    for label in ("I'm on it", "I can't: hand on"):
        await team.steward.forges(team.organizer.payload_of(label))
        team.steward.is_told("out of date")
    assert await rings_within(world, team.organizer, HALF_MINUTE)


async def _is_taken(team: Team) -> None:
    await team.steward.writes("/taken")


async def _is_frozen(team: Team) -> None:
    await team.organizer.writes("/freeze")
    await team.organizer.presses("Saule")
    await team.organizer.presses("Freeze")


async def _leaves(team: Team) -> None:
    await team.steward.writes("/privacy")
    await team.steward.presses("Leave the team")
    await team.steward.presses("Yes, I leave")


@pytest.mark.parametrize("happens", [_is_taken, _is_frozen, _leaves])
async def test_who_was_on_it_and_is_gone_keeps_nobody_quiet(
    world: World, happens: Callable[[Team], Awaitable[None]]
) -> None:
    """A taken, frozen or former steward's answer covers nobody; the phone itself stays silent."""
    team, aliya = await calls(world)
    await team.steward.presses("I'm on it")
    before = card(team.medic).message_id
    await happens(team)
    assert card(team.medic).message_id != before
    assert card(team.deputy).rang
    aliya.sees("nobody is on it yet")
    await world.pass_time(3 * MINUTE)
    team.steward.sees_nothing_of("Alarm 1.")


async def test_a_taken_phone_counts_as_nobody_who_could_come(world: World) -> None:
    """Everybody else has handed on, and the taken one will never press anything."""
    team, _ = await calls(world)
    await team.steward.writes("/taken")
    for someone in (team.organizer, team.second, team.lawyer, team.medic, team.deputy):
        await someone.presses("I can't: hand on")
    team.organizer.sees("Everybody has handed it on.")
    assert await rings_within(world, team.organizer, HALF_MINUTE)


@pytest.mark.parametrize("label", ["Show", "Resolved"])
async def test_every_press_of_whoever_is_on_it_is_news(world: World, label: str) -> None:
    """Whoever looks, or is about to close it, need not press *I'm on it* again."""
    team, _ = await calls(world)
    await team.steward.presses("I'm on it")
    await world.pass_time(9 * MINUTE)
    await team.steward.presses(label)
    assert not await rings_within(world, team.organizer, 9 * MINUTE)
    assert await rings_within(world, team.organizer, MINUTE)


async def test_places_and_files_of_whoever_is_on_it_are_news(world: World) -> None:
    """They send what they see; that is more than a press."""
    team, _ = await calls(world)
    await team.steward.presses("I'm on it")
    await world.pass_time(9 * MINUTE)
    await team.steward.sends_location(43.2, 76.8)
    assert not await rings_within(world, team.organizer, 9 * MINUTE)
    await team.steward.sends_photo()
    assert not await rings_within(world, team.organizer, 9 * MINUTE)


async def test_what_others_press_is_no_news(world: World) -> None:
    """Looking on is not being on it."""
    team, _ = await calls(world)
    await team.steward.presses("I'm on it")
    await world.pass_time(9 * MINUTE)
    await team.organizer.presses("Show")
    assert await rings_within(world, team.organizer, MINUTE)


async def test_the_caller_learns_that_there_is_no_news(world: World) -> None:
    """*Seen* an hour ago says little; the number to call comes back."""
    team, aliya = await calls(world)
    await team.steward.presses("I'm on it")
    aliya.sees_nothing_of("+7 700")
    await world.pass_time(10 * MINUTE)
    aliya.sees("Seen 10:00. Alarm 1.\nSeen by: steward.\nNo news since then.")
    aliya.sees("call +7 700 000 00 00")


async def test_whoever_is_on_it_sees_for_how_many_nobody_is(world: World) -> None:
    """An answer from before a call does not cover it, and the card must not look as if it did."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("sos")
    await team.steward.presses("I'm on it")
    team.steward.sees_nothing_of("nobody is on it yet")
    await bota.writes("sos")
    for someone in (team.steward, team.organizer):
        someone.sees("For 1 caller nobody is on it yet.")
    await team.steward.presses("I'm on it")
    team.organizer.sees_nothing_of("nobody is on it yet")


async def test_it_goes_on_ringing_while_names_are_locked(world: World) -> None:
    """Handing on and ringing again need no roster."""
    team, _ = await calls(world)
    await world.locks()
    await team.steward.presses("I can't: hand on")
    assert await rings_within(world, team.organizer, HALF_MINUTE)


async def test_it_rings_for_ever_but_less_often_after_half_an_hour(world: World) -> None:
    """Whoever was rung sixty times in vain is not asked to mute it."""
    team, aliya = await calls(world)
    await world.pass_time(31 * MINUTE)
    assert not await rings_within(world, team.organizer, MINUTE - timedelta(seconds=1))
    assert await rings_within(world, team.organizer, MINUTE + timedelta(seconds=1))
    await world.pass_time(timedelta(hours=8))
    assert await rings_within(world, team.organizer, 10 * MINUTE)
    await aliya.writes("sos")
    assert await rings_within(world, team.organizer, HALF_MINUTE)


async def _calls_as_both(world: World) -> tuple[Team, Someone]:
    """Let a steward call who is registered for the evening as well, while it is on."""
    team = await world.has_team()
    event = await world.has_event(starts_in=timedelta(hours=1))
    saule = await world.has_participant(event, "Saule")
    await saule.writes("sos")
    return team, saule


async def test_whoever_helps_and_takes_part_does_not_answer_their_own_call(world: World) -> None:
    """Whoever holds the phone would silence the call, or end it, with one press."""
    team, saule = await _calls_as_both(world)
    assert not saule.can_press("I'm on it")
    before = card(team.organizer).message_id
    for label in ("I'm on it", "I can't: hand on"):
        await saule.forges(team.organizer.payload_of(label))
        saule.is_told("out of date")
    assert await rings_within(world, team.organizer, HALF_MINUTE)
    assert card(team.organizer).message_id != before
    team.organizer.sees_nothing_of("Saule, steward: on it")


async def test_nobody_confirms_their_own_voice(world: World) -> None:
    """Neither of a call nor after a release, though others have called with them."""
    team, saule = await _calls_as_both(world)
    await team.medic.writes("sos")
    await saule.presses("I'm safe")
    await saule.forges(team.organizer.payload_of("I have heard their voice: caller 1"))
    await saule.forges(f"avs|{_alarm_of(team)}|0|safe")
    saule.is_told("out of date")
    team.organizer.sees("voice")
    assert team.organizer.can_press("I have heard their voice: caller 1")


def _alarm_of(team: Team) -> str:
    return team.organizer.payload_of("I'm on it").split("|")[1]


@pytest.mark.parametrize("takes_part", [True, False])
async def test_nobody_confirms_their_own_voice_after_a_release(
    world: World, *, takes_part: bool
) -> None:
    """Whoever has that phone now could press it; the places would come there."""
    team = await world.has_team()
    event = await world.has_event(starts_in=timedelta(hours=1))
    if takes_part:
        await world.has_participant(event, "Saule")
    await team.steward.writes("/taken")
    await team.organizer.presses("Released")
    await team.steward.forges(team.organizer.payload_of("I have heard their voice"))
    team.steward.is_told("Somebody else has to hear you")
    team.organizer.sees("Not confirmed")
