"""Three minutes that explain everything, ending with one practice press that calls nobody.

It is there before anybody is afraid: whoever has pressed once finds the key in the dark.
"""

from dataclasses import dataclass
from enum import StrEnum

from safety.notices import Notice, notice


class Page(StrEnum):
    """One screen of the explanation, in this order."""

    PLACE = "place"
    WAY = "way"
    TAKEN = "taken"
    TROUBLE = "trouble"
    PRESSED = "pressed"  # what the practice press brings


def after(page: Page) -> Page | None:
    """Give the page that follows, or None after the last."""
    pages = tuple(Page)
    following = pages.index(page) + 1
    return pages[following] if following < len(pages) else None


@notice
@dataclass(frozen=True, slots=True, repr=False)
class PracticePage(Notice):
    """One screen of the explanation."""

    page: Page
