"""After an event: who invited whom goes at its end, who was where on the third day.

Nobody has to do anything for it, and what still refers to it shows what is there.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from coordination import events as use_cases
from coordination import registration, traces
from coordination.turns import Work
from handlers.routes import TABLE
from safety.detentions import DetentionState
from safety.disclosure import RenewKey
from safety.envelopes import Envelope
from safety.errors import OutdatedError
from safety.events import Event, EventState
from safety.people import Standing
from safety.retention import EventOver, RetentionDue, TracesOver
from safety.timers import Timer
from storage import detentions, events, people, routes, timers
from storage import traces as rows
from storage.envelopes import ENVELOPES
from storage.retention import FORGOTTEN
from storage.transaction import Transaction
from tests.handlers.test_disclosure import has_venue
from tests.handlers.test_registration import count, invited, registered
from tests.harness import Someone, World

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
COMMAND_NAMES = [command.name for command in TABLE.commands if command.name != "taken"]


async def reaches(world: World, moment: datetime) -> None:
    """Let time pass until a minute after `moment`."""
    await world.pass_time(moment - world.now + timedelta(minutes=1))


async def number(world: World, table: str) -> int:
    """Count the rows of a table."""
    sql = f"SELECT COUNT(*) FROM {table}"  # noqa: S608 - the tests' own words
    return await world.look(lambda tx: tx.number(sql))


async def test_at_the_end_nobody_knows_any_more_who_invited_whom(world: World) -> None:
    """The circle cannot be read from any list, the person's own card included."""
    event = await world.has_event()
    aigul = await world.has_organizer()
    dana = await registered(world, await invited(aigul))
    await aigul.writes("/people")
    await aigul.presses("Who waits?")
    aigul.sees("from the choir")
    await aigul.presses("Approve")
    await invited(aigul, "Bota, who never comes")
    await reaches(world, event.ends_at)
    assert [await number(world, table) for table in ("invitations", "tokens")] == [0, 0]
    assert await count(world, event, Standing.APPROVED) == 1
    await aigul.writes("/people")
    await aigul.presses("Approved")
    await aigul.presses("Dana the brave")
    aigul.sees_nothing_of("from the choir")
    await dana.writes("/here")
    dana.sees("Noted")


async def test_whoever_was_not_approved_goes_at_the_end(world: World) -> None:
    """Half registered, undecided, waiting and declined: rows, way and chat; the approved stay."""
    event = await world.has_event()
    others = [one for one in Standing if one is not Standing.APPROVED]
    gone = [await world.has_participant(event, one.value, standing=one) for one in others]
    aliya = await world.has_participant(event, "Aliya")
    for someone in (*gone, aliya):
        await someone.writes("/privacy")
    assert "28 May" in gone[0].sees("Your answers").text
    assert "11 Jun" in aliya.sees("Your answers").text
    await reaches(world, event.ends_at)
    for someone in gone:
        assert someone.chat == []
        assert await world.look(partial(_places, someone)) == 0
    assert await number(world, "people") == 1
    assert await world.look(partial(_places, aliya)) == 1


async def test_whoever_is_in_trouble_at_the_end_is_kept(world: World) -> None:
    """Somebody undecided who calls or is held is not forgotten in it, but when that is over."""
    team = await world.has_team()
    event = await world.has_event()
    caller = await world.has_participant(event, "Aliya", standing=Standing.PENDING)
    held = await world.has_participant(event, "Bota", standing=Standing.PENDING)
    world.now = event.ends_at - HOUR / 12
    await caller.writes("sos")
    await held.writes("/taken")
    await reaches(world, event.ends_at)
    assert await number(world, "people") == 2
    await caller.presses("It was a mistake")
    await team.organizer.presses("I have heard")
    await team.organizer.presses("Their voice says: safe")
    await world.change(partial(_ends_detention))
    await reaches(world, event.ends_at + world.policy.traces_kept)
    assert await number(world, "people") == 0


