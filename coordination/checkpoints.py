"""Giving the head of the proof log to the lawyer and the deputies, over the second channel.

It tells how many things are recorded, and nothing of them; it works while everything is locked.
"""

from datetime import timedelta

from coordination.secondaddresses import usable
from coordination.turns import Work
from safety.checkpoints import EVERY, KEEPERS, KEEPING, SOON, CheckpointDue, KeepCheckpoint
from safety.people import Recipient, TeamId
from storage import chats, counters, proofs, team, timers

GIVEN = "checkpoint-given"  # the counter that keeps how long the log was when it was given away


def follow(work: Work, *, is_over: bool = False) -> None:
    """Have what this transaction recorded covered within a day; soon where something is over."""
    if is_over or work.tx.effects.proves is not None:
        _set_within(work, SOON if is_over else EVERY)


def give_away(work: Work, _timer: CheckpointDue) -> None:
    """Send the newest head to whoever keeps it, if the log has changed since the last one."""
    size = proofs.size(work.tx)
    keepers = _keepers(work)
    if size == counters.value(work.tx, GIVEN) or not keepers:
        return
    counters.set_value(work.tx, GIVEN, size)
    for team_id, recipient in keepers:
        work.owe(recipient, KeepCheckpoint(team_id))


def newest(work: Work) -> str | None:
    """Give the newest signed head of the log, or None where nothing was ever recorded."""
    return proofs.latest_note(work.tx)


def _set_within(work: Work, wait: timedelta) -> None:
    moment = timers.moment_of(work.tx, CheckpointDue())
    if moment is None or moment > work.now + wait:
        work.set_timer(work.now + wait, CheckpointDue())


def _keepers(work: Work) -> list[tuple[TeamId, Recipient]]:
    return [
        (person.id, recipient)
        for person, recipient in team.reachable(work.tx, KEEPERS)
        if not chats.is_quiet(work.tx, recipient.chat_id)
        and (address := usable(work, person.id)) is not None
        and address.kind in KEEPING
    ]
