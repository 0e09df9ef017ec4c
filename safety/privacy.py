"""What a person may know and have of their own: what is kept, for how long; erase it; clear it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from safety.notices import Notice, notice


@notice
@dataclass(frozen=True, slots=True, repr=False)
class PrivacyScreen(Notice):
    """What is kept about this person, for how long, and what can be done; read anew when shown."""

    stays = timedelta(hours=1)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ErasureReceipt(Notice):
    """What was erased of whoever reads it, in numbers, and when; this goes by itself, too."""

    at: datetime
    registrations: int
    messages: int  # taken from the chat


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
class CopiesLeft(Notice):
    """How many messages may stand in this chat that nobody can take back."""

    stays = timedelta(hours=1)
