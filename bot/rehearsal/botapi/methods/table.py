"""THE table: every method that this server speaks, and what each costs of the flood limits."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from bot.rehearsal.botapi.attachments import MEDIA_KINDS
from bot.rehearsal.botapi.messenger import Messenger
from bot.rehearsal.botapi.methods import asking, changing, owning, sending
from bot.rehearsal.botapi.parameters import Parameters
from bot.rehearsal.botapi.profile import BotProfile
from bot.rehearsal.botapi.shapes import JsonValue

Act: TypeAlias = Callable[[Messenger, Parameters], JsonValue]

SPOKEN: Mapping[str, Act] = {
    "getme": owning.get_me,
    "getwebhookinfo": owning.get_webhook,
    "setwebhook": owning.set_webhook,
    "deletewebhook": owning.delete_webhook,
    "setmycommands": owning.set_commands,
    "getmycommands": owning.get_commands,
    "deletemycommands": owning.delete_commands,
    "sendmessage": sending.send_message,
    "sendlocation": sending.send_location,
    "sendvenue": sending.send_venue,
    "sendcontact": sending.send_contact,
    "editmessagetext": changing.edit_text,
    "editmessagecaption": changing.edit_caption,
    "editmessagereplymarkup": changing.edit_markup,
    "deletemessage": changing.delete_message,
    "deletemessages": changing.delete_messages,
    "pinchatmessage": changing.pin,
    "unpinchatmessage": changing.unpin,
    "unpinallchatmessages": changing.unpin_all,
    "answercallbackquery": asking.answer_press,
    "getfile": asking.get_file,
    "getchat": asking.get_chat,
    "leavechat": asking.leave_chat,
    "sendchataction": asking.send_chat_action,
} | {
    f"send{kind.replace('_', '')}": partial(sending.send_medium, kind=kind) for kind in MEDIA_KINDS
}
POLL = "getupdates"
FREE_SENDS = frozenset({"sendchataction"})

Wordings: TypeAlias = Callable[[BotProfile], dict[str, str]]
WORDINGS: Mapping[str, tuple[str, Wordings]] = {
    "myname": ("name", lambda profile: profile.names),
    "mydescription": ("description", lambda profile: profile.descriptions),
    "myshortdescription": ("short_description", lambda profile: profile.short_descriptions),
}


def find(method: str) -> Act | None:
    """Find what a method does, by its name in small letters; None where it is not spoken here."""
    if method in SPOKEN:
        return SPOKEN[method]
    if method[3:] not in WORDINGS:
        return None
    name, wordings = WORDINGS[method[3:]]
    worded = owning.set_wording if method.startswith("set") else owning.get_wording
    return lambda messenger, asked: worded(asked, wordings(messenger.profile), name)


def is_message(method: str) -> bool:
    """Tell whether a method counts as a new message."""
    return method.startswith("send") and method not in FREE_SENDS


def is_edit(method: str) -> bool:
    """Tell whether a method counts as an edit."""
    return method.startswith("editmessage")
