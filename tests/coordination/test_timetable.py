"""Each kind of timer says how it stands to its event's time: it moves with it, or it does not.

Whoever adds a timer adds a line here, or the first test fails.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from coordination import events
from coordination.timetable import TIMETABLE
from safety import retention
from safety.checkins import AskHome, AskHowAreYou
from safety.checkpoints import CheckpointDue
from safety.complaints import ComplaintDue
from safety.decisions import REMINDED_BEFORE, AskToDecide
from safety.detentions import RemindOfDetention
from safety.disclosure import PlacesOver, RenewKey, StageDue, TellAgain, TellHolders, TellMore
from safety.escalation import RingAgain
from safety.events import Event, TellNews
from safety.injuries import InjuryDue
from safety.legalhold import LegalHoldStands
from safety.locking import LockDue
from safety.people import EventId
from safety.policy import Policy
from safety.proposals import ProposalOver
from safety.reportlinks import ReporterGone
from safety.reports import ReportCloses
from safety.retention import EventOver, RetentionDue, RetentionWarning, TracesOver
from safety.rollcalls import AskAgain, AskMore
from safety.secondchannel import (
    LineStaysDown,
    LineStaysShared,
    WakeForDetention,
    WakeOtherwise,
)
from safety.timers import AfterPause, AtMoment, Timer
from safety.undelivered import TellUndelivered
from safety.unreachable import TellUnreachable
from safety.waking import WakeAgain
from storage import disclosure, timers
from storage.transaction import Transaction
from tests.handlers.test_disclosure import AREA, has_plan
from tests.harness import Team, World

HOUR = timedelta(hours=1)
MANY = 1_000  # timers

Moment = Callable[[Event, Policy], datetime]

MOVES: Mapping[type[Timer], Moment] = {
    StageDue: lambda event, policy: event.starts_at - policy.area_before,
    AskToDecide: lambda event, policy: event.starts_at - policy.area_before - REMINDED_BEFORE,
    AskHome: lambda event, policy: event.ends_at + policy.home_question_after,
    AskHowAreYou: lambda event, policy: event.ends_at + policy.aftercare_after,
    EventOver: lambda event, _: event.ends_at,
    TracesOver: lambda event, policy: event.ends_at + policy.traces_kept,
    RetentionWarning: lambda event, policy: (
        event.ends_at + policy.people_kept - retention.WARNED_BEFORE
    ),
    RetentionDue: lambda event, policy: event.ends_at + policy.people_kept,
}

STAYS: Mapping[type[Timer], str] = {
    ProposalOver: "what waits for a second person counts from the moment it was proposed",
    RingAgain: "who calls for help calls now",
    LockDue: "a minute to object, from the moment it was asked for",
    RemindOfDetention: "counts from the moment somebody was taken",
    InjuryDue: "counts from the moment somebody said that they are hurt",
    ComplaintDue: "counts from the day somebody complained, whatever becomes of the event",
    ReportCloses: "counts from the last thing that was said",
    ReporterGone: "counts from the last thing that was said",
    LegalHoldStands: "every fourteen days since it was placed",
    TellMore: "the next, at once",
    TellNews: "the next, at once",
    TellHolders: "the next, at once",
    TellAgain: "counts from somebody's return",
    PlacesOver: "counts from the moment a message was sent: it must go in time",
    RenewKey: "counts from the moment a message was sent: it must go in time",
    AskAgain: "counts from the question",
    WakeAgain: "a test of the team, whatever is planned",
    WakeForDetention: "counts from a ring that did not arrive, or that nobody answered",
    WakeOtherwise: "counts from a ring that did not arrive, or that nobody answered",
    CheckpointDue: "within a day of whatever was recorded",
    LineStaysDown: "every few minutes while the line is silent",
    LineStaysShared: "every few minutes while somebody else has the line, too",
    TellUndelivered: "within a minute of the first that does not get out",
    TellUnreachable: "within a minute of the first who takes nothing",
    AskMore: "the next, at once",
}


def test_every_timer_says_whether_it_moves_with_its_event() -> None:
    """One or the other, and nothing that no longer exists."""
    assert MOVES.keys() | STAYS.keys() == TIMETABLE.keys()
    assert MOVES.keys().isdisjoint(STAYS)
    assert all(STAYS.values())


AT_MOMENTS: Mapping[type[Timer], str] = {
    StageDue: "people go by the clock to a place",
    AskToDecide: "so long before the first stage",
    ProposalOver: "its card says until when",
    InjuryDue: "so many hours after what the record says",
    ComplaintDue: "in the morning of a day",
    ReportCloses: "its row says until when",
    EventOver: "the end that people were told",
    TracesOver: "so long after that end",
    RetentionWarning: "a day before the people's time is over",
    RetentionDue: "people were told for how long they are known",
}

AT_MOMENTS_FIRST: Mapping[type[Timer], tuple[Timer, ...]] = {
    AskHome: (AskHome(EventId(1), 1, 20), AskHome(EventId(1), 2)),
    AskHowAreYou: (AskHowAreYou(EventId(1), 20),),
}
"""What goes on as a pause once the event's moment has come."""


