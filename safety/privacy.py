"""What a person may know and have of their own: what is kept, for how long; erase it; clear it."""

from dataclasses import dataclass
from datetime import timedelta

from safety.notices import Notice, notice


@notice
@dataclass(frozen=True, slots=True, repr=False)
class PrivacyScreen(Notice):
    """What is kept about this person, for how long, and what can be done; read anew when shown."""

    stays = timedelta(hours=1)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class ErasureQuestion(Notice):
    """Asks once more before everything of this person goes."""

    stays = timedelta(hours=1)
