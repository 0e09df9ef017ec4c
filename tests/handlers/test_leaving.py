"""Leaving the team by oneself, as seen on the phones of whoever leaves and of those who stay."""

from datetime import timedelta

import pytest

from coordination import legalhold
from handlers.buttons import pack
from handlers.buttons.privacy import LeaveTeam
from safety.people import Role
from safety.team import TeamState
from storage import routes
from storage.team import TEAM
from tests.handlers.test_disclosure import has_venue, until
from tests.handlers.test_team import LINK, adds
from tests.harness import Someone, World

NOTHING = "There is nothing here for you"


async def leaves(someone: Someone) -> None:
    """Leave by the buttons."""
    await someone.writes("/privacy")
    await someone.presses("Leave the team")
    await someone.presses("Yes, I leave")


@pytest.mark.parametrize("role", ["second", "deputy", "steward", "lawyer", "medic"])
async def test_whoever_leaves_has_no_role_no_chat_and_no_name_there(
    world: World, role: str
) -> None:
    """The others are told by whom; the one who left gets no call any more."""
    team = await world.has_team()
    await world.has_event()
    someone: Someone = getattr(team, role)
    await someone.writes("/help")
    await leaves(someone)
    (left,) = someone.chat
    assert "You have left the team." in left.text
    team.organizer.sees(f"{someone.name} (")
    team.organizer.sees("has left the team, by themselves")
    await team.organizer.writes("sos")
    someone.sees_nothing_of("Alarm")
    await someone.writes("/board")
    someone.sees(NOTHING)
    gone = await world.look(lambda tx: TEAM.get(tx, someone.team_id or 0))
    assert gone is not None
    assert (gone.state, gone.name) == (TeamState.GONE, "")
    assert await world.look(lambda tx: routes.of_chat(tx, someone.chat_id)) == []


async def test_the_last_organizer_stays(world: World) -> None:
    """Nobody could restore, release or hold after them; a frozen colleague is nobody."""
    team = await world.has_team()
    await team.second.writes("/freeze")
    await team.second.presses("Aigul")
    await team.second.presses("Freeze")
    await leaves(team.second)
    team.second.is_told("You are the last organizer")
    await team.second.writes("/team")
    team.second.sees("Dana")


async def test_a_frozen_account_cannot_leave(world: World) -> None:
    """It may be in wrong hands: whether its owner is in the team is for two to say."""
    team = await world.has_team()
    await team.organizer.writes("/freeze")
    await team.organizer.presses("Saule")
    await team.organizer.presses("Freeze")
    await team.steward.forges(pack(LeaveTeam()))
    stored = await world.look(lambda tx: TEAM.get(tx, team.steward.team_id or 0))
    assert stored is not None
    assert stored.state is TeamState.FROZEN


async def test_what_they_had_begun_is_void(world: World) -> None:
    """Neither what they proposed nor the links they made are good after them."""
    team = await world.has_team()
    event = await world.has_event()
    await adds(team.second, "Steward", "Kamila")
    link = LINK.findall(team.second.sees("https://t.me/").text)[-1]
    await world.do(team.second, lambda turn: legalhold.ask_to_place(turn, event.id, "x"))
    confirm = team.organizer.payload_of("Confirm")
    await leaves(team.second)
    await team.organizer.forges(confirm)
    team.organizer.is_told("out of date")
    kamila = world.person("Kamila")
    await kamila.opens(link)
    kamila.sees(NOTHING)


async def test_a_participant_of_the_team_keeps_registration_and_key(world: World) -> None:
    """Leaving the team is not leaving the evening: the key comes back after the emptying."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participant(event, "Saule")
    await has_venue(world, team)
    await until(world, event, timedelta(minutes=30))
    assert team.steward.keyboard is not None
    await leaves(team.steward)
    assert team.steward.keyboard is not None
    await team.steward.presses("SOS")
    team.organizer.sees("Alarm 1.")
    await team.steward.writes("/privacy")
    assert not team.steward.can_press("Leave the team")
    assert team.steward.can_press("Erase mine")


async def test_who_was_on_an_alarm_is_shown_as_somebody(world: World) -> None:
    """A card that names them shows what is there, now and after the row is gone."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await team.medic.presses("I'm on it")
    await leaves(team.medic)
    await team.organizer.writes("/case")
    await team.organizer.presses("Alarm 1")
    team.organizer.sees("Alarm 1.")
    team.organizer.sees("somebody handed it on")
    await world.change(lambda work: TEAM.remove(work.tx, "id = ?", team.medic.team_id))
    await team.organizer.writes("/case")
    await team.organizer.presses("Alarm 1")
    team.organizer.sees("somebody handed it on")


async def test_who_was_on_an_alarm_that_is_closed_is_shown_as_somebody(world: World) -> None:
    """What they did stands there, without their name."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await team.medic.presses("I'm on it")
    payload = team.organizer.payload_of("I'm on it").replace("sosa", "acd")
    await team.organizer.presses("Resolved")
    await team.organizer.presses("It was real")
    await leaves(team.medic)
    await team.organizer.forges(payload)
    team.organizer.sees("10:00: somebody was on it.")


async def test_a_second_press_changes_nothing(world: World) -> None:
    """Nobody can leave twice, and a stranger learns nothing."""
    team = await world.has_team()
    for _ in range(2):
        await team.steward.forges(pack(LeaveTeam()))
    assert team.organizer.shows("by themselves")
    told = [seen for seen in team.organizer.screens if "by themselves" in seen.text]
    assert len(told) == 1
    viktor = world.person("Viktor")
    await viktor.forges(pack(LeaveTeam()))
    viktor.is_told(NOTHING)


async def test_whoever_changes_their_mind_stays(world: World) -> None:
    """*Cancel* at the question changes nothing."""
    await world.has_organizer()
    steward = await world.has_team_person("Saule", Role.STEWARD)
    await steward.writes("/privacy")
    await steward.presses("Leave the team")
    await steward.presses("Cancel")
    steward.sees("as long as you help")
