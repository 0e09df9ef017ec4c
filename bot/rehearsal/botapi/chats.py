"""One chat of the bot: its messages, its keyboard, and whether the bot may write there.

Message ids count up in each chat by itself, so that an id is never enough to name a message.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.rehearsal.botapi.errors import bad_request, forbidden
from bot.rehearsal.botapi.messages import Content, Message
from bot.rehearsal.botapi.shapes import JsonObject
from bot.rehearsal.botapi.signals import Signal

if TYPE_CHECKING:
    from bot.rehearsal.botapi.markup import ReplyKeyboard

EDIT_AND_DELETE_LIFE = timedelta(hours=48)


class Standing(StrEnum):
    """Whether the bot may write to a chat."""

    NEVER_STARTED = "never started"
    OPEN = "open"
    BLOCKED = "blocked"
    DEACTIVATED = "deactivated"
    LEFT = "left"


class Chat:
    """A private chat with one person, or a group that the bot was added to."""

    def __init__(self, chat_id: int, on_wire: JsonObject, standing: Standing) -> None:
        self.chat_id = chat_id
        self.on_wire = on_wire
        self.standing = standing
        self.keyboard: ReplyKeyboard | None = None
        self.alerts: list[str] = []  # answers to presses that were shown, oldest first
        self.lock_screen: list[str] = []  # first lines of what rang, oldest first
        self.changed = Signal()
        self._messages: dict[int, Message] = {}
        self._last_id = 0

    @property
    def is_group(self) -> bool:
        """Tell a group from a private chat."""
        return self.chat_id < 0

    def __iter__(self) -> Iterator[Message]:
        return iter(tuple(self._messages.values()))

    def check_present(self) -> None:
        """Let pass what the bot may delete or read here; blocking does not stand against it.

        Raises: ApiError 403, in the words of the service.
        """
        if self.standing in (Standing.DEACTIVATED, Standing.LEFT):
            self.check_writable()

    def check_writable(self) -> None:
        """Let pass what the bot may send here.

        Raises: ApiError 403, in the words of the service.
        """
        match self.standing:
            case Standing.OPEN:
                return
            case Standing.NEVER_STARTED:
                raise forbidden("bot can't initiate conversation with a user")
            case Standing.BLOCKED:
                raise forbidden("bot was blocked by the user")
            case Standing.DEACTIVATED:
                raise forbidden("user is deactivated")
            case Standing.LEFT:
                raise forbidden("bot is not a member of the group chat")

    def add(
        self, sender: JsonObject, *, from_bot: bool, at: datetime, content: Content
    ) -> Message:
        """Put a new message at the end of the chat."""
        self._last_id += 1
        message = Message(self.chat_id, self._last_id, sender, from_bot, at, content)
        self._messages[self._last_id] = message
        return message

    def find(self, message_id: int) -> Message | None:
        """Give a message that is still there."""
        return self._messages.get(message_id)

    def remove(self, message: Message) -> bool:
        """Take a message away for both sides; tell whether the keyboard went with it."""
        del self._messages[message.message_id]
        return self.drop_keyboard_of(message)

    def drop_keyboard_of(self, message: Message) -> bool:
        """Take away the keyboard if this message brought it; tell whether it did."""
        owned = self.keyboard is not None and self.keyboard.message_id == message.message_id
        if owned:
            self.keyboard = None
        return owned

    def editable(self, message_id: int, now: datetime) -> Message:
        """Give a message of the bot that may still be edited.

        The service may be more patient with a bot's own messages; a bot must not count on it.

        Raises: ApiError 400 when it is gone, a person's, too old, or changed the keyboard.
        """
        message = self.find(message_id)
        if message is None:
            raise bad_request("message to edit not found")
        is_late = now - message.sent_at >= EDIT_AND_DELETE_LIFE
        if not message.from_bot or message.has_other_markup or is_late:
            raise bad_request("message can't be edited")
        return message

    def deletable(self, message_id: int, now: datetime) -> Message:
        """Give a message that the bot may still delete: in a private chat also a person's.

        Raises: ApiError 400 when it is gone, too old, or a person's in a group.
        """
        message = self.find(message_id)
        if message is None:
            raise bad_request("message to delete not found")
        is_late = now - message.sent_at >= EDIT_AND_DELETE_LIFE
        if is_late or (self.is_group and not message.from_bot):
            raise bad_request("message can't be deleted for everyone")
        return message
