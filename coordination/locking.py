"""Locking, objecting to it, and what follows when the keys come back.

Whatever has to go on asks for nothing that is locked; the rest runs into `LockedError`, which is
refused in one sentence, or waits (ADR-0012).
"""

import contextlib
from enum import StrEnum
from functools import partial

from coordination import audience, incidents, telling
from coordination.turns import Turn, Work, use_case
from safety.errors import RefusalError
from safety.locking import (
    LOCK_TIMER,
    OBJECTION,
    TOLD,
    LockAsked,
    LockDue,
    LockedNews,
    LockScreen,
    LockStopped,
    OpenedNews,
)
from safety.notices import Notice
from safety.people import Role
from safety.permissions import Action
from safety.team import TeamState
from storage import alarms, counters, disclosure, events, groups, people, team, timers
from storage.sealed import UNREADABLE
from storage.team import TEAM

_LOCKED = "locked"  # the counter that says what the team was told last: 1, locked


class LockState(StrEnum):
    """How it stands."""

    OPEN = "open"
    WAITS = "waits"  # for an objection
    LOCKED = "locked"
    EMPTY = "empty"  # there is nothing to lock


# ---------------------------------------------------------------- use cases


@use_case(Action.LOCK)
def show(turn: Turn) -> None:
    """Show what locking does."""
    turn.reply(LockScreen())


@use_case(Action.LOCK)
def lock(turn: Turn) -> LockState:
    """Lock, as soon as this is committed; during an alarm, after a minute without an objection.

    Whoever is the only organizer waits for nobody.

    Raises:
        RefusalError: it is locked, or about to be, or there is nothing to lock.
    """
    now = state(turn)
    if now is not LockState.OPEN:
        raise RefusalError(f"lock-is-{now.value}")
    if alarms.unresolved(turn.tx) and _others(turn):
        due_at = turn.now + OBJECTION
        turn.set_timer(due_at, LockDue(turn.require_team_id()))
        audience.tell_organizers(turn, LockAsked(turn.now, due_at))
        return LockState.WAITS
    _lock(turn)
    return LockState.LOCKED


@use_case(Action.LOCK)
def object_(turn: Turn) -> None:
    """Stop a lock that waits; whoever asked for it may do so as well.

    Raises:
        RefusalError: it is too late, or somebody else has done it.
    """
    if not timers.is_set(turn.tx, LOCK_TIMER):
        raise RefusalError("lock-too-late")
    timers.cancel(turn.tx, LOCK_TIMER)
    audience.tell_organizers(turn, LockStopped(turn.now, was_objected=True))


def lock_unless_stopped(work: Work, timer: LockDue) -> None:
    """The minute is over: lock, unless whoever asked is no organizer any more."""
    asked_by = TEAM.get(work.tx, timer.asked_by)
    is_active = asked_by is not None and asked_by.state is TeamState.ACTIVE
    if asked_by is None or not is_active or asked_by.role is not Role.ORGANIZER:
        audience.tell_organizers(work, LockStopped(work.now, was_objected=False))
    elif work.tx.can_lock():
        _lock(work)


def follow_keys(work: Work, *, were_away: bool = False) -> None:
    """Tell that keys were dropped or came back, by whatever hand; do what has waited.

    `were_away`: they have left and come back so quickly that nobody was told. What cannot be read,
    since it was altered, keeps nothing else back.
    """
    was_locked = were_away or bool(counters.value(work.tx, _LOCKED))
    if work.tx.is_locked:
        if not counters.value(work.tx, _LOCKED):
            _tell_locked(work)
        return
    people.complete(work.tx)
    disclosure.complete(work.tx)
    groups.complete(work.tx)
    incidents.note_owed_identities(work)
    if was_locked:
        counters.set_value(work.tx, _LOCKED, 0)
        _tell(work, OpenedNews(work.now))
        for event in events.open_events(work.tx):
            with contextlib.suppress(*UNREADABLE):
                work.tx.nested(partial(telling.schedule_stages, work, event))


# ---------------------------------------------------------------- looking


def state(work: Work) -> LockState:
    """Say how it stands now."""
    if timers.is_set(work.tx, LOCK_TIMER):
        return LockState.WAITS
    if work.tx.can_lock():
        return LockState.OPEN
    return LockState.LOCKED if work.tx.is_locked else LockState.EMPTY


# ---------------------------------------------------------------- inside


def _lock(work: Work) -> None:
    work.tx.effects.locks = True
    _tell_locked(work)


def _tell_locked(work: Work) -> None:
    counters.set_value(work.tx, _LOCKED, 1)
    timers.cancel(work.tx, LOCK_TIMER)
    _tell(work, LockedNews(work.now))


def _tell(work: Work, notice: Notice) -> None:
    for _, recipient in team.reachable(work.tx, TOLD):
        work.owe(recipient, notice)


def _others(turn: Turn) -> bool:
    organizers = team.reachable(turn.tx, (Role.ORGANIZER,))
    return any(person.id != turn.actor.team_id for person, _ in organizers)
