"""Places and files that people send: kept with what they belong to, else asked of or reported."""

from coordination import attachments, reports
from handlers import alarms, forms
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


def take_file(request: Request) -> None:
    """Keep a file: with what it belongs to, else as a report. None is ever dropped."""
    media, message_id = request.incoming.media, request.incoming.message_id
    if media is None or message_id is None or request.incoming.is_edit:
        return
    words = request.incoming.text
    draft = forms.current(request)
    is_asked = draft is not None and forms.wants_file(request.table, draft)
    if draft and is_asked and not attachments.is_called_since(request.turn, draft.begun_at):
        forms.answer_text(request, draft)
        return
    if attachments.attach_file(request.turn, media, message_id, words):
        request.turn.tell(Say("attached-file"))
    else:
        reports.report_file(request.turn, media, message_id, words)
