"""Who first said what somebody forwards: whom the bot knows is a reference, and no name."""

from dataclasses import replace

from safety import origins
from safety.incidents import person_reference, team_reference
from safety.origins import Origin
from safety.people import Actor, ChatId, PersonId, TeamId
from storage import routes
from storage.transaction import Transaction


def find_origin(tx: Transaction, origin: Origin | None, actor: Actor) -> Origin | None:
    """Give an origin as it is sealed: somebody of ours by reference, who can be erased.

    Whoever came by a link for reporting, and forwards their own words, says nothing of themselves.
    """
    if origin is None or origin.user_id is None:
        return None if origin is None else origins.quoted(origin)
    if origin.user_id == actor.recipient.chat_id and actor.link_id is not None:
        return None
    place = next(iter(routes.of_chat(tx, ChatId(origin.user_id))), None)
    if place is None:
        return origins.quoted(origin)
    is_team = place.event_id is None
    holder = place.holder_id
    by = team_reference(TeamId(holder), None) if is_team else person_reference(PersonId(holder))
    return replace(origin, by=by)
