"""What was owed and does not arrive ends in an outcome that organizers see."""

from coordination import audience
from coordination.turns import Work
from safety.kinds import Kind
from safety.lives import lasting
from safety.notices import Notice
from safety.people import Role
from safety.undelivered import CARD, GATHERED_FOR, TellUndelivered, Undelivered
from storage import counters, messages, outbox, timers

TOLD = "given-up-told"  # how much of what was given up has been put on a card
SHOWN = "given-up-shown"  # how much of it the newest card says
STUCK = "stuck-told"  # how much that is urgent was stuck when it was last told


def note(work: Work, lost: Notice) -> None:
    """Have the organizers told within a minute of what does not get out, or was given up."""
    if not isinstance(lost, Undelivered):  # or it would tell of itself for ever
        _tell_soon(work)


def tell(work: Work, _timer: TellUndelivered) -> None:
    """Tell the organizers, as soon as there is one, unless it has arrived meanwhile.

    The card takes the place of the one before: while that is owed to somebody or stands on a
    phone, what it says is said again, as part of the number.
    """
    if not _is_news(work) or not audience.writable(work, (Role.ORGANIZER,)):
        return
    given_up = _fresh(work) + (counters.value(work.tx, SHOWN) if _is_shown(work) else 0)
    counters.set_value(work.tx, TOLD, counters.value(work.tx, outbox.GIVEN_UP))
    counters.set_value(work.tx, SHOWN, given_up)
    counters.set_value(work.tx, STUCK, count_stuck(work))
    audience.tell_organizers(work, Undelivered(given_up))


def sweep(work: Work) -> None:
    """Give up what was owed for so long that it helps nobody, and have all that told."""
    outbox.forget_old(work.tx, work.now - lasting(Kind.OWED_NOTICES, work.policy))
    if _is_news(work):
        _tell_soon(work)


def count_stuck(work: Work) -> int:
    """Count what is urgent and does not get out."""
    return outbox.count_stuck(work.tx, work.now)


def _is_news(work: Work) -> bool:
    return count_stuck(work) > _stuck_told(work) or _fresh(work) > 0


def _stuck_told(work: Work) -> int:
    """Give how much of what is stuck was told; what got out meanwhile counts no more."""
    told, stuck = counters.value(work.tx, STUCK), count_stuck(work)
    if stuck < told:
        counters.set_value(work.tx, STUCK, stuck)
    return min(told, stuck)


def _fresh(work: Work) -> int:
    return counters.value(work.tx, outbox.GIVEN_UP) - counters.value(work.tx, TOLD)


def _is_shown(work: Work) -> bool:
    return outbox.is_any_owed(work.tx, Undelivered) or messages.is_anywhere(work.tx, CARD)


def _tell_soon(work: Work) -> None:
    if not timers.is_set(work.tx, TellUndelivered().key()):
        work.set_timer(work.now + GATHERED_FOR, TellUndelivered())
