"""A command goes on for the event that was pressed."""

from collections.abc import Mapping

from handlers import board, invitations, people, rollcalls, threats, venues
from handlers.buttons.choosing import EventChoicePage, EventPress
from handlers.choosing import ForEvent
from handlers.context import Request
from safety.choosing import EventChoice
from safety.errors import OutdatedError
from safety.people import EventId

RUNS: Mapping[str, ForEvent] = {
    "invite": invitations.start_for,
    "people": people.show_for,
    "venue": venues.open_venue,
    "release": venues.release_for,
    "hold": venues.hold_for,
    "relocate": venues.relocate_for,
    "threats": threats.show_for,
    "board": board.show_for,
    "rollcall": rollcalls.start_for,
}


def press_event(request: Request, press: EventPress) -> str | None:
    """Run a command for an event, if this person may use it.

    Raises:
        OutdatedError: there is no such command.
    """
    _run_of(request, press.command)(request, EventId(press.event_id))
    return None


def press_page(request: Request, press: EventChoicePage) -> None:
    """Show another page of the events, if this person may use the command.

    Raises:
        OutdatedError: there is no such command.
    """
    _run_of(request, press.command)
    request.turn.reply(EventChoice(press.command, press.page))


def _run_of(request: Request, name: str) -> ForEvent:
    command, run = request.table.command(name), RUNS.get(name)
    if command is None or run is None:
        raise OutdatedError
    request.turn.require(command.action)
    return run
