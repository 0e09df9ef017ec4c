"""What the page shows of a case: plain values, in one language, escaped where they are put in."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from coordination.editing import OpenRecord
from handlers.statementanswers import EXAMPLES
from handlers.statementwords import KINDS, choice_key, told, topic_key
from handlers.texts import visible
from safety import additions as rules
from safety import questions
from safety.additions import Addition
from safety.incidents import Entry
from safety.people import Unprinted
from safety.records import GROUPS, EvidenceKind, HarmKind, Precision, Record, VictimRole
from safety.statements import LONG, Rule, Topic, topic_of, unanswered
from safety.taxonomy import ActorKind, Basis, BiasIndicator, CountPrecision, LinkKind
from storage.bundle import dossier

Say = Callable[[str], str]

SHOWN = 400  # characters of a statement in a list
# The chosen values of each field, in the order in which they are offered.
_ORDER: Mapping[str, tuple[str, ...]] = {
    "precision": tuple(one for one in Precision if one is not Precision.NONE),
    "actor": tuple(ActorKind),
    "count_precision": tuple(CountPrecision),
    "victim": tuple(VictimRole),
    "harm": tuple(HarmKind),
    "bias": tuple(BiasIndicator),
    "link": tuple(LinkKind),
    "evidence": tuple(one for one in EvidenceKind if one is not EvidenceKind.LOCATION),
    "basis": tuple(Basis),
}
_YES_OR_NO = ("yes", "no")
_ANCHOR = re.compile(r'href="#r(\d+)"')  # how the dossier leads from record to record
_ADDED = tuple(one for one in Topic if one not in {Topic.ACT, Topic.TAKEN_BACK})


@dataclass(frozen=True, slots=True, repr=False)
class Line(Unprinted):
    """One record in the list."""

    number: int
    what: str
    when: str
    where: str
    open: int
    here: int


@dataclass(frozen=True, slots=True, repr=False)
class Step(Unprinted):
    """A way to a form: its address below the record, and what it is called."""

    address: str
    label: str


@dataclass(frozen=True, slots=True, repr=False)
class Statement(Unprinted):
    """A statement that stands, and what can be done about it."""

    words: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Written(Unprinted):
    """An addition of this file: its id in hexadecimal, its words, when it was written."""

    id: str
    words: str
    at: str


@dataclass(frozen=True, slots=True, repr=False)
class Question(Unprinted):
    """One field of a form; `options` are values with their labels, by group (or without one)."""

    name: str
    label: str
    value: str
    limit: int
    is_long: bool
    is_number: bool
    options: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    hint: str


def line(one: OpenRecord, here: int, say: Say) -> Line:
    """Give a record as the list has it."""
    record = one.record
    types = "; ".join(say(choice_key("type", kind)) for kind in record.types)
    return Line(
        number=record.id,
        what=types or say(f"incident-kind-{one.incident.kind.value}"),
        when=_when(record),
        where=_where(record),
        open=len(questions.topics(record)) + len(questions.contradictions(record)),
        here=here,
    )


def section(record: Record, say: Say) -> str:
    """Give a record as the dossier shows it: HTML, with ways to the other records' pages."""
    return _ANCHOR.sub(r'href="\1"', dossier.section(record, say))


def open_steps(one: OpenRecord, say: Say) -> list[Step]:
    """Give a way to each open question; what became of a promise is asked of the oldest one."""
    found = []
    for topic in questions.topics(one.record):
        if topic is not Topic.ACT:
            found.append(Step(topic.value, say(topic_key(topic))))
        elif waiting := unanswered(one.statements):
            found.append(Step(f"{topic.value}?of={min(waiting)}", say(topic_key(topic))))
    return found


def added_steps(say: Say) -> list[Step]:
    """Give a way to each kind of statement."""
    return [Step(topic.value, say(topic_key(topic))) for topic in _ADDED]


