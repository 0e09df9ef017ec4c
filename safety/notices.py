"""What the bot owes people: typed notices, never rendered texts.

A notice holds a kind and references; its words are made when it is sent, from what is true then.
Feature modules define their own notices; this file says what each must state about itself.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum
from typing import ClassVar, TypeVar

from typing_extensions import override

from safety.people import Unprinted


class Lane(IntEnum):
    """The order in which notices go out; the lowest number first."""

    ALARM = 0
    HOLD = 1  # holds and relocations
    REPLY = 2
    RELEASE = 3
    BOARD = 4
    REMINDER = 5
    HOUSEKEEPING = 6


class Channel(StrEnum):
    """By which way a notice goes out."""

    CHAT = "chat"
    SECOND = "second"  # mail and its like, for the team alone (safety/secondchannel.py)


class IfUnknown(StrEnum):
    """What to do when nobody can tell whether the service delivered a message."""

    SEND_AGAIN = "send-again"
    ASK = "ask"  # "Did it arrive?" with a button that shows it again
    LEAVE = "leave"


DELETABLE = timedelta(hours=48)  # a bot may delete messages for so long, its own and a person's
STAYS = timedelta(hours=40)  # until they go by themselves, well before
SHORT_STAY = timedelta(minutes=1)  # names on a tap


class Notice(Unprinted):
    """Base of all notices. Subclasses are frozen dataclasses of ids and short values."""

    __slots__ = ()

    channel: ClassVar[Channel] = Channel.CHAT
    lane: ClassVar[Lane] = Lane.REPLY
    if_unknown: ClassVar[IfUnknown] = IfUnknown.SEND_AGAIN  # nobody is left without an answer
    valid_for: ClassVar[timedelta | None] = None  # after that it is dropped, never an alarm
    stays: ClassVar[timedelta | None] = STAYS  # None: an anchor that housekeeping leaves alone
    rings: ClassVar[bool] = True
    is_protected: ClassVar[bool] = False  # no forwarding, no saving
    replaces: ClassVar[bool] = False  # a card that rings anew: sent again, the old one goes …
    apart: ClassVar[timedelta] = timedelta()  # … unless it rang so recently: then it is changed
    asks: ClassVar[bool] = False  # a question on a card, which the card does not show by itself

    def card(self) -> str | None:
        """Name the message that this notice changes: same card, same message, edited."""
        return None

    def tag(self) -> str | None:
        """Name the messages that go together when their reason is gone, in one chat or in all."""
        return None


NOTICES: dict[str, type[Notice]] = {}

_N = TypeVar("_N", bound=Notice)


def notice(kind: type[_N]) -> type[_N]:
    """Register a kind of notice under its own name, so that a stored one can be read again.

    Raises:
        ValueError: another feature has one of this name, and would read what this one stored.
    """
    known = NOTICES.setdefault(kind.__name__, kind)
    if known.__module__ != kind.__module__:
        raise ValueError(kind.__name__)
    return kind


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Say(Notice):
    """One text of the catalogue as a reply, without buttons. Never used for places."""

    key: str
    values: tuple[tuple[str, str | int], ...] = ()


@notice
@dataclass(frozen=True, slots=True, repr=False)
class CallbackAnswer(Notice):
    """The short answer that ends a button's waiting; `key` is shown on top of the chat."""

    lane = Lane.REPLY
    valid_for = timedelta(seconds=60)

    callback_id: str
    key: str | None = None
    values: tuple[tuple[str, str | int], ...] = ()


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Removal(Notice):
    """Messages to delete from a chat, at most 100 of them."""

    lane = Lane.HOUSEKEEPING

    message_ids: tuple[int, ...]


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Emptying(Removal):
    """Messages that go before anything else does: the phone may be read in a minute."""

    lane = Lane.ALARM


@notice
@dataclass(frozen=True, slots=True, repr=False)
class LeaveGroup(Notice):
    """The bot speaks in private chats alone and leaves a group at once, however much is said."""

    lane = Lane.HOUSEKEEPING

    @override
    def card(self) -> str | None:
        return "leave"


NEVER_A_MESSAGE = (CallbackAnswer, LeaveGroup, Removal)
