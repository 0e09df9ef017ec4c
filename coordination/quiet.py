"""Quiet chats: emptied in both directions, without the key, and told nothing until released.

A seized phone must show nothing, and nothing may arrive on it later (BRIEF, "a phone is read").
"""

from coordination.turns import Work
from safety.people import ChatId, Recipient
from safety.quiet import KeyRemoval
from storage import chats, detentions, forms, messages, outbox, reportlinks, reports, routes
from storage.moments import to_row


def empty(work: Work, recipient: Recipient) -> None:
    """Take the key, then every message of both sides, ahead of everything else that is owed.

    No report is offered there any more either: who holds the phone afterwards would see it.
    """
    outbox.withdraw_chat(work.tx, recipient)
    forms.remove(work.tx, recipient.chat_id)
    reports.forget_chat(work.tx, recipient.chat_id)
    came_by = reportlinks.of_chat(work.tx, recipient.chat_id)
    if came_by is not None:
        reportlinks.end(work.tx, came_by[0])
    work.owe(recipient, KeyRemoval())
    standing = messages.take_chat(work.tx, recipient.chat_id, anchors=True)
    work.remove(standing, at_once=True)


def go_quiet(work: Work, recipient: Recipient) -> None:
    """Empty a chat and write to it no more; what still arrives there goes at once."""
    empty(work, recipient)
    chats.silence(work.tx, recipient.chat_id, chats.TAKEN, to_row(work.now))


def end_quiet(work: Work, recipient: Recipient) -> bool:
    """Let the bot write to this chat again; say whether it was quiet."""
    return chats.unsilence(work.tx, recipient.chat_id, chats.TAKEN)


def unheard_chats(work: Work) -> frozenset[ChatId]:
    """Give the chats of whoever is held, or is out and nobody has heard since.

    A release proves nothing: until a voice was heard nobody knows who holds that phone. It is only
    answered, and neither told nor asked anything by itself.
    """
    holders = (
        one.team_id if one.person_id is None else one.person_id
        for one in detentions.unclosed(work.tx)
    )
    found = (None if one is None else routes.of_holder(work.tx, one) for one in holders)
    return frozenset(one.chat_id for one in found if one is not None)
