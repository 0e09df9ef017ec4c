"""The board: one message of numbers, edited where it stands; names on a tap, for a minute."""

from datetime import timedelta

from handlers.buttons import pack
from handlers.buttons.board import BoardNamesPress, BoardSectionPress
from safety.board import Section
from safety.people import Role
from tests.handlers.test_disclosure import HOUR, MINUTE
from tests.harness import World


async def test_the_board_counts_and_is_edited_where_it_stands(world: World) -> None:
    """No second message, no sound: the numbers change."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    dana, erik, _ = await world.has_participants(event, "Dana P", "Erik", "Tim")
    await team.organizer.writes("/board")
    board = team.organizer.sees("Expected: 3")
    assert "Unanswered: 3" in board.text
    await dana.writes("/here")
    await erik.writes("/here")
    after = team.organizer.sees("Expected: 3")
    assert after.message_id == board.message_id
    assert "Here: 2" in after.text
    assert "Unanswered: 1" in after.text
    assert after.edits >= 1


async def test_a_second_board_comes_to_the_bottom_and_the_first_goes(world: World) -> None:
    """There is one board in a chat."""
    team = await world.has_team()
    await world.has_event(starts_in=HOUR)
    await team.organizer.writes("/board")
    first = team.organizer.sees("As of")
    await team.organizer.writes("/board")
    boards = [seen for seen in team.organizer.screens if "As of" in seen.text]
    assert len(boards) == 1
    assert boards[0].message_id != first.message_id


async def test_whoever_never_opened_the_board_gets_none(world: World) -> None:
    """Numbers are not sent round."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    (dana,) = await world.has_participants(event, "Dana P")
    await dana.writes("/here")
    assert team.organizer.screens == []
    assert team.steward.screens == []


async def test_an_alarm_and_a_detention_show_on_the_board(world: World) -> None:
    """What other features state reaches the board as well."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    dana, erik = await world.has_participants(event, "Dana P", "Erik")
    await team.organizer.writes("/board")
    await dana.writes("sos")
    assert "Need help: 1" in team.organizer.sees("As of").text
    await erik.writes("/taken")
    assert "Taken: 1" in team.organizer.sees("As of").text


async def test_names_stand_behind_a_tap_for_a_minute(world: World) -> None:
    """An organizer sees everybody's, protected, and then they are gone."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    dana, _ = await world.has_participants(event, "Dana P", "Erik")
    await dana.writes("/here")
    await team.organizer.writes("/board")
    team.organizer.sees_nothing_of("Dana P")
    await team.organizer.presses("Names")
    await team.organizer.presses("Here: 1")
    names = team.organizer.sees("– Dana P")
    assert names.is_protected
    assert "Erik" not in names.text
    await world.pass_time(MINUTE)
    team.organizer.sees_nothing_of("Dana P")


async def test_a_steward_sees_the_own_group_alone(world: World) -> None:
    """Without a group no name; with one, only those in it."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    dana, erik = await world.has_participants(event, "Dana P", "Erik")
    await dana.writes("/here")
    await erik.writes("/here")
    await team.steward.writes("/board")
    await team.steward.presses("Names")
    team.steward.is_told("You have no group yet")
    await team.steward.presses("Groups")
    await team.steward.presses("A group leaves")
    await team.steward.presses("On foot")
    await team.steward.presses("Skip")
    await team.steward.presses("Dana P")
    await world.pass_time(MINUTE)
    await team.steward.presses("Names")
    await team.steward.presses("Left with a group: 1")
    assert "Dana P" in team.steward.sees("Your own group.").text
    await team.steward.forges(pack(BoardSectionPress(event.id, Section.HERE)))
    team.steward.sees_nothing_of("– Erik")


async def test_responders_see_numbers_only_and_press_and_allies_nothing(world: World) -> None:
    """Nobody gets more than their task needs, by whatever button."""
    team = await world.has_team()
    press = await world.has_team_person("Paul", Role.PRESS)
    event = await world.has_event(starts_in=HOUR)
    dana, _ = await world.has_participants(event, "Dana P", "Erik")
    await dana.writes("/here")
    await team.lawyer.writes("/board")
    board = team.lawyer.sees("Here: 1")
    assert board.labels == []
    await press.writes("/board")
    press.sees("Nothing has been released for you yet.")
    for someone in (team.lawyer, team.medic, team.deputy, press, dana):
        await someone.forges(pack(BoardSectionPress(event.id, Section.HERE)))
        await someone.forges(pack(BoardNamesPress(event.id)))
        someone.sees_nothing_of("– Dana P")


async def test_whoever_blocked_the_bot_is_counted_as_unreachable(world: World) -> None:
    """The organizers see whom to call."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    dana, _ = await world.has_participants(event, "Dana P", "Erik")
    await dana.blocks()
    await team.organizer.writes("/board")
    team.organizer.sees("Cannot be reached: 1")


async def test_the_board_is_left_alone_a_day_after_the_end(world: World) -> None:
    """Edits stop when the event is over."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    (dana,) = await world.has_participants(event, "Dana P")
    await team.organizer.writes("/board")
    await world.pass_time(event.ends_at + timedelta(days=1) - world.now)
    before = team.organizer.sees("As of").edits
    await dana.writes("/home")
    assert team.organizer.sees("As of").edits == before
