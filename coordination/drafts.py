"""Forms between two answers: begun, kept and ended together with what the answer causes."""

from coordination.turns import Turn, Work
from safety.forms import Draft, form_tag
from safety.people import ChatId
from storage import forms


def begin(turn: Turn, draft: Draft) -> None:
    """Start a form for the actor, in place of any other that was open."""
    chat_id = turn.actor.recipient.chat_id
    old = forms.get(turn.tx, chat_id)
    if old is not None:
        turn.remove_tagged(form_tag(old.id), chat_id)
    forms.put(turn.tx, chat_id, draft)


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
