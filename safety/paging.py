"""Lists longer than a screen: few buttons at a time, and a press for the rest (ADR-0035).

A page that is no longer there, since the list shrank or an old button was pressed, is the nearest
one that is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

MOST = 8  # buttons on one screen; more are looked for too long

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class Page(Generic[T]):
    """What stands on one page, and whether there is more on either side of it."""

    number: int
    items: Sequence[T]
    has_before: bool
    has_after: bool


def cut(found: Sequence[T], wanted: int, beside: int = 0, each: int = 1) -> Page[T]:
    """Give the page that is wanted, or the nearest one.

    `beside` buttons stand under every page, and `each` item has as many of its own.
    """
    starts = _starts(len(found), MOST - beside, each)
    number = min(max(wanted, 0), len(starts) - 1)
    start, *following = starts[number:]
    items = found[start : following[0]] if following else found[start:]
    return Page(number, items, has_before=number > 0, has_after=bool(following))


def cut_by_length(lengths: Sequence[int], wanted: int, room: int) -> Page[int]:
    """Give the page that is wanted of texts, or the nearest one, by the places of its texts.

    `lengths` are theirs; a page holds as many as have `room`, and one at least.
    """
    starts, used = [0], 0
    for place, length in enumerate(lengths):
        if used and used + length > room:
            starts.append(place)
            used = 0
        used += length
    number = min(max(wanted, 0), len(starts) - 1)
    start, *following = [*starts[number:], len(lengths)]
    items = range(start, following[0])
    return Page(number, items, has_before=number > 0, has_after=len(following) > 1)


def _starts(count: int, room: int, each: int) -> list[int]:
    """Say where each page begins; the first and the last have one button that turns, not two."""
    if count * each <= room:
        return [0]
    at_an_end, between = max((room - 1) // each, 1), max((room - 2) // each, 1)
    starts = [0, at_an_end]
    while count - starts[-1] > at_an_end:
        starts.append(starts[-1] + between)
    return starts
