"""Days and hours are read strictly: what is not exactly one is refused, never guessed."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety import dates
from safety.errors import RefusalError
from safety.records import Precision, RecordDate

TODAY = date(2027, 5, 26)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("28.05", date(2027, 5, 28)),
        ("28.5.", date(2027, 5, 28)),
        ("28.05.2027", date(2027, 5, 28)),
        ("2027-05-28", date(2027, 5, 28)),
        ("26.05", TODAY),
        ("25.05", date(2028, 5, 25)),
        (" 1.1 ", date(2028, 1, 1)),
    ],
)
def test_a_day_is_read(typed: str, day: date) -> None:
    """Without a year it is the next such day."""
    assert dates.read_day(typed, TODAY) == day


@pytest.mark.parametrize(
    "typed",
    [
        "tomorrow",
        "ертең 19:30",
        "31.02",
        "30.02",
        "0.5",
        "28/05",
        "28.05.27",
        "25.05.2027",
        "2027-5-28",
        "28.05.2029",
        "٢٨.٠٥",
        "",
    ],
)
def test_what_is_no_coming_day_is_refused(typed: str) -> None:
    """Words, days that do not exist, days gone by, other writings: all are asked again."""
    with pytest.raises(RefusalError):
        dates.read_day(typed, TODAY)


@pytest.mark.parametrize(
    ("typed", "hour"),
    [("18", time(18)), ("18:30", time(18, 30)), ("18.30", time(18, 30)), ("0:05", time(0, 5))],
)
def test_an_hour_is_read(typed: str, hour: time) -> None:
    """On a clock of 24 hours."""
    assert dates.read_hour(typed) == hour


@pytest.mark.parametrize("typed", ["24", "18:60", "6pm", "18:3", "-1", "18:30:00", "١٨", ""])
def test_what_is_no_hour_is_refused(typed: str) -> None:
    """Nothing is rounded or guessed."""
    with pytest.raises(RefusalError):
        dates.read_hour(typed)


@pytest.mark.parametrize(
    "typed", ["Almaty", "Asia", "../etc/passwd", "/etc/localtime", "UTC+5", "", "Asia/ Almaty"]
)
def test_what_is_no_zone_is_refused(typed: str) -> None:
    """A zone is known by its full name; nothing outside the list of zones is opened."""
    with pytest.raises(RefusalError):
        dates.read_zone(typed)


def test_an_hour_that_the_clocks_skip_is_refused() -> None:
    """On the night the clocks go forward nobody can be told to come at half past two."""
    with pytest.raises(RefusalError):
        dates.moment(date(2027, 3, 28), time(2, 30), "Europe/Berlin")


def test_of_an_hour_that_comes_twice_the_first_is_meant() -> None:
    """On the night the clocks go back the earlier one is safe: nobody comes too late."""
    found = dates.moment(date(2027, 10, 31), time(2, 30), "Europe/Berlin")
    assert found == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_an_end_after_midnight_is_on_the_next_day() -> None:
    """From 20:00 to 01:00 are five hours."""
    starts_at, ends_at = dates.span(TODAY, time(20), time(1), "Asia/Almaty")
    assert (ends_at - starts_at).total_seconds() == 5 * 3600


@given(
    st.dates(date(2024, 1, 1), date(2040, 1, 1)),
    st.times(),
    st.sampled_from(["Asia/Almaty", "Europe/Berlin", "America/New_York", "Pacific/Apia"]),
)
def test_a_moment_is_shown_as_it_was_said(day: date, hour: time, zone: str) -> None:
    """Whatever is accepted, the zone's clocks show it at that moment."""
    try:
        found = dates.moment(day, hour, zone)
    except RefusalError:
        return
    assert found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == datetime.combine(day, hour)


NOW = datetime(2027, 5, 26, 5, 0, tzinfo=UTC)  # 10:00 in Almaty


@pytest.mark.parametrize(
    ("typed", "precision", "written"),
    [
        ("28.05", Precision.DAY, "2026-05-28"),
        ("26.05", Precision.DAY, "2027-05-26"),
        ("29.02", Precision.DAY, "2024-02-29"),
        ("2026-05-28", Precision.ON_OR_BEFORE, "2026-05-28"),
        ("28.05.2026 18:30", Precision.EXACT, "2026-05-28T18:30:00+05:00"),
        ("26.05 9", Precision.EXACT, "2027-05-26T09:00:00+05:00"),
        ("5.2026", Precision.MONTH, "2026-05"),
        ("2026-05", Precision.MONTH, "2026-05"),
        ("2026", Precision.YEAR, "2026"),
    ],
)
def test_what_is_past_is_read_as_exactly_as_it_is_known(
    typed: str, precision: Precision, written: str
) -> None:
    """A day without its year is the latest such day; a month stays a month."""
    found = dates.read_past(typed, precision, NOW, ZoneInfo("Asia/Almaty"))
    assert RecordDate(precision, found).value == written


@pytest.mark.parametrize(
    ("typed", "precision", "refusal"),
    [
        ("tomorrow", Precision.DAY, "unreadable"),
        ("30.02", Precision.DAY, "unreadable"),
        ("27.05.2027", Precision.DAY, "coming"),
        ("26.05.2027 10:01", Precision.EXACT, "coming"),
        ("28.05.2026", Precision.EXACT, "unreadable"),
        ("13.2026", Precision.MONTH, "unreadable"),
        ("06.2027", Precision.MONTH, "coming"),
        ("28.05.2026", Precision.MONTH, "unreadable"),
        ("2028", Precision.YEAR, "coming"),
        ("0000", Precision.YEAR, "unreadable"),
        ("26", Precision.YEAR, "unreadable"),
        ("²026", Precision.YEAR, "unreadable"),
    ],
)
def test_what_has_not_come_yet_or_is_written_otherwise_is_refused(
    typed: str, precision: Precision, refusal: str
) -> None:
    """Nothing is guessed."""
    with pytest.raises(RefusalError) as refused:
        dates.read_past(typed, precision, NOW, ZoneInfo("Asia/Almaty"))
    assert refused.value.key == f"statement-date-{refusal}"
