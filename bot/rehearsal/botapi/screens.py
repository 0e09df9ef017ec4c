"""What a person sees: the messages on the phone now, the keys, the alerts, the lock screen.

Looking takes snapshots. Waiting is woken by every change in the chat and never asks in vain.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bot.rehearsal.botapi.chats import Chat
from bot.rehearsal.botapi.errors import PersonError
from bot.rehearsal.botapi.markup import Button, inline_buttons
from bot.rehearsal.botapi.messages import LOCATIONS, Message
from bot.rehearsal.botapi.messenger import Messenger
from bot.rehearsal.botapi.shapes import JsonObject, JsonValue

PATIENCE = 5.0  # real seconds


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """One message as it stood on the screen when somebody looked.

    `kind` is text, photo, document, video, voice, location, venue …; `change` grows with every
    change on any phone.
    """

    message_id: int
    from_bot: bool
    kind: str
    text: str
    html: str
    buttons: tuple[tuple[Button, ...], ...]
    is_protected: bool
    is_silent: bool
    is_pinned: bool
    sent_at: datetime
    edited_at: datetime | None
    location: tuple[float, float] | None  # latitude, longitude
    file_id: str | None
    change: int = field(compare=False)

    @property
    def labels(self) -> tuple[str, ...]:
        """Give what stands on its buttons, row after row."""
        return tuple(button.label for row in self.buttons for button in row)

    def button(self, label_part: str) -> Button | None:
        """Find a button: the label itself first, then one that contains it."""
        buttons = [button for row in self.buttons for button in row]
        exact = (button for button in buttons if button.label == label_part)
        partly = (button for button in buttons if label_part in button.label)
        return next(exact, None) or next(partly, None)


def look_at(message: Message) -> SeenMessage:
    """Take a snapshot of a message."""
    content = message.content
    return SeenMessage(
        message_id=message.message_id,
        from_bot=message.from_bot,
        kind=content.kind,
        text=content.text,
        html=content.source,
        buttons=inline_buttons(message.markup),
        is_protected=message.is_protected,
        is_silent=message.is_silent,
        is_pinned=message.is_pinned,
        sent_at=message.sent_at,
        edited_at=message.edited_at,
        location=_point(content.medium) if content.kind in LOCATIONS else None,
        file_id=content.file_id,
        change=message.change,
    )


def _point(medium: JsonValue) -> tuple[float, float] | None:
    if not isinstance(medium, dict):
        return None
    place: JsonObject = medium
    if isinstance(inner := medium.get("location"), dict):
        place = inner
    latitude, longitude = place.get("latitude"), place.get("longitude")
    if isinstance(latitude, (int, float)) and isinstance(longitude, (int, float)):
        return float(latitude), float(longitude)
    return None


class Screen:
    """One person's view of the chat with the bot."""

    def __init__(self, messenger: Messenger, chat: Chat, name: str) -> None:
        self._messenger = messenger
        self._chat = chat
        self.name = name

    @property
    def messages(self) -> tuple[SeenMessage, ...]:
        """Give what is on the screen, the newest last."""
        return tuple(look_at(message) for message in self._visible())

    def _visible(self) -> Iterator[Message]:
        return (message for message in self._chat if not message.is_hidden)

    @property
    def keyboard(self) -> tuple[str, ...]:
        """Give the keys in place of the phone's own; none when there is no such keyboard."""
        return self._chat.keyboard.labels if self._chat.keyboard else ()

    @property
    def keyboard_is_persistent(self) -> bool:
        """Tell whether the keys stay in sight."""
        return self._chat.keyboard is not None and self._chat.keyboard.is_persistent

    @property
    def alerts(self) -> tuple[str, ...]:
        """Give the answers to presses that popped up, oldest first."""
        return tuple(self._chat.alerts)

    @property
    def lock_screen(self) -> tuple[str, ...]:
        """Give the first line of every message that rang, oldest first."""
        return tuple(self._chat.lock_screen)

    @property
    def moment(self) -> int:
        """Give a mark in the course of things, for `since`."""
        return self._messenger.changes

    def newest(self, part: str = "", *, since: int = 0) -> SeenMessage | None:
        """Find the newest message of the bot that contains `part` and changed after `since`."""
        for message in reversed(tuple(self._visible())):
            if message.from_bot and message.change > since and part in message.content.text:
                return look_at(message)
        return None

    def shows(self, part: str) -> bool:
        """Tell whether any message on the screen, of either side, contains `part`."""
        return any(part in message.content.text for message in self._visible())

    def file_of(self, message: SeenMessage) -> bytes:
        """Open the file in a message.

        Raises: PersonError when there is none.
        """
        if message.file_id is None:
            raise PersonError(f"{self.name}: there is no file in this message")
        return self._messenger.files.find(message.file_id).content

    async def sees(self, part: str, *, since: int = 0, within: float = PATIENCE) -> SeenMessage:
        """Wait until a message of the bot contains `part`, at most `within` real seconds.

        Raises: PersonError with everything that is on the screen instead.
        """
        found = await self._chat.changed.until(
            lambda: self.newest(part, since=since) is not None, within
        )
        message = self.newest(part, since=since)
        if not found or message is None:
            raise PersonError(f"{self.name} does not see {part!r}. {self.as_told()}")
        return message

    async def sees_nothing_of(self, part: str, *, during: float = 0.3) -> None:
        """Watch for `during` real seconds that nothing on the screen contains `part`.

        Raises: PersonError as soon as something does.
        """
        if await self._chat.changed.until(lambda: self.shows(part), during):
            raise PersonError(f"{self.name} sees {part!r}. {self.as_told()}")

    async def sees_no_more(self, part: str, *, within: float = PATIENCE) -> None:
        """Wait until nothing on the screen contains `part`.

        Raises: PersonError when something still does after `within` real seconds.
        """
        if not await self._chat.changed.until(lambda: not self.shows(part), within):
            raise PersonError(f"{self.name} still sees {part!r}. {self.as_told()}")

    async def is_told(self, part: str, *, since_alert: int = 0, within: float = PATIENCE) -> str:
        """Wait until an answer to a press that contains `part` pops up, and give all of it.

        `since_alert` passes over that many older ones.
        Raises: PersonError when none does within the real seconds.
        """

        def fitting() -> list[str]:
            return [alert for alert in self.alerts[since_alert:] if part in alert]

        if not await self._chat.changed.until(lambda: bool(fitting()), within):
            raise PersonError(f"{self.name} is not told {part!r}, but {self.alerts}")
        return fitting()[-1]

    async def has_key(self, part: str, *, within: float = PATIENCE) -> None:
        """Wait until a key of the keyboard contains `part`.

        Raises: PersonError when none does within the real seconds.
        """
        if not await self._chat.changed.until(
            lambda: any(part in label for label in self.keyboard), within
        ):
            raise PersonError(f"{self.name} has no key {part!r}, but {self.keyboard}")

    async def has_no_keys(self, *, within: float = PATIENCE) -> None:
        """Wait until the phone has its own keys again.

        Raises: PersonError when it has not within the real seconds.
        """
        if not await self._chat.changed.until(lambda: not self.keyboard, within):
            raise PersonError(f"{self.name} still has the keys {self.keyboard}")

    def as_told(self) -> str:
        """Say in words what is on the screen."""
        lines = [
            f"{'bot' if message.from_bot else self.name}: {message.text or f'({message.kind})'}"
            + (f" {list(message.labels)}" if message.labels else "")
            for message in self.messages
        ]
        return "On the screen:\n" + "\n".join([*lines, f"keys: {self.keyboard}"])
