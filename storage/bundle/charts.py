"""The pictures of a dossier: what is counted as bars, and when it was as a line.

Only confirmed records are counted, and of complaints only what was written down.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from safety import questions
from safety.exporting import FEWEST, ExportLevel
from safety.records import Precision, Record, RecordDate
from storage.bundle.contents import CaseBundle

BAR_WIDTH = 320  # SVG units of the longest bar
LINE_WIDTH = 720  # SVG units of the timeline
MARK_HEIGHT = 26  # SVG units; records of one day stand above each other
DAYS = 8  # on one line


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a chart: what is counted, how many, and how long the bar is (SVG units).

    `count` is None where the public reads only that it is small.
    """

    label: str
    count: int | None
    width: int


@dataclass(frozen=True, slots=True)
class Mark:
    """One record on the timeline, at SVG units from the left and above the line."""

    record_id: int
    x: int
    y: int
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """One line of the timeline: its days and where they stand, its marks, its own height."""

    days: tuple[tuple[str, int], ...]
    marks: tuple[Mark, ...]
    line: int


def charts(
    counted: Sequence[Record], bundle: CaseBundle
) -> tuple[tuple[str, tuple[Bar, ...]], ...]:
    """Count confirmed records by kind, city, actor and outcome, and show how long answers took."""
    text = bundle.text
    fewest = FEWEST if bundle.level is ExportLevel.PUBLIC else 0
    types: Counter[str] = Counter()
    cities: Counter[str] = Counter()
    actors: Counter[str] = Counter()
    for record in counted:
        types.update(text(f"dossier-type-{hyphened(each)}") for each in record.types)
        actors.update({text(f"dossier-actor-{hyphened(each.kind)}") for each in record.actors})
        if record.place is not None and record.place.city is not None:
            cities[record.place.city] += 1
    outcomes = Counter(
        text(f"dossier-state-{hyphened(state)}")
        for record in counted
        if (state := questions.outcome(record)) is not None
    )
    days = {
        f"{text('dossier-record')} {record.id}": waited
        for record in counted
        if (waited := questions.days_to_answer(record)) is not None
    }
    named = (("by-type", types), ("by-city", cities), ("by-actor", actors))
    counts = (*named, ("by-outcome", outcomes))
    drawn = tuple((name, _bars(count, fewest)) for name, count in counts if count)
    return (*drawn, ("by-response", _bars(Counter(days), 0))) if days else drawn


def _bars(counts: Counter[str], fewest: int) -> tuple[Bar, ...]:
    most = max(1, *counts.values())
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Bar(label, count, count * BAR_WIDTH // most) if count >= fewest else Bar(label, None, 0)
        for label, count in ordered
    )


def strips(found: Iterable[Record]) -> tuple[Strip, ...]:
    """Put dated records on lines, at even steps from day to day: order, not distance."""
    dated = [(day, each) for each in found if (day := day_of(each.date)) is not None]
    days = sorted({day for day, _ in dated})
    return tuple(_strip(days[start : start + DAYS], dated) for start in range(0, len(days), DAYS))


def _strip(days: Sequence[str], dated: Iterable[tuple[str, Record]]) -> Strip:
    step = LINE_WIDTH // len(days)
    middles = {day: place * step + step // 2 for place, day in enumerate(days)}
    heights: Counter[str] = Counter()
    marks: list[Mark] = []
    for day, record in dated:
        if day in middles:
            heights[day] += 1
            y = heights[day] * MARK_HEIGHT
            marks.append(Mark(record.id, middles[day], y, bool(record.confirmed_by)))
    line = (max(heights.values()) + 1) * MARK_HEIGHT
    return Strip(tuple(middles.items()), tuple(marks), line)


def day_of(when: RecordDate | None) -> str | None:
    """Give the day, month or year that a date names, or None where it names none."""
    if when is None or when.precision is Precision.NONE or when.value is None:
        return None
    return when.value[:10]


def hyphened(name: str) -> str:
    """Write a chosen value as the keys of words have it."""
    return name.replace("_", "-")
