"""Groups in chat: a list of numbers, names put in by tapping, and a participant's own word."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from coordination import groups
from coordination.groups import GroupsView
from handlers import forms, paging
from handlers.buttons.board import BoardSectionPress
from handlers.buttons.groups import (
    GroupHeads,
    GroupNew,
    GroupOpen,
    GroupPerson,
    GroupsPress,
    RidePress,
)
from handlers.choosing import afresh
from handlers.context import Choice, Form, Request, Showing, Step, read_offered
from handlers.naming import name_of
from handlers.screens import Press, Rows, Screen
from safety.board import Section
from safety.errors import RefusalError
from safety.forms import Draft
from safety.groups import MOST_HEADS, Group, GroupKind, GroupList, GroupPick, differs
from safety.paging import cut
from safety.people import EventId, PersonId, Presence
from safety.permissions import Action
from safety.registration import Situation

GROUP, HEADS, RIDE = "group", "heads", "ride"


def press_list(request: Request, press: GroupsPress) -> str | None:
    """Show the groups."""
    groups.open_list(request.turn, EventId(press.event_id), press.page)
    return None


def press_new(request: Request, press: GroupNew) -> str | None:
    """Ask how a group leaves."""
    forms.start(afresh(request), GROUP, EventId(press.event_id))
    return None


def press_open(request: Request, press: GroupOpen) -> str | None:
    """Show the names to put in, for a minute."""
    is_paging = press.page > 0
    groups.open_pick((request if is_paging else afresh(request)).turn, press.group_id, press.page)
    return None


def press_person(request: Request, press: GroupPerson) -> str | None:
    """Put somebody in, or take them out."""
    groups.toggle(request.turn, press.group_id, PersonId(press.person_id), press.page)
    return None


def press_heads(request: Request, press: GroupHeads) -> str | None:
    """Ask for the head count."""
    event_id = groups.event_of(request.turn, press.group_id)
    forms.start(afresh(request), HEADS, event_id, press.group_id)
    return None


def press_ride(request: Request, press: RidePress) -> str | None:
    """Ask a participant how they leave."""
    forms.start(afresh(request), RIDE, EventId(press.event_id))
    return None


# ---------------------------------------------------------------- forms


def _kinds(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(kind.value, showing.plain(f"group-kind-{kind.value}")) for kind in GroupKind]


def _read_heads(_request: Request, _draft: Draft, typed: str) -> str:
    if not typed.isdecimal() or not 0 < int(typed) <= MOST_HEADS:
        raise RefusalError("group-heads-unclear")
    return str(int(typed))


def _has_plate(_where: Request | Showing, draft: Draft) -> bool:
    return GroupKind(draft.answer("kind") or GroupKind.CAR).has_plate


def _kind(draft: Draft) -> GroupKind:
    return GroupKind(draft.answer("kind") or "")


def _finish_group(request: Request, draft: Draft) -> None:
    heads = draft.answer("heads")
    event_id = draft.event_id or EventId(0)
    number = None if heads is None else int(heads)
    groups.start_group(request.turn, event_id, _kind(draft), draft.answer("plate"), number)


def _finish_heads(request: Request, draft: Draft) -> None:
    groups.count_heads(request.turn, draft.subject_id, int(draft.answer("heads") or 0))


def _finish_ride(request: Request, draft: Draft) -> None:
    event_id = draft.event_id or EventId(0)
    groups.ride(request.turn, event_id, _kind(draft), draft.answer("plate"))


_KIND = Step(
    "kind", "group-ask-kind", read=read_offered(tuple(GroupKind)), choices=_kinds, choices_in_row=2
)
_PLATE = Step("plate", "group-ask-plate", is_optional=True, applies=_has_plate)

GROUP_FORM = Form(
    name=GROUP,
    action=Action.MOVE_GROUPS,
    steps=(_KIND, _PLATE, Step("heads", "group-ask-heads", read=_read_heads, is_optional=True)),
    finish=_finish_group,
)

HEADS_FORM = Form(
    name=HEADS,
    action=Action.MOVE_GROUPS,
    steps=(Step("heads", "group-ask-heads", read=_read_heads),),
    finish=_finish_heads,
)

RIDE_FORM = Form(
    name=RIDE,
    action=Action.CHECK_IN,
    steps=(replace(_KIND, question="ride-ask-kind"), _PLATE),
    finish=_finish_ride,
)

# ---------------------------------------------------------------- screens


def render_list(showing: Showing, notice: GroupList) -> Screen | None:
    """Show the groups: how, when, heads and names as numbers; and whom nobody saw leave."""
    found = groups.view(showing.work, notice.event_id)
    if found is None:
        return None
    lines = [showing.say("group-list")]
    for group, names in found.groups:
        lines += _group_lines(showing, found, group, names)
    if not found.groups:
        lines.append(showing.say("group-none"))
    lines += ["", showing.say("board-unseen", number=found.unseen)]
    return Screen("\n".join(lines), _list_rows(showing, found, notice.page))


def render_pick(showing: Showing, notice: GroupPick) -> Screen | None:
    """Show one page of names; a tap puts a person in or takes them out."""
    found = groups.pick(showing.work, notice.group_id)
    if found is None:
        return None
    group, people = found.group, found.people
    page = cut(people, notice.page)
    rows = [(_person(showing, group, one, page.number),) for one in page.items]
    turns = paging.turns(showing, page, partial(GroupOpen, group.id))
    kind = showing.plain(f"group-kind-{group.kind.value}")
    text = showing.say("group-pick", number=group.number, kind=kind)
    return Screen(text, (*rows, *turns))


def _group_lines(showing: Showing, found: GroupsView, group: Group, names: int) -> list[str]:
    kind = showing.plain(f"group-kind-{group.kind.value}")
    time = showing.time(group.left_at, found.event.tzinfo)
    first = showing.say("group-line", number=group.number, kind=kind, time=time)
    if group.plate is not None:
        first += showing.say("group-plate", plate=group.plate)
    if group.heads is None:
        return [first, showing.say("group-names-only", names=names)]
    key = "group-heads-differ" if differs(group, names) else "group-heads-agree"
    return [first, showing.say(key, heads=group.heads, names=names)]


def _list_rows(showing: Showing, found: GroupsView, wanted: int) -> Rows:
    page = cut(found.groups, wanted, beside=2, each=2)
    rows: list[tuple[Press, ...]] = []
    for group, _ in page.items:
        open_ = showing.button("button-group-open", GroupOpen(group.id, 0), number=group.number)
        heads = showing.button("button-group-heads", GroupHeads(group.id), number=group.number)
        rows.append((open_, heads))
    rows += paging.turns(showing, page, partial(GroupsPress, found.event.id))
    rows.append((showing.button("button-group-new", GroupNew(found.event.id)),))
    if found.groups and found.unseen:
        press = BoardSectionPress(found.event.id, Section.UNSEEN)
        rows.append((showing.button("board-unseen", press, number=found.unseen),))
    return tuple(rows)


def _person(showing: Showing, group: Group, person: Situation, page: int) -> Press:
    press = GroupPerson(group.id, person.id, page)
    is_in = person.group_id == group.id and person.presence is Presence.LEFT
    key = "group-name-in" if is_in else "mark-name"
    return showing.button(key, press, name=name_of(showing, person))
