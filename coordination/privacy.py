"""What each person can see and do about what is kept of them, at any time."""

from dataclasses import dataclass
from datetime import datetime

from coordination.turns import Turn, Work, use_case
from safety.people import ChatId, EventId, PersonId, Unprinted
from safety.permissions import Action
from safety.registration import Situation
from storage import envelopes, events, forms, messages, people, routes


@dataclass(frozen=True, slots=True, repr=False)
class Kept(Unprinted):
    """What is kept of one chat's person at one event, and until when; also while locked.

    `left_at`: since when something lies there for the lawyer.
    """

    event_id: EventId
    person: Situation | None
    until: datetime
    left_at: datetime | None


def what_is_kept(work: Work, chat_id: ChatId) -> list[Kept]:
    """Give what is kept about this chat's person, event by event."""
    kept = []
    for route in routes.of_chat(work.tx, chat_id):
        event = None if route.event_id is None else events.get(work.tx, route.event_id)
        if event is not None:
            person_id = PersonId(route.holder_id)
            envelope = envelopes.of_person(work.tx, person_id)
            kept.append(
                Kept(
                    event_id=event.id,
                    person=people.situation(work.tx, person_id),
                    until=event.ends_at + work.policy.people_kept,
                    left_at=None if envelope is None else envelope.left_at,
                )
            )
    return kept


def is_of_team(work: Work, chat_id: ChatId) -> bool:
    """Say whether this chat belongs to somebody of the team."""
    return any(route.event_id is None for route in routes.of_chat(work.tx, chat_id))


@use_case(Action.CLEAR_CHAT)
def clear_chat(turn: Turn) -> None:
    """Have every message of this chat deleted, both directions; the permanent key stays."""
    chat_id = turn.actor.recipient.chat_id
    forms.remove(turn.tx, chat_id)
    turn.remove(messages.take_chat(turn.tx, chat_id))
