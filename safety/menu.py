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

MANY = 12  # commands; more than these are looked for too long


class MenuPage(StrEnum):
    """One page of the menu."""

    FIRST = "first"
    EVENT = "event"
    TEAM = "team"
    CASE = "case"
    DATA = "data"
    SELF = "self"


PAGES: Mapping[MenuPage, tuple[str, ...]] = {
    MenuPage.FIRST: (
        *("sos", "taken", "board", "event", "people", "rollcall", "hold", "report", "confirm"),
        "rights",
    ),
    MenuPage.EVENT: ("threats", "venue", "release", "relocate", "invite", "mark"),
    MenuPage.TEAM: ("team", "freeze"),
    MenuPage.CASE: ("case", "incidents"),
    MenuPage.DATA: ("lock", "purge"),
    MenuPage.SELF: ("here", "safe", "home", "leave", "privacy", "language"),
}  # what stands nowhere here is on the first page, at its end


def pages(names: Sequence[str]) -> Mapping[MenuPage, Sequence[str]]:
    """Spread somebody's commands over pages, none of them empty; few stay together, in order."""
    if len(names) <= MANY:
        order = [name for listed in PAGES.values() for name in listed]
        rank = {name: number for number, name in enumerate(order)}
        return {MenuPage.FIRST: sorted(names, key=lambda name: rank.get(name, len(rank)))}
    spread = {page: [name for name in listed if name in names] for page, listed in PAGES.items()}
    known = {name for listed in spread.values() for name in listed}
    spread[MenuPage.FIRST] += [name for name in names if name not in known]
    return {page: found for page, found in spread.items() if found}


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Menu(Notice):
    """What this person can do here, with a button for each; read anew when it is shown."""

    page: MenuPage = MenuPage.FIRST


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
