"""The buttons of the team's list, of one person in it, and of freezing."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.people import TeamId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class TeamListPress(Payload):
    """Back to the list."""

    code = "tl"

    page: int = 0


@payload
@dataclass(frozen=True, slots=True, repr=False)
class TeamAddPress(Payload):
    """Bring somebody in."""

    code = "ta"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class TeamRenamePress(Payload):
    """Say anew what the team calls oneself."""

    code = "tn"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class TeamOpenPress(Payload):
    """Look at one person of the team."""

    code = "to"

    team_id: TeamId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class TeamLinkPress(Payload):
    """Another link for somebody who has not come yet."""

    code = "tk"

    team_id: TeamId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class TeamRemovePress(Payload):
    """Take somebody out of the team, or their invitation back."""

    code = "tr"

    team_id: TeamId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class FreezeListPress(Payload):
    """Back to the list of accounts."""

    code = "fl"

    page: int = 0


@payload
@dataclass(frozen=True, slots=True, repr=False)
class FreezeAskPress(Payload):
    """Choose an account; it is asked once more."""

    code = "fq"

    team_id: TeamId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class FreezePress(Payload):
    """Freeze this account."""

    code = "fz"

    team_id: TeamId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class RestorePress(Payload):
    """Propose to bring a frozen account back."""

    code = "fu"

    team_id: TeamId
