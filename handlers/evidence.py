"""What is said of files that people sent: kept under a number, or still owed."""

from handlers.context import Showing
from handlers.screens import Screen
from safety.evidence import EvidenceKept, EvidenceOwed


def render_kept(showing: Showing, notice: EvidenceKept) -> Screen | None:
    """Say that a file is sealed away, and leave the original to its owner."""
    what = showing.plain(f"evidence-{notice.kind.value}", number=notice.number)
    return Screen(showing.say("evidence-kept", what=what))


def render_owed(showing: Showing, notice: EvidenceOwed) -> Screen | None:
    """Say that a file could not be fetched and stays owed."""
    what = showing.plain(f"evidence-{notice.kind.value}", number=notice.number)
    if notice.copy is None:
        return Screen(showing.say("evidence-owed", what=what))
    copy = showing.plain(f"evidence-{notice.copy_kind.value}", number=notice.copy)
    return Screen(showing.say("evidence-owed-copied", what=what, copy=copy))
