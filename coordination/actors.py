"""Who sent an update: found anew each time, in the transaction that handles it."""

from safety.languages import Language, choose_language
from safety.people import Actor, ChatId, Participation, PersonId, Recipient, TeamId
from safety.policy import Policy
from safety.team import TeamState
from storage import reportlinks, routes
from storage.team import TEAM
from storage.transaction import Transaction


def find_actor(
    tx: Transaction, policy: Policy, chat_id: ChatId, language_code: str | None
) -> Actor:
    """Give the person behind a chat; somebody the routing index does not know is a stranger.

    A former account of the team has no role there. A frozen one is in wrong hands, so it has none
    at an event either.
    """
    places = routes.of_chat(tx, chat_id)
    language: Language | None = places[0].recipient.language if places else None
    if language is None:
        language = choose_language(language_code, policy.languages, policy.default_language)
    team_id = next((TeamId(place.holder_id) for place in places if place.event_id is None), None)
    person = None if team_id is None else TEAM.get(tx, team_id)
    is_active = person is not None and person.state is TeamState.ACTIVE
    is_frozen = person is not None and person.state is TeamState.FROZEN
    came_by = reportlinks.of_chat(tx, chat_id)
    return Actor(
        recipient=Recipient(chat_id, language),
        team_id=person.id if is_active and person else None,
        team_role=person.role if is_active and person else None,
        participations=tuple(
            Participation(place.event_id, PersonId(place.holder_id))
            for place in places
            if place.event_id is not None and not is_frozen
        ),
        link_id=None if came_by is None else came_by[1],
    )
