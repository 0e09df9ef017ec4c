"""How much waits and since when, in lines for a terminal: counts and ages, nobody's data.

The running bot gives them to whoever asks its supervisor; where none runs, `aman status` reads the
rows itself. Nothing here needs what is locked.
"""

from datetime import datetime, timedelta

from coordination import wakeviews
from coordination.turns import Work
from safety.intake import Outage
from storage import backups, intake, lease, queues, secondaddresses, timers
from storage.transaction import Transaction

NOT_KNOWN = "not known yet"


def of_rows(work: Work, heard_at: datetime | None = None) -> list[str]:
    """Give what the rows know; `heard_at` is when the service was heard, if that is newer."""
    tx, now = work.tx, work.now
    heard_at, backed_up = heard_at or intake.heard_at(tx), backups.last_made(tx)
    return [
        f"last poll: {ago(heard_at, now) if heard_at else 'never'}",
        f"trouble: {_trouble(intake.outage(tx), now)}",
        f"clock: {_jump(tx, now)}",
        f"somebody else with the token: {_foreign(tx, now)}",
        f"last backup: {ago(backed_up, now) if backed_up else 'never'}",
        *_queues(tx, now),
        f"next timer: {_next_timer(tx, now)}",
        f"wake tests: {_woken(work)}",
        f"second addresses: {secondaddresses.count(tx)}",
        f"lease: {_lease(tx, now)}",
    ]


def of_audit(looked_at: datetime | None, behind: int, now: datetime) -> str:
    """Say when the auditor looked last, and how much had fallen behind."""
    if looked_at is None:
        return f"last audit: {NOT_KNOWN}"
    return f"last audit: {ago(looked_at, now)}, {behind} behind"


def of_copies(count: int | None) -> str:
    """Say how many files are still to be copied elsewhere."""
    return f"files to copy elsewhere: {NOT_KNOWN if count is None else count}"


def ago(moment: datetime, now: datetime) -> str:
    """Say how long ago something was."""
    return f"{_whole(now - moment)} ago"


def _whole(span: timedelta) -> timedelta:
    return timedelta(seconds=int(max(span, timedelta()).total_seconds()))


def _queues(tx: Transaction, now: datetime) -> list[str]:
    return [
        f"{one.name}: {one.count}" + (f", the oldest {ago(one.oldest, now)}" if one.oldest else "")
        for one in queues.lengths(tx, now)
    ]


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


def _foreign(tx: Transaction, now: datetime) -> str:
    seen = intake.foreign_at(tx)
    return "not seen" if seen is None else f"last seen {ago(seen, now)}"


def _jump(tx: Transaction, now: datetime) -> str:
    jump = intake.last_jump(tx)
    if jump is None:
        return "steady"
    at, by = jump
    return f"jumped by {by.total_seconds():+.0f} s, {ago(at, now)}"
