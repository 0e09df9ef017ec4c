"""What each person can see and do about what is kept of them, at any time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from coordination import quiet
from coordination.turns import Turn, Work, use_case
from safety import retention as rules
from safety.events import Event
from safety.kinds import Kind
from safety.people import ChatId, EventId, PersonId, Unprinted
from safety.permissions import Action
from safety.privacy import CopiesLeft, OldLeft, is_too_old
from storage import envelopes, events, forms, messages, people, routes


@dataclass(frozen=True, slots=True, repr=False)
class Kept(Unprinted):
    """What is kept of one chat's person at one event; also while locked.

    `lives`: kind by kind, and until when. `until`: how long they can still take it back.
    `left_at`: since when something lies there for the lawyer.
    """

    event: Event
    lives: Mapping[Kind, datetime]
    until: datetime
    left_at: datetime | None

    @property
    def event_id(self) -> EventId:
        """Name the event."""
        return self.event.id


def what_is_kept(work: Work, chat_id: ChatId) -> list[Kept]:
    """Give what is kept about this chat's person, event by event; what is over is left out."""
    kept = []
    for route in routes.of_chat(work.tx, chat_id):
        event = None if route.event_id is None else events.get(work.tx, route.event_id)
        person = people.situation(work.tx, PersonId(route.holder_id))
        if event is not None and person is not None:
            lives = rules.kept_of(person.standing, event, work.policy)
            left = {kind: at for kind, at in lives.items() if at > work.now or kind in ANSWERS}
            envelope = envelopes.of_person(work.tx, person.id)
            left_at = None if envelope is None else envelope.left_at
            kept.append(Kept(event, left, max(lives.values()), left_at))
    return kept


ANSWERS = frozenset({Kind.ROSTER, Kind.UNAPPROVED})  # said for as long as they are there


def is_of_team(work: Work, chat_id: ChatId) -> bool:
    """Say whether this chat belongs to somebody of the team."""
    return any(route.event_id is None for route in routes.of_chat(work.tx, chat_id))


@use_case(Action.CLEAR_CHAT)
def clear_chat(turn: Turn) -> None:
    """Have every message of this chat deleted, both directions; the permanent key stays."""
    chat_id = turn.actor.recipient.chat_id
    forms.remove(turn.tx, chat_id)
    turn.remove(messages.take_chat(turn.tx, chat_id))
    if copies_left(turn, chat_id):
        turn.tell(CopiesLeft())


def remove_due(work: Work, limit: int) -> int:
    """Have messages deleted whose time is over, and count them; too old ones are told about.

    The bot may have been off for hours. Those are tried as well, apart: one too old spares all.
    """
    due = messages.take_due(work.tx, work.now, limit)
    too_old = [one for one in due if is_too_old(one.can_go_until, work.now)]
    work.remove([one for one in due if not is_too_old(one.can_go_until, work.now)])
    work.remove(too_old)
    unheard = quiet.unheard_chats(work) if too_old else frozenset()
    for recipient in {one.recipient.chat_id: one.recipient for one in too_old}.values():
        if recipient.chat_id not in unheard:
            work.owe(recipient, OldLeft())
    return len(due)


def copies_left(work: Work, chat_id: ChatId) -> int:
    """Count the messages that may stand in a chat and cannot be taken back from here."""
    return messages.nameless_in(work.tx, chat_id)
