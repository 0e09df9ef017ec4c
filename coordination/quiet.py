"""Quiet chats: emptied in both directions, without the key, and told nothing until released.

A seized phone must show nothing, and nothing may arrive on it later (BRIEF, "a phone is read").
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from coordination.turns import Work
from safety.detentions import Detention
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
    """Let the bot write to this chat again; say whether it was quiet, and is not any more.

    Not while anything still says that its owner is held.
    """
    if recipient.chat_id in held_chats(work):
        return False
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


def unclosed_with(work: Work, detention: Detention) -> list[Detention]:
    """Give everything unclosed that says that this person was taken, this detention among it.

    They may have been marked at two events, or taken again before anybody had heard them.
    """
    recipient = chat_of(work, detention)
    if recipient is None:
        return [detention]
    return [one for chat_id, one in _unclosed(work) if chat_id == recipient.chat_id]


def chat_of(work: Work, detention: Detention) -> Recipient | None:
    """Give the chat of whoever is held; None once they are erased."""
    holder = detention.holder_id
    return None if holder is None else routes.of_holder(work.tx, holder)


def held_chats(work: Work) -> set[ChatId]:
    """Give the chats of whoever is held, as far as a detention says so."""
    return {chat_id for chat_id, one in _unclosed(work) if one.is_held}


def is_answered(work: Work, chat_id: ChatId, asked_at: datetime) -> bool:
    """Say whether what was asked or sent from a chat at that moment may still be answered there.

    Not once its owner was taken since, until their voice was heard: whoever holds the phone then
    would learn what was done before.
    """
    taken = (one for known, one in _unclosed(work) if known == chat_id)
    return all(
        not one.is_held and one.released_at is not None and one.released_at < asked_at
        for one in taken
    )


def _unclosed(work: Work) -> Iterator[tuple[ChatId, Detention]]:
    """Give what says that somebody was taken and not heard since, each with their chat."""
    for one in detentions.unclosed(work.tx):
        recipient = chat_of(work, one)
        if recipient is not None:
            yield recipient.chat_id, one
