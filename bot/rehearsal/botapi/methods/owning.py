"""The bot's own settings: who it is, its menu, its webhook."""

import re

from bot.rehearsal.botapi.errors import bad_request
from bot.rehearsal.botapi.messenger import Messenger
from bot.rehearsal.botapi.parameters import Parameters
from bot.rehearsal.botapi.profile import menu_place
from bot.rehearsal.botapi.shapes import JsonValue
from bot.rehearsal.botapi.updates import Hook, Poll

COMMAND_LIMIT = 100
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
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
    """Tell where updates go, how many wait, and what went wrong last with delivering them."""
    del asked
    updates, failure = messenger.updates, messenger.delivery_failure
    info: dict[str, JsonValue] = {
        "url": updates.hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(updates),
    }
    if updates.hook.url:
        info["max_connections"] = updates.hook.connections
        if updates.allowed:
            info["allowed_updates"] = sorted(updates.allowed)
    if failure is not None:
        info["last_error_date"] = int(failure.at.timestamp())
        info["last_error_message"] = failure.words
    return info


def set_webhook(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Deliver updates to an address from now on."""
    url, secret = asked.text("url"), asked.text("secret_token")
    is_here = messenger.updates.is_local and url.startswith("http://127.0.0.1:")
    if url and not url.startswith("https://") and not is_here:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    connections = max(1, min(asked.number("max_connections", 40), 100))
    _remember_kinds(messenger, asked)
    messenger.delivery_failure = None
    messenger.updates.set_hook(Hook(url, secret, connections))
    if asked.flag("drop_pending_updates"):
        messenger.updates.clear()
    return True


def delete_webhook(messenger: Messenger, asked: Parameters) -> JsonValue:
    """Go back to polling."""
    messenger.updates.set_hook(Hook())
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
