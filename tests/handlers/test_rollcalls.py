"""Roll calls: everybody is asked, the silent again, and silence is never counted as safe."""

from dataclasses import replace
from datetime import timedelta

from coordination import rollcalls as calls
from handlers.buttons import pack
from handlers.buttons.rollcalls import RollCallClose
from safety.people import Presence
from safety.rollcalls import ROUNDS, RollCallAnswer
from safety.timers import CHUNK
from storage import rollcalls
from tests.handlers.test_checkins import person
from tests.handlers.test_disclosure import HOUR, MINUTE
from tests.harness import Someone, World


def asked(someone: Someone) -> int:
    """Count the open questions of a roll call on a phone."""
    return len([seen for seen in someone.screens if "Are you safe?" in seen.text])


async def test_everybody_is_asked_and_the_numbers_follow(world: World) -> None:
    """Whoever is home or taken is not asked; answers show on the card at once."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    dana, erik, tim, nina = await world.has_participants(event, "Dana P", "Erik", "Tim", "Nina")
    await tim.writes("/home")
    await nina.writes("/taken")
    await team.steward.writes("/rollcall")
    assert (asked(dana), asked(erik), asked(tim), nina.chat) == (1, 1, 0, [])
    assert dana.sees("Are you safe?").text.splitlines()[0] == "Please answer now."
    card = team.organizer.sees("Roll call 1, 10:00")
    assert "Silent: 2" in card.text
    await dana.presses("I'm safe", within=dana.sees("Are you safe?"))
    changed = team.organizer.sees("Roll call 1, 10:00")
    assert changed.message_id == card.message_id
    assert "Say they are safe: 1" in changed.text
    assert "Silent: 1" in changed.text
    assert "Dana P" not in changed.text


async def test_the_silent_are_asked_again_then_told_as_silent(world: World) -> None:
    """Three times, with a sound each; then the number, and names on a tap."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    dana, erik = await world.has_participants(event, "Dana P", "Erik")
    await team.organizer.writes("/rollcall")
    await dana.presses("I'm safe", within=dana.sees("Are you safe?"))
    numbers = {erik.sees("Are you safe?").message_id}
    for _ in range(ROUNDS):
        await world.pass_time(world.policy.ask_again_after)
        numbers.add(erik.sees("Are you safe?").message_id)
    assert len(numbers) == ROUNDS
    assert asked(erik) == 1
    card = team.organizer.sees("Silence is not an answer")
    assert "Silent: 1" in card.text
    await team.organizer.presses("Names", within=card)
    names = team.organizer.sees("– Erik")
    assert "Dana P" not in names.text
    await world.pass_time(MINUTE)
    team.organizer.sees_nothing_of("– Erik")
    assert (await person(world, erik)).presence is Presence.UNANSWERED


async def test_help_in_a_roll_call_is_an_alarm(world: World) -> None:
    """The answer rings, and is counted as help."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    (dana,) = await world.has_participants(event, "Dana P")
    await team.organizer.writes("/rollcall")
    await dana.presses("I need help", within=dana.sees("Are you safe?"))
    team.lawyer.sees("Alarm 1.")
    assert "Need help: 1" in team.organizer.sees("Roll call 1").text
    assert "Say they are safe: 0" in team.organizer.sees("Roll call 1").text


async def test_safe_after_a_call_is_not_counted_as_safe(world: World) -> None:
    """Only a heard voice ends a call for help."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    (dana,) = await world.has_participants(event, "Dana P")
    await dana.writes("sos")
    await team.organizer.writes("/rollcall")
    await dana.presses("I'm safe", within=dana.sees("Are you safe?"))
    card = team.organizer.sees("Roll call 1")
    assert "Say they are safe: 0" in card.text
    assert "Voice not heard yet: 1" in card.text


async def test_the_board_shows_the_silent_while_it_is_open(world: World) -> None:
    """One look says it all; once it is closed the line goes."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    dana, _ = await world.has_participants(event, "Dana P", "Erik")
    await team.organizer.writes("/board")
    await team.steward.writes("/rollcall")
    assert "Roll call, silent: 2" in team.organizer.sees("As of").text
    await dana.presses("I'm safe", within=dana.sees("Are you safe?"))
    assert "Roll call, silent: 1" in team.organizer.sees("As of").text
    await team.organizer.presses("Close")
    assert "Roll call" not in team.organizer.sees("As of").text


async def test_a_second_roll_call_shows_the_open_one(world: World) -> None:
    """Two people press it at once: everybody is asked once."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    (dana,) = await world.has_participants(event, "Dana P")
    await team.organizer.writes("/rollcall")
    await team.steward.writes("/rollcall")
    assert asked(dana) == 1
    team.steward.sees("Roll call 1")
    team.steward.sees_nothing_of("Roll call 2")


async def test_only_an_organizer_ends_it_and_nobody_is_asked_any_more(world: World) -> None:
    """A steward's forged button ends nothing."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    (dana,) = await world.has_participants(event, "Dana P")
    await team.organizer.writes("/rollcall")
    found = await world.look(lambda tx: rollcalls.open_one(tx, event.id))
    assert found is not None
    await team.steward.forges(pack(RollCallClose(found.id)))
    assert await world.look(lambda tx: rollcalls.open_one(tx, event.id)) is not None
    await team.organizer.presses("Close")
    assert "Closed 10:00." in team.organizer.sees("Roll call 1").text
    before = [seen.message_id for seen in dana.screens]
    await world.pass_time(timedelta(minutes=30))
    assert [seen.message_id for seen in dana.screens] == before


async def test_an_answer_sent_before_help_does_not_replace_it(world: World) -> None:
    """Help overtakes at intake; the earlier "safe" that is handled later changes nothing."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    (dana,) = await world.has_participants(event, "Dana P")
    await team.organizer.writes("/rollcall")
    found = await world.look(lambda tx: rollcalls.open_one(tx, event.id))
    assert found is not None
    rollcall_id = found.id
    await dana.presses("I need help", within=dana.sees("Are you safe?"))
    await world.do(
        dana,
        lambda turn: calls.answer(replace(turn, seq=1), rollcall_id, RollCallAnswer.SAFE),
    )
    answers = await world.look(lambda tx: rollcalls.answers(tx, rollcall_id))
    assert list(answers.values()) == [RollCallAnswer.HELP]
    assert (await person(world, dana)).needs_help


async def test_a_crowd_is_asked_in_parts_and_everybody_once(world: World) -> None:
    """More people than one transaction may owe."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    crowd = await world.has_participants(event, *(f"P{number}" for number in range(2 * CHUNK + 5)))
    await team.organizer.writes("/rollcall")
    await world.pass_time(timedelta(seconds=5))
    assert {asked(someone) for someone in crowd} == {1}
