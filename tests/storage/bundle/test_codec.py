"""A record is written down without loss and without invention."""

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety import questions, records
from safety.records import Claim, Precision, Record, RecordDate
from storage.bundle import codec
from tests.storage.bundle.cases import RECORDS

DATES = st.sampled_from(
    [
        RecordDate(Precision.EXACT, "2026-05-28T18:04:00+05:00"),
        RecordDate(Precision.DAY, "2026-05-28"),
        RecordDate(Precision.ON_OR_BEFORE, "2026-05-29"),
        RecordDate(Precision.MONTH, "2026-05"),
        RecordDate(Precision.YEAR, "2026"),
        RecordDate(Precision.NONE),
    ]
)
MOMENTS = st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1))  # noqa: DTZ001
st.register_type_strategy(RecordDate, DATES)
st.register_type_strategy(datetime, MOMENTS)
st.register_type_strategy(float, st.floats(-180, 180))


@given(st.from_type(Record))
def test_any_record_comes_back_as_it_was_and_what_is_unknown_is_absent(record: Record) -> None:
    """Every word stays; no null, no empty list, no empty part stands in a written record."""

    def holds(value: object) -> bool:
        if isinstance(value, dict):
            return all(each is not None and each != [] and holds(each) for each in value.values())
        return not isinstance(value, list) or all(holds(each) for each in value)

    written = codec.canonical(record)
    assert codec.read(written) == record
    assert holds(json.loads(written))


def test_the_records_of_the_brief_are_kept_whole() -> None:
    """Two dates of two sources both stay; a presumed tailing stays presumed."""
    attack = codec.read(codec.canonical(RECORDS[2]))
    assert [claim.value for claim in attack.claims if claim.field == "date"] == [
        "2026-05-28",
        "2026-05-29",
    ]
    assert questions.contradictions(attack) == ("date",)
    tailed = codec.read(codec.canonical(RECORDS[1]))
    assert tailed.claims[0].certainty is records.Certainty.PRESUMED
    assert questions.open_questions(tailed) == (
        *("actors", "victims", "harm", "evidence", "confirmed_by"),
    )


def test_several_signs_of_bias_do_not_contradict_each_other() -> None:
    """Only statements of which one must be wrong are called a contradiction."""
    record = Record(
        id=1,
        claims=(
            Claim("bias", "slur", "a", records.Certainty.WITNESSED),
            Claim("bias", "pattern", "b", records.Certainty.ASSESSED),
        ),
    )
    assert questions.contradictions(record) == ()


@pytest.mark.parametrize(
    ("precision", "value"),
    [
        (Precision.DAY, "2026-05"),
        (Precision.DAY, "2026-02-30"),
        (Precision.MONTH, "2026-05-28"),
        (Precision.MONTH, "2026-13"),
        (Precision.YEAR, "26"),
        (Precision.EXACT, "2026-05-28"),
        (Precision.EXACT, "2026-05-28T18:04:00"),
        (Precision.NONE, "2026"),
        (Precision.DAY, None),
        (Precision.DAY, "20260528"),
    ],
)
def test_a_date_is_never_more_exact_than_it_is_known(
    precision: Precision, value: str | None
) -> None:
    """A month is not written as its first day."""
    with pytest.raises(ValueError, match="precision"):
        RecordDate(precision, value)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"id":"x"}', '{"id":1,"types":["nonsense"]}'])
def test_what_is_no_record_is_not_read(text: str) -> None:
    """Nothing is guessed from a damaged text."""
    with pytest.raises((ValueError, msgspec.ValidationError)):
        codec.read(text)


def test_every_type_belongs_to_one_group() -> None:
    """The taxonomy is complete."""
    grouped = [each for _, types in records.GROUPS for each in types]
    assert sorted(grouped) == sorted(records.IncidentType)


def test_the_documents_hold_the_schema_that_bundles_carry() -> None:
    """`make docs` has been run since a record last changed."""
    page = Path(__file__).parents[3] / "docs" / "record-schema.json"
    assert page.read_text("utf-8") == codec.schema()


def test_the_schema_names_the_fields_of_the_contract_and_allows_no_null() -> None:
    """Whoever reads the bundle knows what to expect."""
    schema = json.loads(codec.schema())
    assert schema["version"] == records.SCHEMA_VERSION
    assert set(schema["$defs"]["Record"]["properties"]) == {
        *("id", "types", "claims", "date", "place", "actors", "victims", "harm", "quotes"),
        *("promises", "evidence", "case", "links", "confirmed_by", "corrections", "committed"),
    }
    assert "null" not in codec.schema()
