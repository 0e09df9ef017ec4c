"""One update, read: what a person did, in our own words, from Telegram's JSON.

Only what we use is read, and each part must be what it is declared to be (ADR-0022): what is wrong
elsewhere costs nobody an answer. Whatever is not a private chat, a known button or a message is
somebody else's business and gives nothing.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

import msgspec

from safety.alarmwords import AlarmLikeness, classify
from safety.cases import one_of
from safety.evidence import LARGEST, Media, MediaKind, Smaller
from safety.liveplaces import SentPlace
from safety.origins import Origin
from safety.people import ChatId, Unprinted
from safety.taxonomy import OriginKind

TAKEN = "/taken"
END = 300  # characters of a long text in which a call is looked for before it is its turn
PRIVATE = "private"
GONE = frozenset({"left", "kicked"})  # what the bot is in a chat that it is no more in
BLOCKED = "kicked"
_FAR = 2**62  # beyond any id
_LAST = 2**32  # seconds since 1970: the year 2106
URGENT_PRESSES = ("sos", "mn|sos", "mn|panic", "mn|taken")

# ---------------------------------------------------------------- as the service writes it

_Id: TypeAlias = Annotated[int, msgspec.Meta(gt=-_FAR, lt=_FAR)]
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=_FAR)]


class _Chat(msgspec.Struct, frozen=True):
    id: _Id
    type: str


class _User(msgspec.Struct, frozen=True):
    id: _Id
    first_name: str = ""
    last_name: str = ""
    language_code: str | None = None


class _File(msgspec.Struct, frozen=True):
    file_id: str
    file_unique_id: str
    file_size: _Count | None = None
    file_name: str | None = None
    mime_type: str | None = None
    qualities: "list[_File] | None" = None  # of a video: what the service has made smaller
    thumbnail: "_File | None" = None


class _Location(msgspec.Struct, frozen=True):
    latitude: float
    longitude: float
    live_period: _Count | None = None  # seconds after the message's date; only while it lives


class _Venue(msgspec.Struct, frozen=True):
    title: str
    address: str


class _Who(msgspec.Struct, frozen=True):
    """An account, a group or a channel in which something was first said."""

    id: _Id
    first_name: str = ""
    last_name: str = ""
    title: str = ""
    username: str | None = None


class _Origin(msgspec.Struct, frozen=True):
    type: str
    date: _Count
    sender_user: _Who | None = None
    sender_user_name: str | None = None
    sender_chat: _Who | None = None
    chat: _Who | None = None
    message_id: _Id | None = None
    author_signature: str | None = None


class _Contact(msgspec.Struct, frozen=True):
    phone_number: str
    first_name: str = ""
    last_name: str = ""


class _Option(msgspec.Struct, frozen=True):
    text: str


class _Poll(msgspec.Struct, frozen=True):
    question: str
    options: list[_Option] = []


class _Message(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """A message, or what is left of one that is too old to be shown: its date is 0."""

    message_id: _Id
    date: _Count
    chat: _Chat
    sender: _User | None = None
    text: str | None = None
    caption: str | None = None
    photo: list[_File] | None = None  # the largest comes last
    video: _File | None = None
    video_note: _File | None = None
    voice: _File | None = None
    audio: _File | None = None
    document: _File | None = None
    location: _Location | None = None
    venue: _Venue | None = None  # what the location beside it is called
    forward_origin: _Origin | None = None
    contact: _Contact | None = None
    poll: _Poll | None = None


class _Query(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    id: str
    sender: _User
    message: _Message | None = None
    data: str | None = None


class _Member(msgspec.Struct, frozen=True):
    status: str


class _Change(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    chat: _Chat
    sender: _User
    new_chat_member: _Member


class _Update(msgspec.Struct, frozen=True):
    update_id: int
    message: _Message | None = None
    edited_message: _Message | None = None
    callback_query: _Query | None = None
    my_chat_member: _Change | None = None


_DECODER = msgspec.json.Decoder(_Update)

# ---------------------------------------------------------------- as we say it


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
    place: SentPlace | None = None
    origin: Origin | None = None
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


class UnreadableError(ValueError):
    """It is no update, however often it is tried: it is set aside alone."""


def read_update(raw: bytes) -> Incoming | Group | None:
    """Read an update's JSON.

    Raises:
        UnreadableError: it is none.
    """
    try:
        return _read(_decode(raw))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise UnreadableError("no update") from error


def _decode(raw: bytes) -> _Update:
    """Decode an update; half a character in some text costs no more than itself."""
    try:
        return _DECODER.decode(raw)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        whole = json.dumps(json.loads(raw), ensure_ascii=False).encode(errors="replace")
        return _DECODER.decode(whole)


def _read(update: _Update) -> Incoming | Group | None:
    if update.callback_query is not None:
        return _read_callback(update.callback_query)
    if update.my_chat_member is not None:
        return _read_change(update.my_chat_member)
    message = update.message or update.edited_message
    if message is None:
        return None
    if message.chat.type != PRIVATE:
        return Group(ChatId(message.chat.id))
    return _read_message(message, is_edit=update.message is None)


def is_alarm_like(update: object) -> bool:
    """Say whether an update looks like an alarm, before anybody knows who sent it.

    A key, a command or plain words; and a press of an alarm's button (its code begins with `sos`),
    or of the menu's buttons for the same commands. `/taken` is as urgent.
    `update` is what its JSON says. Never raises: what cannot be read is no alarm. A long text is
    looked at from both ends: a hundred of a stranger's longest ones kept all else standing. A call
    in its middle is heard in the ordinary way.
    """
    match update:
        case {"callback_query": {"data": str(data)}}:
            return data.startswith(URGENT_PRESSES)
        case {"callback_query": callback} if callback is not None:
            return False
        case {"message": dict(message)} | {"edited_message": dict(message)}:
            text = message.get("text") or message.get("caption")
        case _:
            return False
    if not isinstance(text, str):
        return False
    if len(text) > 2 * END:
        text = f"{text[:END]} {text[-END:]}"
    return text.lower().startswith(TAKEN) or classify(text) is AlarmLikeness.ALARM


def _read_callback(query: _Query) -> Incoming | None:
    message = query.message
    if message is not None and message.chat.type != PRIVATE:
        return None
    return Incoming(
        chat_id=ChatId(query.sender.id),
        language_code=query.sender.language_code,
        callback=Callback(query.id, query.data or "", _text_message(message)),
    )


def _text_message(message: _Message | None) -> int | None:
    """Give the pressed message's id if an answer can be put into it: a picture stays a picture."""
    has_text = message is not None and message.date > 0 and message.text is not None
    return message.message_id if message is not None and has_text else None


