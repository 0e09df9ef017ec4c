"""An open alarm rings whatever became of its timer, its row in the outbox or its card."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from coordination import auditing
from coordination.auditing import Finding
from coordination.turns import Work
from safety.alarmnotices import AlarmRing
from safety.auditing import EVERY, GRACE, Lag
from safety.people import Recipient, Role
from storage import outbox, overdue, timers
from storage.transaction import Transaction
from tests.harness import Someone, Team, World

MINUTE = timedelta(minutes=1)


async def _has_open_alarm(world: World) -> tuple[Team, Someone]:
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    return team, aliya


async def _found(world: World) -> list[Finding]:
    return await world.look(lambda tx: auditing.look(world.work(tx)))


async def _audits(world: World) -> list[Lag]:
    """Do what the auditor does; give what it found."""
    found = await _found(world)
    for finding in found:

        def catch_up(work: Work, finding: Finding = finding) -> None:
            auditing.catch_up(work, finding)

        await world.change(catch_up)
    return [finding.lag for finding in found]


def _lose(tx: Transaction) -> None:
    tx.run("DELETE FROM timers")


def _spoil(tx: Transaction) -> None:
    tx.run("UPDATE timers SET sealed = x'00'")


def _put_off(tx: Transaction) -> None:
    tx.run("UPDATE timers SET due_at = due_at + 3600000")


async def test_an_alarm_that_goes_its_way_is_left_alone(world: World) -> None:
    """Open, answered, rung again, resolved: nothing is found, at any moment."""
    team, _ = await _has_open_alarm(world)
    for _ in range(30):
        await world.pass_time(timedelta(seconds=20))
        assert await _found(world) == []
    await team.organizer.presses("I'm on it")
    for _ in range(30):
        await world.pass_time(timedelta(seconds=30))
        assert await _found(world) == []
    await team.organizer.presses("Resolved")
    await team.organizer.presses("It was real")
    await world.pass_time(timedelta(hours=1))
    assert await _found(world) == []


@pytest.mark.parametrize("harm", [_lose, _spoil, _put_off])
async def test_an_alarm_whose_timer_is_lost_rings_again_within_a_minute(
    world: World, harm: Callable[[Transaction], None]
) -> None:
    """Deleted, unreadable or set to a wrong time; and then it goes on ringing by itself."""
    team, _ = await _has_open_alarm(world)
    await world.pass_time(world.policy.escalate_after - timedelta(seconds=1))
    rung = team.lawyer.sees("Alarm 1.").message_id
    await world.database.write(harm)
    world.now += EVERY + GRACE + timedelta(seconds=2)
    assert await _audits(world) == [Lag.NOT_RUN]
    again = team.lawyer.sees("Alarm 1.").message_id
    assert again > rung
    team.organizer.sees("Alarm 1 was not rung in time.")
    assert await _found(world) == []
    await world.pass_time(world.policy.escalate_after + timedelta(seconds=1))
    assert team.lawyer.sees("Alarm 1.").message_id > again


async def test_a_timer_that_is_missed_before_it_was_due_is_set_without_a_ring(
    world: World,
) -> None:
    """Nobody was late, so nobody is told anything."""
    team, _ = await _has_open_alarm(world)
    rung = team.lawyer.sees("Alarm 1.").message_id
    await world.database.write(_lose)
    assert Lag.NO_TIMER in await _audits(world)
    assert team.lawyer.sees("Alarm 1.").message_id == rung
    team.organizer.sees_nothing_of("not rung in time")
    await world.pass_time(world.policy.escalate_after + timedelta(seconds=1))
    assert team.lawyer.sees("Alarm 1.").message_id > rung


async def test_organizers_are_told_once_that_an_alarm_was_late(world: World) -> None:
    """It may fail again and again; what rings is the alarm."""
    team, _ = await _has_open_alarm(world)
    told = set()
    for _ in range(3):
        await world.database.write(_lose)
        world.now += 2 * world.policy.escalate_after
        assert await _audits(world) == [Lag.NOT_RUN]
        told.add(team.organizer.sees("not rung in time").message_id)
    assert len(told) == 1


async def test_a_ring_that_was_set_aside_is_owed_anew(world: World) -> None:
    """A row that does not open reaches nobody, and would be noticed by nobody."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    lawyer = team.lawyer.recipient
    await aliya.writes("sos")
    await world.pass_time(GRACE)
    rung = team.lawyer.sees("Alarm 1.").message_id
    await world.database.write(lambda tx: _owe_unreadable(tx, world, lawyer))
    await world.deliver()
    assert await world.look(lambda tx: overdue.is_set_aside(tx, lawyer, _card(tx)))
    assert await _audits(world) == [Lag.NOT_SENT]
    assert team.lawyer.sees("Alarm 1.").message_id > rung
    team.organizer.sees("Alarm 1 was not rung in time.")
    assert await _found(world) == []


