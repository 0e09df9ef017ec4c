"""What does not get out: numbers for the organizers' eyes, and that somebody has to call."""

from coordination import undelivered
from handlers.context import Showing
from handlers.screens import Screen
from safety.undelivered import Undelivered


def render_undelivered(showing: Showing, notice: Undelivered) -> Screen | None:
    """Say how much is stuck and how much was given up; nothing where all of it has arrived."""
    stuck = undelivered.count_stuck(showing.work)
    lines = [showing.say("undelivered-stuck", number=stuck)] if stuck else []
    if notice.given_up:
        lines.append(showing.say("undelivered-given-up", number=notice.given_up))
    return Screen("\n".join([showing.say("unreachable-first"), *lines])) if lines else None
