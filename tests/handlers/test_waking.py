"""Wake tests on people's phones: begun by one organizer, unmistakable, never beside an alarm."""

from datetime import timedelta

import pytest

from coordination import waking
from coordination.alarms import raise_alarm
from safety.alarms import Way
from safety.people import Role
from safety.waking import ROUNDS, WITHIN, WakeAgain, WakeState, WakeWhen
from storage import alarms, incidents, outbox, wakings
from storage.transaction import Transaction
from tests.harness import Seen, Someone, Team, World

HALF_MINUTE = timedelta(seconds=30)
HOUR = timedelta(hours=1)
TEST = "This is only a test."


async def begins(world: World, someone: Someone, button: str = "At once") -> None:
    """Begin a test from the team's list, and let what is due at once be run."""
    await someone.writes("/team")
    await someone.presses("Test whether people wake")
    await someone.presses(button)
    await world.pass_time(timedelta())


def rung_by(team: Team) -> tuple[Someone, ...]:
    """Give everybody whom a test of the organizer's rings at once."""
    return (team.second, team.deputy, team.steward, team.lawyer, team.medic)


def ringing(someone: Someone) -> Seen:
    """Give the test on somebody's phone."""
    return someone.sees(TEST)


async def test_it_rings_whom_an_alarm_rings_and_says_that_it_is_a_test(world: World) -> None:
    """The first line is like any other; what stands behind it cannot be mistaken."""
    team = await world.has_team()
    press = await world.has_team_person("Vera", Role.PRESS)
    await begins(world, team.organizer)
    for someone in rung_by(team):
        seen = ringing(someone)
        assert seen.rang
        assert "test" not in seen.text.splitlines()[0]
        assert "alarm" not in seen.text.splitlines()[0].lower()
        assert "Nobody has called for help." in seen.text
        assert seen.labels == ["I'm awake"]
    for someone in (team.organizer, press):
        someone.sees_nothing_of(TEST)


async def test_it_rings_again_like_an_alarm_and_ends_by_itself(world: World) -> None:
    """Every thirty seconds a new message in the place of the old one, for a few rounds."""
    team = await world.has_team()
    await begins(world, team.organizer)
    for _ in range(ROUNDS - 1):
        before = ringing(team.medic).message_id
        await world.pass_time(HALF_MINUTE)
        assert ringing(team.medic).message_id != before
    assert len(team.medic.screens) == 1
    await world.pass_time(HALF_MINUTE)
    over = team.medic.sees("It did not wake you.")
    assert not over.rang
    assert len(team.medic.screens) == 1
    await world.pass_time(HOUR)
    assert team.medic.screens == [over]


async def test_three_of_six_can_be_woken(world: World) -> None:
    """Organizers see it on the board, the names on a tap and for a minute; nobody else does."""
    team = await world.has_team()
    await world.has_event()
    await team.organizer.writes("/board")
    await team.steward.writes("/board")
    await begins(world, team.organizer)
    for someone in (team.deputy, team.lawyer, team.medic):
        await someone.presses("I'm awake")
        someone.sees("It woke you. Thank you.")
        someone.is_told("It was only a test")
        someone.sees_nothing_of(TEST)
    await world.pass_time(10 * HALF_MINUTE)
    team.organizer.sees("Can be woken: 3 of 6. Tested since Wed 26 May 10:00.")
    team.steward.sees("Here are the numbers.")
    team.steward.sees_nothing_of("Can be woken")
    board = team.organizer.sees("Here are the numbers.")
    await team.organizer.presses("Who did not wake", within=board)
    names = team.organizer.sees("Did not wake: 2")
    assert names.is_protected
    for name in ("Dana", "Saule"):
        assert name in names.text
    assert "Not tested: 1\n– Aigul" in names.text
    await world.pass_time(timedelta(minutes=1))
    team.organizer.sees_nothing_of("Did not wake: 2")


async def test_the_screen_where_it_was_begun_follows(world: World) -> None:
    """It stands where it stood, and says how many are left; nobody has to open it again."""
    team = await world.has_team()
    await begins(world, team.organizer)
    screen = team.organizer.sees("5 people are still being tested.")
    await team.deputy.presses("I'm awake")
    assert "4 people are still being tested." in screen.text
    assert "Can be woken: 1 of 6." in screen.text
    await team.second.writes("sos")
    assert "still being tested" not in screen.text
    assert screen in team.organizer.screens
    assert not team.second.can_press("At once")


