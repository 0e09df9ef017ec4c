"""What was owed and does not arrive ends in an outcome that organizers see."""

from coordination import audience
from coordination.turns import Work
from safety.kinds import Kind
from safety.lives import lasting
from safety.notices import Notice
from safety.people import Role
from safety.undelivered import GATHERED_FOR, TellUndelivered, Undelivered
from storage import counters, outbox, team, timers

TOLD = "given-up-told"  # how much of what was given up organizers know of


def note(work: Work, lost: Notice) -> None:
    """Have the organizers told within a minute of what does not get out, or was given up."""
    if not isinstance(lost, Undelivered):  # or it would tell of itself for ever
        _tell_soon(work)


def tell(work: Work, _timer: TellUndelivered) -> None:
    """Tell the organizers, as soon as there is one, unless it has arrived meanwhile."""
    fresh = _fresh(work)
    if (fresh or count_stuck(work)) and team.reachable(work.tx, (Role.ORGANIZER,)):
        counters.set_value(work.tx, TOLD, counters.value(work.tx, outbox.GIVEN_UP))
        audience.tell_organizers(work, Undelivered(fresh))


def sweep(work: Work) -> None:
    """Give up what was owed for so long that it helps nobody, and have all that told."""
    outbox.forget_old(work.tx, work.now - lasting(Kind.OWED_NOTICES, work.policy))
    if _fresh(work):
        _tell_soon(work)


def count_stuck(work: Work) -> int:
    """Count what is urgent and does not get out."""
    return outbox.count_stuck(work.tx)


def _fresh(work: Work) -> int:
    return counters.value(work.tx, outbox.GIVEN_UP) - counters.value(work.tx, TOLD)


def _tell_soon(work: Work) -> None:
    if not timers.is_set(work.tx, TellUndelivered().key()):
        work.set_timer(work.now + GATHERED_FOR, TellUndelivered())
