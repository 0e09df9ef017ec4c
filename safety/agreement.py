"""Where sources say the same more or less exactly, and where only one of them can be right.

A month and a day of it do not contradict each other: the day is what both allow. Two days do, and
then nothing is chosen.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from safety.records import Claim, Precision, RecordDate

OR = " / "  # between the cities of which one is meant
DECEMBER = 12
_FINEST = (Precision.EXACT, Precision.DAY, Precision.MONTH, Precision.YEAR, Precision.ON_OR_BEFORE)
_BY_LENGTH = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}


def agreed_date(dates: Iterable[RecordDate]) -> RecordDate | None:
    """Give the most exact of these dates where all of them can be true, else None."""
    known = [one for one in dates if one.value is not None]
    spans = [_span(one) for one in known]
    if not known or max(first for first, _ in spans) > min(last for _, last in spans):
        return None
    if len({one.value for one in known if one.precision is Precision.EXACT}) > 1:
        return None
    return min(known, key=lambda one: (_FINEST.index(one.precision), one.value or ""))


def agreed_cities(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    """Give the cities that every source allows; none where they differ, or there is no source."""
    found = [cities for cities in sets if cities]
    return frozenset.intersection(*found) if found else frozenset()


def date_claimed(claim: Claim) -> RecordDate | None:
    """Read the date that a claim states, as exactly as it was meant."""
    precision = claim.precision or _BY_LENGTH.get(len(claim.value), Precision.EXACT)
    try:
        return RecordDate(precision, claim.value)
    except ValueError:
        return None


def cities_claimed(claim: Claim) -> frozenset[str]:
    """Read the cities of which a claim says it was in one."""
    return frozenset(claim.value.split(OR))


def _span(when: RecordDate) -> tuple[date, date]:
    """Give the first and the last day that a date may mean."""
    value = when.value or ""
    match when.precision:
        case Precision.YEAR:
            return date(int(value), 1, 1), date(int(value), 12, 31)
        case Precision.MONTH:
            year, month = int(value[:4]), int(value[5:])
            is_last = month == DECEMBER
            end = date(year, 12, 31) if is_last else date(year, month + 1, 1) - timedelta(days=1)
            return date(year, month, 1), end
        case Precision.ON_OR_BEFORE:
            return date.min, date.fromisoformat(value)
        case _:
            day = date.fromisoformat(value[:10])
            return day, day
