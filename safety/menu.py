"""The menu: what stands on its first page, what behind a name; and the sentence for strangers.

Whoever can do much finds what cannot wait first, in the order in which it cannot wait. Whoever can
do little has all of it on one page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from typing_extensions import override

from safety.notices import Lane, Notice, notice
from safety.paging import MOST


class MenuPage(StrEnum):
    """One page of the menu."""

    FIRST = "first"
    EVENT = "event"
    PEOPLE = "people"
    TEAM = "team"
    CASE = "case"
    SELF = "self"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something belongs; what cannot wait comes to the first page while there is room."""

    page: MenuPage
    is_urgent: bool = False


def spread(places: Sequence[Place]) -> Mapping[MenuPage, Sequence[int]]:
    """Spread what somebody can do, given in its order, over pages: numbers from 0, each once.

    The first page has no more buttons than a screen, those to other pages among them; few stay
    together; a page with one thing on it is that thing.
    """
    every = range(len(places))
    if len(places) <= MOST:
        return {MenuPage.FIRST: every}
    ahead = [one for one in every if places[one].is_urgent or places[one].page is MenuPage.FIRST]
    first, behind = list[int](), _behind(places, every)
    while len(first) < min(len(ahead), MOST - len(behind)):
        first = ahead[: MOST - len(behind)]
        behind = _behind(places, [one for one in every if one not in first])
    alone = [found[0] for found in behind.values() if len(found) == 1]
    several = {page: found for page, found in behind.items() if len(found) > 1}
    return {MenuPage.FIRST: [*first, *alone], **several}


def _behind(places: Sequence[Place], left: Sequence[int]) -> Mapping[MenuPage, Sequence[int]]:
    """Give what is left on each page behind the first, no page of these empty."""
    pages = (page for page in MenuPage if page is not MenuPage.FIRST)
    found = {page: [one for one in left if places[one].page is page] for page in pages}
    return {page: numbers for page, numbers in found.items() if numbers}


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Menu(Notice):
    """What this person can do here, with a button for each; read anew when it is shown."""

    page: MenuPage = MenuPage.FIRST
    part: int = 0  # of a page that is longer than a screen


@notice
@dataclass(frozen=True, slots=True, repr=False)
class StrangerSentence(Notice):
    """The same neutral sentence for everybody the bot does not know, and for every bad link."""

    lane = Lane.HOUSEKEEPING
    valid_for = timedelta(minutes=10)
    stays = timedelta(minutes=10)
    rings = False

    @override
    def card(self) -> str | None:
        return "stranger"
