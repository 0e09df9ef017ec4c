"""What does not get out, or was given up: organizers are told, so that somebody can call.

A hold that cannot be put into words must not be lost in silence. What fails, fails for many at
once: what comes within a minute is one message.
"""

from dataclasses import dataclass
from datetime import timedelta

from typing_extensions import override

from safety.notices import Lane, Notice, notice
from safety.timers import AfterPause, timer

GATHERED_FOR = timedelta(minutes=1)
STUCK_AFTER = 5  # tries of something urgent: about a minute
STUCK_FOR = timedelta(minutes=5)  # of something urgent that never even left
CARD = "undelivered"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class TellUndelivered(AfterPause):
    """Something does not get out, or was given up."""

    @override
    def key(self) -> str:
        return "undelivered"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Undelivered(Notice):
    """How much urgent does not get out now, and how much was given up since nobody had this card.

    A newer one takes its place, and says what it said.
    """

    lane = Lane.HOLD
    replaces = True

    given_up: int

    @override
    def card(self) -> str | None:
        return CARD
