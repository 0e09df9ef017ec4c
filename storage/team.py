"""The team's rows, sealed under the community's key."""

from collections.abc import Iterable

from safety.people import Recipient, Role, TeamId
from safety.team import TeamPerson, TeamState
from storage import routes
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.keys import KeyKind

TEAM: Shelf[TeamPerson] = Shelf("team", TeamPerson, KeyKind.COMMUNITY, "role", "state")


def active(tx: Transaction, roles: Iterable[Role]) -> list[TeamPerson]:
    """Give everybody active in one of these roles."""
    names = tuple(role.value for role in roles)
    marks = ", ".join("?" * len(names))
    where = f"state = ? AND role IN ({marks}) ORDER BY id"
    return list(TEAM.find(tx, where, TeamState.ACTIVE.value, *names))


def in_state(tx: Transaction, state: TeamState) -> list[TeamPerson]:
    """Give everybody of the team in this state."""
    return list(TEAM.find(tx, "state = ? ORDER BY id", state.value))


def counted(tx: Transaction, roles: Iterable[Role]) -> list[TeamPerson]:
    """Give everybody in one of these roles who is active or frozen."""
    wanted = frozenset(roles)
    states = (TeamState.ACTIVE.value, TeamState.FROZEN.value)
    found = TEAM.find(tx, "state IN (?, ?) ORDER BY id", *states)
    return [person for person in found if person.role in wanted]


def reachable(tx: Transaction, roles: Iterable[Role]) -> list[tuple[TeamPerson, Recipient]]:
    """Give everybody active in one of these roles with the chat they can be reached in."""
    ways = {route.holder_id: route.recipient for route in routes.at(tx, None)}
    return [(person, ways[person.id]) for person in active(tx, roles) if person.id in ways]


def recipient_of(tx: Transaction, team_id: TeamId) -> Recipient | None:
    """Give where somebody of the team can be reached."""
    return routes.of_holder(tx, team_id)
