"""What handlers and renderers get, and the shape of the one table that leads to them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from coordination.actors import find_actor
from coordination.turns import Turn, Work
from handlers.buttons import Payload, pack
from handlers.incoming import Incoming
from handlers.screens import Press, Screen
from handlers.texts import Texts
from safety.errors import RefusalError
from safety.evidence import Media
from safety.forms import Draft
from safety.languages import Language
from safety.menu import MenuPage
from safety.notices import Notice
from safety.people import Actor, ChatId, Unprinted
from safety.permissions import Action, is_allowed


@dataclass(frozen=True, slots=True, repr=False)
class Request(Unprinted):
    """One thing a person did, and the turn in which it is answered."""

    turn: Turn
    incoming: Incoming
    table: "Table"

    @property
    def work(self) -> Work:
        """Give the turn as what is looked through, as a `Showing` has it."""
        return self.turn


@dataclass(frozen=True, slots=True, repr=False)
class Showing(Unprinted):
    """A notice being put into words for one person, from what is true now.

    `work` is for looking only. `is_repeat`: an earlier attempt may have arrived.
    """

    work: Work
    texts: Texts
    table: "Table"
    language: Language
    chat_id: ChatId
    is_repeat: bool = False

    def say(self, key: str, **values: str | int) -> str:
        """Give a text in the person's language; values are escaped."""
        return self.texts.say(self.language, key, **values)

    def count(self, key: str, number: int, **values: str | int) -> str:
        """Give a text that counts something, in the right plural."""
        return self.texts.count(self.language, key, number, **values)

    def plain(self, key: str, **values: str | int) -> str:
        """Give a text without markup, for labels."""
        return self.texts.plain(self.language, key, **values)

    def button(self, key: str, payload: Payload, **values: str | int) -> Press:
        """Give a button with a label from the catalogue."""
        return Press(self.plain(key, **values), pack(payload))

    def time(self, moment: datetime, zone: ZoneInfo | None = None) -> str:
        """Give the hour and minute as this event's, or the team's, clocks show it."""
        return self.texts.time(self.language, moment, zone or self.zone)

    def day(self, moment: datetime, zone: ZoneInfo | None = None) -> str:
        """Give the day of a moment as people say it."""
        local: date = moment.astimezone(zone or self.zone).date()
        return self.texts.day(self.language, local)

    @property
    def actor(self) -> Actor:
        """Find who reads this chat now; it is looked up each time."""
        return find_actor(self.work.tx, self.work.policy, self.chat_id, None)

    def may(self, action: Action) -> bool:
        """Say whether they may do `action` now."""
        return is_allowed(self.actor.roles, action)

    @property
    def zone(self) -> ZoneInfo:
        """Give the team's own time zone."""
        return ZoneInfo(self.work.policy.zone)


Handler = Callable[[Request], None]
Renderer = Callable[[Showing, Notice], Screen | None]


@dataclass(frozen=True, slots=True)
class Command:
    """One command: who may use it follows from its action; `help` names its line in /help."""

    name: str
    action: Action
    run: Handler
    help: str
    page: MenuPage | None = None  # where /help has it; None: nowhere
    is_urgent: bool = False  # comes to the first page of /help while there is room
    is_in_menu: bool = False  # Telegram's menu, the same for everyone


@dataclass(frozen=True, slots=True)
class Offer:
    """What stands in /help and is no command: buttons for whoever has any now."""

    presses: Callable[[Showing], Sequence[Press]]
    page: MenuPage
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """One kind of button. `run` may give the key of a short text to show on top of the chat."""

    kind: type[Payload]
    action: Action
    run: Callable[[Request, Payload], str | None]


@dataclass(frozen=True, slots=True, repr=False)
class Choice(Unprinted):
    """One answer that can be pressed: its stored value (short) and its label."""

    value: str
    label: str


def _no_choices(_showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return ()


def _always(_request: Request | Showing, _draft: Draft) -> bool:
    return True


def _no_values(_showing: Showing, _draft: Draft) -> Mapping[str, str | int]:
    return {}


def as_typed(_request: Request, _draft: Draft, typed: str) -> str:
    """Take an answer as it was typed."""
    return typed


def read_offered(values: Collection[str]) -> Callable[[Request, Draft, str], str]:
    """Take one of the offered values, and nothing that was typed beside them."""

    def read(_request: Request, _draft: Draft, typed: str) -> str:
        if typed not in values:
            raise RefusalError("form-press-confirm")
        return typed

    return read


@dataclass(frozen=True, slots=True)
class Step:
    """One question. `read` normalises an answer, pressed or typed, or raises RefusalError."""

    name: str
    question: str  # text key
    read: Callable[[Request, Draft, str], str] = as_typed
    choices: Callable[[Showing, Draft], Sequence[Choice]] = _no_choices
    choices_in_row: int = 1
    is_optional: bool = False
    takes_location: bool = False  # a sent location is read as "latitude,longitude"
    keep_file: Callable[[Request, Draft, Media], str] | None = None  # gives what stands for it
    collects: bool = False  # asked again after each answer until *Done*; joined by commas
    limit: int = 500  # characters of an answer; rows stay small
    applies: Callable[[Request | Showing, Draft], bool] = _always
    values: Callable[[Showing, Draft], Mapping[str, str | int]] = _no_values


@dataclass(frozen=True, slots=True)
class Form:
    """A row of questions. `finish` gets all answers; with a `summary`, only after *Confirm*.

    `kept`: what it is about is done already, so giving it up undoes nothing; the text says so.
    """

    name: str
    action: Action
    steps: tuple[Step, ...]
    finish: Callable[[Request, Draft], None]
    summary: Callable[[Showing, Draft], str] | None = None
    on_cancel: Callable[[Request, Draft], None] | None = None
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Everything that an update can lead to, and everything that can be shown."""

    menu: tuple[Command | Offer, ...]  # in the order of /help
    buttons: tuple[Button, ...]
    forms: tuple[Form, ...]
    renderers: Mapping[type[Notice], Renderer]
    on_alarm: Handler  # plain words, or the permanent key
    on_doubt: Handler  # words that might be a call for help
    on_media: Handler
    on_location: Handler
    on_other: Handler
    on_stranger: Handler
    on_quiet: Handler  # anything from the phone of somebody who was taken
    _commands: dict[str, Command] = field(init=False, repr=False)
    _buttons: dict[type[Payload], Button] = field(init=False, repr=False)
    _forms: dict[str, Form] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make what is looked up with each update."""
        commands = (one for one in self.menu if isinstance(one, Command))
        put = object.__setattr__
        put(self, "_commands", {one.name: one for one in commands})
        put(self, "_buttons", {one.kind: one for one in self.buttons})
        put(self, "_forms", {one.name: one for one in self.forms})

    @property
    def commands(self) -> tuple[Command, ...]:
        """Give every command there is."""
        return tuple(self._commands.values())

    def command(self, name: str) -> Command | None:
        """Give the command of this name."""
        return self._commands.get(name)

    def button(self, payload: Payload) -> Button | None:
        """Give the route of this kind of payload."""
        return self._buttons.get(type(payload))

    def form(self, name: str) -> Form:
        """Give the form of this name (a stored name always has one)."""
        return self._forms[name]
