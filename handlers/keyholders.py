"""What organizers and deputies are told of keys: whose, and the words to compare by voice."""

from handlers.context import Showing
from handlers.screens import Screen
from handlers.team import role_key
from safety.keyholders import KeyNews


def render_news(showing: Showing, notice: KeyNews) -> Screen | None:
    """Say whose key was added or removed on the server."""
    text = showing.say(
        f"keyholders-{notice.change.value}",
        name=notice.name,
        role=showing.plain(role_key(notice.role)),
        words=notice.words,
    )
    return Screen(text)
