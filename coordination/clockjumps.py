"""What the clock shows is kept; where it was set back, nobody waits longer for that (ADR-0023).

Each feature that asks how long ago something happened is listed here, as it is for its timers.
"""

from datetime import timedelta

from coordination import alarms, detentions, waking
from coordination.turns import Work
from storage import intake as store
from storage import messages, overdue, timers


def note_clock(work: Work, jumped: timedelta) -> None:
    """Keep that the bot works, and what its clock shows.

    The next start can tell by it whether the clock was set back, and goes on from there where it
    has no line (ADR-0040). `jumped`: by how much it was set since it was kept last.
    """
    if jumped:
        note_jump(work, jumped)
    store.note_seen(work.tx, work.now)


def note_jump(work: Work, by: timedelta) -> None:
    """Keep that the machine's clock jumped; if it did backwards, no pause is longer for that.

    Whatever waits for seconds to pass waits for as many as before. Nothing is moved by a clock
    that was set forward: a machine that slept looks the same, and there the time has passed.
    """
    store.note_jump(work.tx, work.now, by)
    if by < timedelta():
        timers.shift_pauses(work.tx, work.now, by)
        overdue.shift_pauses(work.tx, work.now, by)
        messages.shift_ends(work.tx, work.now, by)
        alarms.set_back(work, by)
        detentions.set_back(work, by)
        waking.set_back(work, by)
