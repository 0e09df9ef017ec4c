"""Which of several copies of one bot may work: never two at once (ADR-0021).

The copy that works leaves a mark at the service, the one thing that all copies share. A restored
copy has a higher term and takes over. Of copies with the same term the one that worked last is
known by the mark: any other finds a mark that it has never left, and keeps still.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

LEASE_LASTS = timedelta(seconds=90)  # without being renewed, on a disk that machines share
RENEW_EVERY = timedelta(seconds=30)
LOOK_EVERY = timedelta(minutes=2)  # at the mark
STILL_CERTAIN = timedelta(seconds=5)  # without a sign of life of one's own: suspended, perhaps


@dataclass(frozen=True, slots=True)
class Mark:
    """How often the bot's data was restored or taken over, and a random number for each start."""

    term: int
    number: int

    @property
    def next_term(self) -> int:
        """Give the term of whoever takes over from the copy that has left this."""
        return self.term + 1


@dataclass(frozen=True, slots=True)
class Lineage:
    """A copy's term, and the numbers it may have left at the service: the last two."""

    term: int
    left: frozenset[int]


class Verdict(Enum):
    """What a mark says to the copy that reads it."""

    OURS = auto()
    FREE = auto()  # nobody's, or an older copy's
    ANOTHERS = auto()  # another copy works, or was the last to


def judge(lineage: Lineage, seen: Mark | None) -> Verdict:
    """Say whose mark that is; None where there is none that this community's key has signed."""
    if seen is None or seen.term < lineage.term:
        return Verdict.FREE
    is_ours = seen.term == lineage.term and seen.number in lineage.left
    return Verdict.OURS if is_ours else Verdict.ANOTHERS


def is_certain(silent_for: timedelta) -> bool:
    """Say whether a copy that last showed life this long ago still knows that it is the one.

    Stopped or suspended it would not notice how another one takes over.
    """
    return silent_for <= STILL_CERTAIN


def is_held_elsewhere(
    held_by: int, machine: int, renewed_at: datetime | None, now: datetime
) -> bool:
    """Say whether another machine works on the same disk, as far as its clock can be believed.

    A machine that does not know itself (0) is nobody's: whoever else does not would be let in.
    """
    if renewed_at is None or (machine and held_by == machine):
        return False
    return abs(now - renewed_at) < LEASE_LASTS
