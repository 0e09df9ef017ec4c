"""What a reader of a record has to be told: where sources disagree, what nobody has said, and
how a complaint went.
"""

from datetime import date

from safety.facts import FactKind
from safety.records import CaseState, CaseStep, Precision, Record

# Claims of these fields may all be true at once: each call for help, each statement, each sign.
MANY = frozenset({"bias", "types", "statement", *(kind.value for kind in FactKind)})


def contradictions(record: Record) -> tuple[str, ...]:
    """Name the fields of which two claims say different things, where only one can be true."""
    values: dict[str, set[str]] = {}
    for claim in record.claims:
        values.setdefault(claim.field, set()).add(claim.value)
    return tuple(name for name, said in values.items() if len(said) > 1 and name not in MANY)


def open_questions(record: Record) -> tuple[str, ...]:
    """Name the fields that a complete record has and this one lacks."""
    claimed = {claim.field for claim in record.claims}
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
