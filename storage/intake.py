"""What is remembered of how intake goes, for whoever looks: moments and numbers, nobody's data."""

from datetime import datetime, timedelta

from safety.intake import Outage, Trouble
from storage import counters
from storage.moments import from_row, to_row
from storage.transaction import Transaction

HEARD = "last-poll"  # when the service was last heard, in milliseconds
TROUBLE, SINCE, UNTIL = "intake-trouble", "intake-since", "intake-until"
TOLD = "intake-told"  # which trouble organizers were told of last
SEEN = "clock-seen"  # what the clock showed when the bot last worked, in milliseconds
FOREIGN = "foreign-seen"  # when somebody else was last seen with our token
MARK = "token-mark"  # of the token that the bot works with
JUMPED, JUMP = "clock-jumped", "clock-jump"  # when the clock jumped, and by how many milliseconds


def note_heard(tx: Transaction, now: datetime) -> None:
    """Remember that the service was heard."""
    counters.set_value(tx, HEARD, to_row(now))


def heard_at(tx: Transaction) -> datetime | None:
    """Give when the service was last heard; None if never."""
    return _moment(tx, HEARD)


def outage(tx: Transaction) -> Outage | None:
    """Give the last time in which updates did not reach us, also where it is over."""
    trouble, since = _trouble(tx, TROUBLE), _moment(tx, SINCE)
    if trouble is None or since is None:
        return None
    return Outage(trouble, since, _moment(tx, UNTIL))


def put_outage(tx: Transaction, found: Outage) -> None:
    """Remember an outage in place of the last one."""
    counters.set_value(tx, TROUBLE, found.trouble)
    counters.set_value(tx, SINCE, to_row(found.since))
    counters.set_value(tx, UNTIL, 0 if found.until is None else to_row(found.until))


def told(tx: Transaction) -> Trouble | None:
    """Give the trouble that organizers were told of last; None if they never were."""
    return _trouble(tx, TOLD)


def set_told(tx: Transaction, trouble: Trouble) -> None:
    """Remember what they were told of."""
    counters.set_value(tx, TOLD, trouble)


def forget_told(tx: Transaction) -> None:
    """What they were told is over: the next time is told again."""
    counters.set_value(tx, TOLD, 0)


def note_seen(tx: Transaction, now: datetime) -> None:
    """Remember that the bot works, and what its clock shows."""
    counters.set_value(tx, SEEN, to_row(now))


def seen_at(tx: Transaction) -> datetime | None:
    """Give what the bot's clock was last seen to show; None if never."""
    return _moment(tx, SEEN)


def note_foreign(tx: Transaction, seen: datetime) -> None:
    """Remember when somebody else was last seen with our token."""
    counters.set_value(tx, FOREIGN, to_row(seen))


def forget_foreign(tx: Transaction) -> None:
    """Whoever was seen was nobody else."""
    counters.set_value(tx, FOREIGN, 0)


def foreign_at(tx: Transaction) -> datetime | None:
    """Give when somebody else was last seen with the token that we have now; None if never."""
    return _moment(tx, FOREIGN)


def is_other_token(tx: Transaction, mark: int) -> bool:
    """Say whether the token was exchanged since the last time, and remember the new one's mark.

    Whoever had the former one has nothing any more, and is forgotten.
    """
    if counters.value(tx, MARK) == mark:
        return False
    counters.set_value(tx, MARK, mark)
    forget_foreign(tx)
    return True


def note_jump(tx: Transaction, now: datetime, by: timedelta) -> None:
    """Remember that the machine's clock jumped."""
    counters.set_value(tx, JUMPED, to_row(now))
    counters.set_value(tx, JUMP, round(by / timedelta(milliseconds=1)))


def last_jump(tx: Transaction) -> tuple[datetime, timedelta] | None:
    """Give when the machine's clock last jumped, and by how much; None if never."""
    at = _moment(tx, JUMPED)
    return None if at is None else (at, timedelta(milliseconds=counters.value(tx, JUMP)))


def _moment(tx: Transaction, name: str) -> datetime | None:
    number = counters.value(tx, name)
    return from_row(number) if number else None


def _trouble(tx: Transaction, name: str) -> Trouble | None:
    """Give a stored trouble; one that only a later release knows is none."""
    number = counters.value(tx, name)
    return Trouble(number) if number in set(Trouble) else None
