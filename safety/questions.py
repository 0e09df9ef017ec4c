"""What a reader of a record has to be told: where sources disagree, and what nobody has said."""

from safety.facts import FactKind
from safety.records import Record

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
