"""The buttons with which people are put into groups, and say how they leave."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class GroupsPress(Payload):
    """The groups of an event, or another page of them."""

    code = "gl"

    event_id: int
    page: int = 0


@payload
@dataclass(frozen=True, slots=True, repr=False)
class GroupNew(Payload):
    """A new group leaves."""

    code = "gn"

    event_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class GroupOpen(Payload):
    """The names to put into a group, a page of them."""

    code = "go"

    group_id: int
    page: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class GroupPerson(Payload):
    """Put this person in, or take them out again."""

    code = "gp"

    group_id: int
    person_id: int
    page: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class GroupHeads(Payload):
    """Count the heads."""

    code = "gh"

    group_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class RidePress(Payload):
    """*In a vehicle*, by a participant."""

    code = "gr"

    event_id: int
