"""From a notice to a screen: one table, asked at the moment of sending, from what is true then.

A renderer that gives None withdraws the notice: there is nothing to show any more. One that
refuses, as a use case does, shows why: what is locked is answered with one sentence (ADR-0012).
"""

from dataclasses import replace

from coordination.turns import Work
from handlers.context import Showing, Table
from handlers.screens import Screen
from handlers.texts import Texts
from safety.errors import NotAllowedError, RefusalError
from safety.notices import CallbackAnswer, IfUnknown, Notice, Say
from safety.people import Recipient


def render(  # noqa: PLR0913 - what a showing is made of
    work: Work,
    table: Table,
    texts: Texts,
    recipient: Recipient,
    notice: Notice,
    *,
    attempt: int = 1,
) -> Screen | None:
    """Put a notice into words for one person; None where it has nothing to say any more.

    From the second `attempt` on, what is sent again says which one it is; what asks whether it
    arrived does so in words of its own, and a pin has none.
    """
    is_repeat = attempt > 1
    showing = Showing(work, texts, table, recipient.language, recipient.chat_id, is_repeat)
    renderer = table.renderers.get(type(notice))
    if renderer is None:
        return None
    try:
        screen = renderer(showing, notice)
        is_numbered = is_repeat and notice.if_unknown is IfUnknown.SEND_AGAIN
        if screen is not None and screen.text and is_numbered:
            screen = replace(screen, again=showing.say("sent-again", number=attempt))
    except NotAllowedError:
        return None
    except RefusalError as refusal:
        return Screen(showing.say(refusal.key, **refusal.values))
    else:
        return screen


def render_say(showing: Showing, notice: Say) -> Screen | None:
    """Show one text of the catalogue."""
    return Screen(showing.say(notice.key, **dict(notice.values)))


def render_callback_answer(showing: Showing, notice: CallbackAnswer) -> Screen | None:
    """Show the short text on top of the chat, or nothing but the end of waiting."""
    if notice.key is None:
        return Screen("")
    return Screen(showing.plain(notice.key, **dict(notice.values)))
