"""Groups: who left how, with whom, and whom nobody has seen leave."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from coordination import board, checkins
from coordination.events import open_event
from coordination.turns import Turn, Work, use_case
from coordination.whois import find_approved, name_key
from safety import groups as rules
from safety.checkins import CheckInKind
from safety.errors import OutdatedError
from safety.events import Event
from safety.facts import Fact, FactKind
from safety.groups import Group, GroupKind, GroupList, GroupPick
from safety.people import EventId, PersonId, Presence, Standing, Unprinted
from safety.permissions import Action
from safety.registration import Situation
from storage import events, groups, people


@dataclass(frozen=True, slots=True, repr=False)
class GroupsView(Unprinted):
    """An event's groups, each with the number of its names; and whom nobody has seen leave."""

    event: Event
    groups: tuple[tuple[Group, int], ...]
    unseen: int


@dataclass(frozen=True, slots=True, repr=False)
class PickView(Unprinted):
    """Who can be put into a group: those in it first, then whoever has not left."""

    group: Group
    people: tuple[Situation, ...]


@use_case(Action.MOVE_GROUPS)
def open_list(turn: Turn, event_id: EventId, page: int = 0) -> None:
    """Show the groups of an event.

    Raises:
        OutdatedError: the event is over or unknown.
    """
    open_event(turn, event_id)
    turn.tell(GroupList(event_id, page), event_id)


@use_case(Action.MOVE_GROUPS)
def start_group(
    turn: Turn, event_id: EventId, kind: GroupKind, plate: str | None, heads: int | None
) -> Group:
    """Note that a group leaves, and offer the names to put into it.

    Raises:
        OutdatedError: the event is over or unknown.
    """
    open_event(turn, event_id)
    group = _new_group(turn, event_id, kind, plate)
    group = replace(group, heads=heads, made_by=turn.require_team_id())
    groups.put(turn.tx, group)
    _record(turn, group)
    turn.tell(GroupPick(group.id), event_id)
    board.refresh(turn, event_id)
    return group


@use_case(Action.MOVE_GROUPS)
def open_pick(turn: Turn, group_id: int, page: int = 0) -> None:
    """Show the names to put into a group, for a minute."""
    group = _group(turn, group_id)
    turn.reply(GroupPick(group.id, page), group.event_id)


@use_case(Action.MOVE_GROUPS)
def toggle(turn: Turn, group_id: int, person_id: PersonId, page: int) -> None:
    """Put somebody into a group, or take them out of it again.

    Raises:
        OutdatedError: the group or the person is gone, or the person is home, taken, or away.
    """
    group, person = _group(turn, group_id), people.situation(turn.tx, person_id)
    if person is None or not _can_be_in(person, group):
        raise OutdatedError
    is_in = person.group_id == group.id
    presence = rules.once_out(group, person) if is_in else Presence.LEFT
    groups.put(turn.tx, rules.remembered(group, person.id, None if is_in else person.presence))
    changed = replace(person, presence=presence, group_id=None if is_in else group.id)
    people.change(turn.tx, changed)
    turn.reply(GroupPick(group.id, page), group.event_id)
    board.refresh(turn, group.event_id)


@use_case(Action.MOVE_GROUPS)
def count_heads(turn: Turn, group_id: int, heads: int) -> None:
    """Note how many heads were counted."""
    group = replace(_group(turn, group_id), heads=heads)
    groups.put(turn.tx, group)
    _record(turn, group)
    turn.tell(GroupList(group.event_id), group.event_id)
    board.refresh(turn, group.event_id)


@use_case(Action.CHECK_IN)
def ride(turn: Turn, event_id: EventId, kind: GroupKind, plate: str | None) -> None:
    """Note that a participant says how they leave; one who rides with others joins their group.

    Raises:
        NotAllowedError: they take no part in this event.
        OutdatedError: they are not approved, or the event is over.
    """
    event = open_event(turn, event_id)
    person_id = checkins.participation(turn, event.id)
    person = people.situation(turn.tx, person_id)
    if person is None or person.standing is not Standing.APPROVED:
        raise OutdatedError
    group = rules.same_ride(groups.of_event(turn.tx, event_id), kind, plate)
    if group is None:
        group = replace(_new_group(turn, event_id, kind, plate), told_by=person_id)
        groups.put(turn.tx, group)
        _record(turn, group)
    checkins.check_in(turn, CheckInKind.LEFT, event_id)
    joined = people.situation(turn.tx, person_id)
    if joined is not None and joined.presence is Presence.LEFT:
        people.change(turn.tx, replace(joined, group_id=group.id))
    board.refresh(turn, event_id)


# ---------------------------------------------------------------- looking


def view(work: Work, event_id: EventId) -> GroupsView | None:
    """Give the groups as they stand, in numbers; None where there is no such event."""
    event = events.get(work.tx, event_id)
    if event is None:
        return None
    everybody = people.situations(work.tx, event_id, Standing.APPROVED)
    counted = tuple((one, _count(everybody, one)) for one in groups.of_event(work.tx, event_id))
    unseen = sum(one.presence is Presence.HERE for one in everybody)
    return GroupsView(event, counted, unseen)


def pick(work: Work, group_id: int) -> PickView | None:
    """Give who can be put into a group, nameless where that is locked; None: it is gone."""
    group = _look(work, group_id)
    if group is None:
        return None
    everybody = find_approved(work, group.event_id)
    fitting = [one for one in everybody if _can_be_in(one, group)]
    in_first = sorted(fitting, key=lambda one: (_rank(one, group), name_key(one)))
    return PickView(group, tuple(in_first))


def event_of(work: Work, group_id: int) -> EventId:
    """Give the event of a group.

    Raises:
        OutdatedError: it is gone.
    """
    group = _look(work, group_id)
    if group is None:
        raise OutdatedError
    return group.event_id


# ---------------------------------------------------------------- inside


def _new_group(turn: Turn, event_id: EventId, kind: GroupKind, plate: str | None) -> Group:
    return Group(
        id=turn.tx.new_id(),
        event_id=event_id,
        number=groups.count(turn.tx, event_id) + 1,
        kind=kind,
        left_at=turn.now,
        plate=plate if kind.has_plate else None,
    )


def _look(work: Work, group_id: int) -> Group | None:
    return groups.get(work.tx, group_id)


def _group(turn: Turn, group_id: int) -> Group:
    group = _look(turn, group_id)
    if group is None:
        raise OutdatedError
    return group


def _can_be_in(person: Situation, group: Group) -> bool:
    is_free = person.group_id in (None, group.id)
    is_away = person.presence in (Presence.HOME, Presence.TAKEN)
    is_here = person.event_id == group.event_id and person.standing is Standing.APPROVED
    return is_here and is_free and not is_away


def _rank(person: Situation, group: Group) -> int:
    if person.group_id == group.id:
        return 0
    return 1 if person.presence is Presence.HERE else 2


def _count(everybody: Sequence[Situation], group: Group) -> int:
    return sum(one.group_id == group.id for one in everybody)


def _record(turn: Turn, group: Group) -> None:
    said = [("number", str(group.number)), ("kind", group.kind.value)]
    said += [("plate", group.plate)] if group.plate else []
    said += [("heads", str(group.heads))] if group.heads is not None else []
    turn.record(
        Fact(
            kind=FactKind.GROUP_LEFT,
            at=turn.now,
            subject_id=group.id,
            event_id=group.event_id,
            by_person=group.told_by,
            by_team=group.made_by,
            details=tuple(said),
        )
    )