def statements(one: OpenRecord, say: Say) -> list[Statement]:
    """Give what can be corrected, the newest first."""
    return [
        Statement(_short(told(say, entry)), tuple(_steps(leaf, entry, say)))
        for leaf, entry in one.statements
    ]


def _steps(leaf: int, entry: Entry, say: Say) -> list[Step]:
    topic = topic_of(entry) or Topic.WORDS
    of = entry.detail("of")
    better = f"{topic.value}?corrects={leaf}" + (f"&of={of}" if of else "")
    found = [
        Step(better, say("button-replace")),
        Step(f"{Topic.TAKEN_BACK.value}?corrects={leaf}", say("button-take-back")),
    ]
    if topic is Topic.PROMISE:
        found.append(Step(f"{Topic.ACT.value}?of={leaf}", say("additions-page-became")))
    return found


def written(found: Sequence[Addition], zone: ZoneInfo, say: Say) -> list[Written]:
    """Give what this file adds to a record, in the order in which it was written."""
    return [
        Written(
            one.id.hex(),
            told(say, rules.entry(one, one.written_at, "")) or say(topic_key(one.topic)),
            one.written_at.astimezone(zone).strftime("%d.%m.%Y %H:%M"),
        )
        for one in found
    ]


def title(topic: Topic, say: Say) -> str:
    """Call a topic."""
    return say(topic_key(topic))


def words_of(found: tuple[int, Entry] | None, say: Say) -> str | None:
    """Give all that a statement says, or None where there is none."""
    return None if found is None else told(say, found[1])


def asked(topic: Topic, said: Mapping[str, str], say: Say, *, corrects: bool) -> list[Question]:
    """Give the fields of a form, filled with what was said before or typed just now."""
    rules_ = rules.asked(topic, corrects=corrects)
    return [_question(name, rule, said.get(name, ""), say) for name, rule in rules_.items()]


def typed_anew(entry: Entry, zone: ZoneInfo) -> dict[str, str]:
    """Give what a statement says as it would be typed, without what it goes by."""
    said = dict(entry.details)
    if said.get("precision") == Precision.EXACT and "date" in said:
        moment = datetime.fromisoformat(said["date"]).astimezone(zone)
        said["date"] = moment.strftime("%d.%m.%Y %H:%M")
    return {name: value for name, value in said.items() if name not in {"basis", "why"}}


def _question(name: str, rule: Rule, value: str, say: Say) -> Question:
    hint = " · ".join(dict.fromkeys(EXAMPLES.values())) if name == "date" else ""
    return Question(
        name=name,
        label=say(f"additions-field-{name.replace('_', '-')}"),
        value=value,
        limit=rule if isinstance(rule, int) else 0,
        is_long=rule == LONG,
        is_number=isinstance(rule, range),
        options=_options(name, say) if isinstance(rule, frozenset) else (),
        hint=hint,
    )


def _options(name: str, say: Say) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    if name == "type":
        return tuple(
            (say(f"report-group-{group.value}"), _labelled(name, kinds, say))
            for group, kinds in GROUPS
        )
    return (("", _labelled(name, _ORDER.get(name, _YES_OR_NO), say)),)


def _labelled(name: str, values: Sequence[str], say: Say) -> tuple[tuple[str, str], ...]:
    return tuple((value, say(_value_key(name, value))) for value in values)


def _value_key(name: str, value: str) -> str:
    match name:
        case "basis":
            return f"statement-basis-{value}"
        case "precision":
            return f"statement-when-{value.replace('_', '-')}"
        case _:
            return choice_key(KINDS.get(name, ""), value)


def _short(words: str) -> str:
    seen = visible(words)
    return seen if len(seen) <= SHOWN else f"{seen[:SHOWN]}…"


def _when(record: Record) -> str:
    value = None if record.date is None else record.date.value
    return (value or "")[:16].replace("T", " ")


def _where(record: Record) -> str:
    place = record.place
    if place is None:
        return ""
    parts = (place.city, place.name, " / ".join(place.one_of))
    return ", ".join(part for part in parts if part)