def test_every_timer_says_whether_it_waits_for_the_clock_or_for_seconds_to_pass() -> None:
    """A clock that is set back makes nobody wait who waits for seconds; any new kind decides."""
    assert all(kind.is_pause is not Timer.is_pause for kind in TIMETABLE)
    at_moments = {kind for kind in TIMETABLE if issubclass(kind, AtMoment)}
    pauses = {kind for kind in TIMETABLE if issubclass(kind, AfterPause)}
    assert at_moments == AT_MOMENTS.keys()
    assert AT_MOMENTS_FIRST.keys() == TIMETABLE.keys() - at_moments - pauses
    assert not AskHome(EventId(1)).is_pause()
    assert not AskHowAreYou(EventId(1)).is_pause()
    for later in AT_MOMENTS_FIRST.values():
        assert all(timer.is_pause() for timer in later)


async def _moves(world: World, team: Team, event: Event, by: timedelta) -> Event:
    moved = replace(event, starts_at=event.starts_at + by, ends_at=event.ends_at + by)
    await world.do(
        team.organizer, lambda turn: events.move(turn, event.id, moved.starts_at, moved.ends_at)
    )
    return moved


def _moment(tx: Transaction, kind: type[Timer], event: Event) -> datetime | None:
    """Find the first timer of this kind that the event has."""
    every = timers.due(tx, event.ends_at + timedelta(days=900), MANY)
    found = [one.due_at for one in every if one.event_id == event.id and type(one.timer) is kind]
    return min(found, default=None)


@pytest.mark.parametrize("by", [timedelta(days=3), -20 * HOUR, timedelta(minutes=1)])
@pytest.mark.parametrize("kind", MOVES, ids=lambda kind: kind.__name__)
async def test_a_timer_that_depends_on_an_event_moves_with_it(
    world: World, kind: type[Timer], by: timedelta
) -> None:
    """Later or earlier: nothing stays at the old time, nothing is missing at the new one."""
    team, event = await has_plan(world)
    before = await world.look(lambda tx: _moment(tx, kind, event))
    assert before == MOVES[kind](event, world.policy)
    moved = await _moves(world, team, event, by)
    after = await world.look(lambda tx: _moment(tx, kind, moved))
    assert after == MOVES[kind](moved, world.policy)


async def test_a_place_is_told_at_the_new_time_and_not_at_the_old(world: World) -> None:
    """The stage is what a person must not learn early, and must not miss."""
    team, event = await has_plan(world)
    (dana,) = await world.has_participants(event, "Dana P")
    moved = await _moves(world, team, event, timedelta(days=3))
    await world.pass_time(event.starts_at - world.now)
    dana.sees_nothing_of("There is something new.")
    await world.pass_time(moved.starts_at - world.policy.area_before - world.now)
    dana.sees("There is something new.")


async def test_a_move_that_brings_a_stage_into_the_past_tells_it_at_once(world: World) -> None:
    """Late work is run by the rule, never skipped."""
    team, event = await has_plan(world)
    (dana,) = await world.has_participants(event, "Dana P")
    await _moves(world, team, event, -(event.starts_at - world.now) + 5 * HOUR)
    await dana.presses("Show")
    dana.sees(AREA)


@pytest.mark.parametrize("by", [timedelta(days=3), -20 * HOUR])
async def test_a_move_while_locked_counts_when_it_is_opened(world: World, by: timedelta) -> None:
    """What stands at the old time tells nothing; opening sets the new ones."""
    team, event = await has_plan(world)
    (dana,) = await world.has_participants(event, "Dana P")
    await world.locks()
    moved = await _moves(world, team, event, by)
    due = moved.starts_at - world.policy.area_before
    await world.pass_time(min(event.starts_at - 24 * HOUR, due) + HOUR - world.now)
    dana.sees_nothing_of("There is something new.")
    await world.opens_again()
    venue = await world.look(lambda tx: disclosure.confirmed(tx, event.id))
    assert venue is not None
    if due > world.now:
        dana.sees_nothing_of("There is something new.")
        assert await world.look(lambda tx: _moment(tx, StageDue, moved)) == due
    else:
        dana.sees("There is something new.")


async def test_a_timer_that_is_late_by_days_runs_by_the_rule_of_now(world: World) -> None:
    """The machine was off over the whole evening: who is not home is asked, and told no place."""
    _, event = await has_plan(world)
    (dana,) = await world.has_participants(event, "Dana P")
    world.now = event.ends_at + world.policy.home_question_after + HOUR
    await world.pass_time(timedelta(0))
    (asked,) = dana.screens
    assert "home" in asked.text
    after = await world.look(lambda tx: _moment(tx, AskHowAreYou, event))
    assert after == MOVES[AskHowAreYou](event, world.policy)
