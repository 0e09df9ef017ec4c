"""Which figures of a running bot are in order: what `aman status` shows, and ends with.

Not in order is what keeps people from being heard or rung now, and what should have been done a
minute ago. Being locked is in order: somebody has wanted that (ADR-0012). So is what was set
aside: it holds up nobody, and any stranger could bring it about.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from safety.intake import AGAIN_AFTER, DEAD_AFTER, Outage

BEHIND_AFTER = timedelta(minutes=1)
AUDITED_WITHIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line for a terminal: counts and ages, nobody's data."""

    name: str
    words: str
    is_in_order: bool = True

    @property
    def line(self) -> str:
        """Give the whole line."""
        return f"{self.name}: {self.words}"


def hears(silent_for: timedelta) -> bool:
    """Say whether the service was heard lately, or we have only just begun to listen."""
    return silent_for < DEAD_AFTER


def is_untroubled(outage: Outage | None) -> bool:
    """Say whether nothing is known to keep updates away now."""
    return outage is None or outage.until is not None


def is_alone(seen: datetime | None, now: datetime) -> bool:
    """Say whether nobody else has just used our token; what was earlier, `aman doctor` names."""
    return seen is None or abs(now - seen) >= AGAIN_AFTER


def keeps_up(oldest: datetime | None, now: datetime) -> bool:
    """Say whether the oldest of what should be done at once waits for no longer than a moment."""
    return oldest is None or now - oldest <= BEHIND_AFTER


def is_audited(looked_at: datetime | None, behind: int, now: datetime) -> bool:
    """Say whether open alarms are rung as they must be, as far as somebody has looked."""
    return behind == 0 and (looked_at is None or abs(now - looked_at) <= AUDITED_WITHIN)
