"""Roll calls: everyone is asked now, the silent ones again, and silence is told as what it is."""

from dataclasses import dataclass

from coordination import alarms, board, checkins
from coordination.actors import find_actor
from coordination.quiet import unheard_chats
from coordination.turns import Turn, Work, use_case
from coordination.whois import find_approved
from safety import rollcalls as rules
from safety.alarms import Way
from safety.checkins import CheckInKind
from safety.errors import NotAllowedError, OutdatedError
from safety.events import Event, EventState
from safety.people import ChatId, EventId, Role, Unprinted
from safety.permissions import Action, is_allowed
from safety.rollcalls import (
    AskAgain,
    AskMore,
    Result,
    RollCall,
    RollCallAnswer,
    RollCallNames,
    RollCallQuestion,
    RollCallRing,
    RollCallState,
    RollCallUpdate,
)
from safety.timers import CHUNK, CHUNK_EVERY
from storage import disclosure, events, messages, rollcalls, routes, team
from storage.checkins import is_expected_home
from storage.transaction import LockedError

_TEAM = (Role.ORGANIZER, Role.STEWARD)


@dataclass(frozen=True, slots=True, repr=False)
class RollCallView(Unprinted):
    """A roll call as the team's card shows it; nameless where the names are locked."""

    rollcall: RollCall
    event: Event
    result: Result
    is_locked: bool


@use_case(Action.CALL_ROLL)
def start(turn: Turn, event_id: EventId) -> None:
    """Ask everybody who is neither home nor taken; one that is open already is shown instead.

    Raises:
        OutdatedError: the event is over, cancelled or unknown.
    """
    event = events.get(turn.tx, event_id)
    if event is None or event.state is not EventState.OPEN:
        raise OutdatedError
    known = rollcalls.open_one(turn.tx, event_id)
    if known is not None:
        turn.tell(RollCallRing(known.id), event_id)
        return
    rollcall = RollCall(
        id=turn.tx.new_id(),
        event_id=event_id,
        number=rollcalls.count(turn.tx, event_id) + 1,
        state=RollCallState.OPEN,
        started_at=turn.now,
        started_by=turn.require_team_id(),
    )
    rollcalls.put(turn.tx, rollcall)
    _ask(turn, rollcall)
    turn.set_timer(turn.now + turn.policy.ask_again_after, AskAgain(rollcall.id), event_id)
    _ring(turn, rollcall)
    board.refresh(turn, event_id)


@use_case(Action.CHECK_IN)
def answer(turn: Turn, rollcall_id: int, said: RollCallAnswer) -> None:
    """Note what somebody answers: *I need help* raises an alarm, *I'm safe* is only their word.

    Raises:
        OutdatedError: there is no such roll call any more.
        NotAllowedError: they take no part in its event.
    """
    rollcall = rollcalls.get(turn.tx, rollcall_id)
    if rollcall is None:
        raise OutdatedError
    person_id = checkins.participation(turn, rollcall.event_id)
    if rollcall.state is RollCallState.OPEN:
        rollcalls.answer(turn.tx, rollcall, person_id, said, at=turn.now, seq=turn.seq)
    if said is RollCallAnswer.HELP:
        alarms.raise_alarm(turn, Way.BUTTON, event_id=rollcall.event_id, asked="roll-call")
        board.refresh(turn, rollcall.event_id)
    else:
        checkins.check_in(turn, CheckInKind.SAFE, rollcall.event_id)
    _show(turn, rollcall)


@use_case(Action.CALL_ROLL)
def close(turn: Turn, rollcall_id: int) -> None:
    """End a roll call; whoever is silent stays silent on the board.

    Raises:
        NotAllowedError: only organizers end one.
        OutdatedError: it is over already.
    """
    if turn.actor.team_role is not Role.ORGANIZER:
        raise NotAllowedError
    rollcall = _open_rollcall(turn, rollcall_id)
    closed = rules.closed(rollcall, turn.now)
    rollcalls.put(turn.tx, closed)
    turn.cancel_timer(AskAgain(rollcall.id))
    turn.cancel_timer(AskMore(rollcall.id, 0))
    _show(turn, closed)
    board.refresh(turn, closed.event_id)


@use_case(Action.SEE_NAMES)
def show_names(turn: Turn, rollcall_id: int, page: int = 0) -> None:
    """Show who is silent and who needs help, for a minute.

    Raises:
        OutdatedError: there is no such roll call any more.
        LockedError: the names are locked.
    """
    rollcall = rollcalls.get(turn.tx, rollcall_id)
    if rollcall is None:
        raise OutdatedError
    if not disclosure.is_readable(turn.tx, rollcall.event_id):
        raise LockedError
    turn.tell(RollCallNames(rollcall.id, page), rollcall.event_id)