def _read_change(change: _Change) -> Incoming | Group | None:
    status = change.new_chat_member.status
    if change.chat.type != PRIVATE:
        return None if status in GONE else Group(ChatId(change.chat.id))
    return Incoming(
        chat_id=ChatId(change.chat.id),
        language_code=change.sender.language_code,
        has_blocked=status == BLOCKED,
    )


def _read_message(message: _Message, *, is_edit: bool) -> Incoming:
    return Incoming(
        chat_id=ChatId(message.chat.id),
        language_code=message.sender.language_code if message.sender else None,
        message_id=message.message_id,
        text=(message.text or message.caption or _shared(message)).strip(),
        is_edit=is_edit,
        media=_read_media(message),
        place=_read_place(message, is_edit=is_edit),
        origin=_read_origin(message),
    )


def _read_origin(message: _Message) -> Origin | None:
    """Read where a forwarded message was first said; what the service calls anew is none yet."""
    told = message.forward_origin
    kind = None if told is None else one_of(OriginKind, told.type)
    if told is None or kind is None:
        return None
    user, chat = told.sender_user, told.sender_chat or told.chat
    signed = told.sender_user_name or told.author_signature
    by = signed if user is None else _called(f"{user.first_name} {user.last_name}", user)
    where = None if chat is None else _called(chat.title, chat)
    post = None if chat is None or told.message_id is None else _post(chat, told.message_id)
    user_id = None if user is None else user.id
    if told.sender_user_name is not None and message.sender is not None:
        own = f"{message.sender.first_name} {message.sender.last_name}".strip()
        user_id = message.sender.id if told.sender_user_name == own else None
    return Origin(kind, _moment(told.date), by, where, post, user_id)


def _called(name: str, who: _Who) -> str:
    """Name an account or chat by what tells it apart for good as well: names are changed."""
    known = [f"@{who.username}"] if who.username else []
    return f"{name.strip()} ({', '.join([*known, str(who.id)])})"


def _post(chat: _Who, message_id: int) -> str:
    """Give the address of a channel's message; a private channel's opens for those in it alone."""
    name = chat.username or f"c/{str(chat.id).removeprefix('-100')}"
    return f"https://t.me/{name}/{message_id}"


def _read_place(message: _Message, *, is_edit: bool) -> SentPlace | None:
    sent, venue = message.location, message.venue
    if sent is None:
        return None
    until = None
    if sent.live_period is not None:
        until = _moment(message.date + sent.live_period)
    words = "" if venue is None else f"{venue.title}, {venue.address}".strip(" ,")
    point = (sent.latitude, sent.longitude)
    return SentPlace(point, message.message_id, is_edit, until, words)


def _moment(seconds: int) -> datetime:
    """Give a moment of the service, in seconds since 1970; one that is too far, the last one."""
    return datetime.fromtimestamp(min(seconds, _LAST), UTC)


def _shared(message: _Message) -> str:
    """Give the words of what was shared: whose number it is, or what somebody put to the vote.

    A sign stands before them, so that they are never a command.
    """
    if message.contact is not None:
        one = message.contact
        return f"☎ {' '.join(f'{one.first_name} {one.last_name}'.split())}, {one.phone_number}"
    if message.poll is not None:
        lines = (message.poll.question, *(f"– {one.text}" for one in message.poll.options))
        return "📊 " + "\n".join(lines)
    return ""


def _read_media(message: _Message) -> Media | None:
    for kind, file in (
        (MediaKind.PHOTO, message.photo[-1] if message.photo else None),
        (MediaKind.VIDEO, message.video or message.video_note),
        (MediaKind.VOICE, message.voice),
        (MediaKind.AUDIO, message.audio),
        (MediaKind.DOCUMENT, message.document),
    ):
        if file is not None:
            size, name, mime = file.file_size or 0, file.file_name, file.mime_type
            smaller = _smaller(file) if size > LARGEST else None
            return Media(kind, file.file_id, file.file_unique_id, size, name, mime, smaller)
    return None


def _smaller(file: _File) -> Smaller | None:
    """Choose the best copy that the service gives of a file too large: else one picture of it."""
    copies = [one for one in file.qualities or () if 0 < (one.file_size or 0) <= LARGEST]
    best = max(copies, key=lambda one: one.file_size or 0, default=file.thumbnail)
    if best is None:
        return None
    kind = MediaKind.VIDEO if copies else MediaKind.PHOTO
    return Smaller(kind, best.file_id, best.file_unique_id, best.file_size or 0)
