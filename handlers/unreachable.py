"""Whom to call: a count for the organizers' eyes, the names on a tap."""

from coordination import unreachable
from handlers.buttons.board import BoardSectionPress
from handlers.buttons.team import TeamListPress
from handlers.context import Showing
from handlers.screens import Screen
from safety.board import Section
from safety.unreachable import Unreachable


def render_unreachable(showing: Showing, notice: Unreachable) -> Screen | None:
    """Say how many take no messages; nothing once all of them can be reached again."""
    number = unreachable.count(showing.work, notice.event_id)
    if not number:
        return None
    first = showing.say("unreachable-first")
    if notice.event_id is None:
        who = showing.button("unreachable-button-who", TeamListPress())
        said = showing.count("unreachable-team", number)
    else:
        section = BoardSectionPress(notice.event_id, Section.UNREACHABLE)
        who = showing.button("unreachable-button-who", section)
        event = unreachable.look_event(showing.work, notice.event_id)
        title = "" if event is None else event.title
        said = showing.count("unreachable-event", number, title=title)
    return Screen(f"{first}\n{said}", ((who,),))
