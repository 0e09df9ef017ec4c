"""Looking at wake tests: what they have shown of everybody whom an alarm rings."""

from coordination.turns import Work
from safety import waking as rules
from safety.escalation import LATER
from safety.kinds import Kind
from safety.lives import lasting
from safety.people import TeamId
from safety.team import TeamPerson
from safety.waking import Waking, Woke
from storage import team, wakings


def result(work: Work) -> Woke:
    """Say what the latest tests have shown. Whoever cannot be reached now counts as untested."""
    rung = [person.id for person in team.active(work.tx, LATER)]
    lasts = lasting(Kind.WAKINGS, work.policy)
    return rules.count(wakings.latest(work.tx), rung, work.now, lasts)


def look(work: Work, team_id: TeamId) -> Waking | None:
    """Give somebody's latest test, or None."""
    return wakings.get(work.tx, team_id)


def names_of(work: Work, ids: frozenset[TeamId]) -> list[TeamPerson]:
    """Give these people of the team."""
    return [person for person in team.active(work.tx, LATER) if person.id in ids]
