"""The long suites in five parts: a day plays one of them, and of the rest a fifth.

What shows a promise of the vault is never left out for a day. Where it counts many, a day counts
every fifth; `make torture` without `--part` plays all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

PARTS = 5


@dataclass(frozen=True, slots=True)
class Part:
    """Which part is played; None: all of it."""

    number: int | None

    @property
    def is_all(self) -> bool:
        """Say whether everything is played."""
        return self.number is None

    def of(self, count: int) -> int:
        """Give how many of so many are played."""
        return count if self.number is None else count // PARTS

    def among(self, those: Sequence[T]) -> Sequence[T]:
        """Give those that are played: each day others."""
        return those if self.number is None else those[self.number :: PARTS]