async def test_what_was_left_for_the_lawyer_goes_with_nobody_by_itself(world: World) -> None:
    """Whoever left it is known until the purge; it outlives them, as does the outline."""
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana", standing=Standing.WAITING)
    assert dana.person_id is not None
    left = Envelope(7, event.id, dana.person_id, world.now, ())
    await world.change(lambda work: ENVELOPES.put(work.tx, left))
    await reaches(world, event.ends_at + world.policy.traces_kept)
    assert await number(world, "people") == 1
    await reaches(world, event.ends_at + 60 * DAY)
    await world.sweeps()
    assert [await number(world, table) for table in ("people", "envelopes", "events")] == [0, 1, 1]


async def test_traces_wait_while_somebody_is_held_and_for_no_longer_than_the_roster(
    world: World,
) -> None:
    """With whom somebody left is not forgotten while nobody has heard them."""
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await bota.writes("/here")
    await aliya.writes("/taken")
    over_at = event.ends_at + world.policy.traces_kept
    for moment, is_there in ((over_at, True), (event.ends_at + world.policy.people_kept, False)):
        world.now = moment + HOUR
        await world.pass_time(timedelta())
        assert bool(await number(world, "checkins")) is is_there
    assert await number(world, "people") > 0  # the roster itself waits for whoever is held


async def test_nothing_shown_or_pressed_is_a_fault_without_the_traces(world: World) -> None:
    """Every command, and every old button, of everybody, on the fourth day."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    everyone = (team.organizer, team.second, team.deputy, team.steward, team.lawyer, aliya, bota)
    await has_venue(world, team)
    await team.steward.writes("/rollcall")
    await bota.writes("/here")
    await aliya.writes("sos")
    for someone in everyone:
        for name in COMMAND_NAMES:
            await someone.writes(f"/{name}")
    old = [
        (someone, press.payload)
        for someone in everyone
        for seen in someone.screens
        for press in seen.presses
    ]
    assert len(old) > 50
    assert await number(world, "venues") > 0
    await world.change(lambda work: _forget_traces(work, event))
    for someone, payload in old:
        await someone.forges(payload)
    for someone in everyone:
        for name in COMMAND_NAMES:
            await someone.writes(f"/{name}")


async def test_a_machine_that_slept_through_everything_forgets_everything_at_once(
    world: World,
) -> None:
    """A whole evening, then half a year in one jump: every life ends, in whatever order."""
    team = await world.has_team()
    event = await world.has_event()
    dana = await registered(world, await invited(team.organizer), "Zere")
    aliya = await world.has_participant(event, "Aliya")
    await has_venue(world, team)
    await aliya.writes("/here")
    await dana.writes("/report")
    await dana.writes("They came.")
    await aliya.writes("sos")
    await team.organizer.presses("I'm on it")
    world.now += 200 * DAY
    for _ in range(2):
        await world.pass_time(timedelta())
        await world.sweeps()
    left = {table: await number(world, f"{table} WHERE event_id > 0") for table in FORGOTTEN}
    assert {table: rows for table, rows in left.items() if rows} == {}
    assert await number(world, "team") == 6
    assert await number(world, "incidents") == 2
    assert aliya.chat == dana.chat == []
    team.organizer.sees("By the rule, because the time was over.")


async def test_a_detention_weeks_later_still_works(world: World) -> None:
    """Officers visit in the days after: the lawyer is rung, the name is behind *Show*."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await reaches(world, event.ends_at + timedelta(days=12))
    await aliya.writes("/taken")
    team.lawyer.sees("Urgent 1.")
    await team.lawyer.presses("Show")
    team.lawyer.sees("Aliya")
    assert aliya.chat == []


