"""A command goes on for the event that was pressed."""

from collections.abc import Mapping

from handlers import board, invitations, people, rollcalls, threats, venues
from handlers.buttons.choosing import EventPress
from handlers.choosing import ForEvent
from handlers.context import Request
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
    command, run = request.table.command(press.command), RUNS.get(press.command)
    if command is None or run is None:
        raise OutdatedError
    request.turn.require(command.action)
    run(request, EventId(press.event_id))
    return None
