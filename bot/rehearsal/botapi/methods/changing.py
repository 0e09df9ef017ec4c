"""Messages that are already there: edited, deleted, pinned by the bot."""

from dataclasses import replace

from bot.rehearsal.botapi.chats import Chat
from bot.rehearsal.botapi.errors import DefinitionError, bad_request
from bot.rehearsal.botapi.happenings import HappeningKind
from bot.rehearsal.botapi.messages import TEXT, Message
from bot.rehearsal.botapi.messenger import Messenger
from bot.rehearsal.botapi.methods.sending import caption, text_content
from bot.rehearsal.botapi.parameters import Parameters
from bot.rehearsal.botapi.shapes import JsonValue


def edit_text(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Change the text; buttons that are not given again go."""
    content = text_content(asked)
    message = _editable(messenger, asked)
    if message.content.kind != TEXT:
        raise bad_request("there is no text in the message to edit")
    messenger.edit(message, content, asked.structure("reply_markup"))
    return messenger.wire(message)


def edit_caption(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Change the caption of a medium; buttons that are not given again go."""
    formatted = caption(asked)
    message = _editable(messenger, asked)
    if not message.content.has_caption:
        raise bad_request("there is no caption in the message to edit")
    content = replace(
        message.content,
        text=formatted.text,
        entities=formatted.entities,
        source=formatted.source,
    )
    messenger.edit(message, content, asked.structure("reply_markup"))
    return messenger.wire(message)


def edit_markup(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Change the buttons alone, or take them away."""
    message = _editable(messenger, asked)
    messenger.edit(message, message.content, asked.structure("reply_markup"))
    return messenger.wire(message)


def _editable(messenger: Messenger, asked: Parameters) -> Message:
    if not asked.has("message_id"):
        raise DefinitionError("message identifier is not specified")
    chat = messenger.chat(asked.chat_id())
    chat.check_writable()
    return chat.editable(asked.number("message_id"), messenger.clock.now())


def delete_message(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Delete one message for both sides."""
    chat = _present(messenger, asked)
    message = chat.deletable(asked.number("message_id"), messenger.clock.now())
    messenger.delete(chat, message, HappeningKind.DELETED)
    return True


def delete_messages(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Delete many messages: those that are gone are passed over, one too old spares all."""
    chat = _present(messenger, asked)
    wanted = {number for number in asked.array("message_ids") if isinstance(number, int)}
    there = [message.message_id for message in chat if message.message_id in wanted]
    now = messenger.clock.now()
    for message in [chat.deletable(message_id, now) for message_id in there]:
        messenger.delete(chat, message, HappeningKind.DELETED)
    return True


def _present(messenger: Messenger, asked: Parameters) -> Chat:
    chat = messenger.chat(asked.chat_id())
    chat.check_present()
    return chat


def pin(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Pin a message."""
    chat = messenger.chat(asked.chat_id())
    chat.check_writable()
    message = chat.find(asked.number("message_id"))
    if message is None:
        raise bad_request("message to pin not found")
    messenger.pin(chat, message)
    return True


def unpin(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Unpin one message, or the newest pinned one."""
    chat = messenger.chat(asked.chat_id())
    wanted = asked.number("message_id")
    pinned = [m for m in chat if m.is_pinned and wanted in (0, m.message_id)]
    if not pinned:
        raise bad_request("message to unpin not found")
    pinned[-1].is_pinned = False
    return True


def unpin_all(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Unpin everything in a chat."""
    for message in messenger.chat(asked.chat_id()):
        message.is_pinned = False
    return True
