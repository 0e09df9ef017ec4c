"""Quiet chats: emptied in both directions, without the key, and told nothing until released.

A seized phone must show nothing, and nothing may arrive on it later (BRIEF, "a phone is read").
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from coordination.turns import Work
from safety.people import ChatId, Recipient
from safety.quiet import KeyRemoval
from safety.team import TeamState
from storage import chats, detentions, forms, messages, outbox, reportlinks, reports, routes, team
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


def stay_held_elsewhere(work: Work, holder_id: int) -> None:
    """Let whoever is held, or out and unheard, be so where they are known besides this place.

    It goes now: nobody could say any more whose chat is quiet, and nothing would ever end that.
    """
    recipient = routes.of_holder(work.tx, holder_id)
    known = [] if recipient is None else routes.of_chat(work.tx, recipient.chat_id)
    other = next((place for place in known if place.holder_id != holder_id), None)
    if other is None:
        return
    for one in detentions.unclosed(work.tx):
        if one.holder_id == holder_id:
            known_as = replace(one, person_id=other.person_id, team_id=other.team_id)
            detentions.put(work.tx, known_as)


def unheard_chats(work: Work) -> frozenset[ChatId]:
    """Give the chats of whoever is held, or is out and nobody has heard since, or is frozen.

    A release proves nothing: until a voice was heard nobody knows who holds that phone. It is only
    answered, and neither told nor asked anything by itself. Nor is a frozen account that takes
    part in an event as well: it would read when a place is told, and when all wait.
    """
    frozen = (
        team.recipient_of(work.tx, one.id) for one in team.in_state(work.tx, TeamState.FROZEN)
    )
    return frozenset(
        {chat_id for chat_id, _ in _unclosed(work)} | {one.chat_id for one in frozen if one}
    )


def held_chats(work: Work) -> set[ChatId]:
    """Give the chats of whoever is held, as far as a detention says so."""
    return {chat_id for chat_id, released_at in _unclosed(work) if released_at is None}


def is_answered(work: Work, chat_id: ChatId, asked_at: datetime) -> bool:
    """Say whether what was asked or sent from a chat at that moment may still be answered there.

    Not once its owner was taken since, until their voice was heard: whoever holds the phone then
    would learn what was done before.
    """
    taken = (released_at for one, released_at in _unclosed(work) if one == chat_id)
    return all(released_at is not None and released_at < asked_at for released_at in taken)


def _unclosed(work: Work) -> Iterator[tuple[ChatId, datetime | None]]:
    """Give the chat of whoever was taken and not heard since, and when they were released."""
    for one in detentions.unclosed(work.tx):
        recipient = None if one.holder_id is None else routes.of_holder(work.tx, one.holder_id)
        if recipient is not None:
            yield recipient.chat_id, None if one.is_held else one.released_at
