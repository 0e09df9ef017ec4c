"""Moments on a dossier's page: as the clocks of the event showed them, the zone said once.

Where the records' clocks differ among each other, each moment keeps its own offset.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from safety.records import Record
from storage.bundle import codec

_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d)(?::\d\d(?:\.\d+)?)?"
    r"(?P<offset>Z|[+-]\d\d:\d\d)"
)


@dataclass(frozen=True, slots=True)
class Clock:
    """The offset from UTC that all moments of these records have; None where they differ."""

    offset: str | None

    @classmethod
    def of(cls, records: Iterable[Record]) -> "Clock":
        """Read it from whatever moment stands in the records."""
        found = {
            _signed(match["offset"])
            for record in records
            for match in _MOMENT.finditer(codec.canonical(record))
        }
        return cls(found.pop() if len(found) == 1 else None)

    def readable(self, value: str) -> str:
        """Write a moment at the beginning for people: without the T, without seconds."""
        match = _MOMENT.match(value)
        if match is None:
            return value
        offset = _signed(match["offset"])
        shown = "" if offset == self.offset else offset
        return f"{match['day']} {match['time']}{shown}{value[match.end() :]}"


def _signed(offset: str) -> str:
    return "+00:00" if offset == "Z" else offset
