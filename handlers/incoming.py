"""One update, read: what a person did, in our own words, from Telegram's JSON.

Parsed with no bot attached, so that nothing here could call Telegram. Whatever is not a private
chat, a known button or a message is somebody else's business and gives nothing.
"""

import json
from dataclasses import dataclass

import msgspec
from telegram import (
    CallbackQuery,
    ChatMemberUpdated,
    MaybeInaccessibleMessage,
    Message,
    Update,
)
from telegram.constants import ChatMemberStatus, ChatType

from safety.alarmwords import AlarmLikeness, classify
from safety.evidence import Media, MediaKind
from safety.people import ChatId, Unprinted

TAKEN = "/taken"
_FAR = 2**62  # beyond any id
_BROKEN = (
    AttributeError, ArithmeticError, LookupError, OSError, RecursionError, msgspec.MsgspecError,
)  # fmt: skip # what python-telegram-bot meets JSON with that is no update
URGENT_PRESSES = ("sos", "mn|sos", "mn|panic", "mn|taken")


@dataclass(frozen=True, slots=True, repr=False)
class Callback(Unprinted):
    """A press of a button; `message_id` where it stands under a text, which can be changed."""

    id: str
    packed: str
    message_id: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Incoming(Unprinted):
    """What one person did in their private chat with the bot."""

    chat_id: ChatId
    language_code: str | None
    message_id: int | None = None
    text: str = ""
    is_edit: bool = False
    callback: Callback | None = None
    media: Media | None = None
    location: tuple[float, float] | None = None  # degrees
    has_blocked: bool | None = None  # None: says nothing about it

    @property
    def command(self) -> str | None:
        """Give the command's name in lower case, without slash and bot name, or None."""
        if not self.text.startswith("/"):
            return None
        first = self.text.split(maxsplit=1)[0]
        return first[1:].split("@")[0].lower()

    @property
    def argument(self) -> str:
        """Give what follows the command."""
        parts = self.text.split(maxsplit=1)
        return parts[1].strip() if len(parts) > 1 else ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group or channel that the bot was taken into."""

    chat_id: ChatId


def read_update(raw: bytes) -> Incoming | Group | None:
    """Read an update's JSON.

    Raises:
        ValueError, KeyError, TypeError: it is no update; it is set aside alone.
    """
    try:
        found = _read(Update.de_json(json.loads(raw), None))
        return None if found is None else _checked(found)
    except _BROKEN as error:
        raise ValueError("no update") from error


def _checked(found: Incoming | Group) -> Incoming | Group:
    """Make sure that each part is what it is declared to be: python-telegram-bot does not."""
    if not -_FAR < found.chat_id < _FAR:
        raise TypeError("no chat")
    return msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=type(found))


def _read(update: Update) -> Incoming | Group | None:
    if update.callback_query is not None:
        return _read_callback(update.callback_query)
    if update.my_chat_member is not None:
        return _read_change(update.my_chat_member)
    message = update.message or update.edited_message
    if message is None:
        return None
    if message.chat.type != ChatType.PRIVATE:
        return Group(ChatId(message.chat.id))
    return _read_message(message, is_edit=update.edited_message is not None)


def is_alarm_like(raw: bytes) -> bool:
    """Say whether an update looks like an alarm, before anybody knows who sent it.

    A key, a command or plain words; and a press of an alarm's button (its code begins with `sos`),
    or of the menu's buttons for the same commands. `/taken` is as urgent.
    Never raises: what cannot be read is no alarm.
    """
    try:
        update = json.loads(raw)
        callback = update.get("callback_query")
        if callback is not None:
            return str(callback.get("data", "")).startswith(URGENT_PRESSES)
        message = update.get("message") or update.get("edited_message") or {}
        text = message.get("text") or message.get("caption") or ""
        if not isinstance(text, str):
            return False
        return text.lower().startswith(TAKEN) or classify(text) is AlarmLikeness.ALARM
    except (ValueError, AttributeError, RecursionError):
        return False


def _read_callback(query: CallbackQuery) -> Incoming | None:
    message = query.message
    if message is not None and message.chat.type != ChatType.PRIVATE:
        return None
    return Incoming(
        chat_id=ChatId(query.from_user.id),
        language_code=query.from_user.language_code,
        callback=Callback(query.id, query.data or "", _text_message(message)),
    )


def _text_message(message: MaybeInaccessibleMessage | None) -> int | None:
    """Give the pressed message's id if an answer can be put into it: a picture stays a picture."""
    has_text = isinstance(message, Message) and message.text is not None
    return message.message_id if message is not None and has_text else None


def _read_change(change: ChatMemberUpdated) -> Incoming | Group | None:
    if change.chat.type != ChatType.PRIVATE:
        gone = {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}
        return None if change.new_chat_member.status in gone else Group(ChatId(change.chat.id))
    return Incoming(
        chat_id=ChatId(change.chat.id),
        language_code=change.from_user.language_code,
        has_blocked=change.new_chat_member.status == ChatMemberStatus.BANNED,
    )


def _read_message(message: Message, *, is_edit: bool) -> Incoming:
    place = message.location
    return Incoming(
        chat_id=ChatId(message.chat.id),
        language_code=message.from_user.language_code if message.from_user else None,
        message_id=message.message_id,
        text=_words(message.text or message.caption or ""),
        is_edit=is_edit,
        media=_read_media(message),
        location=None if place is None else (place.latitude, place.longitude),
    )


def _words(text: str) -> str:
    """Give what can be written down: half a character would break all that is made of it."""
    return text.encode(errors="replace").decode().strip()


def _read_media(message: Message) -> Media | None:
    if message.photo:
        largest = message.photo[-1]
        size = largest.file_size or 0
        return Media(MediaKind.PHOTO, largest.file_id, largest.file_unique_id, size, None, None)
    for kind, file in (
        (MediaKind.VIDEO, message.video or message.video_note),
        (MediaKind.VOICE, message.voice),
        (MediaKind.AUDIO, message.audio),
        (MediaKind.DOCUMENT, message.document),
    ):
        if file is not None:
            name = getattr(file, "file_name", None)
            mime = getattr(file, "mime_type", None)
            size = file.file_size or 0
            return Media(kind, file.file_id, file.file_unique_id, size, name, mime)
    return None
