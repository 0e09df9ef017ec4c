"""Notices of the menu, and of the one sentence that strangers get."""

from dataclasses import dataclass
from datetime import timedelta

from typing_extensions import override

from safety.notices import Lane, Notice, notice


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Menu(Notice):
    """What this person can do here, with a button for each; read anew when it is shown."""


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
