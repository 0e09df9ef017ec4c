"""One message as the service keeps it, and as it goes over the wire."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.rehearsal.botapi.shapes import JsonObject, JsonValue, present

TEXT = "text"
PINNED = "pinned_message"  # what the service itself writes when something is pinned
LOCATIONS = frozenset({"location", "venue"})


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says: text, or a medium with a caption.

    `kind` is the wire's own name of the medium (text, photo, voice, location …) and `medium` its
    object on the wire; `source` is the HTML that the text came from.
    """

    kind: str
    text: str = field(repr=False)
    entities: tuple[JsonObject, ...] = field(default=(), repr=False)
    source: str = field(default="", repr=False)
    medium: JsonValue = field(default=None, repr=False)
    file_id: str | None = None
    origin: JsonObject | None = field(default=None, repr=False)  # of what was only forwarded

    @property
    def has_caption(self) -> bool:
        """Tell whether `text` is the caption of a medium that can carry one."""
        return self.kind not in (TEXT, PINNED) and self.kind not in LOCATIONS


@dataclass(slots=True)
class Message:
    """One message in one chat. It changes only through its chat."""

    chat_id: int
    message_id: int
    sender: JsonObject
    from_bot: bool
    sent_at: datetime
    content: Content
    markup: JsonObject | None = None  # the buttons below it
    has_other_markup: bool = False  # it brought or removed a keyboard: never edited
    is_protected: bool = False
    is_silent: bool = False
    reply_to: int | None = None
    edited_at: datetime | None = None
    is_pinned: bool = False
    is_hidden: bool = False  # its reader has cleared it from the own phone
    change: int = 0  # grows with every change anywhere, so that "since" has a meaning


def stamp(moment: datetime) -> int:
    """Give a moment as the wire does: whole seconds since 1970."""
    return int(moment.timestamp())


def message_on_wire(message: Message, chat: JsonObject) -> JsonObject:
    """Write a message as the service sends it."""
    return present(
        {
            "message_id": message.message_id,
            "from": message.sender,
            "chat": chat,
            "date": stamp(message.sent_at),
            "edit_date": stamp(message.edited_at) if message.edited_at else None,
            "has_protected_content": message.is_protected or None,
            "forward_origin": message.content.origin,
            "reply_markup": message.markup,
            **_content_on_wire(message.content),
        }
    )


def _content_on_wire(content: Content) -> JsonObject:
    entities = list(content.entities) or None
    if content.kind == TEXT:
        return {"text": content.text, "entities": entities}
    medium = {content.kind: content.medium}
    if content.kind == "venue" and isinstance(content.medium, dict):
        medium["location"] = content.medium["location"]
    if not content.text:
        return medium
    return {**medium, "caption": content.text, "caption_entities": entities}
