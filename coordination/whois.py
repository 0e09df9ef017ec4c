"""Who somebody is, as far as the keys in memory let anybody look: by name, else by number."""

from collections.abc import Sequence

from coordination.turns import Work
from safety.groups import Group
from safety.people import ChatId, EventId, PersonId, Standing, TeamId
from safety.registration import Person, Situation
from safety.team import TeamPerson
from storage import groups, people, routes, team
from storage.transaction import LockedError


def find_person(work: Work, person_id: PersonId | None) -> Situation | None:
    """Give a registration; where the roster is locked how things are, nameless; None: gone."""
    if person_id is None:
        return None
    try:
        return people.get(work.tx, person_id)
    except LockedError:
        return people.situation(work.tx, person_id)


def find_approved(work: Work, event_id: EventId) -> Sequence[Situation]:
    """Give everybody approved, by name where the roster is open, else nameless."""
    try:
        return people.with_standing(work.tx, event_id, Standing.APPROVED)
    except LockedError:
        return people.situations(work.tx, event_id, Standing.APPROVED)


def name_key(person: Situation) -> str:
    """Give what people are sorted by: the name, where it is known."""
    return person.name.casefold() if isinstance(person, Person) else ""


def find_teammate(work: Work, team_id: TeamId | None) -> TeamPerson | None:
    """Give somebody of the team, also one who has left it."""
    return None if team_id is None else team.TEAM.get(work.tx, team_id)


def holder_of(work: Work, chat_id: ChatId) -> TeamId | None:
    """Give whose chat of the team this is, or None."""
    places = routes.of_chat(work.tx, chat_id)
    return next((TeamId(place.holder_id) for place in places if place.event_id is None), None)


def find_group(work: Work, person: Situation | None) -> Group | None:
    """Give the group with which somebody left, or None."""
    if person is None or person.group_id is None:
        return None
    return groups.get(work.tx, person.group_id)
