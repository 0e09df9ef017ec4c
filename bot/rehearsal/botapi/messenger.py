"""The service itself: who has which chat, and what every message, edit and deletion does there.

Both sides act through it: the bot's calls (``methods``) and people's fingers (``phones``).
Whatever happens is told to the phone concerned and to every listener, in order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from bot.clock import Clock
from bot.rehearsal.botapi.chats import Chat, Standing
from bot.rehearsal.botapi.errors import bad_request
from bot.rehearsal.botapi.files import Files
from bot.rehearsal.botapi.happenings import Happening, HappeningKind
from bot.rehearsal.botapi.limits import FloodLimits
from bot.rehearsal.botapi.markup import check_markup, reply_keyboard
from bot.rehearsal.botapi.messages import PINNED, Content, Message, message_on_wire, stamp
from bot.rehearsal.botapi.presses import Presses
from bot.rehearsal.botapi.profile import BotProfile
from bot.rehearsal.botapi.shapes import JsonObject
from bot.rehearsal.botapi.signals import Signal
from bot.rehearsal.botapi.updates import UpdateQueue

NOTICES = {
    "photo": "Photo", "document": "File", "video": "Video", "voice": "Voice message",
    "location": "Location", "venue": "Location", "audio": "Audio", "animation": "GIF",
    "video_note": "Video message", "contact": "Contact",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Manner:
    """How the bot sends a message."""

    markup: JsonObject | None = None
    is_protected: bool = False
    is_silent: bool = False
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class DeliveryFailure:
    """What last went wrong with delivering to a webhook."""

    at: datetime
    words: str


class Messenger:
    """Everything that the service keeps for one bot."""

    def __init__(self, profile: BotProfile, clock: Clock, random: Random) -> None:
        self.profile = profile
        self.clock = clock
        self.files = Files()
        self.limits = FloodLimits(clock)
        self.presses = Presses(clock)
        self.active = Signal()  # fires at every call, update and change
        self.updates = UpdateQueue(clock, random, self.active.fire)
        self.delivery_failure: DeliveryFailure | None = None
        self.changes = 0
        self._chats: dict[int, Chat] = {}
        self._listeners: list[Callable[[Happening], None]] = []

    def listen(self, callback: Callable[[Happening], None]) -> None:
        """Have `callback` called for everything that happens on any phone, in order."""
        self._listeners.append(callback)

    def open_chat(self, chat_id: int, on_wire: JsonObject, standing: Standing) -> Chat:
        """Make a chat that did not exist."""
        self._chats[chat_id] = Chat(chat_id, on_wire, standing)
        return self._chats[chat_id]

    def chat(self, chat_id: int) -> Chat:
        """Find a chat.

        Raises: ApiError 400 when nobody has that id.
        """
        chat = self._chats.get(chat_id)
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def wire(self, message: Message) -> JsonObject:
        """Write a message as the bot gets it, with what it answers, one step deep."""
        chat = self._chats[message.chat_id]
        on_wire = message_on_wire(message, chat.on_wire)
        answered = chat.find(message.reply_to) if message.reply_to else None
        if answered is None:
            return on_wire
        return {**on_wire, "reply_to_message": message_on_wire(answered, chat.on_wire)}

    def deliver(self, chat: Chat, content: Content, manner: Manner) -> Message:
        """Bring a message of the bot to a chat, with its buttons or its keyboard.

        Raises: ApiError 400 for buttons that cannot be.
        """
        if manner.markup:
            check_markup(manner.markup)
        message = chat.add(
            self.profile.as_user, from_bot=True, at=self.clock.now(), content=content
        )
        message.is_protected = manner.is_protected
        message.is_silent = manner.is_silent
        message.reply_to = manner.reply_to
        if manner.markup and "inline_keyboard" in manner.markup:
            message.markup = manner.markup
        if not manner.is_silent:
            chat.lock_screen.append(_lock_screen_line(content))
        self.tell(chat, HappeningKind.RECEIVED, content.text, message)
        self._change_keyboard(chat, message, manner.markup)
        return message

    def _change_keyboard(self, chat: Chat, message: Message, markup: JsonObject | None) -> None:
        if markup is None:
            return
        message.has_other_markup = "inline_keyboard" not in markup
        if "keyboard" in markup:
            chat.keyboard = reply_keyboard(markup, message.message_id)
            labels = " | ".join(chat.keyboard.labels)
            self.tell(chat, HappeningKind.KEYBOARD_SHOWN, labels, message)
        elif "remove_keyboard" in markup and chat.keyboard is not None:
            chat.keyboard = None
            self.tell(chat, HappeningKind.KEYBOARD_GONE, "", message)

    def edit(self, message: Message, content: Content, markup: JsonObject | None) -> None:
        """Change a message of the bot.

        Raises: ApiError 400 when nothing would change, or for buttons that cannot be.
        """
        if markup is not None:
            check_markup(markup)
            if not markup.get("inline_keyboard"):
                markup = None
        if (content.text, content.entities, content.medium, markup) == (
            message.content.text,
            message.content.entities,
            message.content.medium,
            message.markup,
        ):
            raise bad_request(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        message.content = content
        message.markup = markup
        message.edited_at = self.clock.now()
        self.tell(self.chat(message.chat_id), HappeningKind.EDITED, content.text, message)

    def delete(self, chat: Chat, message: Message, kind: HappeningKind) -> None:
        """Take a message away for both sides; a keyboard goes with the message that brought it."""
        keyboard_went = chat.remove(message)
        self.tell(chat, kind, message.content.text, message)
        if keyboard_went:
            self.tell(chat, HappeningKind.KEYBOARD_GONE, "", message)

    def receive(
        self, chat: Chat, sender: JsonObject, content: Content, reply_to: int | None = None
    ) -> Message:
        """Take a message from a person and owe the bot its update."""
        message = chat.add(sender, from_bot=False, at=self.clock.now(), content=content)
        message.reply_to = reply_to
        written = content.kind == "text"
        kind = HappeningKind.WROTE if written else HappeningKind.SENT
        self.tell(chat, kind, content.text or content.kind, message)
        self.updates.add("message", self.wire(message))
        return message

    def pin(self, chat: Chat, message: Message) -> None:
        """Pin a message; the service writes so into the chat, and tells the bot of that line."""
        message.is_pinned = True
        line = chat.add(
            self.profile.as_user,
            from_bot=True,
            at=self.clock.now(),
            content=Content(PINNED, "", medium=self.wire(message)),
        )
        self.tell(chat, HappeningKind.PINNED, message.content.text, line)
        self.updates.add("message", self.wire(line))

    def own_standing(self, chat: Chat, person: JsonObject, before: str, after: str) -> None:
        """Owe the bot the news that its place in a chat has changed (my_chat_member)."""
        self.updates.add(
            "my_chat_member",
            {
                "chat": chat.on_wire,
                "from": person,
                "date": stamp(self.clock.now()),
                "old_chat_member": self._as_chat_member(before),
                "new_chat_member": self._as_chat_member(after),
            },
        )

    def _as_chat_member(self, status: str) -> JsonObject:
        banned: JsonObject = {"until_date": 0} if status == "kicked" else {}
        return {"user": self.profile.as_user, "status": status, **banned}

    def tell(
        self, chat: Chat, kind: HappeningKind, text: str, message: Message | None = None
    ) -> None:
        """Let the phone and every listener know what has just happened.

        What happens to a message that its reader has cleared away shows nowhere.
        """
        self.changes += 1
        if message is not None:
            message.change = self.changes
        happening = Happening(self.clock.now(), chat.chat_id, kind, text, message)
        is_seen = message is None or not message.is_hidden
        for callback in self._listeners if is_seen else ():
            callback(happening)
        chat.changed.fire()
        self.active.fire()


def _lock_screen_line(content: Content) -> str:
    return content.text.partition("\n")[0] or NOTICES.get(content.kind, content.kind)
