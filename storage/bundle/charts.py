"""The pictures of a dossier: what is counted as bars, and when it was as a line.

Only confirmed records are counted, and of complaints only what was written down.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from safety import questions
from safety.additions import is_unconfirmed
from safety.agreement import OR, date_claimed
from safety.exporting import FEWEST, ExportLevel
from safety.records import Actor, Link, Place, Precision, Record, RecordDate
from safety.taxonomy import LinkKind
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
    """One record on the timeline, at SVG units from the left and above the line.

    `is_one_of`: sources name several days, and it stands on each of them.
    """

    record_id: int
    x: int
    y: int
    is_confirmed: bool
    is_false: bool
    is_one_of: bool


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
    is_whole = bundle.level is ExportLevel.LAWYER
    unknown = text("dossier-unknown" if is_whole else "dossier-unknown-or-withheld")
    fewest = FEWEST if bundle.level is ExportLevel.PUBLIC else 0
    happenings = once(counted)
    named = (
        ("by-type", lambda one: {text(f"dossier-type-{hyphened(each)}") for each in one.types}),
        ("by-city", lambda one: _cities(one.place)),
        ("by-actor", lambda one: {_actor(each, text) for each in _counting(one)}),
        ("by-outcome", lambda one: _outcome(one, text)),
    )
    drawn = tuple(
        (name, _bars(_counted(happenings, labels, unknown, as_one=name == "by-city"), fewest))
        for name, labels in named
        if happenings
    )
    days = {
        f"{text('dossier-record')} {record.id}": waited
        for record in counted
        if (waited := questions.days_to_answer(record)) is not None
    }
    return (*drawn, ("by-response", _bars(Counter(days), 0))) if days else drawn


def once(records: Sequence[Record]) -> list[list[Record]]:
    """Put records together that tell of the same fact, so that it is counted once."""
    groups: list[list[Record]] = []
    for record in records:
        linked = {one.record for one in record.links if one.kind is LinkKind.COUNT_ONCE}
        same = [
            group
            for group in groups
            if any(other.id in linked or _points_at(other, record) for other in group)
        ]
        groups = [group for group in groups if group not in same]
        groups.append([*(other for group in same for other in group), record])
    return groups


def _points_at(other: Record, record: Record) -> bool:
    return Link(LinkKind.COUNT_ONCE, record.id) in {replace(one, said=()) for one in other.links}


def _counted(
    happenings: Sequence[Sequence[Record]],
    labels: Callable[[Record], set[str]],
    unknown: str,
    *,
    as_one: bool,
) -> Counter[str]:
    """Count each happening once a label; of several cities it was in one, not known in which."""
    counts: Counter[str] = Counter()
    for happening in happenings:
        found = {label for record in happening for label in labels(record)}
        if as_one and found:
            found = {OR.join(sorted({city for label in found for city in label.split(OR)}))}
        counts.update(found or {unknown})
    return counts


def _cities(place: Place | None) -> set[str]:
    if place is None:
        return set()
    found = (place.city,) if place.city is not None else place.one_of
    return {OR.join(found)} if found else set()


def _actor(actor: Actor, text: Callable[[str], str]) -> str:
    return text(f"dossier-actor-{hyphened(actor.kind)}")


def _counting(record: Record) -> list[Actor]:
    """Leave out who was only brought since a person confirmed the record for the last time."""
    return [
        actor
        for actor in record.actors
        if not actor.said
        or any(not one.written_at or not is_unconfirmed(record, one.at) for one in actor.said)
    ]


def _outcome(record: Record, text: Callable[[str], str]) -> set[str]:
    state = questions.outcome(record)
    return set() if state is None else {text(f"dossier-state-{hyphened(state)}")}


def _bars(counts: Counter[str], fewest: int) -> tuple[Bar, ...]:
    most = max(1, *counts.values())
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Bar(label, count, count * BAR_WIDTH // most) if count >= fewest else Bar(label, None, 0)
        for label, count in ordered
    )


def strips(found: Iterable[Record]) -> tuple[Strip, ...]:
    """Put dated records on lines, at even steps from day to day: order, not distance.

    Where sources name different days, a record stands on each of them.
    """
    dated = [(day, each) for each in found for day in days_of(each)]
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
            is_sure, is_one_of = bool(record.confirmed_by), len(days_of(record)) > 1
            is_false = questions.is_false(record)
            marks.append(Mark(record.id, middles[day], y, is_sure, is_false, is_one_of))
    line = (max(heights.values()) + 1) * MARK_HEIGHT
    return Strip(tuple(middles.items()), tuple(marks), line)


def days_of(record: Record) -> tuple[str, ...]:
    """Give the day on which it was, or those which sources name; none where nobody names one."""
    if record.date is not None:
        dates = [record.date]
    else:
        claimed = (date_claimed(one) for one in record.claims if one.field == "date")
        dates = [one for one in claimed if one is not None]
    return tuple(dict.fromkeys(day for one in dates if (day := day_of(one)) is not None))


def day_of(when: RecordDate | None) -> str | None:
    """Give the day, month or year that a date names, or None where it names none."""
    if when is None or when.precision is Precision.NONE or when.value is None:
        return None
    return when.value[:10]


def hyphened(name: str) -> str:
    """Write a chosen value as the keys of words have it."""
    return name.replace("_", "-")
