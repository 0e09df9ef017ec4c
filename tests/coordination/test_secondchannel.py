"""An alarm that reaches nobody in the chat goes out a second way; one that does, does not."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from coordination import auditing, clockjumps, secondchannel
from coordination.auditing import Finding
from coordination.turns import Work
from safety.languages import Language
from safety.people import Role
from safety.secondchannel import LINE_PACE, PACE
from tests.harness import Team, World
from tests.letters import has_address, letters, owed

pytestmark = pytest.mark.usefixtures("ways")
ALARM = "Alarm 1.\nOpen the chat."


async def a_team(world: World) -> Team:
    """Give a team in which the steward and an organizer have addresses."""
    team = await world.has_team()
    await has_address(world, team.steward)
    await has_address(world, team.organizer)
    return team


async def addresses(world: World) -> list[str]:
    """Give where letters went."""
    return sorted(letter.address for letter in await letters(world))


async def test_an_alarm_that_arrives_and_is_answered_wakes_nobody_else(world: World) -> None:
    """The chat is enough."""
    team = await a_team(world)
    await team.medic.writes("/sos")
    await team.steward.presses("I'm on it")
    await world.pass_time(timedelta(minutes=5))
    assert await letters(world) == []


async def test_an_alarm_that_does_not_arrive_goes_out_after_fifteen_seconds(world: World) -> None:
    """With its number and nothing else, in the person's language; to whoever has an address."""
    team = await a_team(world)
    aidar = await world.has_team_person("Aidar", Role.LAWYER, Language.KK)
    await has_address(world, aidar)
    world.is_cut = True
    await team.medic.writes("/sos they broke the door in Abay street")
    await world.pass_time(timedelta(seconds=14))
    assert await letters(world) == []
    await world.pass_time(timedelta(seconds=2))
    found = {letter.address: letter.words for letter in await letters(world)}
    assert found == {
        "saule@example.org": ALARM,
        "aigul@example.org": ALARM,
        "aidar@example.org": "Дабыл 1.\nЧатты ашыңыз.",
    }


async def test_an_alarm_that_nobody_answers_goes_out_after_a_minute(world: World) -> None:
    """Though every phone has got it: the sound may be off."""
    team = await a_team(world)
    await team.medic.writes("/sos")
    await world.pass_time(timedelta(seconds=58))
    assert await letters(world) == []
    await world.pass_time(timedelta(seconds=4))
    assert await addresses(world) == ["aigul@example.org", "saule@example.org"]


