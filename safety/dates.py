"""Days and hours as people type them: a small strict grammar, never a guess.

A free parser silently read a Kazakh "tomorrow 19:30" as noon, so whatever is not exactly a day or
an hour is refused, and what was understood is shown again before it counts.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from safety.errors import RefusalError
from safety.records import Precision

AHEAD = timedelta(days=366)  # nobody plans further
LONGEST = timedelta(hours=18)  # an evening, with a long night
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}))?\.?", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MONTH = re.compile(r"(?:(\d{1,2})\.(\d{4}))|(?:(\d{4})-(\d{2}))", re.ASCII)
_YEAR = re.compile(r"(?!0000)\d{4}", re.ASCII)
_HOUR = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?", re.ASCII)
_ZONE = re.compile(r"[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*", re.ASCII)


def read_day(typed: str, today: date) -> date:
    """Read `28.05`, `28.05.2027` or `2027-05-28`; without a year it is the next such day.

    Raises:
        RefusalError: it is no day, it is over, or too far away.
    """
    day = _day(typed.strip(), today)
    if day is None:
        raise RefusalError("event-day-unreadable")
    if day < today:
        raise RefusalError("event-day-over")
    if day > today + AHEAD:
        raise RefusalError("event-day-far")
    return day


def read_past(typed: str, precision: Precision, now: datetime, zone: ZoneInfo) -> str:
    """Read when something was, and write it as `RecordDate` does for this precision.

    `28.05.2026` (or ISO) is a day, without a year the latest such day; a day and an hour is a
    moment in `zone`; `05.2026` or `2026-05` a month; `2026` a year.

    Raises:
        RefusalError: it is not written like that, or has not come yet.
    """
    today, words = now.astimezone(zone).date(), typed.split()
    match precision:
        case Precision.EXACT if len(words) == 2:  # noqa: PLR2004 - a day and an hour
            day = _past_day(words[0], today)
            at = moment(day, read_hour(words[1]), zone.key).astimezone(zone)
            return _not_coming(at.isoformat(timespec="seconds"), is_coming=at > now)
        case Precision.DAY | Precision.ON_OR_BEFORE:
            return _past_day(typed.strip(), today).isoformat()
        case Precision.MONTH if found := _MONTH.fullmatch(typed.strip()):
            year, month = (found[2], found[1]) if found[1] else (found[3], found[4])
            first = _date(int(year), int(month), 1)
            if first is not None:
                return _not_coming(first.isoformat()[:7], is_coming=first > today)
        case Precision.YEAR if _YEAR.fullmatch(typed.strip()):
            return _not_coming(typed.strip(), is_coming=int(typed) > today.year)
        case _:
            pass
    raise RefusalError("statement-date-unreadable")


def read_hour(typed: str) -> time:
    """Read `18`, `18:30` or `18.30`, on a clock of 24 hours.

    Raises:
        RefusalError: it is no such hour.
    """
    found = _HOUR.fullmatch(typed.strip())
    try:
        return time(int(found[1]), int(found[2] or 0)) if found else _refuse_hour()
    except ValueError:
        return _refuse_hour()


def read_zone(typed: str) -> str:
    """Read the IANA name of a time zone, such as `Asia/Almaty`.

    Raises:
        RefusalError: there is no such zone.
    """
    name = typed.strip()
    if not _ZONE.fullmatch(name):
        raise RefusalError("event-zone-unknown")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RefusalError("event-zone-unknown") from None
    return name


def moment(day: date, hour: time, zone: str) -> datetime:
    """Give the moment (aware, UTC) at which the zone's clocks show this; of two, the first.

    Raises:
        RefusalError: the clocks are put forward over it, so they never show it.
    """
    local = datetime.combine(day, hour, ZoneInfo(zone))
    found = local.astimezone(UTC)
    if found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise RefusalError("event-hour-skipped")
    return found


def span(day: date, start: time, end: time, zone: str) -> tuple[datetime, datetime]:
    """Give start and end (aware, UTC); an end that is not after the start is on the next day.

    Raises:
        RefusalError: an hour that the clocks skip, or too long a time.
    """
    starts_at = moment(day, start, zone)
    ends_on = day if end > start else day + timedelta(days=1)
    ends_at = moment(ends_on, end, zone)
    if ends_at - starts_at > LONGEST:
        raise RefusalError("event-too-long")
    return starts_at, ends_at


def _past_day(typed: str, today: date) -> date:
    """Read a day that is not ahead; without a year it is the latest such day."""
    dotted = _DAY.fullmatch(typed)
    if dotted is not None and not dotted[3]:
        years = (_date(today.year - back, int(dotted[2]), int(dotted[1])) for back in range(5))
        day = next((one for one in years if one is not None and one <= today), None)
    else:
        day = _day(typed, today)
    if day is None:
        raise RefusalError("statement-date-unreadable")
    if day > today:
        raise RefusalError("statement-date-coming")
    return day


def _not_coming(written: str, *, is_coming: bool) -> str:
    if is_coming:
        raise RefusalError("statement-date-coming")
    return written


def _refuse_hour() -> time:
    raise RefusalError("event-hour-unreadable")


def _day(typed: str, today: date) -> date | None:
    iso, dotted = _ISO.fullmatch(typed), _DAY.fullmatch(typed)
    if iso is not None:
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    if dotted is None:
        return None
    month, number = int(dotted[2]), int(dotted[1])
    if dotted[3]:
        return _date(int(dotted[3]), month, number)
    coming = (_date(today.year + later, month, number) for later in (0, 1))
    return next((day for day in coming if day is not None and day >= today), None)


def _date(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None
