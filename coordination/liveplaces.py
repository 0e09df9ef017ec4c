"""What becomes of the message that carried a place, once the place is sealed (ADR-0034)."""

from coordination import chats
from coordination.turns import Turn
from safety import liveplaces as rules
from safety.liveplaces import Followed, SentPlace
from safety.people import EventId
from storage import messages


def followed(turn: Turn, sent: SentPlace) -> Followed | None:
    """Give with what this place was kept when it was sent; None: with nothing, or it is new."""
    if not sent.is_move:
        return None
    chat_id = turn.actor.recipient.chat_id
    found = messages.tag_of(turn.tx, chat_id, sent.message_id)
    return None if found is None else rules.read_tag(*found)


def keep(
    turn: Turn,
    sent: SentPlace,
    subject_id: int,
    event_id: EventId | None,
    before: Followed | None = None,
) -> None:
    """Let a message go whose place stands still, or lives no more; what moves is followed on.

    `before` is what was `followed` of it.
    """
    leaves_at = sent.leaves_at(turn.now)
    if leaves_at is None:
        chats.take_away(turn, sent.message_id)
        return
    positions = 1 if before is None else before.positions + 1
    tag = Followed(subject_id, event_id, positions).tag
    chats.forget(turn, sent.message_id)
    chats.remember_incoming(turn, sent.message_id, tag, leaves_at, event_id)
