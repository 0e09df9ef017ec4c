"""What people see when clocks jump, the machine sleeps, or the zone puts its clocks on or back."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial

import pytest

from coordination import auditing, clockjumps
from coordination.schedule import schedule
from coordination.turns import Work
from safety import dates
from safety.alarmnotices import AlarmAnswer
from safety.auditing import LONGEST_PAUSE, Lag
from safety.events import Event
from safety.notices import Lane, Notice, Say
from storage import alarms, outbox, overdue
from storage.events import EVENTS
from storage.moments import to_row
from storage.transaction import Transaction
from tests.handlers.test_disclosure import HOUR, has_venue
from tests.harness import Someone, Team, World

BERLIN = "Europe/Berlin"  # puts its clocks on at the end of March, and back at the end of October


async def _has_open_alarm(world: World) -> tuple[Team, Someone]:
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    return team, aliya


async def _audits(world: World) -> list[Lag]:
    found = await world.look(lambda tx: auditing.look(world.work(tx)))

    def catch_up(work: Work) -> None:
        for finding in found:
            auditing.catch_up(work, finding)

    await world.change(catch_up)
    return [finding.lag for finding in found]


# ---------------------------------------------------------------- a clock that is set


async def test_a_clock_set_back_silences_no_alarm(world: World) -> None:
    """The next ring stood an hour away; it comes with the next audit, and then as always."""
    team, _ = await _has_open_alarm(world)
    rung = team.lawyer.sees("Alarm 1.").message_id
    world.now -= HOUR
    await world.pass_time(timedelta(minutes=1))
    assert team.lawyer.sees("Alarm 1.").message_id == rung
    assert Lag.SET_BACK in await _audits(world)
    again = team.lawyer.sees("Alarm 1.").message_id
    assert again > rung
    assert await _audits(world) == []
    await world.pass_time(world.policy.escalate_after + timedelta(seconds=1))
    assert team.lawyer.sees("Alarm 1.").message_id > again


async def test_an_answer_counts_no_longer_because_the_clock_was_set_back(world: World) -> None:
    """*I'm on it* holds ten minutes, not ten minutes and an hour."""
    team, _ = await _has_open_alarm(world)
    await team.lawyer.presses("I'm on it")
    rung = team.organizer.sees("Alarm 1.").message_id
    world.now -= HOUR
    await _audits(world)
    assert team.organizer.sees("Alarm 1.").message_id == rung  # somebody is on it
    await world.pass_time(world.policy.answer_holds + timedelta(minutes=1))
    assert team.organizer.sees("Alarm 1.").message_id > rung


async def test_what_an_alarm_owes_goes_out_though_the_clock_was_set_back(world: World) -> None:
    """It had failed once, and its next try stood an hour away."""
    _, aliya = await _has_open_alarm(world)
    seen = aliya.sees("Alarm 1.").message_id
    later = to_row(world.now + timedelta(seconds=30))

    def owe(tx: Transaction) -> None:
        (alarm,) = alarms.unresolved(tx)
        outbox.owe(tx, world.now, aliya.recipient, AlarmAnswer(alarm.id))
        tx.run("UPDATE outbox SET not_before = ?", later)

    await world.database.write(owe)
    world.now -= HOUR
    await world.pass_time(timedelta(minutes=1))
    assert aliya.sees("Alarm 1.").message_id == seen
    assert Lag.SET_BACK in await _audits(world)
    assert aliya.sees("Alarm 1.").message_id > seen
    is_ahead = partial(overdue.has_ahead, now=world.now, lane=Lane.ALARM, pause=LONGEST_PAUSE)
    assert not await world.look(is_ahead)


async def _owes_again(world: World, to: Someone, notice: Notice, pause: timedelta) -> None:
    """Owe a notice that has failed just now and is tried again after a pause."""
    await world.database.write(lambda tx: outbox.owe(tx, world.now, to.recipient, notice))
    later = to_row(world.now + pause)
    await world.database.write(lambda tx: tx.run("UPDATE outbox SET not_before = ?", later))


async def test_what_failed_before_the_clock_was_set_back_is_tried_again_after_its_pause(
    world: World,
) -> None:
    """What an alarm owes as well as a reply: nothing waits an hour longer, and nothing shorter."""
    _, aliya = await _has_open_alarm(world)
    (alarm,) = await world.look(alarms.unresolved)
    await _owes_again(world, aliya, AlarmAnswer(alarm.id), timedelta(seconds=30))
    await _owes_again(world, aliya, Say("saved"), timedelta(seconds=30))
    world.now -= HOUR
    await world.change(lambda work: clockjumps.note_jump(work, -HOUR))
    world.now += timedelta(seconds=29)
    await world.deliver()
    assert await world.look(outbox.waiting) == 2
    world.now += timedelta(seconds=2)
    await world.deliver()
    assert await world.look(outbox.waiting) == 0
    aliya.sees("Saved")


