"""The buttons that turn the pages of a list: the same two everywhere (ADR-0035)."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from handlers.buttons import Payload
from handlers.context import Showing
from handlers.screens import Press, Rows
from safety.paging import Page

T = TypeVar("T")


def turns(showing: Showing, page: Page[T], press: Callable[[int], Payload]) -> Rows:
    """Give the row that leads to the pages before and after, where there are any."""
    row = []
    if page.has_before:
        row.append(showing.button("button-page-before", press(page.number - 1)))
    if page.has_after:
        row.append(showing.button("button-page-after", press(page.number + 1)))
    return (tuple(row),) if row else ()


def in_rows(presses: Sequence[Press], width: int) -> Rows:
    """Put buttons side by side, `width` in a row."""
    starts = range(0, len(presses), width)
    return tuple(tuple(presses[start : start + width]) for start in starts)
