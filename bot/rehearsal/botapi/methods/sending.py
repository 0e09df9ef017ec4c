"""New messages from the bot: text, files, places."""

from bot.rehearsal.botapi.attachments import location_on_wire, medium_on_wire
from bot.rehearsal.botapi.chats import Chat
from bot.rehearsal.botapi.entities import (
    CAPTION_LIMIT,
    TEXT_LIMIT,
    Formatted,
    parse_html,
    plain,
)
from bot.rehearsal.botapi.errors import DefinitionError, bad_request
from bot.rehearsal.botapi.markup import check_deep_links
from bot.rehearsal.botapi.messages import TEXT, Content
from bot.rehearsal.botapi.messenger import Manner, Messenger
from bot.rehearsal.botapi.parameters import Parameters
from bot.rehearsal.botapi.shapes import JsonObject, JsonValue, utf16_length

MOST_LATITUDE = 90  # degrees
MOST_LONGITUDE = 180  # degrees


def send_message(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Send a text."""
    chat = _writable(messenger, asked)
    return _deliver(messenger, asked, chat, text_content(asked))


def send_medium(messenger: Messenger, asked: Parameters, kind: str) -> JsonValue:
    """Send a file of one kind, new or sent before."""
    chat = _writable(messenger, asked)
    formatted = caption(asked)
    if upload := asked.upload(kind):
        stored = messenger.files.upload(kind, upload.name, upload.content)
    else:
        stored = messenger.files.find(asked.text(kind))
    medium = medium_on_wire(kind, stored)
    content = Content(
        kind, formatted.text, formatted.entities, formatted.source, medium, stored.file_id
    )
    return _deliver(messenger, asked, chat, content)


def send_location(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Send a point on the map."""
    chat = _writable(messenger, asked)
    return _deliver(messenger, asked, chat, Content("location", "", medium=_place(asked)))


def send_venue(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Send a point on the map with a title and an address."""
    chat = _writable(messenger, asked)
    title, address = asked.text("title"), asked.text("address")
    medium: JsonObject = {"location": _place(asked), "title": title, "address": address}
    return _deliver(messenger, asked, chat, Content("venue", "", medium=medium))


def send_contact(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Send a phone number with a name."""
    chat = _writable(messenger, asked)
    names = ("phone_number", "first_name", "last_name")
    medium = {name: asked.text(name) for name in names if asked.has(name)}
    return _deliver(messenger, asked, chat, Content("contact", "", medium=medium))


def text_content(asked: Parameters) -> Content:
    """Read the text of a message.

    Raises: DefinitionError when it is empty, too long, or its markup is broken.
    """
    formatted = _formatted(asked, "text", "entities")
    length = utf16_length(formatted.text)
    if not length:
        raise DefinitionError("message text is empty")
    if length > TEXT_LIMIT:
        raise DefinitionError("message is too long")
    return Content(TEXT, formatted.text, formatted.entities, formatted.source)


def caption(asked: Parameters) -> Formatted:
    """Read the caption of a medium; it may be empty.

    Raises: DefinitionError when it is too long, or its markup is broken.
    """
    formatted = _formatted(asked, "caption", "caption_entities")
    if utf16_length(formatted.text) > CAPTION_LIMIT:
        raise DefinitionError("message caption is too long")
    return formatted


def _formatted(asked: Parameters, text_name: str, entities_name: str) -> Formatted:
    source = asked.text(text_name)
    check_deep_links(source)
    match asked.text("parse_mode").lower():
        case "":
            given = [entity for entity in asked.array(entities_name) if isinstance(entity, dict)]
            found = plain(source)
            return Formatted(found.text, tuple(given), found.source) if given else found
        case "html":
            return parse_html(source)
        case other:
            raise DefinitionError(f"parse_mode {other} is not spoken here, only HTML")


def _writable(messenger: Messenger, asked: Parameters) -> Chat:
    chat = messenger.chat(asked.chat_id())
    chat.check_writable()
    return chat


def _deliver(messenger: Messenger, asked: Parameters, chat: Chat, content: Content) -> JsonValue:
    manner = Manner(
        markup=asked.structure("reply_markup"),
        is_protected=asked.flag("protect_content"),
        is_silent=asked.flag("disable_notification"),
        reply_to=_answered(chat, asked.structure("reply_parameters")),
    )
    return messenger.wire(messenger.deliver(chat, content, manner))


def _answered(chat: Chat, reply: JsonObject | None) -> int | None:
    if reply is None:
        return None
    message_id = reply.get("message_id")
    if isinstance(message_id, int) and chat.find(message_id):
        return message_id
    if reply.get("allow_sending_without_reply") is True:
        return None
    raise bad_request("message to be replied not found")


def _place(asked: Parameters) -> JsonObject:
    latitude, longitude = asked.fraction("latitude"), asked.fraction("longitude")
    if latitude is None or longitude is None or not _is_on_map(latitude, longitude):
        raise DefinitionError("there is no such place on the map")
    live_period = asked.number("live_period") if asked.has("live_period") else None
    return location_on_wire(latitude, longitude, live_period)


def _is_on_map(latitude: float, longitude: float) -> bool:
    return abs(latitude) <= MOST_LATITUDE and abs(longitude) <= MOST_LONGITUDE