async def test_a_place_at_another_event_is_not_touched(world: World) -> None:
    """Who waited in vain for one event and is approved for another keeps that one whole."""
    team = await world.has_team()
    first = await world.has_event()
    second = await world.has_event(starts_in=timedelta(days=9))
    aliya = await world.has_participant(second, "Aliya")
    here = aliya.person_id
    await world.has_participant(first, "Aliya", standing=Standing.PENDING)
    assert aliya.person_id is not None
    assert here is not None
    renewals = RenewKey(first.id, aliya.person_id), RenewKey(second.id, here)
    for one in renewals:  # as after their first stage
        await world.change(partial(Work.set_timer, due_at=first.ends_at + 9 * DAY, timer=one))
    world.now = first.ends_at + HOUR
    await aliya.writes("/help")
    before = len(aliya.chat)
    await world.change(partial(_run, traces.end_event, EventOver(first.id)))
    assert len(aliya.chat) == before
    assert await world.look(partial(_places, aliya)) == 1
    is_set = [await world.look(partial(timers.is_set, key=one.key())) for one in renewals]
    assert is_set == [False, True]
    await aliya.writes("sos")
    team.organizer.sees("Alarm 1.")


async def test_lives_move_with_the_event(world: World) -> None:
    """An event that is put off by a week keeps its people a week longer, and no day more."""
    event = await world.has_event()
    organizer = await world.has_organizer()
    await world.has_participant(event, "Bota", standing=Standing.PENDING)
    later = event.starts_at + timedelta(days=7), event.ends_at + timedelta(days=7)
    await world.do(organizer, lambda turn: use_cases.move(turn, event.id, *later))
    await reaches(world, event.ends_at + DAY)
    assert await number(world, "people") == 1
    await reaches(world, later[1])
    assert await number(world, "people") == 0
    due = await world.look(lambda tx: timers.moment_of(tx, RetentionDue(event.id)))
    assert due == later[1] + world.policy.people_kept


async def test_a_cancelled_event_ends_when_it_is_called_off_and_its_alarm_rings_on(
    world: World,
) -> None:
    """Nobody is known for months because of an evening that never was; a call is not silenced."""
    team = await world.has_team()
    event = await world.has_event(starts_in=timedelta(days=100))
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await world.has_participant(event, "Bota", standing=Standing.DECLINED)
    await world.do(team.organizer, lambda turn: use_cases.cancel(turn, event.id))
    await world.pass_time(timedelta(minutes=5))
    assert await number(world, "people") == 1
    team.medic.sees("Rung 11 times")
    stored = await world.look(lambda tx: events.get(tx, event.id))
    assert stored is not None
    assert stored.state is EventState.CANCELLED
    due = await world.look(lambda tx: timers.moment_of(tx, RetentionDue(event.id)))
    assert due is not None
    assert due - world.now < world.policy.people_kept


@pytest.mark.parametrize("standing", [Standing.INVITED, Standing.PENDING, Standing.WAITING])
async def test_whoever_waits_for_a_decision_reads_that_there_is_nothing_to_wait_for(
    world: World, standing: Standing
) -> None:
    """Forgetting somebody empties their chat: not before they have had a day to look into it."""
    team = await world.has_team()
    event = await world.has_event(starts_in=timedelta(days=100))
    dana = await world.has_participant(event, "Dana", standing=standing)
    await world.has_participant(event, "Bota", standing=Standing.DECLINED)
    await world.do(team.organizer, lambda turn: use_cases.cancel(turn, event.id))
    person_id = await world.look(lambda tx: people.ids_with_standing(tx, event.id, standing)[0])
    for _ in range(3):
        await world.pass_time(timedelta(hours=7, minutes=50))
        await world.sweeps()
    dana.sees("it will not take place")
    assert await number(world, "people") == 1
    assert await number(world, "invitations") == 0
    with pytest.raises(OutdatedError):
        await world.do(
            team.organizer, lambda turn: registration.decide(turn, person_id, Standing.APPROVED)
        )
    await world.pass_time(HOUR)
    assert await number(world, "people") == 0
    assert dana.screens == []


