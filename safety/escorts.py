"""Being brought out of the city under guard: where somebody was seen, until they arrived.

The way is noted by whoever hears of it; the phone of whoever is on it is empty and quiet.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from safety.people import TeamId, Unprinted


@dataclass(frozen=True, slots=True, repr=False)
class Stop(Unprinted):
    """Where somebody was seen on the way, as it was told to the team."""

    at: datetime
    by: TeamId
    place: str


@dataclass(frozen=True, slots=True, repr=False)
class Escort(Unprinted):
    """One way out of the city. `due_at`: when they should have arrived; None: nobody knows."""

    began_at: datetime
    by: TeamId
    due_at: datetime | None = None
    stops: tuple[Stop, ...] = ()
    arrived: Stop | None = None

    def is_overdue(self, now: datetime) -> bool:
        """Say whether they should have arrived by now, and nobody has told that they did."""
        return self.arrived is None and self.due_at is not None and now >= self.due_at


def expect(way: Escort, due_at: datetime) -> Escort:
    """Note when they should have arrived."""
    return replace(way, due_at=due_at)


def pass_by(way: Escort, seen: Stop) -> Escort:
    """Note where they were seen on the way."""
    return replace(way, stops=(*way.stops, seen))


def arrive(way: Escort, at: Stop) -> Escort:
    """Note where the way ended."""
    return replace(way, arrived=at)