async def test_nobody_gets_a_letter_more_often_than_the_pace_and_it_never_ends(
    world: World,
) -> None:
    """However often it rings in the chat; an hour later still, only more slowly."""
    team = await a_team(world)
    await team.medic.writes("/sos")
    moments = []
    for _ in range(3600 // 15):
        await world.pass_time(timedelta(seconds=15))
        if "saule@example.org" in await addresses(world):
            moments.append(world.now)
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert min(pauses) >= PACE
    assert len(moments) >= 12
    assert world.now - moments[-1] < timedelta(minutes=11)


async def test_what_a_slow_server_keeps_is_replaced_by_what_is_newer(world: World) -> None:
    """After an hour of a broken mail server one letter comes, not thirty."""
    team = await a_team(world)
    await team.medic.writes("/sos")
    await world.pass_time(timedelta(hours=1))
    assert await addresses(world) == ["aigul@example.org", "saule@example.org"]


async def test_an_answer_withdraws_what_has_not_gone_out(world: World) -> None:
    """Nobody is woken for what somebody is on."""
    team = await a_team(world)
    await team.medic.writes("/sos")
    await world.pass_time(timedelta(minutes=2))
    assert len(await owed(world)) == 2
    await team.lawyer.presses("I'm on it")
    assert await owed(world) == []
    assert await letters(world) == []


async def test_an_answer_that_has_become_too_old_wakes_again(world: World) -> None:
    """*I'm on it* without news holds for ten minutes."""
    team = await a_team(world)
    await team.medic.writes("/sos")
    await team.lawyer.presses("I'm on it")
    await world.pass_time(timedelta(minutes=10, seconds=50))
    assert await letters(world) == []
    await world.pass_time(timedelta(minutes=1))
    assert await addresses(world) == ["aigul@example.org", "saule@example.org"]


async def test_a_resolved_alarm_is_told_of_no_more(world: World) -> None:
    """Neither what was owed nor anything later."""
    team = await a_team(world)
    await team.medic.writes("/sos")
    await world.pass_time(timedelta(minutes=2))
    await team.organizer.presses("Resolved")
    await team.organizer.presses("real")
    assert await letters(world) == []
    await world.pass_time(timedelta(hours=1))
    assert await letters(world) == []


async def test_whoever_calls_is_not_woken_by_their_own_call(world: World) -> None:
    """They have their hands full."""
    team = await a_team(world)
    await team.steward.writes("/sos")
    await world.pass_time(timedelta(minutes=2))
    assert await addresses(world) == ["aigul@example.org"]


async def test_whoever_has_blocked_the_bot_is_woken_all_the_same(world: World) -> None:
    """That is just the phone on which no alarm can arrive."""
    team = await a_team(world)
    await team.steward.blocks()
    await team.medic.writes("/sos")
    await world.pass_time(timedelta(seconds=16))
    assert await addresses(world) == ["saule@example.org"]


async def test_blocking_the_bot_takes_nothing_back_that_is_owed_beside_the_chat(
    world: World,
) -> None:
    """The letter waits for a slow server, and the next one would come minutes later."""
    team = await a_team(world)
    await team.medic.writes("/sos")
    await world.pass_time(timedelta(seconds=62))
    await team.steward.blocks()
    assert await addresses(world) == ["aigul@example.org", "saule@example.org"]


async def test_whoever_was_taken_is_woken_by_nothing(world: World) -> None:
    """Somebody else may be holding the phone, and read what comes."""
    team = await a_team(world)
    await team.steward.writes("/taken")
    await team.medic.writes("/sos")
    await world.pass_time(timedelta(minutes=3))
    assert "saule@example.org" not in await addresses(world)


async def test_a_frozen_account_is_woken_by_nothing(world: World) -> None:
    """It may be in wrong hands."""
    team = await a_team(world)
    await team.organizer.writes("/freeze")
    await team.organizer.presses("Saule")
    await team.organizer.presses("Freeze")
    await team.medic.writes("/sos")
    await world.pass_time(timedelta(minutes=3))
    assert await addresses(world) == ["aigul@example.org"]


async def test_all_of_it_works_while_everything_is_locked(world: World) -> None:
    """An alarm is never deaf."""
    team = await a_team(world)
    event = await world.has_event()
    karima = await world.has_participant(event, "Karima")
    await world.locks()
    world.is_cut = True
    await karima.writes("/sos")
    await world.pass_time(timedelta(seconds=16))
    assert "saule@example.org" in await addresses(world)
    assert team.steward.team_id is not None


async def test_while_the_chat_takes_nothing_a_new_alarm_goes_out_at_once(world: World) -> None:
    """And after it works again, no longer."""
    team = await a_team(world)
    await world.change(lambda work: secondchannel.note_line(work, world.now))
    await team.medic.writes("/sos")
    await world.pass_time(timedelta())
    assert await addresses(world) == ["aigul@example.org", "saule@example.org"]
    await team.steward.presses("I'm on it")
    await team.organizer.presses("Resolved")
    await team.organizer.presses("mistake")
    await world.change(lambda work: secondchannel.note_line(work, None))
    await team.medic.writes("/sos")
    await world.pass_time(timedelta(seconds=20))
    assert await letters(world) == []


async def test_a_clock_that_is_set_back_silences_no_letter(world: World) -> None:
    """The next look would come when the clock shows its time, an hour later; and so would the
    end of the pause after a letter that has gone out.
    """
    team = await a_team(world)
    await team.medic.writes("/sos")
    await world.pass_time(timedelta(seconds=75))
    assert await addresses(world) == ["aigul@example.org", "saule@example.org"]
    world.now -= timedelta(hours=1)
    for finding in await world.look(lambda tx: auditing.look(world.work(tx))):

        def catch_up(work: Work, finding: Finding = finding) -> None:
            auditing.catch_up(work, finding)

        await world.change(catch_up)
    await world.pass_time(timedelta(seconds=75))
    assert await addresses(world) == ["aigul@example.org", "saule@example.org"]


async def test_a_detention_wakes_people_though_the_clock_is_set_back(world: World) -> None:
    """It began in the future: it counts as one that nobody has been on for a minute, and more.

    And so does the end of the pause after a letter that has gone out.
    """
    team = await a_team(world)
    await team.medic.writes("/taken")
    for _ in range(2):
        world.now -= timedelta(hours=1)
        await world.change(lambda work: clockjumps.note_jump(work, -timedelta(hours=1)))
        await world.pass_time(PACE + timedelta(seconds=31))
        assert await addresses(world) == ["aigul@example.org"]


async def test_a_look_that_nobody_can_read_is_set_anew_with_the_next_ring(world: World) -> None:
    """A damaged row would lie there for ever, and look as if it were still to come."""
    team = await a_team(world)
    await team.medic.writes("/sos")
    await world.database.write(
        lambda tx: tx.run("UPDATE timers SET sealed = x'00' WHERE key LIKE 'second:%'")
    )
    world.now += timedelta(minutes=1)
    await team.lawyer.writes("/sos")
    await world.pass_time(timedelta(seconds=15))
    assert await addresses(world) == ["aigul@example.org", "saule@example.org"]


async def test_a_silent_line_is_told_to_the_organizers_until_it_is_heard_again(
    world: World,
) -> None:
    """Since when; again every half hour; and not at all once it is over."""
    team = await a_team(world)
    since = world.now
    await world.pass_time(timedelta(minutes=1))
    await world.change(lambda work: secondchannel.note_silence(work, since))
    await world.change(lambda work: secondchannel.note_silence(work, world.now))  # a restart
    [letter] = await letters(world)
    assert letter.address == "aigul@example.org"
    assert letter.words == "The line is down since 10:00.\nLook at the server."
    await world.pass_time(LINE_PACE)
    assert await addresses(world) == ["aigul@example.org"]
    await world.pass_time(LINE_PACE)
    await world.change(lambda work: secondchannel.note_silence(work, None))
    assert await letters(world) == []
    await world.pass_time(timedelta(hours=2))
    assert await letters(world) == []
    assert team.organizer.team_id is not None


async def test_a_line_that_somebody_else_has_too_is_told_like_a_silent_one(world: World) -> None:
    """What not to do, in two sentences; what a slow server keeps still goes out afterwards."""
    await a_team(world)
    since = world.now
    await world.pass_time(timedelta(minutes=1))
    await world.change(lambda work: secondchannel.note_sharing(work, since))
    await world.change(lambda work: secondchannel.note_sharing(work, world.now))
    [letter] = await letters(world)
    assert letter.address == "aigul@example.org"
    assert letter.words == (
        "The line is not safe since 10:00.\nWrite nothing there. Call each other."
    )
    await world.pass_time(LINE_PACE)
    await world.change(lambda work: secondchannel.note_sharing(work, None))
    assert await addresses(world) == ["aigul@example.org"]
    await world.pass_time(timedelta(hours=2))
    assert await letters(world) == []


async def test_an_address_of_a_kind_that_is_configured_no_more_is_left_alone(
    world: World,
) -> None:
    """What cannot be sent is not owed."""
    team = await a_team(world)
    world.policy = replace(world.policy, second_kinds=())
    await team.medic.writes("/sos")
    await world.pass_time(timedelta(minutes=2))
    assert await owed(world) == []


async def test_without_an_address_nothing_runs(world: World) -> None:
    """Whoever wants none of this has none of it."""
    team = await world.has_team()
    world.is_cut = True
    await team.medic.writes("/sos")
    await world.pass_time(timedelta(minutes=3))
    assert await owed(world) == []


async def test_a_detention_that_nobody_is_on_wakes_the_lawyer_and_organizers(world: World) -> None:
    """After a minute, with its number alone, also while all is locked; until somebody is on it."""
    team = await a_team(world)
    aidar = await world.has_team_person("Aidar", Role.LAWYER, Language.KK)
    await has_address(world, aidar)
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await world.locks()
    await aliya.writes("/taken")
    await world.pass_time(timedelta(seconds=58))
    assert await letters(world) == []
    await world.pass_time(timedelta(seconds=4))
    found = {letter.address: letter.words for letter in await letters(world)}
    assert found == {
        "aigul@example.org": "Urgent 1.\nOpen the chat.",
        "aidar@example.org": "Шұғыл 1.\nЧатты ашыңыз.",
    }
    await world.pass_time(PACE - timedelta(seconds=16))
    assert await letters(world) == []
    await world.pass_time(timedelta(seconds=31))
    assert len(await owed(world)) == 2
    await team.lawyer.presses("I'm on it")
    assert await owed(world) == []
    await world.pass_time(timedelta(hours=4))
    assert await letters(world) == []


async def test_a_detention_wakes_whoever_is_rung_in_the_chat_for_want_of_others(
    world: World,
) -> None:
    """The only organizer has blocked the bot and has no address: a steward is rung both ways."""
    organizer = await world.has_organizer("Aigul")
    steward = await world.has_team_person("Saule", Role.STEWARD)
    await has_address(world, steward)
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await organizer.blocks()
    await aliya.writes("/taken")
    assert steward.sees("Urgent 1.").rang
    await world.pass_time(timedelta(minutes=5))
    assert await addresses(world) == ["saule@example.org"]


async def test_a_detention_goes_out_at_once_while_the_chat_takes_nothing(world: World) -> None:
    """And after fifteen seconds where its card has not arrived; never to whoever is held."""
    team = await a_team(world)
    await has_address(world, team.second)
    world.is_cut = True
    await team.second.writes("/taken")
    await world.pass_time(timedelta(seconds=14))
    assert await letters(world) == []
    await world.pass_time(timedelta(seconds=2))
    assert await addresses(world) == ["aigul@example.org"]
    await world.change(lambda work: secondchannel.note_line(work, work.now))
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await world.pass_time(timedelta())
    assert [letter.words[:9] for letter in await letters(world)] == ["Urgent 2."]


async def test_where_lawyer_and_organizers_are_taken_whoever_is_left_is_woken(
    world: World,
) -> None:
    """Nobody would read of it otherwise, by any way."""
    team = await a_team(world)
    for someone in (team.organizer, team.second, team.lawyer):
        await someone.writes("/taken")
    assert await letters(world) == []
    await world.pass_time(timedelta(minutes=1, seconds=20))
    assert set(await addresses(world)) == {"saule@example.org"}
