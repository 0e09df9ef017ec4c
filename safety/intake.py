"""When updates do not reach us: what it may be, when somebody must hear of it, and how often.

Silence of the service is no safety (DESIGN): while nothing comes in, nobody who calls is heard.
Each trouble is told once, and again only after it was good for a while.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum

from typing_extensions import override

from safety.notices import Lane, Notice, notice

DEAD_AFTER = timedelta(seconds=60)  # without updates being heard, while something is wrong
SUSPECTED_AFTER = 2  # times in a row: one conflict alone may be an echo of our own last poll
AGAIN_AFTER = timedelta(minutes=10)  # good for so long, and the next trouble is news again
FOREIGN_COUNTS = timedelta(days=7)  # that somebody else was seen, unless the token is exchanged
SURE_AFTER = 3  # signs of somebody else: they take turns with us, and polls in between are good


class Trouble(IntEnum):
    """What keeps updates from us. The numbers are stored."""

    NO_LINE = 1  # the service cannot be reached
    TOKEN_REFUSED = 2
    CONFLICT = 3  # somebody else polls with our token
    FOREIGN_WEBHOOK = 4  # updates are sent somewhere else, or our webhook was taken away
    NOT_DELIVERED = 5  # the service cannot reach our webhook
    HALTED = 6  # the service has us wait
    NO_SENSE = 7  # what it answers is nothing that we understand
    NOT_STORED = 8  # the disk takes nothing

    @property
    def word(self) -> str:
        """Name it as logs and `aman status` do."""
        return self.name.lower().replace("_", "-")


FOREIGN = frozenset({Trouble.CONFLICT, Trouble.FOREIGN_WEBHOOK})
LASTING = frozenset({Trouble.NOT_DELIVERED, Trouble.NOT_STORED})  # told before a minute is over


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which updates did not reach us as they should; `until` None: it still lasts."""

    trouble: Trouble
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signs:
    """How often somebody else has shown, beginning when; `over`: from the first to the last."""

    since: datetime
    count: int = 1
    over: timedelta = timedelta()


def one_more(signs: Signs | None, pause: timedelta, now: datetime) -> Signs:
    """Count a sign that comes `pause` after the one before; long after it, it is a first one."""
    if signs is None or pause >= AGAIN_AFTER:
        return Signs(now)
    return replace(signs, count=signs.count + 1, over=signs.over + pause)


def is_shared(signs: Signs | None, quiet_for: timedelta) -> bool:
    """Say whether somebody else takes updates in turn with us, however good our polls are.

    They have kept showing for a minute, and the last time is not long ago: `quiet_for`.
    """
    if signs is None or quiet_for >= AGAIN_AFTER:
        return False
    return signs.count >= SURE_AFTER and signs.over >= DEAD_AFTER


def may_still_listen(seen: datetime | None, now: datetime) -> bool:
    """Say whether somebody else who was last seen with our token must be reckoned with."""
    return seen is not None and abs(now - seen) < FOREIGN_COUNTS


def looks_foreign(trouble: Trouble | None, in_a_row: int) -> bool:
    """Say whether somebody else seems to receive what is meant for us.

    `in_a_row` counts the troubles of that kind alone: a broken line accuses nobody.
    """
    is_sure = trouble is Trouble.FOREIGN_WEBHOOK or in_a_row >= SUSPECTED_AFTER
    return trouble in FOREIGN and is_sure


def must_be_told(trouble: Trouble, failures: int, *, is_dead: bool) -> bool:
    """Say whether organizers must hear of it: `failures` is how often it failed in a row.

    `is_dead`: nothing was heard for `DEAD_AFTER`. Whether it is somebody else: `looks_foreign`.
    """
    return is_dead or (trouble in LASTING and failures >= SUSPECTED_AFTER)


def begins_anew(outage: Outage, last: Outage) -> bool:
    """Say whether it was good for so long that whatever was told of `last` counts no more."""
    return last.until is not None and outage.since - last.until >= AGAIN_AFTER


def is_news(outage: Outage, told: Trouble | None) -> bool:
    """Say whether somebody has to be told of `outage` who knows of `told`.

    That somebody else may be listening is news also to whoever only knows of a bad line.
    """
    return told is None or (outage.trouble in FOREIGN and told not in FOREIGN)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class IntakeTrouble(Notice):
    """What organizers are told: what is wrong now, and what to do; or when it was, and is over."""

    lane = Lane.HOLD
    replaces = True

    @override
    def card(self) -> str | None:
        return "intake"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class IntakeUpdate(Notice):
    """The same card, changed where it stands."""

    lane = Lane.BOARD
    rings = False
    valid_for = timedelta(hours=1)

    @override
    def card(self) -> str | None:
        return "intake"
