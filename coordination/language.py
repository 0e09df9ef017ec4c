"""Speaking another language to somebody, from the next word on."""

from dataclasses import replace

from coordination.turns import Turn, use_case
from safety.languages import Language
from safety.people import PersonId, Recipient
from safety.permissions import Action
from storage import people, routes
from storage.people import PEOPLE
from storage.transaction import LockedError


@use_case(Action.CHOOSE_LANGUAGE)
def choose_language(turn: Turn, language: Language) -> None:
    """Speak `language` to the actor, at every event and in the team."""
    chat_id = turn.actor.recipient.chat_id
    for route in routes.of_chat(turn.tx, chat_id):
        routes.put(turn.tx, route.event_id, route.holder_id, Recipient(chat_id, language))
        if route.event_id is not None:
            _note_on_roster(turn, PersonId(route.holder_id), language)


def _note_on_roster(turn: Turn, person_id: PersonId, language: Language) -> None:
    """While the roster is locked the route alone says it; nothing else depends on the roster."""
    try:
        person = people.get(turn.tx, person_id)
    except LockedError:
        return
    if person is not None:
        PEOPLE.put(turn.tx, replace(person, language=language))
