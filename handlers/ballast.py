"""How organizers learn that the machine's storage is nearly full."""

from handlers.context import Showing
from handlers.screens import Screen
from safety.ballast import StorageLow


def render_low(showing: Showing, _notice: StorageLow) -> Screen | None:
    """Say what it means and what to do."""
    return Screen(showing.say("storage-low"))
