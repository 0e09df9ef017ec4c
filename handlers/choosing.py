"""Asks which event a command means, where more than one is on or coming."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from coordination import choosing
from handlers import paging
from handlers.buttons.choosing import EventChoicePage, EventPress
from handlers.buttons.menu import MenuEntry
from handlers.context import Request, Showing
from handlers.screens import Screen
from safety.choosing import EventChoice
from safety.errors import RefusalError
from safety.paging import cut
from safety.people import EventId

ForEvent = Callable[[Request, EventId], None]


def with_event(request: Request, command: str, run: ForEvent) -> None:
    """Run for the event that is meant; where several could be, ask.

    Raises:
        RefusalError: there is no event.
    """
    found = choosing.events_meant(request.turn)
    if not found:
        raise RefusalError("choose-no-event")
    if len(found) > 1:
        request.turn.reply(EventChoice(command))
        return
    run(request, found[0].id)


def afresh(request: Request) -> Request:
    """Have what follows written as new messages: the pressed card stays as it is."""
    return replace(request, turn=replace(request.turn, pressed=None))


def render_choice(showing: Showing, notice: EventChoice) -> Screen | None:
    """Show the events, each by its title and day, to whoever may use the command."""
    command = showing.table.command(notice.command)
    if command is None or not showing.may(command.action):
        return None
    page = cut(choosing.events_meant(showing.work), notice.page, beside=1)
    rows = tuple(
        (
            showing.button(
                "choose-event",
                EventPress(notice.command, event.id),
                title=event.title,
                day=showing.day(event.starts_at, event.tzinfo),
            ),
        )
        for event in page.items
    )
    turns = paging.turns(showing, page, partial(EventChoicePage, notice.command))
    cancel = (showing.button("button-cancel", MenuEntry("help")),)
    return Screen(showing.say("choose-which"), (*rows, *turns, cancel))