async def test_a_try_that_stands_too_far_ahead_is_made_at_once_though_nobody_saw_the_step(
    world: World,
) -> None:
    """The bot did not run when the clock was set; a pause of its own length is left alone."""
    _, aliya = await _has_open_alarm(world)
    (alarm,) = await world.look(alarms.unresolved)
    await _owes_again(world, aliya, AlarmAnswer(alarm.id), LONGEST_PAUSE)
    assert await _audits(world) == []
    seen = aliya.sees("Alarm 1.").message_id
    await _owes_again(world, aliya, AlarmAnswer(alarm.id), HOUR)
    assert await _audits(world) == [Lag.SET_BACK]
    assert aliya.sees("Alarm 1.").message_id > seen
    assert await _audits(world) == []


async def test_a_detention_is_rung_though_the_clock_was_set_back(world: World) -> None:
    """Somebody is held, whatever the clock says."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await world.pass_time(timedelta(0))
    rung = team.lawyer.sees("Urgent 1.").message_id
    world.now -= HOUR
    assert Lag.SET_BACK in await _audits(world)
    assert team.lawyer.sees("Urgent 1.").message_id > rung
    assert await _audits(world) == []


async def test_a_clock_set_forward_rings_once_and_goes_on(world: World) -> None:
    """An hour that did not pass is no hour of forty rings."""
    team, _ = await _has_open_alarm(world)
    assert await world.look(_rounds) == 0
    rung = team.lawyer.sees("Alarm 1.").message_id
    world.now += HOUR
    await world.pass_time(timedelta(0))
    assert team.lawyer.sees("Alarm 1.").message_id > rung
    assert await world.look(_rounds) == 1
    await world.pass_time(timedelta(seconds=1))
    assert await world.look(_rounds) == 1
    await world.pass_time(world.policy.escalate_after)
    assert await world.look(_rounds) >= 2


def _rounds(tx: Transaction) -> int:
    """Say how often the open alarm was rung because nobody had answered."""
    (alarm,) = alarms.unresolved(tx)
    return alarm.level


# ---------------------------------------------------------------- a zone that moves its clocks


async def _has_event_in_berlin(world: World, starts_at: datetime, ends_at: datetime) -> Event:
    made = await world.has_event(starts_in=starts_at - world.now)
    event = replace(made, zone=BERLIN, ends_at=ends_at)

    def put(work: Work) -> None:
        EVENTS.put(work.tx, event)
        schedule(work, event)

    await world.change(put)
    return event


# What the clocks in Berlin show at the start, and twenty-four hours before it.
CHANGES = {
    "back on the day": (date(2027, 10, 31), time(18), "19:00"),
    "on on the day": (date(2028, 3, 26), time(18), "17:00"),
    "back in the night of it": (date(2027, 10, 30), time(22), "22:00"),
    "on in the night of it": (date(2028, 3, 25), time(22), "22:00"),
}


@pytest.mark.parametrize(("day", "hour", "area_at"), CHANGES.values(), ids=CHANGES)
async def test_stages_come_so_long_before_the_start_over_a_change_of_clocks(
    world: World, day: date, hour: time, area_at: str
) -> None:
    """Hours that pass are counted; what is shown is what the clocks show then; each stage once."""
    team = await world.has_team()
    starts_at, ends_at = dates.span(day, hour, time(3), BERLIN)
    world.now = starts_at - timedelta(days=3)
    event = await _has_event_in_berlin(world, starts_at, ends_at)
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await team.organizer.writes("/venue")
    team.organizer.sees(area_at)
    told = 0
    for before in (24, 3, 1):
        due = event.starts_at - before * HOUR
        await world.pass_time(due - timedelta(minutes=1) - world.now)
        assert _newest(dana) <= told
        await world.pass_time(due - world.now)
        assert _newest(dana) > told
        told = _newest(dana)
    asked_at = event.ends_at + world.policy.home_question_after
    await world.pass_time(asked_at - timedelta(minutes=1) - world.now)
    dana.sees_nothing_of("Did you get home")
    await world.pass_time(asked_at - world.now)
    dana.sees("Did you get home")


def _newest(someone: Someone) -> int:
    news = [seen for seen in someone.screens if "something new" in seen.text]
    return max((seen.message_id for seen in news), default=0)