def _card(tx: Transaction) -> str:
    row = tx.one(tuple[int], "SELECT id FROM alarms")
    assert row is not None
    return f"alarm:{row[0]}"


def _owe_unreadable(tx: Transaction, world: World, recipient: Recipient) -> None:
    alarm_id = int(_card(tx).split(":")[1])
    outbox.owe(tx, world.now, recipient, AlarmRing(alarm_id))
    tx.run("UPDATE outbox SET sealed = x'00' WHERE kind = 'AlarmRing'")


async def test_a_colleague_without_the_card_is_rung_and_nobody_is_alarmed_about_it(
    world: World,
) -> None:
    """Somebody who has just joined, or whose phone lost it: no fault, but they must know."""
    team, _ = await _has_open_alarm(world)
    late = await world.has_team_person("Late", Role.STEWARD)
    await world.pass_time(GRACE)
    assert await _audits(world) == [Lag.NOT_SENT]
    late.sees("Alarm 1.")
    team.organizer.sees_nothing_of("not rung in time")
    assert await _found(world) == []


async def test_whoever_cannot_be_reached_is_not_rung_for_ever(world: World) -> None:
    """They have blocked the bot: the board says so already."""
    team, _ = await _has_open_alarm(world)
    everybody = (
        *(team.organizer, team.second, team.deputy),
        *(team.steward, team.lawyer, team.medic),
    )
    for someone in everybody:
        await someone.blocks()
    await world.database.write(lambda tx: tx.run("DELETE FROM messages"))
    await world.pass_time(GRACE)
    assert await _found(world) == []


async def test_a_detention_whose_reminder_is_lost_is_rung_again(world: World) -> None:
    """Somebody is held: forgetting them is the worst that can happen."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await world.pass_time(timedelta(0))
    rung = team.lawyer.sees("Urgent 1.").message_id
    await world.database.write(_lose)
    world.now += timedelta(minutes=45)
    assert Lag.NOT_RUN in await _audits(world)
    assert team.lawyer.sees("Urgent 1.").message_id > rung
    assert await world.look(timers.next_due) is not None


async def test_what_is_found_twice_rings_once(world: World) -> None:
    """The rule is asked again in the transaction that rings."""
    team, _ = await _has_open_alarm(world)
    await world.database.write(_lose)
    world.now += 2 * world.policy.escalate_after
    (finding,) = await _found(world)
    for _ in range(2):
        await world.change(lambda work: auditing.catch_up(work, finding))
    cards = [seen for seen in team.lawyer.screens if "Alarm 1." in seen.text]
    assert len(cards) == 1
    assert await _found(world) == []


async def test_an_alarm_that_does_not_open_keeps_no_other_from_being_audited(
    world: World,
) -> None:
    """A damaged page costs what stood on it: another event's alarm goes on, and so does a call."""
    team, aliya = await _has_open_alarm(world)
    other = await world.has_event()
    berik = await world.has_participant(other, "Berik")
    await berik.writes("sos")
    await world.database.write(_spoil_first_alarm)
    await world.database.write(_lose)
    world.now += 2 * world.policy.escalate_after
    assert await _audits(world) == [Lag.NOT_RUN, Lag.DAMAGED]
    rung = team.lawyer.sees("Alarm 2.").message_id
    await aliya.writes("sos")
    assert team.lawyer.sees("Alarm 3.").message_id > rung


async def test_organizers_hear_once_of_an_alarm_that_does_not_open(world: World) -> None:
    """Its number, and nothing else; while it is locked, nothing is called damaged."""
    team, _ = await _has_open_alarm(world)
    await world.locks()
    assert await _found(world) == []
    await world.database.write(_spoil_first_alarm)
    for someone in (team.organizer, team.second):
        someone.sees_nothing_of("cannot be read")
    assert await _audits(world) == [Lag.DAMAGED]
    for someone in (team.organizer, team.second):
        seen = someone.sees("Alarm 1 cannot be read any more.")
        assert seen.rang
    for someone in (team.lawyer, team.steward, team.deputy):
        someone.sees_nothing_of("cannot be read")
    world.now += timedelta(days=3)
    assert await _audits(world) == []
    await world.database.write(lambda tx: tx.run("UPDATE alarms SET number = 9 WHERE number = 1"))
    assert await _audits(world) == [Lag.DAMAGED]
    team.organizer.sees("Alarm 9 cannot be read any more.")


def _spoil_first_alarm(tx: Transaction) -> None:
    tx.run("UPDATE alarms SET sealed = x'00' WHERE number = 1")
