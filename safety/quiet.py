"""Quiet: somebody else may be holding this phone, so it shows nothing and is told nothing.

The key is taken away by a message, since not every phone drops it with its anchor; that message
goes at once too (ADR-0008).
"""

from dataclasses import dataclass
from datetime import timedelta

from safety.notices import IfUnknown, Lane, Notice, notice


@notice
@dataclass(frozen=True, slots=True, repr=False)
class KeyRemoval(Notice):
    """Takes the permanent key away, without a sound, and is deleted right after."""

    lane = Lane.ALARM
    if_unknown = IfUnknown.SEND_AGAIN
    stays = timedelta(0)
    rings = False
