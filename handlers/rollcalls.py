"""Roll calls in chat: one question with two buttons, and a card of numbers for the team."""

from collections.abc import Iterable
from functools import partial
from itertools import groupby
from operator import itemgetter

from coordination import rollcalls
from coordination.rollcalls import RollCallView
from handlers import paging
from handlers.buttons.rollcalls import (
    RollCallClose,
    RollCallHelp,
    RollCallNamesPage,
    RollCallNamesPress,
    RollCallSafe,
    RollCallStart,
)
from handlers.choosing import with_event
from handlers.context import Request, Showing
from handlers.naming import name_of
from handlers.screens import Rows, Screen
from safety.board import own_group
from safety.people import EventId
from safety.permissions import Action
from safety.rollcalls import (
    RollCallAnswer,
    RollCallNames,
    RollCallQuestion,
    RollCallRing,
    RollCallState,
    RollCallUpdate,
    is_over,
)


def start(request: Request) -> None:
    """Ask everybody now, at the event that is meant."""
    with_event(request, "rollcall", start_for)


def start_for(request: Request, event_id: EventId) -> None:
    """Ask everybody of an event now."""
    rollcalls.start(request.turn, event_id)


def press_start(request: Request, press: RollCallStart) -> str | None:
    """Ask everybody now."""
    start_for(request, EventId(press.event_id))
    return None


def press_safe(request: Request, press: RollCallSafe) -> str | None:
    """Note *I'm safe*."""
    rollcalls.answer(request.turn, press.rollcall_id, RollCallAnswer.SAFE)
    return None


def press_help(request: Request, press: RollCallHelp) -> str | None:
    """Note *I need help*, and call for it."""
    rollcalls.answer(request.turn, press.rollcall_id, RollCallAnswer.HELP)
    return None


def press_names(request: Request, press: RollCallNamesPress) -> str | None:
    """Show who is silent and who needs help, for a minute."""
    rollcalls.show_names(request.turn, press.rollcall_id)
    return None


def press_names_page(request: Request, press: RollCallNamesPage) -> str | None:
    """Show another page of them."""
    rollcalls.show_names(request.turn, press.rollcall_id, press.page)
    return None


def press_close(request: Request, press: RollCallClose) -> str | None:
    """End it."""
    rollcalls.close(request.turn, press.rollcall_id)
    return None


def render_question(showing: Showing, notice: RollCallQuestion) -> Screen | None:
    """Ask whoever has not answered yet."""
    if not rollcalls.is_asked(showing.work, notice.rollcall_id, showing.chat_id):
        return None
    safe = showing.button("button-checkin-safe", RollCallSafe(notice.rollcall_id))
    help_ = showing.button("alarm-button-help", RollCallHelp(notice.rollcall_id))
    return Screen(showing.say("rollcall-question"), ((safe,), (help_,)))


def render_card(showing: Showing, notice: RollCallRing | RollCallUpdate) -> Screen | None:
    """Show the team how a roll call stands, in numbers."""
    found = rollcalls.view(showing.work, notice.rollcall_id)
    if found is None or not rollcalls.may(showing.work, showing.chat_id, Action.CALL_ROLL):
        return None
    rollcall, zone = found.rollcall, found.event.tzinfo
    asked = showing.time(rollcall.started_at, zone)
    lines = [showing.say("rollcall-title", number=rollcall.number, time=asked)]
    lines += _result_lines(showing, found)
    if rollcall.closed_at is not None:
        lines.append(showing.say("rollcall-closed", time=showing.time(rollcall.closed_at, zone)))
    elif found.result.silent and is_over(rollcall):
        lines.append(showing.count("rollcall-asked-out", rollcall.rounds))
    elif rollcall.rounds > 1:
        lines.append(showing.count("rollcall-asked", rollcall.rounds))
    return Screen("\n".join(lines), _rows(showing, found))


def render_names(showing: Showing, notice: RollCallNames) -> Screen | None:
    """Show who is silent and who needs help: a steward their own group's, an organizer all."""
    found = rollcalls.view(showing.work, notice.rollcall_id)
    may_see = rollcalls.may(showing.work, showing.chat_id, Action.SEE_NAMES)
    if found is None or not may_see:
        return None
    own = rollcalls.own_groups_only(showing.work, found.event.id, showing.chat_id)
    first = [showing.say("board-own-group")] if own is not None else []
    entries: list[tuple[str, str]] = []
    for key, people in (
        ("rollcall-help", found.result.help),
        ("rollcall-unheard", found.result.unheard),
        ("rollcall-silent", found.result.silent),
    ):
        shown = people if own is None else own_group(people, own)
        title = showing.say(key, number=len(shown))
        entries += [
            (title, showing.say("board-name", name=name_of(showing, one))) for one in shown
        ]
    press = partial(RollCallNamesPage, notice.rollcall_id)
    names = [name for _, name in entries]
    places, turns = paging.by_length(showing, names, notice.page, press)
    lines = _titled(entries[place] for place in places)
    return Screen("\n".join([*first, *lines]) or showing.say("rollcall-nobody"), turns)


def _result_lines(showing: Showing, found: RollCallView) -> list[str]:
    result = found.result
    lines = [showing.say("rollcall-safe", number=len(result.safe))]
    if result.help:
        lines.append(showing.say("rollcall-help", number=len(result.help)))
    if result.unheard:
        lines.append(showing.say("rollcall-unheard", number=len(result.unheard)))
    lines.append(showing.say("rollcall-silent", number=len(result.silent)))
    return [*lines, showing.say("board-names-locked")] if found.is_locked else lines


def _titled(entries: Iterable[tuple[str, str]]) -> list[str]:
    """Give the names of a page, each list's under its title."""
    lines: list[str] = []
    for title, names in groupby(entries, key=itemgetter(0)):
        lines += [title, *(name for _, name in names), ""]
    return lines


def _rows(showing: Showing, found: RollCallView) -> Rows:
    rollcall = found.rollcall
    names = (showing.button("button-names", RollCallNamesPress(rollcall.id)),)
    is_open = rollcall.state is RollCallState.OPEN
    if not is_open or not rollcalls.may(showing.work, showing.chat_id, Action.RELEASE):
        return (names,)
    return (names, (showing.button("button-rollcall-close", RollCallClose(rollcall.id)),))
