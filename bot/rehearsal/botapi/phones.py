"""What a person does on the phone: opening links, writing, pressing, sending, blocking.

Whatever is done here reaches the bot as an update, like from a real phone. A person cannot press
what is not there: `PersonError` then says what is.
"""

import re
from dataclasses import replace

from typing_extensions import override

from bot.rehearsal.botapi.attachments import location_on_wire, medium_on_wire, photo_on_wire
from bot.rehearsal.botapi.chats import Chat, Standing
from bot.rehearsal.botapi.entities import plain
from bot.rehearsal.botapi.errors import PersonError
from bot.rehearsal.botapi.happenings import HappeningKind
from bot.rehearsal.botapi.markup import DEEP_LINK, PAYLOAD, Key
from bot.rehearsal.botapi.messages import TEXT, Content, Message
from bot.rehearsal.botapi.messenger import Messenger
from bot.rehearsal.botapi.screens import PATIENCE, Screen, SeenMessage
from bot.rehearsal.botapi.shapes import JsonObject, present

CHAT_INSTANCE = "7700000000000000000"
COMMAND_ADDRESS = re.compile(r"https?://\S+")


class Phone(Screen):
    """One person with a phone, and their chat with the bot."""

    def __init__(self, messenger: Messenger, chat: Chat, user: JsonObject) -> None:
        super().__init__(messenger, chat, str(user["first_name"]))
        self.user = user
        self.user_id = chat.chat_id
        self.language_code = str(user.get("language_code", ""))

    @override
    def __repr__(self) -> str:
        return f"<Phone of {self.name}>"

    @property
    def commands_menu(self) -> tuple[tuple[str, str], ...]:
        """Give the menu of commands that this person is shown: command and description."""
        menu = self._messenger.profile.menu_for(self.user_id, self.language_code)
        return tuple(
            (str(entry["command"]), str(entry["description"]))
            for entry in menu
            if isinstance(entry, dict)
        )

    @property
    def has_blocked(self) -> bool:
        """Tell whether this person has blocked the bot."""
        return self._chat.standing is Standing.BLOCKED

    async def opens(self, link: str = "") -> Message:
        """Open a start link, or a bare token, or the bot itself, and press *Start*.

        Raises: PersonError for a link to somewhere else, or a payload that would be lost.
        """
        payload = link
        if match := DEEP_LINK.search(link):
            payload = match[2]
            if match[1].lower() != self._messenger.profile.username.lower():
                raise PersonError(f"{self.name}: {match[1]} is another bot")
        elif COMMAND_ADDRESS.match(link):
            payload = ""
        if payload and not PAYLOAD.fullmatch(payload):
            raise PersonError(f"{self.name}: the link carries more than 64 of A-Z a-z 0-9 _ -")
        await self.unblocks()
        return await self.writes(f"/start {payload}".strip())

    async def writes(self, text: str, *, answering: SeenMessage | None = None) -> Message:
        """Send a text.

        Raises: PersonError while the bot is blocked.
        """
        written = plain(text)
        return self._send(Content(TEXT, written.text, written.entities, written.source), answering)

    def _send(self, content: Content, answering: SeenMessage | None = None) -> Message:
        if self.has_blocked:
            raise PersonError(f"{self.name} has blocked the bot and must unblock it first")
        if self._chat.standing is Standing.NEVER_STARTED:
            self._chat.standing = Standing.OPEN
        answered = answering.message_id if answering else None
        return self._messenger.receive(self._chat, self.user, content, answered)

    async def presses_exactly(self, label: str, *, within: float = PATIENCE) -> None:
        """Press the newest button with just this label; waits at most `within` real seconds.

        Raises: PersonError with everything that could be pressed instead.
        """
        await self._chat.changed.until(lambda: self._has_exactly(label) is not None, within)
        message = self._has_exactly(label)
        if message is None:
            raise PersonError(f"{self.name} cannot press {label!r}. {self.as_told()}")
        await self._press_button(message, label)

    def _has_exactly(self, label: str) -> SeenMessage | None:
        found = (message for message in reversed(self.messages) if label in message.labels)
        return next(found, None)

    async def presses(
        self, label_part: str, *, message: SeenMessage | None = None, within: float = PATIENCE
    ) -> None:
        """Press a button below a message, or a key; waits for it at most `within` real seconds.

        Without `message`, the newest message that has such a button; then the keyboard.
        Raises: PersonError with everything that could be pressed instead.
        """
        await self._chat.changed.until(lambda: self._can_press(label_part, message), within)
        if pressed := self._find_button(label_part, message):
            await self._press_button(*pressed)
        elif key := self._find_key(label_part, message):
            await self._press_key(key)
        else:
            raise PersonError(f"{self.name} cannot press {label_part!r}. {self.as_told()}")

    def _can_press(self, label_part: str, message: SeenMessage | None) -> bool:
        found = self._find_button(label_part, message) or self._find_key(label_part, message)
        return found is not None

    def _find_button(
        self, label_part: str, wanted: SeenMessage | None
    ) -> tuple[SeenMessage, str] | None:
        for message in reversed(self.messages):
            if wanted is not None and wanted.message_id != message.message_id:
                continue
            if button := message.button(label_part):
                return message, button.label
        return None

    def _find_key(self, label_part: str, message: SeenMessage | None) -> Key | None:
        if message is not None or self._chat.keyboard is None:
            return None
        keys = [key for row in self._chat.keyboard.keys for key in row]
        exact = (key for key in keys if key.label == label_part)
        partly = (key for key in keys if label_part in key.label)
        return next(exact, None) or next(partly, None)

    async def _press_button(self, message: SeenMessage, label: str) -> None:
        button = message.button(label)
        if button is not None and button.callback_data is not None:
            self._messenger.tell(self._chat, HappeningKind.PRESSED, label)
            self._query(button.callback_data, message.message_id)
        elif button is not None and button.url is not None:
            await self.opens(button.url)
        else:
            raise PersonError(f"{self.name}: the button {label!r} sends nothing to the bot")

    async def _press_key(self, key: Key) -> None:
        if key.asks_location:
            raise PersonError(f"{self.name}: {key.label!r} asks for a place: use sends_location")
        await self.writes(key.label)

    async def forges(self, callback_data: str, message_id: int) -> None:
        """Send a press that no button offers, as a changed app could."""
        self._query(callback_data, message_id)

    def _query(self, callback_data: str, message_id: int) -> None:
        if self.has_blocked:
            raise PersonError(f"{self.name} has blocked the bot and must unblock it first")
        message = self._chat.find(message_id)
        on_wire: JsonObject = (
            self._messenger.wire(message)
            if message
            else {"chat": self._chat.on_wire, "message_id": message_id, "date": 0}
        )
        self._messenger.updates.add(
            "callback_query",
            {
                "id": self._messenger.presses.begin(self._chat.chat_id),
                "from": self.user,
                "message": on_wire,
                "chat_instance": CHAT_INSTANCE,
                "data": callback_data,
            },
        )

    async def sends_location(
        self, latitude: float, longitude: float, *, live: int | None = None
    ) -> Message:
        """Send a place; `live` seconds long it can be moved with `moves`."""
        medium = location_on_wire(latitude, longitude, live)
        return self._send(Content("location", "", medium=medium))

    async def moves(self, location: Message, latitude: float, longitude: float) -> None:
        """Let a live location move: the bot gets an edited message."""
        before = location.content.medium
        live = before.get("live_period") if isinstance(before, dict) else None
        period = live if isinstance(live, int) else None
        medium = location_on_wire(latitude, longitude, period)
        self._change(location, replace(location.content, medium=medium))

    async def sends_photo(
        self, content: bytes, name: str = "photo.jpg", *, caption: str = ""
    ) -> Message:
        """Send a picture; it arrives bit by bit, though the service would compress it."""
        return self._send_file("photo", content, name, caption)

    async def sends_video(
        self, content: bytes, name: str = "video.mp4", *, caption: str = ""
    ) -> Message:
        """Send a video."""
        return self._send_file("video", content, name, caption)

    async def sends_voice(self, content: bytes, name: str = "voice.oga") -> Message:
        """Send a voice message."""
        return self._send_file("voice", content, name, "")

    async def sends_video_note(self, content: bytes, name: str = "round.mp4") -> Message:
        """Send a round video message."""
        return self._send_file("video_note", content, name, "")

    async def sends_document(self, content: bytes, name: str, *, caption: str = "") -> Message:
        """Send a file as it is."""
        return self._send_file("document", content, name, caption)

    async def forwards(self, text: str, origin: JsonObject, *, photo: bytes = b"") -> Message:
        """Pass on what was first said elsewhere (see `origins`), with a picture or without."""
        written = plain(text)
        content = Content(TEXT, written.text, written.entities, written.source)
        if photo:
            content = self._filed("photo", photo, "photo.jpg", text)
        return self._send(replace(content, origin=origin))

    async def sends_contact(self, phone_number: str, first_name: str) -> Message:
        """Send a card from the address book."""
        card: JsonObject = {"phone_number": phone_number, "first_name": first_name}
        return self._send(Content("contact", "", medium=card))

    def _send_file(self, kind: str, content: bytes, name: str, caption: str) -> Message:
        return self._send(self._filed(kind, content, name, caption))

    def _filed(self, kind: str, content: bytes, name: str, caption: str) -> Content:
        stored = self._messenger.files.keep(kind, name, content)
        said = plain(caption)
        medium = medium_on_wire(kind, stored)
        if kind == "photo":
            small = self._messenger.files.keep(kind, name, content[: len(content) // 2])
            medium = photo_on_wire(small, stored)
        return Content(kind, said.text, said.entities, said.source, medium, stored.file_id)

    async def edits(self, message: Message, text: str) -> None:
        """Change an own text: the bot gets an edited message."""
        written = plain(text)
        changed = replace(
            message.content,
            text=written.text,
            entities=written.entities,
            source=written.source,
        )
        self._change(message, changed)

    def _change(self, message: Message, content: Content) -> None:
        message.content = content
        message.edited_at = self._messenger.clock.now()
        self._messenger.tell(self._chat, HappeningKind.CHANGED_OWN, content.text, message)
        self._messenger.updates.add("edited_message", self._messenger.wire(message))

    async def deletes(self, message: SeenMessage | Message) -> None:
        """Delete a message for both sides; bots are not told.

        Raises: PersonError when it is not there.
        """
        found = self._chat.find(message.message_id)
        if found is None:
            raise PersonError(f"{self.name}: this message is gone already")
        self._messenger.delete(self._chat, found, HappeningKind.DELETED_OWN)

    async def clears(self) -> None:
        """Clear the own screen; the bot's copies stay, and it is not told. The keys go too."""
        for message in self._chat:
            message.is_hidden = True
        self._chat.keyboard = None
        self._messenger.tell(self._chat, HappeningKind.CLEARED, "")

    async def blocks(self) -> None:
        """Block the bot: it is told, and can no longer write."""
        if self._chat.standing is not Standing.OPEN:
            raise PersonError(f"{self.name} has no open chat to block")
        self._chat.standing = Standing.BLOCKED
        self._messenger.tell(self._chat, HappeningKind.BLOCKED, "")
        self._messenger.own_standing(self._chat, self.user, "member", "kicked")

    async def unblocks(self) -> None:
        """Take the block back; nothing happens when there is none."""
        if not self.has_blocked:
            return
        self._chat.standing = Standing.OPEN
        self._messenger.tell(self._chat, HappeningKind.UNBLOCKED, "")
        self._messenger.own_standing(self._chat, self.user, "kicked", "member")

    async def deletes_account(self) -> None:
        """Delete the own account: the bot can no longer write, and is not told."""
        self._chat.standing = Standing.DEACTIVATED

    async def adds_bot_to_group(self, title: str) -> int:
        """Make a group with the bot in it, and give its id.

        Raises: PersonError when the bot's owner has switched groups off.
        """
        if not self._messenger.profile.can_join_groups:
            raise PersonError(f"{self.name}: this bot cannot be added to groups")
        group_id = -(4_000_000_000 + self._messenger.changes)
        on_wire = present({"id": group_id, "type": "group", "title": title})
        group = self._messenger.open_chat(group_id, on_wire, Standing.OPEN)
        self._messenger.own_standing(group, self.user, "left", "member")
        return group_id

    async def writes_in(self, group_id: int, text: str) -> Message:
        """Send a text to a group; the bot gets it only if it may read all, or it is a command.

        Raises: PersonError when the bot is not there any more.
        """
        group = self._messenger.chat(group_id)
        if group.standing is not Standing.OPEN:
            raise PersonError(f"{self.name}: the bot has left this group")
        written = plain(text)
        content = Content(TEXT, written.text, written.entities, written.source)
        return self._messenger.receive(group, self.user, content)
