"""The board: numbers read anew each time it is shown, and edits for whoever has it open.

Names are for organizers; a steward sees their own group's alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from coordination import wakeviews
from coordination.actors import find_actor
from coordination.turns import Turn, Work, use_case
from safety import board as rules
from safety.board import (
    SEES_NUMBERS,
    Attendance,
    BoardNames,
    BoardOpened,
    BoardUpdate,
    Section,
    board_card,
)
from safety.detentions import Detention
from safety.errors import NotAllowedError, OutdatedError, RefusalError
from safety.events import AFTER, Event
from safety.groups import Group
from safety.people import ChatId, EventId, PersonId, Role, Standing, TeamId, Unprinted
from safety.permissions import Action, is_allowed
from safety.registration import Situation
from safety.venues import VenueState
from safety.waking import Woke
from storage import (
    chats,
    detentions,
    disclosure,
    events,
    groups,
    messages,
    people,
    rollcalls,
    routes,
)


@dataclass(frozen=True, slots=True, repr=False)
class Board(Unprinted):
    """What a board shows: numbers, also while names are locked."""

    event: Event
    expected: int
    numbers: tuple[tuple[Section, int], ...]
    groups: tuple[tuple[Group, int], ...]  # each with the number of its names
    silent: int | None  # in the roll call that is open, None if none is
    is_locked: bool
    on_hold: bool
    woke: Woke
    held: tuple[Detention, ...]  # the oldest first


@dataclass(frozen=True, slots=True, repr=False)
class Names(Unprinted):
    """The names that one reader may see. `is_own_group`: a steward's."""

    event: Event
    attendance: Attendance
    is_own_group: bool


@use_case(Action.SEE_BOARD)
def open_board(turn: Turn, event_id: EventId) -> None:
    """Show the board at the bottom of the chat; from then on it is kept up to date."""
    if turn.actor.team_role not in SEES_NUMBERS:
        raise RefusalError("board-nothing")
    turn.tell(BoardOpened(event_id), event_id)


@use_case(Action.SEE_NAMES)
def open_names(turn: Turn, event_id: EventId, section: Section | None, page: int = 0) -> None:
    """Show the lists, or the names of one, for a minute.

    Raises:
        LockedError: names are locked.
        RefusalError: this steward has no group.
    """
    found = names_for(turn, event_id, turn.actor.recipient.chat_id)
    if found is None:
        raise OutdatedError
    if found.is_own_group and not found.attendance.people:
        raise RefusalError("board-no-group")
    turn.tell(BoardNames(event_id, section, page), event_id)


def refresh(work: Work, event_id: EventId | None) -> None:
    """Owe an edit to everybody in whose chat the board of this event stands."""
    event = None if event_id is None else events.get(work.tx, event_id)
    if event is None or work.now >= event.ends_at + AFTER:
        return
    for recipient in messages.chats_with(work.tx, board_card(event.id)):
        work.owe(recipient, BoardUpdate(event.id), event.id)


def refresh_for(work: Work, person: Situation) -> None:
    """Let boards show a person whose registration has changed."""
    refresh(work, person.event_id)


def follow_facts(work: Work) -> None:
    """Let boards show whatever has just been stated to have happened."""
    for event_id in {fact.event_id for fact in work.facts}:
        refresh(work, event_id)


# ---------------------------------------------------------------- looking


def look(work: Work, event_id: EventId) -> Board | None:
    """Give the board as it stands now, or None where there is no such event."""
    event = events.get(work.tx, event_id)
    if event is None:
        return None
    approved = people.situations(work.tx, event_id, Standing.APPROVED)
    found = _attendance(work, event_id, approved)
    is_open = disclosure.is_readable(work.tx, event_id)
    place = disclosure.outline_at(work.tx, event_id)
    return Board(
        event=event,
        expected=len(approved),
        numbers=rules.counts(found),
        groups=_groups(work, event_id, approved),
        silent=_silent(work, event_id),
        is_locked=not is_open,
        on_hold=place is not None and place.is_held,
        woke=wakeviews.result(work),
        held=tuple(detentions.held_at(work.tx, event_id)),
    )


def names_for(work: Work, event_id: EventId, chat_id: ChatId) -> Names | None:
    """Give the names that this reader may see; None where there is no such event.

    Raises:
        LockedError: they are locked.
        NotAllowedError: this reader may see no names.
    """
    actor = find_actor(work.tx, work.policy, chat_id, None)
    if not is_allowed(actor.roles, Action.SEE_NAMES):
        raise NotAllowedError
    event = events.get(work.tx, event_id)
    if event is None:
        return None
    approved = people.with_standing(work.tx, event_id, Standing.APPROVED)
    found = _attendance(work, event_id, approved)
    if actor.team_role is Role.ORGANIZER:
        return Names(event, found, is_own_group=False)
    own = rules.own_group(found.people, groups_of(work, event_id, actor.team_id))
    only = Attendance(own, found.old_place, found.unreachable, has_groups=found.has_groups)
    return Names(event, only, is_own_group=True)


def groups_of(work: Work, event_id: EventId, team_id: TeamId | None) -> frozenset[int]:
    """Give the groups that somebody of the team has made."""
    found = groups.of_event(work.tx, event_id)
    return frozenset(one.id for one in found if team_id is not None and one.made_by == team_id)


def role_of(work: Work, chat_id: ChatId) -> Role | None:
    """Give the team's role of whoever reads this chat."""
    return find_actor(work.tx, work.policy, chat_id, None).team_role


def _attendance(work: Work, event_id: EventId, approved: Sequence[Situation]) -> Attendance:
    place = disclosure.outline_at(work.tx, event_id)
    is_told = place is not None and place.state is VenueState.CONFIRMED
    old = disclosure.unconfirmed(work.tx, place) if place is not None and is_told else ()
    return Attendance(
        people=tuple(approved),
        old_place=frozenset(old),
        unreachable=unreachable(work, event_id),
        has_groups=groups.count(work.tx, event_id) > 0,
    )


def unreachable(work: Work, event_id: EventId) -> frozenset[PersonId]:
    """Give who is expected at an event and cannot be reached in their chat.

    Chats are opened only where somebody has blocked the bot: a board is asked for often.
    """
    with_chat = routes.holders(work.tx, event_id)
    blocked = set[int]()
    if chats.has_blocked(work.tx):
        blocked = {
            route.holder_id
            for route in routes.of_event(work.tx, event_id)
            if chats.silence_reason(work.tx, route.recipient.chat_id) == chats.BLOCKED
        }
    approved = people.ids_with_standing(work.tx, event_id, Standing.APPROVED)
    return frozenset(one for one in approved if one not in with_chat or one in blocked)


def _silent(work: Work, event_id: EventId) -> int | None:
    rollcall = rollcalls.open_one(work.tx, event_id)
    return None if rollcall is None else len(rollcalls.silent(work.tx, rollcall))


def _groups(
    work: Work, event_id: EventId, approved: Sequence[Situation]
) -> tuple[tuple[Group, int], ...]:
    return tuple(
        (group, sum(one.group_id == group.id for one in approved))
        for group in groups.of_event(work.tx, event_id)
    )