async def test_an_old_result_is_shown_no_more(world: World) -> None:
    """After a week nobody knows any more who can be woken."""
    team = await world.has_team()
    await world.has_event(starts_in=timedelta(days=20))
    await begins(world, team.organizer)
    await team.medic.presses("I'm awake")
    await world.pass_time(timedelta(days=7) - HOUR)
    await team.organizer.writes("/board")
    team.organizer.sees("Can be woken: 1 of 6.")
    await world.pass_time(2 * HOUR)
    await team.organizer.writes("/board")
    team.organizer.sees_nothing_of("Can be woken")


async def test_an_unannounced_test_comes_to_each_at_their_own_time_within_a_day(
    world: World,
) -> None:
    """Whoever asked for it is tested as well, and nothing tells when."""
    team = await world.has_team()
    everybody = (team.organizer, *rung_by(team))
    await begins(world, team.organizer, "Unannounced")
    team.organizer.sees("6 people are still being tested.")
    latest = await world.look(wakings.latest)
    times = {one.begins_at for one in latest.values()}
    assert latest.keys() == {someone.team_id for someone in everybody}
    assert len(times) > 1
    assert all(world.now <= moment < world.now + WITHIN for moment in times)
    await world.pass_time(WITHIN + 10 * HALF_MINUTE)
    latest = await world.look(wakings.latest)
    assert {one.state for one in latest.values()} == {WakeState.ASLEEP}
    assert {one.rounds for one in latest.values()} == {ROUNDS}


async def test_nobody_is_tested_twice_within_a_day(world: World) -> None:
    """Neither by another organizer nor by another kind of test."""
    team = await world.has_team()
    await begins(world, team.organizer)
    await team.medic.presses("I'm awake")
    await world.pass_time(10 * HALF_MINUTE)
    await begins(world, team.second)
    team.organizer.sees(TEST)
    team.medic.sees_nothing_of(TEST)
    await begins(world, team.second)
    team.second.is_told("Everybody is being tested, was tested a short while ago")
    await world.pass_time(timedelta(days=1))
    await begins(world, team.organizer)
    team.medic.sees(TEST)


async def test_a_real_alarm_ends_every_test(world: World) -> None:
    """Nobody takes the one for the other: the test says that it is over, the alarm rings."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await begins(world, team.organizer)
    await aliya.writes("sos")
    for someone in (team.second, team.steward, team.lawyer, team.medic):
        assert someone.sees("Alarm 1.").rang
        over = someone.sees("It was only a test, at 10:00, and it is over.")
        assert not over.rang
        assert not someone.can_press("I'm awake")
    await world.pass_time(10 * HALF_MINUTE)
    team.medic.sees_nothing_of(TEST)
    await begins(world, team.organizer)
    team.organizer.is_told("There is an open alarm")
    await team.organizer.writes("/board")
    team.organizer.sees_nothing_of("Can be woken")


async def test_an_alarm_ends_a_test_that_has_not_begun(world: World) -> None:
    """It does not come later, when nobody thinks of it any more."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await begins(world, team.organizer, "Unannounced")
    await aliya.writes("sos")
    await team.organizer.presses("Resolved")
    await team.organizer.presses("It was real")
    await world.pass_time(2 * WITHIN)
    for someone in rung_by(team):
        someone.sees_nothing_of("only a test")


