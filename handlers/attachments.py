"""Places and files that people send: kept with what they belong to, else asked of or reported."""

from coordination import attachments, reports
from handlers import alarms, forms
from handlers import reports as reporting
from handlers.context import Request
from safety.liveplaces import SentPlace
from safety.notices import Say
from safety.permissions import Action, is_allowed


def take_place(request: Request) -> None:
    """Keep a place with the alarm or detention it belongs to; a live one moves on in silence.

    A place that belongs to nothing, and to no report, may be a call for help, so that is asked.
    """
    turn, sent = request.turn, request.incoming.place
    if sent is None:
        return
    if _may_call(request) and attachments.attach_place(turn, sent):
        if not sent.is_move:
            turn.tell(Say("attached-live" if sent.leaves_at(turn.now) else "attached-place"))
    elif not _is_of_report(request, sent) and not sent.is_move:
        alarms.ask(request)


def _may_call(request: Request) -> bool:
    """Say whether there can be a call that it belongs to: whoever came by a link has none."""
    return is_allowed(request.turn.actor.roles, Action.RAISE_ALARM)


def _is_of_report(request: Request, sent: SentPlace) -> bool:
    may_report = is_allowed(request.turn.actor.roles, Action.REPORT)
    return may_report and reports.add_place(request.turn, sent)


def take_words(request: Request) -> None:
    """Keep words with the call that they follow, or the report; else show the menu."""
    incoming, turn = request.incoming, request.turn
    words = incoming.text if incoming.command is None else ""
    if words and _may_call(request) and attachments.attach_words(turn, words, incoming.message_id):
        turn.tell(Say("attached-words"))
    else:
        reporting.take_words(request)


def take_file(request: Request) -> None:
    """Keep a file: with what it belongs to, else as a report. None is ever dropped."""
    media, message_id = request.incoming.media, request.incoming.message_id
    if media is None or message_id is None:
        return
    words = request.incoming.text
    draft = forms.current(request)
    is_asked = draft is not None and forms.wants_file(request.table, draft)
    if draft and is_asked and not attachments.is_called_since(request.turn, draft.begun_at):
        forms.answer_text(request, draft)
        return
    if _may_call(request) and attachments.attach_file(request.turn, media, message_id, words):
        request.turn.tell(Say("attached-file"))
    else:
        reports.report_file(request.turn, media, message_id, words)
