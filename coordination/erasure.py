"""One person goes: their rows, their chat, and what was still owed to them, in one transaction."""

from coordination.quiet import empty, stay_held_elsewhere
from coordination.turns import Work
from safety.disclosure import RenewKey
from safety.purges import Purged
from safety.registration import Situation
from storage import erasure, evidence, purges, retention, routes


def erase_person(work: Work, person: Situation) -> None:
    """Erase a registration and empty its chat, both directions, the permanent key too.

    Whoever has another place, at a second event or in the team, loses the messages of this chat
    and nothing else.
    """
    recipient = routes.of_holder(work.tx, person.id)
    if recipient is not None:
        empty(work, recipient)
        evidence.forget_sender(work.tx, recipient.chat_id)
    forget_person(work, person)
    if recipient is not None and not routes.of_chat(work.tx, recipient.chat_id):
        retention.forget_chat(work.tx, recipient.chat_id)


def forget_person(work: Work, person: Situation) -> None:
    """Erase a registration for good, and leave the chat as it is."""
    stay_held_elsewhere(work, person.id)
    erasure.forget_person(work.tx, person)
    purges.note(work.tx, work.now, Purged.PERSON, person.id)
    work.cancel_timer(RenewKey(person.event_id, person.id))
