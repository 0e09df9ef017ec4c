"""Which use case each kind of timer runs; the sweep asks here and nowhere else."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeVar, cast

from coordination import (
    alarms,
    checkins,
    checkpoints,
    complaints,
    confirmations,
    decisions,
    detentions,
    events,
    injuries,
    legalhold,
    locking,
    reportlinks,
    reports,
    retention,
    rollcalls,
    secondchannel,
    telling,
    traces,
    undelivered,
    unreachable,
    waking,
)
from coordination.incidents import record_facts
from coordination.turns import Work
from safety.checkins import AskHome, AskHowAreYou
from safety.checkpoints import CheckpointDue
from safety.complaints import ComplaintDue
from safety.decisions import AskToDecide
from safety.detentions import RemindOfDetention
from safety.disclosure import (
    PlacesOver,
    RenewKey,
    StageDue,
    TellAgain,
    TellHolders,
    TellMore,
)
from safety.escalation import RingAgain
from safety.events import TellNews
from safety.injuries import InjuryDue
from safety.legalhold import LegalHoldStands
from safety.locking import LockDue
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
from safety.timers import Timer
from safety.undelivered import TellUndelivered
from safety.unreachable import TellUnreachable
from safety.waking import WakeAgain
from storage.timers import Due
from storage.transaction import LockedError

LOOK_AGAIN = timedelta(minutes=1)  # at what is due and locked

Run = Callable[[Work, Timer], None]

_T = TypeVar("_T", bound=Timer)


def _runs(kind: type[_T], run: Callable[[Work, _T], None]) -> tuple[type[Timer], Run]:
    """Write one line of the table; `run` gets exactly this kind of timer."""
    return kind, cast("Run", run)


TIMETABLE: Mapping[type[Timer], Run] = dict(
    (
        # confirmations
        _runs(ProposalOver, confirmations.expire),
        # alarms
        _runs(RingAgain, alarms.ring_again),
        # waking
        _runs(WakeAgain, waking.ring),
        # second channel
        _runs(WakeOtherwise, secondchannel.wake),
        _runs(WakeForDetention, secondchannel.wake_for_detention),
        _runs(LineStaysDown, secondchannel.tell_of_silence),
        _runs(LineStaysShared, secondchannel.tell_of_sharing),
        # checkpoints
        _runs(CheckpointDue, checkpoints.give_away),
        # locking
        _runs(LockDue, locking.lock_unless_stopped),
        # detentions
        _runs(RemindOfDetention, detentions.remind),
        # injuries
        _runs(InjuryDue, injuries.remind),
        # complaints
        _runs(ComplaintDue, complaints.remind),
        # reports
        _runs(ReportCloses, reports.close),
        _runs(ReporterGone, reportlinks.forget_chat),
        # retention
        _runs(RetentionWarning, retention.warn),
        _runs(RetentionDue, retention.forget_by_rule),
        _runs(EventOver, traces.end_event),
        _runs(TracesOver, traces.forget_traces),
        _runs(LegalHoldStands, legalhold.remind),
        # events
        _runs(TellNews, events.tell_news),
        # disclosure
        _runs(StageDue, telling.run_stage),
        _runs(TellMore, telling.tell_more),
        _runs(TellHolders, telling.tell_holders),
        _runs(TellAgain, telling.tell_again),
        _runs(PlacesOver, telling.take_places),
        _runs(RenewKey, telling.renew_key),
        # decisions
        _runs(AskToDecide, decisions.remind),
        # checkins
        _runs(AskHome, checkins.ask_home),
        _runs(AskHowAreYou, checkins.ask_how_are_you),
        # unreachable
        _runs(TellUnreachable, unreachable.tell),
        # undelivered
        _runs(TellUndelivered, undelivered.tell),
        # rollcalls
        _runs(AskAgain, rollcalls.ask_again),
        _runs(AskMore, rollcalls.ask_more),
    )
)


def run_timer(work: Work, due: Due) -> None:
    """Run what has fallen due, late or not; the use case's own rule says what being late means.

    What needs a locked key waits: it is set again, and nothing of it has happened.
    """
    try:
        work.tx.nested(lambda: TIMETABLE[type(due.timer)](work, due.timer))
    except LockedError:
        work.facts.clear()
        work.set_timer(work.now + LOOK_AGAIN, due.timer, due.event_id)
    record_facts(work)
