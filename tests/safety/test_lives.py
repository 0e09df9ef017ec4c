"""The table of lives is whole: every kind once, each about somebody told or about nobody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety import retention
from safety.disclosure import Release
from safety.events import Event
from safety.kinds import EndedBy, Kind
from safety.lives import LIVES, lasting, life_of
from safety.notices import NOTICES
from safety.people import EventId, Standing
from safety.policy import Policy
from tests.made import gathering

END = datetime(2027, 5, 28, 16, tzinfo=UTC)
LASTS = timedelta(hours=3)
TIMED = {EndedBy.SWEEP, EndedBy.TIMER}
NOBODY = {  # what tells of no person
    *(Kind.TIMERS, Kind.LINKS, Kind.OUTLINES, Kind.BARE_OUTLINES, Kind.PROOFS, Kind.CHECKPOINTS),
    *(Kind.RECEIPTS, Kind.COUNTERS, Kind.DOOMED_KEYS, Kind.TRIES, Kind.CONTROL, Kind.KEYS),
    *(Kind.DATABASE_COPY, Kind.CLOSED_CASES, Kind.PURGED, Kind.ESCROW, Kind.OUTGOING),
    *(Kind.BALLAST, Kind.REPORT_LINKS, Kind.HANDLED_UPDATES),
}


def _event(cancelled_at: datetime | None = None) -> Event:
    return replace(gathering(EventId(1), END - LASTS, LASTS), cancelled_at=cancelled_at)


def test_every_kind_stands_in_the_table_once() -> None:
    """Nothing is kept that the table does not name."""
    assert [life.kind for life in LIVES] == list(Kind)


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.kind.name)
def test_a_line_says_what_ends_it(life: object) -> None:
    """A time, a deed, or plainly that nothing does."""
    line = next(one for one in LIVES if one is life)
    assert bool(line.lasts) == bool(line.since)
    assert line.lasts is not None or line.until
    assert not (line.ended_by in TIMED and line.lasts is None)
    assert not line.setting or line.lasts is not None
    assert line.why
    assert (line.told is None) == (line.kind in NOBODY)


def test_what_has_no_time_has_none() -> None:
    """Nobody counts on a time that nothing enforces."""
    with pytest.raises(ValueError, match="incidents"):
        lasting(Kind.RECORDS, Policy())


def test_notices_stay_no_longer_than_the_table_says() -> None:
    """What a notice says of itself and what the table tells people is one and the same."""
    longest = max(kind.stays for kind in NOTICES.values() if kind.stays is not None)
    assert longest == lasting(Kind.MESSAGES, Policy())
    assert Release.stays == lasting(Kind.PLACE_MESSAGES, Policy())
    assert lasting(Kind.PLACE_MESSAGES, Policy(places_stay=timedelta(hours=2))).seconds == 7200


def test_lives_count_from_the_end_or_from_being_called_off() -> None:
    """Of an event that was called off half a year ahead nobody is known for half a year more."""
    policy = Policy()
    called_off = _event(END - timedelta(days=100))
    assert retention.forgotten_at(called_off, policy) == END - timedelta(days=86)
    assert retention.vouched_until(called_off, policy) == END - timedelta(days=100)
    assert retention.awaited_until(called_off, policy) == END - timedelta(days=99)
    for late in (_event(END + timedelta(days=1)), _event(END - timedelta(hours=1))):
        assert retention.awaited_until(late, policy) == END
    assert retention.vouched_until(_event(END + timedelta(days=1)), policy) == END


@given(people=st.integers(1, 365), traces=st.integers(1, 365))
def test_traces_never_outlive_the_people(people: int, traces: int) -> None:
    """Whatever is set, where somebody was is not known longer than who that was."""
    policy = Policy(people_kept=timedelta(days=people), traces_kept=timedelta(days=traces))
    event = _event()
    order = (
        retention.vouched_until(event, policy),
        retention.traced_until(event, policy),
        retention.forgotten_at(event, policy),
    )
    assert list(order) == sorted(order)


@pytest.mark.parametrize("standing", Standing)
def test_whoever_is_not_approved_is_told_the_end_of_the_event(standing: Standing) -> None:
    """The screen of somebody who waits promises what the timer keeps."""
    kept = retention.kept_of(standing, _event(), Policy())
    assert all(life_of(kind).told is not None for kind in kept)
    is_approved = standing is Standing.APPROVED
    assert (max(kept.values()) == END) is not is_approved
