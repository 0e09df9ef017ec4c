"""Who somebody is, as far as the keys in memory let anybody look; never a fault where not."""

from coordination.turns import Work
from safety.groups import Group
from safety.people import PersonId, TeamId
from safety.registration import Person
from safety.team import TeamPerson
from storage import groups, people, team
from storage.transaction import LockedError


def find_person(work: Work, person_id: PersonId | None) -> Person | None:
    """Give a registration; None where it is gone or the roster is locked."""
    try:
        return None if person_id is None else people.get(work.tx, person_id)
    except LockedError:
        return None


def find_teammate(work: Work, team_id: TeamId | None) -> TeamPerson | None:
    """Give somebody of the team, also one who has left it."""
    return None if team_id is None else team.TEAM.get(work.tx, team_id)


def find_group(work: Work, person: Person | None) -> Group | None:
    """Give the group with which somebody left, or None."""
    if person is None or person.group_id is None:
        return None
    return groups.get(work.tx, person.group_id)
