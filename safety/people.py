"""Who somebody is for the bot: roles, ids and the actor of one update.

Ids are random and mean nothing; names and chats travel only in types whose `repr` shows nothing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from typing_extensions import override

from safety.languages import Language

ChatId = NewType("ChatId", int)
EventId = NewType("EventId", int)
PersonId = NewType("PersonId", int)  # one registration at one event
TeamId = NewType("TeamId", int)  # somebody of the team, across events


class Unprinted:
    """Values that hold people's words or places: their `repr` is their type's name alone."""

    __slots__ = ()

    @override
    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Role(StrEnum):
    """What somebody is there for. Everybody else is a stranger."""

    ORGANIZER = "organizer"
    DEPUTY = "deputy"
    STEWARD = "steward"
    LAWYER = "lawyer"
    MEDIC = "medic"
    PRESS = "press"
    ALLY = "ally"
    PARTICIPANT = "participant"
    REPORTER = "reporter"  # came by a link for reporting, and is nobody else here
    STRANGER = "stranger"


RESPONDERS = frozenset({Role.LAWYER, Role.MEDIC, Role.PRESS, Role.ALLY})
TEAM_ROLES = frozenset({Role.ORGANIZER, Role.DEPUTY, Role.STEWARD}) | RESPONDERS


class Standing(StrEnum):
    """Where a registration stands."""

    INVITED = "invited"  # has opened the invitation, is filling in the form
    PENDING = "pending"  # waits for a decision
    APPROVED = "approved"
    WAITING = "waiting"  # on the waiting list
    DECLINED = "declined"


class Presence(StrEnum):
    """What a registered person last said of where they are. Nobody starts as safe."""

    UNANSWERED = "unanswered"
    ON_THE_WAY = "on-the-way"
    HERE = "here"
    LEFT = "left"  # in a vehicle or on foot with a group
    TAKEN = "taken"
    HOME = "home"


@dataclass(frozen=True, slots=True, repr=False)
class Recipient(Unprinted):
    """A private chat and the language spoken in it."""

    chat_id: ChatId
    language: Language


@dataclass(frozen=True, slots=True)
class Participation:
    """One person's registration at one event, as the routing index knows it."""

    event_id: EventId
    person_id: PersonId


@dataclass(frozen=True, slots=True, repr=False)
class Actor(Unprinted):
    """Who sent an update, as found at the moment it is handled."""

    recipient: Recipient
    team_id: TeamId | None
    team_role: Role | None
    participations: tuple[Participation, ...]
    link_id: int | None = None  # of the link for reporting that they came by within the hour

    @property
    def roles(self) -> frozenset[Role]:
        """All roles of this person; a stranger has only that one."""
        roles = set[Role]()
        if self.team_role is not None:
            roles.add(self.team_role)
        if self.participations:
            roles.add(Role.PARTICIPANT)
        if self.link_id is not None:
            roles.add(Role.REPORTER)
        return frozenset(roles or {Role.STRANGER})
