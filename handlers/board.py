"""The board in chat: one message of numbers, edited in place; names on a tap, for a minute."""

from functools import partial

from coordination import board
from coordination.board import Board
from handlers import paging, waking
from handlers.buttons.board import BoardNamesPress, BoardPress, BoardSectionPage, BoardSectionPress
from handlers.buttons.groups import GroupsPress
from handlers.buttons.rollcalls import RollCallStart
from handlers.choosing import with_event
from handlers.context import Request, Showing
from handlers.detentioncards import next_lines
from handlers.naming import name_of
from handlers.screens import Press, Rows, Screen
from safety import board as rules
from safety.board import SEES_NUMBERS, BoardNames, BoardOpened, BoardUpdate, Section
from safety.detentions import TOLD, Detention
from safety.groups import Group
from safety.people import EventId, Role

ALWAYS = frozenset({Section.UNANSWERED, Section.ON_THE_WAY, Section.HERE, Section.HOME})
FIELD = frozenset({Role.ORGANIZER, Role.STEWARD})


def show(request: Request) -> None:
    """Show the board of the event that is meant."""
    with_event(request, "board", show_for)


def show_for(request: Request, event_id: EventId) -> None:
    """Show an event's board at the bottom of the chat."""
    board.open_board(request.turn, event_id)


def press_board(request: Request, press: BoardPress) -> str | None:
    """Show an event's board at the bottom of the chat."""
    show_for(request, EventId(press.event_id))
    return None


def press_names(request: Request, press: BoardNamesPress) -> str | None:
    """Show which lists of names there are."""
    board.open_names(request.turn, EventId(press.event_id), None)
    return None


def press_section(request: Request, press: BoardSectionPress) -> str | None:
    """Show the names of one list."""
    board.open_names(request.turn, EventId(press.event_id), press.section)
    return None


def press_section_page(request: Request, press: BoardSectionPage) -> str | None:
    """Show another page of them."""
    board.open_names(request.turn, EventId(press.event_id), press.section, press.page)
    return None


def render_board(showing: Showing, notice: BoardOpened | BoardUpdate) -> Screen | None:
    """Show the numbers; whoever steers in the field gets buttons as well."""
    role = board.role_of(showing.work, showing.chat_id)
    found = board.look(showing.work, notice.event_id)
    if found is None or role not in SEES_NUMBERS:
        return None
    lines = [_title(showing, found), *_number_lines(showing, found)]
    lines += [_group_line(showing, *one) for one in found.groups]
    if found.silent is not None:
        lines.append(showing.say("board-silent", number=found.silent))
    if found.on_hold:
        lines.append(showing.say("board-on-hold"))
    if found.is_locked:
        lines.append(showing.say("board-names-locked"))
    if role in TOLD:
        for held in found.held:
            lines += _held_lines(showing, found, held)
    if role is Role.ORGANIZER:
        lines += waking.result_lines(showing, found.woke)
    updated = showing.time(showing.work.now, found.event.tzinfo)
    lines += ["", showing.say("board-updated", time=updated)]
    return Screen("\n".join(lines), _rows(showing, found, role) if role in FIELD else ())


def render_names(showing: Showing, notice: BoardNames) -> Screen | None:
    """Show the lists, or the names of one, to whoever may see them."""
    found = board.names_for(showing.work, notice.event_id, showing.chat_id)
    if found is None:
        return None
    own = (showing.say("board-own-group"),) if found.is_own_group else ()
    if notice.section is None:
        numbers = [one for one in rules.counts(found.attendance) if one[1]]
        rows = tuple((_section_button(showing, notice.event_id, *one),) for one in numbers)
        return Screen("\n".join((showing.say("board-whose"), *own)), rows)
    people = rules.people_in(found.attendance, notice.section)
    names = [showing.say("board-name", name=name_of(showing, one)) for one in people]
    title = showing.say(f"board-{notice.section.value}", number=len(people))
    press = partial(BoardSectionPage, notice.event_id, notice.section)
    places, turns = paging.by_length(showing, names, notice.page, press)
    back = (showing.button("button-back", BoardNamesPress(notice.event_id)),)
    return Screen("\n".join((title, *own, *(names[place] for place in places))), (*turns, back))


def _title(showing: Showing, found: Board) -> str:
    event = found.event
    day, start = showing.day(event.starts_at, event.tzinfo), event.starts_at
    time = showing.time(start, event.tzinfo)
    expected = showing.say("board-expected", number=found.expected)
    return showing.say("board-title", title=event.title, day=day, time=time) + "\n" + expected


def _number_lines(showing: Showing, found: Board) -> list[str]:
    return [
        showing.say(f"board-{section.value}", number=number)
        for section, number in found.numbers
        if number or section in ALWAYS
    ]


def _held_lines(showing: Showing, found: Board, held: Detention) -> list[str]:
    since = showing.time(held.since, found.event.tzinfo)
    line = showing.say("detention-on-board", number=held.number, time=since)
    return [line, *next_lines(showing, held)]


def _group_line(showing: Showing, group: Group, names: int) -> str:
    kind = showing.plain(f"group-kind-{group.kind.value}")
    if group.heads is None:
        return showing.say("board-group", number=group.number, kind=kind, names=names)
    return showing.say(
        "board-group-heads", number=group.number, kind=kind, names=names, heads=group.heads
    )


def _rows(showing: Showing, found: Board, role: Role | None) -> Rows:
    event_id = found.event.id
    names = waking.names_rows(showing, found.woke) if role is Role.ORGANIZER else ()
    return (
        (
            showing.button("button-names", BoardNamesPress(event_id)),
            showing.button("button-groups", GroupsPress(event_id)),
        ),
        (showing.button("button-rollcall", RollCallStart(event_id)),),
        *names,
    )


def _section_button(showing: Showing, event_id: EventId, section: Section, number: int) -> Press:
    press = BoardSectionPress(event_id, section)
    return showing.button(f"board-{section.value}", press, number=number)
