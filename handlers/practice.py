"""The explanation in three minutes: a few screens in one message, and the practice press.

Practising stores nothing and calls nobody. *This is real* stands under it and raises an alarm like
*I need help* anywhere else, so that nobody who is attacked while practising has to look for a key.
"""

from collections.abc import Sequence

from handlers.buttons.alarms import SosPress
from handlers.buttons.menu import MenuEntry
from handlers.buttons.practice import BEGIN, PracticePress
from handlers.context import Request, Showing
from handlers.screens import Press, Screen
from safety.permissions import Action
from safety.practice import Page, PracticePage, after

ANY_EVENT = 0  # the alarm finds the event that is on
NAMED = {  # the buttons that a page speaks of, by the words that stand on them
    Page.PLACE: {"show": "button-show"},
    Page.WAY: {
        "way": "button-checkin-on-the-way",
        "here": "button-checkin-here",
        "home": "button-checkin-home",
    },
    Page.TAKEN: {"taken": "alarm-button-taken"},
}


def offer(showing: Showing) -> Sequence[Press]:
    """Give the way to it to whoever may call for help."""
    may_call = showing.may(Action.RAISE_ALARM)
    return (showing.button("practice-button-begin", BEGIN),) if may_call else ()


def press_page(request: Request, press: PracticePress) -> str | None:
    """Turn to a page; the last one is what a practice press brings."""
    request.turn.reply(PracticePage(press.page))
    return None


def render_page(showing: Showing, notice: PracticePage) -> Screen | None:
    """Show one page."""
    page, following = notice.page, after(notice.page)
    leave = (showing.button("menu-help", MenuEntry("help")),)
    if following is None:
        text = showing.say("practice-pressed", time=showing.time(showing.work.now))
        real = showing.button("practice-button-real", SosPress(ANY_EVENT))
        return Screen(text, ((real,), leave))
    labels = {name: showing.plain(key) for name, key in NAMED.get(page, {}).items()}
    key = "practice-button-press" if following is Page.PRESSED else "practice-button-on"
    on = showing.button(key, PracticePress(following))
    return Screen(showing.say(f"practice-{page.value}", **labels), ((on,), leave))
