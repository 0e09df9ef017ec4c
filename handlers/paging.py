"""The buttons that turn the pages of a list: the same two everywhere (ADR-0035)."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from handlers.buttons import Payload
from handlers.context import Showing
from handlers.screens import Press, Rows
from safety.paging import Page, cut_by_length

T = TypeVar("T")

ROOM = 3500  # characters of one page of a long list; the service takes a little more


def turns(showing: Showing, page: Page[T], press: Callable[[int], Payload]) -> Rows:
    """Give the row that leads to the pages before and after, where there are any."""
    row = []
    if page.has_before:
        row.append(showing.button("button-page-before", press(page.number - 1)))
    if page.has_after:
        row.append(showing.button("button-page-after", press(page.number + 1)))
    return (tuple(row),) if row else ()


def by_length(
    showing: Showing, texts: Sequence[str], wanted: int, press: Callable[[int], Payload]
) -> tuple[Sequence[int], Rows]:
    """Give the places of the texts that stand on a page, and the row that turns pages.

    What the service would cut off a longer one are the last of a list, without a word.
    """
    page = cut_by_length([_length(one) for one in texts], wanted, ROOM)
    return page.items, turns(showing, page, press)


def newest(texts: Sequence[str], beside: Sequence[str]) -> Sequence[str]:
    """Give as many of the latest texts as there is room for, `…` in place of what was earlier."""
    left = ROOM - sum(map(_length, beside))
    for start in range(len(texts)):
        if sum(map(_length, texts[start:])) <= left:
            return ("…", *texts[start:]) if start else texts
    return ("…",) if texts else ()


def _length(text: str) -> int:
    """Count as the service does, a break and an empty line with it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 + 2


def in_rows(presses: Sequence[Press], width: int) -> Rows:
    """Put buttons side by side, `width` in a row."""
    starts = range(0, len(presses), width)
    return tuple(tuple(presses[start : start + width]) for start in starts)
