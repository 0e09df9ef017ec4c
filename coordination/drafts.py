"""Forms between two answers: begun, carried on, ended, each together with what the answer causes."""

from coordination.turns import Turn, Work
from safety.forms import Draft, form_tag
from safety.people import ChatId, EventId
from storage import forms


def begin(  # noqa: PLR0913 - a draft's parts
    turn: Turn,
    form: str,
    step: str,
    event_id: EventId | None,
    subject_id: int,
    answers: tuple[tuple[str, str], ...],
) -> Draft:
    """Start a form for the actor, in place of any other that was open."""
    chat_id = turn.actor.recipient.chat_id
    old = forms.get(turn.tx, chat_id)
    if old is not None:
        turn.remove_tagged(form_tag(old.id), chat_id)
    draft = Draft(turn.tx.new_id(), form, step, event_id, subject_id, answers)
    forms.put(turn.tx, chat_id, draft)
    return draft


def current(work: Work, chat_id: ChatId) -> Draft | None:
    """Give the form that is open in this chat, or None."""
    return forms.get(work.tx, chat_id)


def keep(turn: Turn, draft: Draft) -> None:
    """Store the form as it stands after an answer."""
    forms.put(turn.tx, turn.actor.recipient.chat_id, draft)


def end(turn: Turn, draft: Draft) -> None:
    """Drop the form, and have its questions and answers leave the chat."""
    forms.remove(turn.tx, turn.actor.recipient.chat_id)
    turn.remove_tagged(form_tag(draft.id), turn.actor.recipient.chat_id)
