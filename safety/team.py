"""The team: who runs, confirms, stewards and responds, across events.

One alone can add neither an organizer nor a deputy once anybody else could confirm it, and a
frozen colleague still counts: nobody becomes the only one by freezing the others (BRIEF).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from safety.kinds import Kind
from safety.lives import lasting
from safety.notices import Lane, Notice, notice
from safety.people import Role, TeamId, Unprinted
from safety.policy import Policy
from safety.proposals import Intent, intent

DECIDERS = frozenset({Role.ORGANIZER, Role.DEPUTY})  # who starts or confirms what takes two
NAME_LIMIT = 60  # characters


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
    confirmed_by: TeamId | None = None  # the second person, where it took one
    was_tried_again: bool = False  # their link was opened by somebody else, and its maker was told
    link_until: datetime | None = None  # how long the newest link is good
    gone_at: datetime | None = None


def needs_second_person(role: Role, *, is_alone: bool) -> bool:
    """Say whether adding, or removing, somebody in this role takes another person's yes."""
    return role in DECIDERS and not is_alone


def may_renew(person: TeamPerson, by: TeamId | None) -> bool:
    """Say whether `by` may be given another link for somebody who has not come yet.

    Whoever holds a link can open it. One for a role that decides is for whoever asked for it, and
    two have agreed to that: anybody else would make a second account of theirs with it, alone.
    """
    return person.role not in DECIDERS or (by is not None and person.added_by == by)


def is_overtaken(person: TeamPerson) -> bool:
    """Say whether an unopened link was made alone for a role that takes two from now on."""
    is_open = person.state is TeamState.INVITED
    made_alone = person.added_by is not None and person.confirmed_by is None
    return is_open and made_alone and person.role in DECIDERS


def is_forgotten(person: TeamPerson, policy: Policy, now: datetime) -> bool:
    """Say whether nothing needs the row any more: an unopened link is over, or they have left."""
    match person.state:
        case TeamState.INVITED:
            over_at = person.link_until or person.added_at
            return over_at + lasting(Kind.TEAM_INVITED, policy) < now
        case TeamState.GONE:
            gone_at = person.gone_at or person.added_at
            return gone_at + lasting(Kind.TEAM_GONE, policy) < now
        case _:
            return False


# ---------------------------------------------------------------- what takes two


@intent
@dataclass(frozen=True, slots=True, repr=False)
class AddTeamPerson(Intent):
    """Bring in an organizer or a deputy."""

    team_id: TeamId


@intent
@dataclass(frozen=True, slots=True, repr=False)
class RemoveTeamPerson(Intent):
    """Take an organizer or a deputy out of the team."""

    team_id: TeamId


@intent
@dataclass(frozen=True, slots=True, repr=False)
class RestoreTeamPerson(Intent):
    """Bring a frozen account back."""

    team_id: TeamId


# ---------------------------------------------------------------- notices

LISTS_STAY = timedelta(minutes=10)
LINKS_STAY = timedelta(hours=1)


class TeamChange(StrEnum):
    """What organizers and deputies are told of the team."""

    JOINED = "joined"
    REMOVED = "removed"
    LEFT = "left"  # by themselves
    FROZEN = "frozen"
    RESTORED = "restored"
    OVERTAKEN = "overtaken"  # an unopened link no longer works: adding takes two by now
    TRIED_AGAIN = "tried-again"  # somebody else opened a link that was used already


@notice
@dataclass(frozen=True, slots=True, repr=False)
class TeamNews(Notice):
    """A change in the team, told to everybody who decides."""

    lane = Lane.HOLD

    change: TeamChange
    name: str
    role: Role
    by: str = ""


@notice
@dataclass(frozen=True, slots=True, repr=False)
class TeamList(Notice):
    """Who is in the team; organizers only."""

    stays = LISTS_STAY

    page: int = 0


@notice
@dataclass(frozen=True, slots=True, repr=False)
class TeamCard(Notice):
    """One person of the team, and what can be done."""

    stays = LISTS_STAY

    team_id: TeamId


@notice
@dataclass(frozen=True, slots=True, repr=False)
class TeamLink(Notice):
    """Somebody's one-time link with its picture; the token stands nowhere else."""

    stays = LINKS_STAY

    team_id: TeamId
    token: str

    @override
    def tag(self) -> str | None:
        return link_tag(self.team_id)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class TeamWelcome(Notice):
    """What somebody who has just joined needs to know."""

    team_id: TeamId


@notice
@dataclass(frozen=True, slots=True, repr=False)
class FreezeList(Notice):
    """Whose account can be frozen or brought back."""

    stays = LISTS_STAY

    page: int = 0


@notice
@dataclass(frozen=True, slots=True, repr=False)
class FreezeQuestion(Notice):
    """Asks once more before an account is frozen."""

    stays = LISTS_STAY

    team_id: TeamId


def link_tag(subject_id: int) -> str:
    """Name the messages that hold a link; they go once it is used or revoked."""
    return f"link:{subject_id}"
