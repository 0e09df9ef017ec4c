"""What the bot asks about chats and files, and its answers to presses."""

from bot.rehearsal.botapi.chats import Standing
from bot.rehearsal.botapi.errors import bad_request
from bot.rehearsal.botapi.happenings import HappeningKind
from bot.rehearsal.botapi.messenger import Messenger
from bot.rehearsal.botapi.parameters import Parameters
from bot.rehearsal.botapi.shapes import JsonObject, JsonValue

CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
GIFT_KINDS = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)
GIFTS: JsonObject = dict.fromkeys(GIFT_KINDS, False)


def answer_press(messenger: Messenger, asked: Parameters) -> JsonValue:
    """End the wait of a press, with or without a few words on the phone."""
    press = messenger.presses.answer(asked.text("callback_query_id"))
    chat = messenger.chat(press.chat_id)
    if text := asked.text("text"):
        chat.alerts.append(text)
        messenger.tell(chat, HappeningKind.ALERT, text)
    return True


def get_file(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Tell where a file can be fetched."""
    return messenger.files.describe(asked.text("file_id"))


def get_chat(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Tell about a chat that the bot has seen."""
    chat = messenger.chat(asked.chat_id())
    if chat.standing is Standing.NEVER_STARTED:
        raise bad_request("chat not found")
    return {
        **chat.on_wire,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": GIFTS,
    }


def leave_chat(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Go out of a group; a private chat cannot be left."""
    chat = messenger.chat(asked.chat_id())
    if not chat.is_group:
        raise bad_request("chat member status can't be changed in private chats")
    chat.check_writable()
    chat.standing = Standing.LEFT
    messenger.own_standing(chat, messenger.profile.as_user, "member", "left")
    return True


def send_chat_action(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Let the other side see that the bot is busy."""
    messenger.chat(asked.chat_id()).check_writable()
    if asked.text("action") not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True
