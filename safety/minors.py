"""Numbers of people without the minors among them, where minors are not to be told of.

A number agrees with who is shown. Where it is not sure how many of those who were counted are
minors, it is a number that is true in any case: at least so many.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from safety.cases import Identity
from safety.incidents import Entry
from safety.statements import Fields, Topic, number_in, topic_of
from safety.taxonomy import CountPrecision


def adults(entries: Sequence[Entry], identities: Mapping[str, Identity]) -> tuple[Entry, ...]:
    """Give each entry of one incident; what counts people, without the minors.

    One that tells of minors alone tells of nobody then. What counts no minors is the same object.
    """
    counted = [one for one in entries if topic_of(one) is Topic.VICTIM]
    known = _known(entries, identities)
    return tuple(
        _without(one, _elsewhere(one, counted), known)
        if any(one is each for each in counted)
        else one
        for one in entries
    )


def _known(entries: Iterable[Entry], identities: Mapping[str, Identity]) -> int:
    """Count the minors whom the incident knows one by one."""
    names = {name for one in entries for name in (one.source, one.about) if name is not None}
    return sum(name in identities and identities[name].is_minor for name in names)


def _elsewhere(entry: Entry, counted: Iterable[Entry]) -> int:
    """Give the most minors that another statement names in the same role, corrected or not."""
    same = (one for one in counted if one is not entry)
    found = (
        number_in(one, "minors") for one in same if one.detail("victim") == entry.detail("victim")
    )
    return max((number for number in found if number is not None), default=0)


def _without(entry: Entry, elsewhere: int, known: int) -> Entry:
    minors, count = number_in(entry, "minors"), number_in(entry, "count")
    if minors is None and not (elsewhere or known):
        return entry
    if count is None:
        return entry if minors is None else _told(entry, None)
    fewest = max(known, elsewhere if minors is None else minors)
    left = max(count - fewest, 0)
    if minors == fewest:
        return _told(entry, str(left) if left else None)
    return _told(entry, str(left) if left else "", CountPrecision.AT_LEAST)


def _told(entry: Entry, count: str | None, precision: CountPrecision | None = None) -> Entry:
    """Give a statement with another number: "" for an unknown one; None: it tells of nobody."""
    gone = {"count", "minors", "count_precision", *({"victim"} if count is None else ())}
    kept: Fields = tuple((name, value) for name, value in entry.details if name not in gone)
    told: Fields = (("count", count),) if count else ()
    how: Fields = (("count_precision", precision.value),) if count and precision else ()
    return replace(entry, details=(*kept, *told, *how))
