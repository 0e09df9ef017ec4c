"""How organizers learn whether updates reach the bot: one line in the menu, and one card."""

from typing import assert_never

from coordination import intake
from handlers.context import Showing
from handlers.screens import Screen
from safety.intake import IntakeTrouble, IntakeUpdate, Trouble


def line(showing: Showing) -> str | None:
    """Give the line for whoever organizes; nothing for anybody else."""
    view = intake.look(showing.work, showing.chat_id)
    if view is None:
        return None
    heard = showing.work.now if view.heard_at is None else view.heard_at
    seconds = max(int((showing.work.now - heard).total_seconds()), 0)
    key = "intake-works" if view.outage is None else "intake-troubled"
    said = [showing.say(key, seconds=seconds, waiting=view.waiting, aside=view.set_aside)]
    if view.is_locked:
        said.append(showing.say("intake-locked"))
    if view.foreign_at is not None:
        day, time = showing.day(view.foreign_at), showing.time(view.foreign_at)
        said.append(showing.say("intake-foreign-seen", day=day, time=time))
    if view.failing_since is not None:
        day, time = showing.day(view.failing_since), showing.time(view.failing_since)
        ways = ", ".join(showing.plain(f"second-kind-{kind.value}") for kind in view.failing)
        said.append(showing.say("intake-second-fails", day=day, time=time, ways=ways))
    return " ".join(said)


def render_trouble(showing: Showing, _notice: IntakeTrouble | IntakeUpdate) -> Screen | None:
    """Say what is wrong and what to do, or when it was and that it is over.

    Somebody else who is quiet now still has the token: that is over when it is exchanged.
    """
    outage = intake.last_outage(showing.work)
    if outage is None:
        return None
    since = showing.time(outage.since)
    if outage.until is None:
        return Screen(showing.say(_key(outage.trouble), since=since))
    seen = intake.foreign_at(showing.work)
    key = "intake-over" if seen is None or seen < outage.since else "intake-foreign-over"
    return Screen(showing.say(key, since=since, until=showing.time(outage.until)))


def _key(trouble: Trouble) -> str:
    match trouble:
        case Trouble.CONFLICT | Trouble.FOREIGN_WEBHOOK:
            return "intake-foreign"
        case Trouble.TOKEN_REFUSED:
            return "intake-token-refused"
        case Trouble.NOT_DELIVERED:
            return "intake-not-delivered"
        case Trouble.NOT_STORED:
            return "intake-not-stored"
        case Trouble.NO_LINE | Trouble.HALTED | Trouble.NO_SENSE:
            return "intake-no-line"
        case _:
            assert_never(trouble)
