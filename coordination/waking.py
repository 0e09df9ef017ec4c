"""Wake tests: one organizer begins them, timers ring, a press ends them, and so does an alarm.

They live under the community's key, so that they go on while names are locked.
"""

from datetime import timedelta

from coordination import board
from coordination.audience import rung_by_alarms
from coordination.turns import Turn, Work, use_case
from safety import waking as rules
from safety.errors import OutdatedError, RefusalError
from safety.people import TeamId
from safety.permissions import Action
from safety.waking import (
    WAKE_SCREEN,
    WakeAgain,
    WakeNames,
    WakeOver,
    WakeRing,
    WakeState,
    WakeUpdate,
    WakeWhen,
    Waking,
    Woken,
)
from storage import alarms, events, messages, team, wakings


@use_case(Action.TEST_WAKING)
def begin(turn: Turn, when: WakeWhen) -> None:
    """Test everybody whom an alarm rings, at once (but for whoever asks), or each unannounced.

    Raises:
        RefusalError: an alarm is open, or nobody is left who may be tested by now.
    """
    if alarms.unresolved(turn.tx):
        raise RefusalError("wake-alarm-open")
    latest, asks = wakings.latest(turn.tx), turn.actor.team_id
    ids = [
        person.id
        for person, _ in rung_by_alarms(turn)
        if rules.may_begin(latest.get(person.id), turn.now)
        and not (when is WakeWhen.AT_ONCE and person.id == asks)
    ]
    if not ids:
        raise RefusalError("wake-nobody")
    for team_id in ids:
        begins_at = rules.begins(when, turn.now, turn.tx.new_id())
        _keep(turn, Waking(team_id, WakeState.WAITS, begins_at))
    _follow(turn)


@use_case(Action.TEST_WAKING)
def call_off(turn: Turn) -> None:
    """End all tests that wait or ring.

    Raises:
        OutdatedError: there is none.
    """
    if not _stop_all(turn):
        raise OutdatedError


@use_case(Action.TEST_WAKING)
def show_names(turn: Turn) -> None:
    """Show for a minute who did not wake."""
    turn.tell(WakeNames())


@use_case(Action.ANSWER_ALARM)
def say_awake(turn: Turn) -> Woken:
    """Note *I'm awake*; it counts while it rings.

    Raises:
        OutdatedError: the actor is not being tested.
    """
    team_id = turn.actor.team_id
    said = None if team_id is None else rules.wake(wakings.get(turn.tx, team_id), turn.now)
    if said is None:
        raise OutdatedError
    waking, woken = said
    if woken is Woken.NOTED:
        _keep(turn, waking)
        turn.reply(WakeOver(waking.id))
        _follow(turn)
    return woken


def ring(work: Work, timer: WakeAgain) -> None:
    """Ring somebody for their test, or say that it is over; never beside a real alarm."""
    waking = wakings.get(work.tx, timer.team_id)
    due = None if waking is None else rules.next_ring(waking, work.policy.ring_every)
    if waking is None or due is None:
        return
    if due > work.now:
        _keep(work, waking)
        return
    ways = {person.id: recipient for person, recipient in rung_by_alarms(work)}
    if waking.id not in ways or alarms.unresolved(work.tx):
        _keep(work, rules.stop(waking, work.now))
        return
    rung = rules.ring(waking, work.now)
    _keep(work, rung)
    work.owe(ways[rung.id], WakeRing(rung.id) if rung.is_open else WakeOver(rung.id))
    if not rung.is_open:
        _follow(work)


def make_way(work: Work) -> None:
    """End all tests: a real alarm rings now, and nobody shall take it for one of them."""
    _stop_all(work)


def set_back(work: Work, by: timedelta) -> None:
    """Let all tests go on as if the clock had not been set back."""
    for waking in wakings.latest(work.tx).values():
        if waking.is_open:
            wakings.put(work.tx, rules.set_back(waking, by))


def forget(work: Work, team_id: TeamId) -> None:
    """Forget somebody's test: they have left."""
    wakings.remove(work.tx, team_id)
    work.cancel_timer(WakeAgain(team_id))


def _stop_all(work: Work) -> int:
    still_open = [one for one in wakings.latest(work.tx).values() if one.is_open]
    for waking in still_open:
        _keep(work, rules.stop(waking, work.now))
        recipient = team.recipient_of(work.tx, waking.id)
        if waking.state is WakeState.RINGS and recipient is not None:
            work.owe(recipient, WakeOver(waking.id))
    if still_open:
        _follow(work)
    return len(still_open)


def _keep(work: Work, waking: Waking) -> None:
    wakings.put(work.tx, waking)
    due = rules.next_ring(waking, work.policy.ring_every)
    if due is None:
        work.cancel_timer(WakeAgain(waking.id))
    else:
        work.set_timer(due, WakeAgain(waking.id))


def _follow(work: Work) -> None:
    """Let boards, and the screens where tests are begun, show how it stands."""
    for recipient in messages.chats_with(work.tx, WAKE_SCREEN):
        work.owe(recipient, WakeUpdate())
    for event in events.open_events(work.tx):
        board.refresh(work, event.id)
