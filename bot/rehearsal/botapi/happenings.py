"""Everything that happens on a phone, one after the other, for whoever wants to tell the story."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.rehearsal.botapi.messages import Message


class HappeningKind(StrEnum):
    """What can happen on a phone: the first half comes from the bot, the rest from the person."""

    RECEIVED = "received"
    EDITED = "edited"
    DELETED = "deleted"
    ALERT = "alert"
    KEYBOARD_SHOWN = "keyboard shown"
    KEYBOARD_GONE = "keyboard gone"
    PINNED = "pinned"
    WROTE = "wrote"
    PRESSED = "pressed"
    SENT = "sent"
    CHANGED_OWN = "changed own"
    DELETED_OWN = "deleted own"
    CLEARED = "cleared"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened in one chat.

    `text` is what a bystander would read: the text, label or alert. `message` is the live message
    where there is one: read it at once, it may change later.
    """

    at: datetime
    chat_id: int
    kind: HappeningKind
    text: str = field(repr=False)
    message: "Message | None" = field(default=None, repr=False)
