"""What organizers are told when the bot was set up again from a copy."""

from handlers.context import Showing
from handlers.screens import Screen
from safety.restoring import Restored


def render_news(showing: Showing, notice: Restored) -> Screen | None:
    """Say from when the copy is, what is not known, and what to do first."""
    day, time = showing.day(notice.made_at), showing.time(notice.made_at)
    return Screen(showing.say("restoring-news", day=day, time=time))
