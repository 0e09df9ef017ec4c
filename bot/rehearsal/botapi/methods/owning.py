"""The bot's own settings: who it is, its menu, its webhook."""

from bot.rehearsal.botapi.errors import bad_request
from bot.rehearsal.botapi.messenger import Messenger
from bot.rehearsal.botapi.parameters import Parameters
from bot.rehearsal.botapi.profile import menu_place
from bot.rehearsal.botapi.shapes import JsonObject, JsonValue
from bot.rehearsal.botapi.updates import Poll

COMMAND_LIMIT = 100
COMMAND_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


def get_me(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Tell the bot who it is."""
    del asked
    return messenger.profile.as_itself


def set_commands(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Replace one menu."""
    commands = asked.array("commands")
    if len(commands) > COMMAND_LIMIT:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        name = command.get("command") if isinstance(command, dict) else None
        if not isinstance(name, str) or not COMMAND_LETTERS.issuperset(name):
            raise bad_request("BOT_COMMAND_INVALID")
    messenger.profile.menus[_place(asked)] = tuple(commands)
    return True


def get_commands(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Give one menu exactly, without looking at wider ones."""
    return list(messenger.profile.menus.get(_place(asked), ()))


def delete_commands(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Take one menu away."""
    messenger.profile.menus.pop(_place(asked), None)
    return True


def _place(asked: Parameters) -> tuple[str, int, str]:
    return menu_place(asked.structure("scope"), asked.text("language_code"))


def get_wording(asked: Parameters, wordings: dict[str, str], name: str) -> JsonValue:
    """Give a name or description in one language, or the one for all others."""
    return {name: wordings.get(asked.text("language_code")) or wordings.get("", "")}


def set_wording(asked: Parameters, wordings: dict[str, str], name: str) -> JsonValue:
    """Replace a name or description in one language; an empty one goes."""
    wordings.pop(asked.text("language_code"), None)
    if wording := asked.text(name):
        wordings[asked.text("language_code")] = wording
    return True


def get_webhook(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Tell where updates go, and how many wait."""
    del asked
    info: JsonObject = {
        "url": messenger.updates.webhook_url,
        "has_custom_certificate": False,
        "pending_update_count": len(messenger.updates),
    }
    return info


def set_webhook(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Note a webhook, so that polling is refused; nothing is delivered to it here."""
    url = asked.text("url")
    if url and not url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    messenger.updates.webhook_url = url
    _remember_kinds(messenger, asked)
    if asked.flag("drop_pending_updates"):
        messenger.updates.clear()
    return True


def delete_webhook(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Go back to polling."""
    messenger.updates.webhook_url = ""
    if asked.flag("drop_pending_updates"):
        messenger.updates.clear()
    return True


def _remember_kinds(messenger: Messenger, asked: Parameters) -> None:
    """The kinds of updates last asked for stay asked for until others are."""
    if asked.has("allowed_updates"):
        kinds = asked.array("allowed_updates")
        messenger.updates.allowed = frozenset(kind for kind in kinds if isinstance(kind, str))


async def get_updates(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Give the updates that wait, or wait for them."""
    _remember_kinds(messenger, asked)
    poll = Poll(asked.number("offset"), asked.number("limit", 100), asked.number("timeout"))
    return await messenger.updates.take(poll)
