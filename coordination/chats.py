"""A private chat as a whole: remembering what stands in it, emptying it, blocked or quiet."""

from dataclasses import replace
from datetime import datetime

from coordination import unreachable
from coordination.turns import Turn, Work
from safety.notices import STAYS, Channel
from safety.people import ChatId, EventId, Role
from storage import chats, messages, outbox
from storage.messages import NewMessage
from storage.moments import to_row


def remember_incoming(
    turn: Turn,
    message_id: int,
    tag: str | None,
    delete_at: datetime | None = None,
    event_id: EventId | None = None,
) -> None:
    """Remember a message that a person wrote, so that it goes away in time like ours."""
    recipient, until = turn.actor.recipient, delete_at or turn.now + STAYS
    message = NewMessage(recipient, message_id, until, is_incoming=True, tag=tag)
    can_go_until = turn.now + STAYS
    messages.add(turn.tx, replace(message, event_id=event_id, can_go_until=can_go_until))


def forget(turn: Turn, message_id: int) -> None:
    """Remember a message of the actor's no more, as it was remembered until now."""
    messages.forget(turn.tx, turn.actor.recipient.chat_id, [message_id])


def take_away(turn: Turn, message_id: int | None) -> None:
    """Have what the actor wrote leave the chat: it is sealed."""
    if message_id is not None:
        forget(turn, message_id)
        turn.remove([messages.Standing(turn.actor.recipient, message_id)])


def note_blocked(turn: Turn) -> None:
    """The person has blocked the bot: owe this chat nothing until they come back, and say so.

    What is owed beside the chat is owed all the more (ADR-0020). Of a stranger nothing is kept,
    not even this, nor of whoever came by a link for reporting.
    """
    if turn.actor.roles <= {Role.STRANGER, Role.REPORTER}:
        return
    recipient = turn.actor.recipient
    outbox.withdraw_chat(turn.tx, recipient, {Channel.CHAT})
    if chats.silence_reason(turn.tx, recipient.chat_id) is None:
        chats.silence(turn.tx, recipient.chat_id, chats.BLOCKED, to_row(turn.now))
        unreachable.note(turn, recipient)


def note_unblocked(turn: Turn) -> bool:
    """The person has come back; say whether they had been away."""
    return chats.unsilence(turn.tx, turn.actor.recipient.chat_id, chats.BLOCKED)


def is_card_shown(turn: Turn, card: str) -> bool:
    """Say whether this card stands in the actor's chat."""
    return messages.on_card(turn.tx, turn.actor.recipient.chat_id, card) is not None


def is_quiet(work: Work, chat_id: ChatId) -> bool:
    """Say whether this person was taken: whatever comes from there is answered with nothing."""
    return chats.is_quiet(work.tx, chat_id)
