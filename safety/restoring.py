"""A restored bot says what it cannot know: all that came after the copy it was made from.

Nothing may be told from a copy that has been overtaken: places go on hold until people have looked
at them, whatever the timers say.
"""

from dataclasses import dataclass
from datetime import datetime

from safety.notices import Lane, Notice, notice
from safety.people import TeamId

NUMBERS_SKIPPED = 100  # so that no number that people have said stands for something else
NOBODY = TeamId(0)  # who holds what is on hold after a restore


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Restored(Notice):
    """The bot was set up again from a copy of this moment."""

    lane = Lane.HOLD

    made_at: datetime
    listed_at: datetime | None = None  # what was forgotten until then is gone in the copy too