def ask_again(work: Work, timer: AskAgain) -> None:
    """Ask the silent ones once more; after the last time tell the team how many they are."""
    rollcall = rollcalls.get(work.tx, timer.rollcall_id)
    if rollcall is None or rollcall.state is RollCallState.CLOSED:
        return
    if not rollcalls.silent(work.tx, rollcall, limit=1):
        return
    if rules.is_over(rollcall):
        _ring(work, rollcall)
        return
    again = rules.asked_again(rollcall)
    rollcalls.put(work.tx, again)
    _ask(work, again)
    work.set_timer(work.now + work.policy.ask_again_after, timer, rollcall.event_id)
    _show(work, again)


def ask_more(work: Work, timer: AskMore) -> None:
    """Ask the next."""
    rollcall = rollcalls.get(work.tx, timer.rollcall_id)
    if rollcall is not None and rollcall.state is RollCallState.OPEN:
        _ask(work, rollcall, timer.after)


# ---------------------------------------------------------------- looking


def view(work: Work, rollcall_id: int) -> RollCallView | None:
    """Give a roll call as it stands."""
    rollcall = rollcalls.get(work.tx, rollcall_id)
    event = None if rollcall is None else events.get(work.tx, rollcall.event_id)
    if rollcall is None or event is None:
        return None
    everybody = find_approved(work, event.id)
    result = rules.result(everybody, rollcalls.answers(work.tx, rollcall.id))
    is_locked = not disclosure.is_readable(work.tx, event.id)
    return RollCallView(rollcall, event, result, is_locked)


def is_asked(work: Work, rollcall_id: int, chat_id: ChatId) -> bool:
    """Say whether whoever reads this chat has still to answer."""
    rollcall = rollcalls.get(work.tx, rollcall_id)
    if rollcall is None or rollcall.state is RollCallState.CLOSED:
        return False
    actor = find_actor(work.tx, work.policy, chat_id, None)
    own = [o.person_id for o in actor.participations if o.event_id == rollcall.event_id]
    return any(
        is_expected_home(work.tx, person_id)
        and not rollcalls.has_answered(work.tx, rollcall.id, person_id)
        for person_id in own
    )


def may(work: Work, chat_id: ChatId, action: Action) -> bool:
    """Say whether whoever reads this chat may do this."""
    return is_allowed(find_actor(work.tx, work.policy, chat_id, None).roles, action)


def own_groups_only(work: Work, event_id: EventId, chat_id: ChatId) -> frozenset[int] | None:
    """Give the groups whose names this reader may see; None: all."""
    actor = find_actor(work.tx, work.policy, chat_id, None)
    if actor.team_role is Role.ORGANIZER:
        return None
    return board.groups_of(work, event_id, actor.team_id)


# ---------------------------------------------------------------- inside


def _ask(work: Work, rollcall: RollCall, after: int = 0) -> None:
    """Ask the next; whoever was held and is not heard since is counted, never asked."""
    found = rollcalls.silent(work.tx, rollcall, after, CHUNK)
    unheard = unheard_chats(work)
    for person_id in found:
        recipient = routes.of_holder(work.tx, person_id)
        if recipient is not None and recipient.chat_id not in unheard:
            work.owe(recipient, RollCallQuestion(rollcall.id), rollcall.event_id)
    if len(found) == CHUNK:
        more = AskMore(rollcall.id, found[-1])
        work.set_timer(work.now + CHUNK_EVERY, more, rollcall.event_id)


def _ring(work: Work, rollcall: RollCall) -> None:
    for _, recipient in team.reachable(work.tx, _TEAM):
        work.owe(recipient, RollCallRing(rollcall.id), rollcall.event_id)


def _show(work: Work, rollcall: RollCall) -> None:
    update = RollCallUpdate(rollcall.id)
    for _, recipient in team.reachable(work.tx, _TEAM):
        if messages.on_card(work.tx, recipient.chat_id, update.card() or "") is not None:
            work.owe(recipient, update, rollcall.event_id)


def _open_rollcall(turn: Turn, rollcall_id: int) -> RollCall:
    rollcall = rollcalls.get(turn.tx, rollcall_id)
    if rollcall is None or rollcall.state is RollCallState.CLOSED:
        raise OutdatedError
    return rollcall