async def test_nobody_who_was_not_approved_is_known_beyond_the_end_that_was_planned(
    world: World,
) -> None:
    """Called off at the last moment, too."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participant(event, "Dana", standing=Standing.PENDING)
    await reaches(world, event.ends_at - timedelta(minutes=30))
    await world.do(team.organizer, lambda turn: use_cases.cancel(turn, event.id))
    await world.pass_time(timedelta(minutes=20))
    assert await number(world, "people") == 1
    await world.pass_time(timedelta(minutes=11))
    assert await number(world, "people") == 0


async def test_what_is_cut_off_in_the_middle_is_done_whole_afterwards(world: World) -> None:
    """A crash between two rows leaves all of them; the timer is still there."""
    event = await world.has_event()
    for name in ("Aliya", "Bota"):
        await world.has_participant(event, name, standing=Standing.PENDING)

    world.now = event.ends_at + HOUR

    def half(work: Work) -> None:
        traces.end_event(work, EventOver(event.id))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await world.change(half)
    assert await number(world, "people") == 2
    await world.pass_time(timedelta())
    assert await number(world, "people") == 0


@pytest.mark.parametrize(("days", "comes_after"), [(3, timedelta(days=1)), (30, 30 * DAY)])
async def test_a_setting_that_changes_holds_for_what_is_there(
    world: World, days: int, comes_after: timedelta
) -> None:
    """A shorter life comes sooner, with its day of warning; a longer one is waited for."""
    organizer = await world.has_organizer()
    event = await world.has_event()
    await world.has_participant(event, "Aliya")
    await reaches(world, event.ends_at + 5 * DAY)
    world.policy = replace(world.policy, people_kept=timedelta(days=days))
    await world.sweeps()
    expected = world.now + comes_after if days == 3 else event.ends_at + comes_after
    await world.pass_time(expected - world.now - HOUR)
    assert await number(world, "people") == 1
    organizer.sees("forgotten by the rule")
    await world.pass_time(2 * HOUR)
    assert await number(world, "people") == 0


async def test_an_event_that_an_earlier_release_has_made_leaves_no_more_than_others(
    world: World,
) -> None:
    """That release set no timer for vouching and traces: they go all the same, at their times."""
    event = await world.has_event()
    aigul = await world.has_organizer()
    await invited(aigul)
    dana = await world.has_participant(event, "Dana")
    await dana.writes("/here")
    for timer in (EventOver(event.id), TracesOver(event.id)):
        await world.change(partial(_forget_timer, timer))
    await world.sweeps()
    await reaches(world, event.ends_at)
    assert [await number(world, table) for table in ("invitations", "checkins")] == [0, 1]
    await reaches(world, event.ends_at + world.policy.traces_kept)
    await world.sweeps()
    assert await number(world, "checkins") == 0


async def test_an_event_of_an_earlier_release_that_is_long_over_is_caught_up_with(
    world: World,
) -> None:
    """What should have gone before the program was replaced goes within the hour."""
    event = await world.has_event()
    await invited(await world.has_organizer())
    dana = await world.has_participant(event, "Dana")
    await dana.writes("/here")
    for timer in (EventOver(event.id), TracesOver(event.id)):
        await world.change(partial(_forget_timer, timer))
    await reaches(world, event.ends_at + world.policy.traces_kept)
    assert await number(world, "checkins") == 1
    await world.sweeps()
    await world.pass_time(timedelta())
    assert [await number(world, table) for table in ("invitations", "checkins")] == [0, 0]


async def test_a_locked_roster_keeps_no_vouching_alive(world: World) -> None:
    """What ends a life needs no key: it goes at its time, whoever has locked what."""
    event = await world.has_event()
    aigul = await world.has_organizer()
    await registered(world, await invited(aigul))
    world._slots.lock()  # noqa: SLF001 - what `aman lock` does
    await reaches(world, event.ends_at)
    assert await number(world, "invitations") == 0
    assert await number(world, "people") == 0


def _places(someone: Someone, tx: Transaction) -> int:
    return len(routes.of_chat(tx, someone.chat_id))


def _run(run: Callable[[Work, EventOver], None], timer: EventOver, work: Work) -> None:
    run(work, timer)


def _forget_timer(timer: Timer, work: Work) -> None:
    timers.cancel(work.tx, timer.key())


def _ends_detention(work: Work) -> None:
    for one in detentions.unclosed(work.tx):
        released = replace(one, state=DetentionState.RELEASED, heard_at=work.now)
        detentions.put(work.tx, released)


def _forget_traces(work: Work, event: Event) -> None:
    rows.forget_vouching(work.tx, event.id)
    rows.forget(work.tx, event.id)
