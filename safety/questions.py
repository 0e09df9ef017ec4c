"""What a reader of a record has to be told: where sources disagree, what nobody has said, and
how a complaint went.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.agreement import agreed_cities, agreed_date, cities_claimed, date_claimed
from safety.cases import BOT
from safety.facts import FactKind
from safety.incidents import IncidentId
from safety.notices import Notice, notice
from safety.records import (
    CaseState,
    CaseStep,
    Certainty,
    Claim,
    HarmKind,
    Precision,
    Record,
    Said,
)
from safety.statements import Topic

# Claims of these fields may all be true at once: each call for help, each statement, each way on.
MANY = frozenset(
    {
        *(
            "bias",
            "types",
            "evidence",
            "statement",
            "promises",
            "data_taken",
            "brought_to",
            "reason",
        ),
        *(kind.value for kind in FactKind),
    }
)


def contradictions(record: Record) -> tuple[str, ...]:
    """Name the fields of which two sources say different things, where only one can be true."""
    claims: dict[str, list[Claim]] = {}
    for claim in record.claims:
        if not _is_presumed_by_bot(claim):
            claims.setdefault(claim.field, []).append(claim)
    differing = [name for name, said in claims.items() if name not in MANY and _differ(name, said)]
    actors = [(one.kind.value, one.count, one.said) for one in record.actors]
    victims = [(one.role.value, one.count, one.said) for one in record.victims]
    counted = (("actors", actors), ("victims", victims))
    return (*differing, *(name for name, parts in counted if _counts_differ(parts)))


def sides(record: Record, name: str) -> tuple[tuple[str, Claim | Said], ...]:
    """Give what each source says of a field, and who says it, where they may differ about it."""
    if name in {"actors", "victims"}:
        actors = [(f"{one.kind}; {one.count}", one.count, one.said) for one in record.actors]
        victims = [(f"{one.role}; {one.count}", one.count, one.said) for one in record.victims]
        parts = actors if name == "actors" else victims
        return tuple((told, said[0]) for told, count, said in parts if said and count is not None)
    return tuple(
        (one.value, one)
        for one in record.claims
        if one.field == name and not _is_presumed_by_bot(one)
    )


def _is_presumed_by_bot(claim: Claim) -> bool:
    return claim.source == BOT and claim.certainty is Certainty.PRESUMED


def _differ(name: str, said: Sequence[Claim]) -> bool:
    """Say whether these cannot all be true: a month and a day of it can."""
    if len({claim.value for claim in said}) < 2:  # noqa: PLR2004 - two that say the same agree
        return False
    match name:
        case "date":
            dates = [date_claimed(claim) for claim in said]
            return agreed_date(one for one in dates if one) is None
        case "city":
            return not agreed_cities(cities_claimed(claim) for claim in said)
        case _:
            return True


def _counts_differ(parts: Iterable[tuple[str, int | None, tuple[Said, ...]]]) -> bool:
    """Say whether two sources that each know of one such group count it differently."""
    told: dict[str, dict[tuple[str, str | None], list[int]]] = {}
    for kind, count, said in parts:
        if said and count is not None:
            by = (said[0].source, said[0].according_to)
            told.setdefault(kind, {}).setdefault(by, []).append(count)
    return any(
        len({counts[0] for counts in sources.values()}) > 1
        for sources in told.values()
        if all(len(counts) == 1 for counts in sources.values())
    )


def is_false(record: Record) -> bool:
    """Say whether it was called false, and nobody stands for it."""
    called = any(claim.field == "happened" and claim.value == "no" for claim in record.claims)
    return called and not record.confirmed_by


def open_questions(record: Record) -> tuple[str, ...]:
    """Name the fields that a complete record has and this one lacks.

    What was decided happened to nobody, what was called false not at all: these lack nothing.
    """
    claimed = {claim.field for claim in record.claims}
    if FactKind.DECISION.value in claimed or is_false(record):
        return ()
    asked = ("types", "date", "place", "actors", "victims", "harm", "evidence", "confirmed_by")
    return tuple(name for name in asked if not getattr(record, name) and name not in claimed)


def asks(record: Record) -> bool:
    """Say whether somebody has to look at a record: sources, answers or files are at odds."""
    return bool(
        contradictions(record)
        or open_questions(record)
        or any(step.disagreements for step in record.case)
        or any(item.is_owed for item in record.evidence)
    )


def outcome(record: Record) -> CaseState | None:
    """Say where the complaint about it stands now, as far as it was written down."""
    return record.case[-1].state if record.case else None


def days_to_answer(record: Record) -> int | None:
    """Count the days from the first complaint to the first answer, where both days are known."""
    filed = next((step for step in record.case if step.state is CaseState.FILED), None)
    if filed is None:
        return None
    later = record.case[record.case.index(filed) + 1 :]
    answer = next((step for step in later if step.reply or step.state in _ANSWERS), None)
    begun, ended = _day(filed), None if answer is None else _day(answer)
    if begun is None or ended is None or ended < begun:
        return None
    return (ended - begun).days


_ANSWERS = frozenset(
    {
        CaseState.ACCEPTED,
        CaseState.REFUSED,
        CaseState.WITHOUT_CONSIDERATION,
        CaseState.ARCHIVED,
        CaseState.NOT_INVESTIGATED,
        CaseState.AGAINST_VICTIM,
    }
)


def _day(step: CaseStep) -> date | None:
    when = step.date
    if (
        when is None
        or when.value is None
        or when.precision not in {Precision.DAY, Precision.EXACT}
    ):
        return None
    return date.fromisoformat(when.value[:10])


# ---------------------------------------------------------------- completing it in chat

_ASKED: Mapping[str, Topic] = {
    "types": Topic.TYPE,
    "date": Topic.DATE,
    "place": Topic.PLACE,
    "actors": Topic.ACTOR,
    "victims": Topic.VICTIM,
    "harm": Topic.HARM,
}
FIRST = tuple(_ASKED.values())  # what is asked of every record
# What may be added.
FURTHER = (Topic.BIAS, Topic.QUOTE, Topic.PROMISE, Topic.LINK, Topic.WORDS, Topic.EVIDENCE)
THIS_WEEK = timedelta(days=7)
LOOKED_AT = 100  # records of a week: meanwhile no alarm is put into words (`make bench`)


def topics(record: Record) -> tuple[Topic, ...]:
    """Say what the team is asked about a record: what it lacks, its city too, where somebody was
    held and whether a lawyer was there, and what became of each promise.
    """
    lacking = {_ASKED[name] for name in open_questions(record) if name in _ASKED}
    place = record.place
    if place is not None and place.city is None and not place.one_of:
        lacking.add(Topic.PLACE)
    if lacks_of_liberty(record):
        lacking.add(Topic.HARM)
    if any(promise.happened is None for promise in record.promises):
        lacking.add(Topic.ACT)
    return tuple(topic for topic in Topic if topic in lacking)


def lacks_of_liberty(record: Record) -> bool:
    """Say whether somebody was held, and nobody has told where, or whether a lawyer was there."""
    held = [one for one in record.harm if one.kind is HarmKind.LIBERTY]
    is_told = any(one.where for one in held) and any(
        one.lawyer_present is not None for one in held
    )
    return bool(held) and not is_told


class Part(StrEnum):
    """Which of its screens: what is still open, or what else may be added."""

    OPEN = "open"
    MORE = "more"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class WeekQuestions(Notice):
    """What is open in the records of this week, in numbers, the newest first."""

    stays = timedelta(minutes=30)

    page: int = 0

    @override
    def card(self) -> str | None:
        return "week-questions"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class IncidentQuestions(Notice):
    """What is open in one record. `kept`: whether an answer that was just given added anything."""

    stays = timedelta(minutes=10)
    is_protected = True

    incident_id: IncidentId
    part: Part = Part.OPEN
    kept: bool | None = None
    page: int = 0

    @override
    def card(self) -> str | None:
        return f"questions:{self.incident_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class StatementList(Notice):
    """The statements of one record that can be corrected, the newest first."""

    stays = timedelta(minutes=10)
    is_protected = True

    incident_id: IncidentId
    page: int = 0

    @override
    def card(self) -> str | None:
        return f"questions:{self.incident_id}"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class StatementScreen(Notice):
    """One statement in full, and what can be done about it. `leaf` is its number in the log."""

    stays = timedelta(minutes=10)
    is_protected = True

    incident_id: IncidentId
    leaf: int

    @override
    def card(self) -> str | None:
        return f"questions:{self.incident_id}"
