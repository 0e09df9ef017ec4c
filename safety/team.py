"""The team: who runs, confirms, stewards and responds, across events."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from safety.people import Role, TeamId, Unprinted


class TeamState(StrEnum):
    """Where somebody of the team stands."""

    PROPOSED = "proposed"  # waits for a second person's confirmation
    INVITED = "invited"  # has a link that nobody has opened yet
    ACTIVE = "active"
    FROZEN = "frozen"  # one colleague stopped the account; two bring it back
    GONE = "gone"


@dataclass(frozen=True, slots=True, repr=False)
class TeamPerson(Unprinted):
    """Somebody of the team. `name` is what the team calls them."""

    id: TeamId
    role: Role
    state: TeamState
    name: str
    added_at: datetime
    added_by: TeamId | None = None
