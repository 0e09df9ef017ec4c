"""What a person may know and have of their own: what is kept, for how long; erase it; clear it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from typing_extensions import override

from safety.notices import DELETABLE, STAYS, Lane, Notice, notice


@notice
@dataclass(frozen=True, slots=True, repr=False)
class PrivacyScreen(Notice):
    """What is kept about this person, for how long, and what can be done; read anew when shown."""

    stays = timedelta(hours=1)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ErasureReceipt(Notice):
    """What was erased of whoever reads it, in numbers, and when; this goes by itself, too.

    It shows no checkpoint of the log: a line of those in a chat is a timeline on a seized phone.
    """

    at: datetime
    registrations: int
    messages: int  # taken from the chat
    is_key_owed: bool = False  # locked: the old key is replaced when it is opened


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LeaveTeamQuestion(Notice):
    """Asks once more before somebody leaves the team."""

    stays = timedelta(hours=1)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ErasureQuestion(Notice):
    """Asks once more before everything of this person goes."""

    stays = timedelta(hours=1)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class OldLeft(Notice):
    """Older messages stay in this chat: the bot was off for hours, and nobody can delete them."""

    lane = Lane.HOUSEKEEPING

    @override
    def card(self) -> str | None:
        return "old-left"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class CopiesLeft(Notice):
    """How many messages may stand in this chat that nobody can take back."""

    stays = timedelta(hours=1)


def is_too_old(can_go_until: datetime | None, now: datetime) -> bool:
    """Say whether a message that surely could be deleted until then can be no more."""
    return can_go_until is not None and now - can_go_until >= DELETABLE - STAYS
