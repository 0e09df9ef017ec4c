"""The dossier: the records as a page to be read and printed, which asks nothing of the network.

It says what the records say and no more: contradictions are named, open questions too, and what no
person has confirmed is shown as such and counted nowhere. All that people wrote is escaped.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from safety import questions, records
from safety.exporting import FEWEST, ExportLevel
from safety.facts import FactKind
from safety.records import Precision, Record, RecordDate
from storage.bundle.contents import CaseBundle

BAR_WIDTH = 320  # SVG units of the longest bar
LINE_WIDTH = 720  # SVG units of the timeline
MARK_HEIGHT = 26  # SVG units; records of one day stand above each other
DAYS = 8  # on one line
FIELDS = (
    *("types", "claims", "date", "place", "actors", "victims", "harm", "quotes", "promises"),
    *("evidence", "case", "links", "confirmed_by", "corrections", "bias"),
    *("statement", "happened", "reason"),
)
FACTS = frozenset(kind.value for kind in FactKind)  # claims about the course of things
PLAIN_KEYS = (
    *("address", "authority", "badge", "by-actor", "by-city", "by-type", "captured-at"),
    *("certainty", "certificate", "clean", "confirmed", "consent", "contradiction", "deadline"),
    *("description", "digest", "disagreement", "examined", "field", "file", "given-by"),
    *("handed-over", "happened", "how-to-check", "items", "lawyer-present", "made-on"),
    *("minors", "no", "no-confirmed", "number", "only-confirmed", "open-questions", "owed"),
    *("promised", "quote-source", "received-at", "record", "records", "reference", "reply"),
    *("since", "size", "source", "timeline", "treated", "unconfirmed", "undated"),
    *("uniform", "until", "value", "vehicle", "where", "withheld", "yes"),
    *("few", "level-confidential", "level-public", "public-title", "same-as"),
)
CHOICES = {
    "type": records.IncidentType,
    "certainty": records.Certainty,
    "precision": records.Precision,
    "count": records.CountPrecision,
    "actor": records.ActorKind,
    "victim": records.VictimRole,
    "consent": records.Consent,
    "harm": records.HarmKind,
    "bias": records.BiasIndicator,
    "evidence": records.EvidenceKind,
    "state": records.CaseState,
    "link": records.LinkKind,
}


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
    number: int
    x: int
    y: int
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """One line of the timeline: its days and where they stand, its marks, its own height."""

    days: tuple[tuple[str, int], ...]
    marks: tuple[Mark, ...]
    line: int


def keys() -> tuple[str, ...]:
    """Give the key of every word that a dossier may need."""
    chosen = (
        f"dossier-{kind}-{_hyphened(value)}"
        for kind, values in CHOICES.items()
        for value in values
    )
    named = (f"dossier-field-{_hyphened(name)}" for name in FIELDS)
    return (*(f"dossier-{name}" for name in PLAIN_KEYS), *named, *chosen)


def render(bundle: CaseBundle) -> str:
    """Write the dossier of a bundle as one self-contained HTML page."""
    found = tuple(proved.record for proved in bundle.records)
    counted = [record for record in found if record.confirmed_by]
    return _template().render(
        bundle=bundle,
        records=found,
        confirmed=len(counted),
        strips=_strips(found),
        undated=[record for record in found if _day(record.date) is None],
        charts=_charts(counted, bundle),
        level=None if bundle.level is ExportLevel.LAWYER else bundle.level.value,
        say=lambda key: bundle.text(f"dossier-{_hyphened(key)}"),
        choice=lambda kind, value: bundle.text(f"dossier-{kind}-{_hyphened(value)}"),
        field=lambda name: _field(name, bundle.text),
        claimed=lambda claim: _claimed(claim, bundle.text),
        contradictions=questions.contradictions,
        open_questions=questions.open_questions,
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("storage.bundle", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("dossier.html.j2")


def _charts(
    counted: Iterable[Record], bundle: CaseBundle
) -> tuple[tuple[str, tuple[Bar, ...]], ...]:
    text = bundle.text
    fewest = FEWEST if bundle.level is ExportLevel.PUBLIC else 0
    types: Counter[str] = Counter()
    cities: Counter[str] = Counter()
    actors: Counter[str] = Counter()
    for record in counted:
        types.update(text(f"dossier-type-{_hyphened(each)}") for each in record.types)
        actors.update({text(f"dossier-actor-{_hyphened(each.kind)}") for each in record.actors})
        if record.place is not None and record.place.city is not None:
            cities[record.place.city] += 1
    named = (("by-type", types), ("by-city", cities), ("by-actor", actors))
    return tuple((name, _bars(counts, fewest)) for name, counts in named if counts)


def _bars(counts: Counter[str], fewest: int) -> tuple[Bar, ...]:
    most = max(counts.values())
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Bar(label, count, count * BAR_WIDTH // most) if count >= fewest else Bar(label, None, 0)
        for label, count in ordered
    )


def _strips(found: Iterable[Record]) -> tuple[Strip, ...]:
    """Put dated records on lines, at even steps from day to day: order, not distance."""
    numbered = enumerate(found, start=1)
    dated = [(day, n, each) for n, each in numbered if (day := _day(each.date)) is not None]
    days = sorted({day for day, _, _ in dated})
    return tuple(_strip(days[start : start + DAYS], dated) for start in range(0, len(days), DAYS))


def _strip(days: Sequence[str], dated: Iterable[tuple[str, int, Record]]) -> Strip:
    step = LINE_WIDTH // len(days)
    middles = {day: place * step + step // 2 for place, day in enumerate(days)}
    heights: Counter[str] = Counter()
    marks: list[Mark] = []
    for day, number, record in dated:
        if day in middles:
            heights[day] += 1
            y = heights[day] * MARK_HEIGHT
            marks.append(Mark(record.id, number, middles[day], y, bool(record.confirmed_by)))
    line = (max(heights.values()) + 1) * MARK_HEIGHT
    return Strip(tuple(middles.items()), tuple(marks), line)


def _day(when: RecordDate | None) -> str | None:
    if when is None or when.precision is Precision.NONE or when.value is None:
        return None
    return when.value[:10]


def _claimed(claim: records.Claim, text: Callable[[str], str]) -> str:
    """Give a claim's value in words, where it is one of the chosen kinds."""
    if claim.field == "bias" and claim.value in set(records.BiasIndicator):
        return text(f"dossier-bias-{_hyphened(claim.value)}")
    if claim.field == "types" and claim.value in set(records.IncidentType):
        return text(f"dossier-type-{_hyphened(claim.value)}")
    if claim.field == "types" and claim.value in set(records.IncidentGroup):
        return text(f"report-group-{claim.value}")
    return claim.value


def _field(name: str, text: Callable[[str], str]) -> str:
    if name in FIELDS:
        return text(f"dossier-field-{_hyphened(name)}")
    return text(f"entry-{name}") if name in FACTS else name


def _hyphened(name: str) -> str:
    return name.replace("_", "-")
