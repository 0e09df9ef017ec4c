"""Places and files that people send: kept with what they belong to, else asked about."""

from coordination import attachments
from handlers import alarms
from handlers.context import Request
from safety.notices import Say


def take_place(request: Request) -> None:
    """Keep a place with the alarm or detention it belongs to; a live one moves on in silence.

    A place that belongs to nothing may be a call for help, so that is asked.
    """
    place = request.incoming.location
    if place is None:
        return
    is_kept = attachments.attach_place(request.turn, place)
    if request.incoming.is_edit:
        return
    if is_kept:
        request.turn.tell(Say("attached-place"))
    else:
        alarms.ask(request)
