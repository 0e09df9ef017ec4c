"""*Close the case*: what it means, whose keys open it then, and how a closed case is spoken of."""

from collections.abc import Iterable

from coordination import closing
from handlers.buttons.closing import AskToClose, CloseCasePress
from handlers.buttons.incidents import IncidentPage
from handlers.context import Request, Showing
from handlers.screens import Rows, Screen
from handlers.team import role_key
from safety.closing import CaseClosed, CloseCase, CloseQuestion
from safety.errors import OutdatedError
from safety.keyholders import Keyholder
from safety.people import EventId
from safety.permissions import Action


def press_close(request: Request, press: CloseCasePress) -> str | None:
    """Show what closing would mean.

    Raises:
        OutdatedError: it is closed already, or locked.
    """
    if not closing.can_close(request.turn, press.event_id):
        raise OutdatedError
    request.turn.reply(CloseQuestion(press.event_id), press.event_id)
    return None


def press_ask(request: Request, press: AskToClose) -> str | None:
    """Propose it to the others."""
    closing.ask_to_close(request.turn, press.event_id)
    return "answer-proposed"


def rows(showing: Showing, event_id: EventId | None) -> Rows:
    """Give the row with *Close the case*, to whoever may and while it is open."""
    if event_id is None or not closing.can_close(showing.work, event_id):
        return ()
    if not showing.may(Action.CLOSE_CASE):
        return ()
    return ((showing.button("button-close-case", CloseCasePress(event_id)),),)


def unreadable(showing: Showing, event_id: EventId | None) -> str:
    """Say why a case cannot be read here: closed for good, or locked until somebody unlocks it."""
    case = closing.look(showing.work, event_id)
    if case is None:
        return showing.say("case-locked")
    return showing.count("case-closed", len(case.seals), day=showing.day(case.closed_at))


def proposal_values(showing: Showing, intent: CloseCase) -> dict[str, str | int]:
    """Fill the sentence on the card that a second person confirms."""
    known = {one.id: one for one in closing.readers(showing.work)}
    holders = [known[number] for number in intent.holders if number in known]
    return {"title": _title(showing, intent.event_id), "readers": _readers(showing, holders)}


def render_question(showing: Showing, notice: CloseQuestion) -> Screen | None:
    """Say what closing means; without any key enrolled, say what is missing."""
    if not closing.can_close(showing.work, notice.event_id):
        return None
    title, holders = _title(showing, notice.event_id), closing.readers(showing.work)
    back = (showing.button("button-back", IncidentPage(notice.event_id, 0)),)
    if not holders:
        return Screen(showing.say("closing-no-key"), (back,))
    text = showing.say("closing-question", title=title, readers=_readers(showing, holders))
    ask = (showing.button("button-closing-ask", AskToClose(notice.event_id)),)
    return Screen(text, (ask, back))


def render_closed(showing: Showing, notice: CaseClosed) -> Screen | None:
    """Say that it is done, with the log's checkpoint to be kept elsewhere."""
    case = closing.look(showing.work, notice.event_id)
    if case is None:
        return None
    day, time = showing.day(case.closed_at), showing.time(case.closed_at)
    lines = [showing.say("closing-done", title=_title(showing, case.id), day=day, time=time)]
    if case.checkpoint is not None:
        lines.append(showing.say("closing-checkpoint", note=case.checkpoint.strip()))
    return Screen("\n\n".join(lines))


def _readers(showing: Showing, holders: Iterable[Keyholder]) -> str:
    lines = (
        showing.plain(
            "closing-reader",
            name=holder.name,
            role=showing.plain(role_key(holder.role)),
            words=holder.words,
        )
        for holder in holders
    )
    return "\n".join(lines)


def _title(showing: Showing, event_id: EventId) -> str:
    event = closing.event_of(showing.work, event_id)
    return showing.plain("unknown") if event is None else event.title
