"""One menu from which everything is reached, and /help: both follow from table and roles."""

from coordination import chats, disclosure
from coordination.actors import find_actor
from coordination.turns import Turn
from handlers import injuries, intake, secondchannel
from handlers.buttons.disclosure import ShowPlace
from handlers.buttons.menu import MenuEntry
from handlers.buttons.practice import BEGIN
from handlers.context import Command, Request, Showing
from handlers.screens import Press, Screen
from safety.errors import OutdatedError
from safety.menu import Menu, StrangerSentence
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


def answer_stranger(request: Request) -> None:
    """Say the one neutral sentence, unless it still stands in the chat."""
    tell_nothing(request.turn)


def tell_nothing(turn: Turn) -> None:
    """Give the neutral sentence that tells neither whether a link nor whether an event exists."""
    if not chats.is_card_shown(turn, StrangerSentence().card() or ""):
        turn.tell(StrangerSentence())


def render_menu(showing: Showing, _notice: Menu) -> Screen | None:
    """Show the commands of this person's roles, each as a line and as a button."""
    commands = [command for command in _allowed(showing) if command.is_in_help]
    lines = [f"/{command.name} — {showing.say(command.help)}" for command in commands]
    buttons = [_button(showing, command) for command in commands if command.name != "help"]
    rows = tuple(
        tuple(buttons[start : start + IN_A_ROW]) for start in range(0, len(buttons), IN_A_ROW)
    )
    rows += _other_way(showing)
    last = (showing.button("practice-button-begin", BEGIN),)
    works = intake.line(showing)
    ending = () if works is None else ("", works)
    rows += injuries.menu_row(showing)
    text = "\n".join((showing.say("menu-title"), "", *lines, *ending))
    return Screen(text, (*_places(showing), *rows, last))


def _other_way(showing: Showing) -> tuple[tuple[Press, ...], ...]:
    """Give whoever is rung a way to be woken beside the chat, where there is one."""
    roles = find_actor(showing.work.tx, showing.work.policy, showing.chat_id, None).roles
    if showing.work.policy.second_kinds and is_allowed(roles, Action.BE_WOKEN):
        return (secondchannel.menu_row(showing),)
    return ()


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
    actor = find_actor(showing.work.tx, showing.work.policy, showing.chat_id, None)
    return [
        command for command in showing.table.commands if is_allowed(actor.roles, command.action)
    ]


def _button(showing: Showing, command: Command) -> Press:
    return showing.button(f"menu-{command.name}", MenuEntry(command.name))