async def test_a_test_that_is_owed_when_an_alarm_comes_rings_nobody(world: World) -> None:
    """The line was slow: what arrives is the alarm, and silently that a test is over."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")

    def play(tx: Transaction) -> None:
        turn = world.turn(tx, team.organizer)
        waking.begin(turn, WakeWhen.AT_ONCE)
        for team_id in wakings.latest(tx):
            waking.ring(turn, WakeAgain(team_id))
        assert outbox.waiting(tx) == len(rung_by(team))
        raise_alarm(world.turn(tx, aliya), Way.KEY)

    await world.database.write(play)
    await world.deliver()
    assert [seen.rang for seen in team.medic.screens] == [True, False]
    assert team.medic.sees("Alarm 1.").rang
    team.medic.sees("What rings from now on is real.")


async def test_somebody_who_is_taken_ends_every_test_too(world: World) -> None:
    """Their own phone stays empty, and the lawyer is not woken for nothing meanwhile."""
    team = await world.has_team()
    await begins(world, team.organizer)
    await team.steward.writes("/taken")
    team.lawyer.sees("Urgent 1.")
    team.lawyer.sees_nothing_of(TEST)
    await world.pass_time(timedelta(0))
    assert team.steward.chat == []
    await world.pass_time(10 * HALF_MINUTE)
    for someone in (team.steward, team.lawyer):
        someone.sees_nothing_of(TEST)


async def test_a_test_is_no_alarm_and_enters_no_record(world: World) -> None:
    """Nothing of it is anybody's call, whoever pressed and whoever did not."""
    team = await world.has_team()
    event = await world.has_event()
    await begins(world, team.organizer)
    await team.medic.presses("I'm awake")
    await world.pass_time(HOUR)
    assert await world.look(alarms.unresolved) == []
    assert await world.look(lambda tx: incidents.at_event(tx, event.id)) == []
    assert await world.look(outbox.waiting) == 0


@pytest.mark.parametrize("how", ["frozen", "left"])
async def test_who_is_of_the_team_no_more_is_rung_no_more(world: World, how: str) -> None:
    """In the middle of a test as well."""
    team = await world.has_team()
    await begins(world, team.organizer)
    if how == "frozen":
        await team.organizer.writes("/freeze")
        await team.organizer.presses("Saule")
        await team.organizer.presses("Freeze")
    else:
        await team.steward.writes("/privacy")
        await team.steward.presses("Leave the team")
        await team.steward.presses("Yes, I leave")
    await world.pass_time(10 * HALF_MINUTE)
    team.steward.sees_nothing_of("only a test")
    await team.organizer.writes("/team")
    await team.organizer.presses("Test whether people wake")
    team.organizer.sees("Can be woken: 0 of 5.")


async def test_presses_that_come_too_late_twice_or_from_nobody_tested_are_answered_as_such(
    world: World,
) -> None:
    """Old buttons stay clickable, and anybody can forge one."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await begins(world, team.organizer)
    payload = team.medic.payload_of("I'm awake")
    for someone in (team.organizer, aliya):
        await someone.forges(payload)
    team.organizer.is_told("out of date")
    await team.medic.presses("I'm awake")
    await team.medic.forges(payload)
    team.medic.is_told("Noted already")
    await world.pass_time(10 * HALF_MINUTE)
    await team.lawyer.forges(payload)
    team.lawyer.is_told("Too late")
    team.organizer.sees_nothing_of("3 of 6")


async def test_only_organizers_begin_stop_or_look(world: World) -> None:
    """Whoever forges the buttons gets nothing, and rings nobody."""
    team = await world.has_team()
    await team.organizer.writes("/team")
    await team.organizer.presses("Test whether people wake")
    payloads = [team.organizer.payload_of(one) for one in ("At once", "Unannounced")]
    for payload in (*payloads, "wkx", "wkn", "wks"):
        for someone in (team.deputy, team.steward, team.lawyer):
            await someone.forges(payload)
    await world.pass_time(WITHIN)
    for someone in rung_by(team):
        someone.sees_nothing_of("test")


async def test_an_organizer_can_stop_it(world: World) -> None:
    """Nothing rings afterwards, and who was rung is told that it is over."""
    team = await world.has_team()
    await begins(world, team.organizer)
    await team.organizer.presses("Stop the test")
    team.medic.sees("It was only a test, at 10:00, and it is over.")
    team.organizer.sees_nothing_of("still being tested")
    await world.pass_time(HOUR)
    team.medic.sees_nothing_of(TEST)


async def test_it_works_while_names_are_locked(world: World) -> None:
    """The team lies under the community's key; the board shows the numbers."""
    team = await world.has_team()
    await world.has_event()
    await world.locks()
    await begins(world, team.organizer)
    await team.medic.presses("I'm awake")
    await world.pass_time(10 * HALF_MINUTE)
    await team.organizer.writes("/board")
    team.organizer.sees("Can be woken: 1 of 6.")
