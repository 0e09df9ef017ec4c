"""One menu from which everything is reached, and /help: both follow from table and roles."""

from collections.abc import Sequence

from coordination import chats, disclosure, incidents, reports
from coordination.turns import Turn
from handlers import injuries, intake, secondchannel
from handlers.buttons.disclosure import ShowPlace
from handlers.buttons.menu import MenuEntry, MenuTurn
from handlers.buttons.practice import BEGIN
from handlers.buttons.reports import ReportGoOn
from handlers.context import Command, Request, Showing
from handlers.screens import Press, Screen
from safety.errors import OutdatedError
from safety.menu import Menu, MenuPage, StrangerSentence, pages
from safety.people import Role
from safety.permissions import Action, is_allowed

IN_A_ROW = 2  # buttons


def show(request: Request) -> None:
    """Show what this person can do: /help, /start without a link, and words we do not know.

    A stranger can do nothing here, and learns nothing else.
    """
    if Role.STRANGER in request.turn.actor.roles:
        tell_nothing(request.turn)
    else:
        request.turn.reply(Menu())


def open_entry(request: Request, press: MenuEntry) -> None:
    """Run the command that a menu button stands for."""
    command = request.table.command(press.name)
    if command is None:
        raise OutdatedError
    request.turn.require(command.action)
    command.run(request)


def turn_page(request: Request, press: MenuTurn) -> None:
    """Show another page of the menu."""
    request.turn.reply(Menu(press.page))


def answer_stranger(request: Request) -> None:
    """Say the one neutral sentence, unless it still stands in the chat."""
    tell_nothing(request.turn)


def tell_nothing(turn: Turn) -> None:
    """Give the neutral sentence that tells neither whether a link nor whether an event exists."""
    if not chats.is_card_shown(turn, StrangerSentence().card() or ""):
        turn.tell(StrangerSentence())


def render_menu(showing: Showing, notice: Menu) -> Screen | None:
    """Show a page of what this person's roles allow, each as a line and as a button.

    A page that this person does not have, or no longer, is the first one.
    """
    commands = {one.name: one for one in _allowed(showing) if one.is_in_help}
    spread = pages([name for name in commands if name != "help"])
    page = notice.page if notice.page in spread else MenuPage.FIRST
    shown = [commands[name] for name in spread[page]]
    rows = _in_rows([_button(showing, command) for command in shown])
    title = showing.say("menu-title") if page is MenuPage.FIRST else _title(showing, page)
    lines = [title, "", *(f"/{one.name} — {showing.say(one.help)}" for one in shown)]
    if page is (MenuPage.SELF if MenuPage.SELF in spread else MenuPage.FIRST):
        rows += _other_way(showing)
    if page is not MenuPage.FIRST:
        back = showing.button("button-back", MenuTurn(MenuPage.FIRST))
        return Screen("\n".join(lines), (*rows, (back,)))
    rows += injuries.menu_row(showing)
    rows += _in_rows([_turn(showing, other) for other in spread if other is not page])
    may_call = any(one.action is Action.RAISE_ALARM for one in commands.values())
    last = ((showing.button("practice-button-begin", BEGIN),),) if may_call else ()
    works = intake.line(showing)
    ending = () if works is None else ("", works)
    above = (*_places(showing), *_unfinished(showing))
    return Screen("\n".join((*lines, *ending)), (*above, *rows, *last))


def _in_rows(buttons: Sequence[Press]) -> tuple[tuple[Press, ...], ...]:
    starts = range(0, len(buttons), IN_A_ROW)
    return tuple(tuple(buttons[start : start + IN_A_ROW]) for start in starts)


def _turn(showing: Showing, page: MenuPage) -> Press:
    return showing.button(f"button-page-{page.value}", MenuTurn(page))


def _title(showing: Showing, page: MenuPage) -> str:
    return showing.say("menu-page", page=showing.plain(f"button-page-{page.value}"))


def _other_way(showing: Showing) -> tuple[tuple[Press, ...], ...]:
    """Give whoever is rung a way to be woken beside the chat, where there is one."""
    roles = showing.actor.roles
    if showing.work.policy.second_kinds and is_allowed(roles, Action.BE_WOKEN):
        return (secondchannel.menu_row(showing),)
    return ()


def _unfinished(showing: Showing) -> tuple[tuple[Press, ...], ...]:
    """Give a way to go on with a report that is not finished."""
    opened = reports.unfinished_of(showing.work, showing.chat_id)
    if opened is None:
        return ()
    number = incidents.number_of(showing.work, opened.incident_id) or 0
    go_on = ReportGoOn(opened.report_id)
    return ((showing.button("button-report-go-on", go_on, number=number),),)


def _places(showing: Showing) -> tuple[tuple[Press, ...], ...]:
    """Give a way back to the place, for whoever has cleared the chat since it was told."""
    return tuple(
        (
            showing.button(
                "button-place-again",
                ShowPlace(venue.id),
                day=showing.day(event.starts_at, event.tzinfo),
            ),
        )
        for venue, event in disclosure.shown_to(showing.work, showing.chat_id)
    )


def render_stranger(showing: Showing, _notice: StrangerSentence) -> Screen | None:
    """Say that there is nothing here without a personal link."""
    return Screen(showing.say("not-allowed"))


def _allowed(showing: Showing) -> list[Command]:
    actor = showing.actor
    return [
        command for command in showing.table.commands if is_allowed(actor.roles, command.action)
    ]


def _button(showing: Showing, command: Command) -> Press:
    return showing.button(f"menu-{command.name}", MenuEntry(command.name))
