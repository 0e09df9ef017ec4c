"""What organizers are told when the bot was set up again from a copy."""

from handlers.context import Showing
from handlers.screens import Screen
from safety.restoring import Restored


def render_news(showing: Showing, notice: Restored) -> Screen | None:
    """Say from when the copy is, what is not known, and what to do first."""
    day, time = showing.day(notice.made_at), showing.time(notice.made_at)
    lines = [showing.say("restoring-news", day=day, time=time)]
    if notice.listed_at is not None:
        day, time = showing.day(notice.listed_at), showing.time(notice.listed_at)
        lines.append(showing.say("restoring-forgotten", day=day, time=time))
    return Screen("\n".join(lines))
