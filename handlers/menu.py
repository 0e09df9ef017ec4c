"""One menu from which everything is reached, and /help: both follow from table and roles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from coordination import chats
from coordination.turns import Turn
from handlers import intake, paging
from handlers.buttons.menu import MenuEntry, MenuTurn
from handlers.context import Command, Offer, Request, Showing
from handlers.screens import Press, Rows, Screen
from safety.errors import OutdatedError
from safety.menu import Menu, MenuPage, Place, StrangerSentence, spread
from safety.paging import cut
from safety.people import Role, Unprinted
from safety.permissions import is_allowed

IN_A_ROW = 2  # buttons


@dataclass(frozen=True, slots=True, repr=False)
class _Entry(Unprinted):
    """One button of the menu, and its line if it stands for a command."""

    place: Place
    press: Press
    line: str | None = None


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
    request.turn.reply(Menu(press.page, press.part))


def answer_stranger(request: Request) -> None:
    """Say the one neutral sentence, unless it still stands in the chat.

    Somebody we know, whose role has not this command, is answered as if there were none.
    """
    if request.turn.actor.roles <= {Role.STRANGER, Role.REPORTER}:
        tell_nothing(request.turn)
    else:
        show(request)


def tell_nothing(turn: Turn) -> None:
    """Give the neutral sentence that tells neither whether a link nor whether an event exists."""
    if not chats.is_card_shown(turn, StrangerSentence().card() or ""):
        turn.tell(StrangerSentence())


def render_menu(showing: Showing, notice: Menu) -> Screen | None:
    """Show a page of what this person's roles allow, commands as a line and as a button.

    A page that this person does not have, or no longer, is the first one.
    """
    roles = showing.actor.roles
    entries = [entry for one in showing.table.menu for entry in _entries(showing, roles, one)]
    pages = spread([entry.place for entry in entries])
    page = notice.page if notice.page in pages else MenuPage.FIRST
    listed = [entries[number] for number in pages[page]]
    if page is MenuPage.FIRST:
        others = [_turn(showing, other) for other in pages if other is not page]
        rows = _under_the_first([entry.press for entry in listed], others)
        works = intake.line(showing)
        ending = () if works is None else ("", works)
        return Screen("\n".join((*_lines(showing, page, listed), *ending)), rows)
    shown = cut(listed, notice.part, beside=1)
    rows = paging.in_rows([entry.press for entry in shown.items], IN_A_ROW)
    turns = paging.turns(showing, shown, partial(MenuTurn, page))
    back = (showing.button("button-back", MenuTurn(MenuPage.FIRST)),)
    return Screen("\n".join(_lines(showing, page, shown.items)), (*rows, *turns, back))


def _under_the_first(presses: Sequence[Press], others: Sequence[Press]) -> Rows:
    """Give what cannot wait a row of its own, and put the rest side by side."""
    first, *following = presses
    rest = (*paging.in_rows(following, IN_A_ROW), *paging.in_rows(others, IN_A_ROW))
    return ((first,), *rest)


def _lines(showing: Showing, page: MenuPage, shown: Sequence[_Entry]) -> Sequence[str]:
    named = showing.plain(f"button-page-{page.value}") if page is not MenuPage.FIRST else ""
    title = showing.say("menu-page", page=named) if named else showing.say("menu-title")
    return (title, "", *(entry.line for entry in shown if entry.line is not None))


def _turn(showing: Showing, page: MenuPage) -> Press:
    return showing.button(f"button-page-{page.value}", MenuTurn(page))


def _entries(showing: Showing, roles: frozenset[Role], one: Command | Offer) -> Iterator[_Entry]:
    """Give what a line of the table offers this person."""
    if one.page is None:
        return
    place = Place(one.page, one.is_urgent)
    if isinstance(one, Offer):
        yield from (_Entry(place, press) for press in one.presses(showing))
    elif is_allowed(roles, one.action):
        press = showing.button(f"menu-{one.name}", MenuEntry(one.name))
        yield _Entry(place, press, f"/{one.name} — {showing.say(one.help)}")


def render_stranger(showing: Showing, _notice: StrangerSentence) -> Screen | None:
    """Say that there is nothing here without a personal link."""
    return Screen(showing.say("not-allowed"))
