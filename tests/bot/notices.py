"""Notices that only these tests owe: one for each rule that delivery must follow."""

from dataclasses import dataclass
from datetime import timedelta

from typing_extensions import override

from safety.notices import IfUnknown, Lane, Notice, notice


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Plain(Notice):
    """A reply that is left alone where nobody knows whether it arrived."""

    if_unknown = IfUnknown.LEAVE

    words: str


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Call(Notice):
    """An alarm: ahead of everything, sent again until it has surely arrived."""

    lane = Lane.ALARM
    if_unknown = IfUnknown.SEND_AGAIN

    words: str


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Wait(Notice):
    """A hold: nobody may set out."""

    lane = Lane.HOLD

    words: str


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Broadcast(Notice):
    """A release: a repeat asks whether it arrived."""

    lane = Lane.RELEASE
    if_unknown = IfUnknown.ASK

    words: str


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Board(Notice):
    """A card that is edited where it stands, without ringing."""

    lane = Lane.BOARD
    rings = False

    words: str

    @override
    def card(self) -> str | None:
        return "board"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Coming(Board):
    """A card of many people that is changed at once: the callers of an alarm see who comes."""

    lane = Lane.REPLY


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Ringing(Notice):
    """A card that rings anew each time: the old one goes."""

    replaces = True

    words: str

    @override
    def card(self) -> str | None:
        return "ringing"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class RingingCall(Ringing):
    """An alarm's card: what comes right after a ring is shown on it."""

    lane = Lane.ALARM
    apart = timedelta(minutes=1)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Secret(Notice):
    """A place: it cannot be forwarded, and it goes after an hour."""

    is_protected = True
    stays = timedelta(hours=1)

    words: str

    @override
    def tag(self) -> str | None:
        return "place"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class KeyMessage(Notice):
    """The message that the permanent key hangs on."""

    stays = None

    words: str


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Fleeting(Notice):
    """Something that nobody needs to hear late."""

    valid_for = timedelta(minutes=1)

    words: str
