"""How much waits and since when, in lines for a terminal: counts and ages, nobody's data.

The running bot gives them to whoever asks its supervisor, and says which are not in order
(`safety/figures.py`); where none runs, `aman status` reads the rows itself. Nothing here needs
what is locked.
"""

from datetime import datetime, timedelta
from pathlib import Path

from bot.checkedclock import TRUSTED, CheckedClock
from bot.hardening import PROC, is_memory_locked
from bot.hearing import Hearing
from bot.heartbeat import Heartbeat
from coordination import wakeviews
from coordination.turns import Work
from safety import figures as rules
from safety.figures import Figure
from safety.heartbeat import goes_out
from safety.intake import Outage
from safety.notices import Lane
from storage import (
    backups,
    intake,
    lease,
    overdue,
    queues,
    secondaddresses,
    secondchannel,
    timers,
)
from storage.queues import Queue
from storage.transaction import Transaction

NOT_KNOWN = "not known yet"
LAST_POLL = "last poll"
MEMORY, LOCKED = "memory", "locked"
MINUTE = timedelta(minutes=1)


def of_rows(work: Work, hearing: Hearing | None = None) -> list[Figure]:
    """Give what the rows know; `hearing` is what a running bot knows better."""
    tx, now = work.tx, work.now
    outage, seen, backed_up = intake.outage(tx), intake.foreign_at(tx), backups.last_made(tx)
    foreign = "not seen" if seen is None else f"last seen {ago(seen, now)}"
    return [
        _last_poll(tx, now, hearing),
        Figure("trouble", _trouble(outage, now), rules.is_untroubled(outage)),
        Figure("clock", _jump(tx, now)),
        Figure("somebody else with the token", foreign, rules.is_alone(seen, now)),
        Figure("last backup", ago(backed_up, now) if backed_up else "never"),
        *(_queue(tx, one, now) for one in queues.lengths(tx, now)),
        Figure("next timer", _next_timer(tx, now)),
        Figure("wake tests", _woken(work)),
        Figure("second addresses", str(secondaddresses.count(tx))),
        _ways(work),
        Figure("lease", _lease(tx, now)),
    ]


def of_clock(clock: CheckedClock) -> Figure:
    """Say how far the machine's clock is from the service's, and which one is followed."""
    name, ahead = "service's clock", clock.ahead()
    if ahead is None or abs(ahead) <= TRUSTED:
        return Figure(name, "agrees" if ahead is not None and clock.is_checked else NOT_KNOWN)
    followed = "followed" if clock.is_checked else "not heard, the bot goes on from its last sign"
    words = f"{followed}, the machine's is {ahead / MINUTE:+.0f} minutes away"
    return Figure(name, words, is_in_order=False)


def of_fence(*, is_shut: bool) -> Figure:
    """Say whether this copy is the one that works."""
    return Figure("fence", "shut, another copy works" if is_shut else "open", not is_shut)


def of_audit(looked_at: datetime | None, behind: int, now: datetime) -> Figure:
    """Say when the auditor looked last, and how much had fallen behind."""
    words = NOT_KNOWN if looked_at is None else f"{ago(looked_at, now)}, {behind} behind"
    return Figure("last audit", words, rules.is_audited(looked_at, behind, now))


def of_heartbeat(heart: Heartbeat, now: datetime) -> Figure:
    """Say when a sign of life was last sent, and whether its service takes it."""
    if heart.pulse is None:
        return Figure("heartbeat", "none")
    if heart.failing_since is not None:
        words = f"not taken, began {ago(heart.failing_since, now)}"
        return Figure("heartbeat", words, is_in_order=False)
    return Figure("heartbeat", f"sent {ago(heart.sent_at, now)}" if heart.sent_at else NOT_KNOWN)


def of_memory(proc: Path = PROC) -> Figure:
    """Say whether this process's memory is kept off the disk; what is swapped only others see."""
    return Figure(MEMORY, LOCKED if is_memory_locked(proc) else "not locked")


def of_copies(count: int | None) -> Figure:
    """Say how many files are still to be copied elsewhere."""
    return Figure("files to copy elsewhere", NOT_KNOWN if count is None else str(count))


def ago(moment: datetime, now: datetime) -> str:
    """Say how long ago something was."""
    return f"{_whole(now - moment)} ago"


def _whole(span: timedelta) -> timedelta:
    return timedelta(seconds=int(max(span, timedelta()).total_seconds()))


def _last_poll(tx: Transaction, now: datetime, hearing: Hearing | None) -> Figure:
    heard_at = (hearing.heard_at if hearing else None) or intake.heard_at(tx)
    words = ago(heard_at, now) if heard_at else "never"
    return Figure(LAST_POLL, words, hearing is None or rules.hears(hearing.silent_for))


def _queue(tx: Transaction, one: Queue, now: datetime) -> Figure:
    match one.name:
        case "updates waiting" | "timers late":
            is_in_order = rules.keeps_up(one.oldest, now)
        case "notices owed":
            is_in_order = goes_out(overdue.oldest(tx, Lane.ALARM), now)
        case _:
            is_in_order = True
    since = f", the oldest {ago(one.oldest, now)}" if one.oldest else ""
    return Figure(one.name, f"{one.count}{since}", is_in_order)


def _ways(work: Work) -> Figure:
    """Say which other ways to wake people have taken nothing since when; no addresses."""
    kinds = work.policy.second_kinds
    since = {kind: secondchannel.failing_since(work.tx, kind) for kind in kinds}
    failing = [
        f"{kind.value}, began {ago(moment, work.now)}" for kind, moment in since.items() if moment
    ]
    return Figure("second channel trouble", "; ".join(failing) or "none", not failing)


def _next_timer(tx: Transaction, now: datetime) -> str:
    due_at = timers.next_due(tx, now)
    return "none" if due_at is None else f"in {_whole(due_at - now)}"


def _woken(work: Work) -> str:
    woke = wakeviews.result(work)
    return f"{len(woke.awake)} of {woke.of} woke" if woke.of else "nobody to wake"


def _lease(tx: Transaction, now: datetime) -> str:
    renewed_at = lease.renewed_at(tx)
    renewed = "" if renewed_at is None else f", renewed {ago(renewed_at, now)}"
    return f"number {lease.number(tx)}{renewed}"


def _trouble(outage: Outage | None, now: datetime) -> str:
    if outage is None:
        return "none"
    began = f"{outage.trouble.word}, began {ago(outage.since, now)}"
    return began if outage.until is None else f"none; {began}, ended {ago(outage.until, now)}"


def _jump(tx: Transaction, now: datetime) -> str:
    jump = intake.last_jump(tx)
    if jump is None:
        return "steady"
    at, by = jump
    return f"jumped by {by.total_seconds():+.0f} s, {ago(at, now)}"
