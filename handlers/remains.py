"""What can still be told of an update that cannot be read: whose it is, and whether it calls.

An answer is owed to whoever we know, and a call for help counts whatever else is wrong with the
update that brought it (ADR-0022). Nothing here raises: what is not there is not found.
"""

import json
from dataclasses import dataclass

from handlers.incoming import PRIVATE, Callback, Incoming, is_alarm_like
from safety.people import ChatId, Unprinted

_FAR = 2**62  # beyond any id


@dataclass(frozen=True, slots=True, repr=False)
class Sender(Unprinted):
    """Whose private chat an update came from; `press` is the id of a button's press."""

    chat_id: ChatId
    language_code: str | None
    press: str | None


def find_sender(raw: bytes) -> Sender | None:
    """Give who wrote or pressed this, by its shape alone; None where it names no private chat."""
    item = _parse(raw)
    chat_id, query = chat_of(item), _part(item, "callback_query")
    held = _part(item, "message") or _part(item, "edited_message") or query
    if chat_id is None or held is None:
        return None
    language = _words(_part(held, "from"), "language_code")
    return Sender(chat_id, language, _words(query, "id"))


def read_call(raw: bytes) -> Incoming | None:
    """Give what is left of a call for help, of which some other part is wrong.

    None where it is none, or nobody knows whose.
    """
    item, sender = _parse(raw), find_sender(raw)
    if sender is None or not is_alarm_like(item):
        return None
    query, new = _part(item, "callback_query"), _part(item, "message")
    data, message = _words(query, "data"), new or _part(item, "edited_message")
    if query is not None and (data is None or sender.press is None):
        return None
    return Incoming(
        chat_id=sender.chat_id,
        language_code=sender.language_code,
        callback=Callback(sender.press, data, None) if sender.press and data else None,
        message_id=_id(message, "message_id"),
        text=(_words(message, "text") or _words(message, "caption") or "").strip(),
        is_edit=query is None and new is None,
    )


def chat_of(item: object) -> ChatId | None:
    """Find the private chat that an update belongs to, in raw JSON; None where there is none."""
    for name in ("message", "edited_message", "my_chat_member"):
        chat = _part(_part(item, name), "chat")
        if chat is not None:
            return _chat_id(chat) if _value(chat, "type") == PRIVATE else None
    return _chat_id(_part(_part(item, "callback_query"), "from"))


def _parse(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _part(value: object, name: str) -> object | None:
    found = _value(value, name)
    return found if isinstance(found, dict) else None


def _value(value: object, name: str) -> object | None:
    return value.get(name) if isinstance(value, dict) else None


def _words(value: object, name: str) -> str | None:
    """Give a text, in which half a character costs no more than itself."""
    found = _value(value, name)
    return found.encode(errors="replace").decode() if isinstance(found, str) else None


def _id(value: object, name: str) -> int | None:
    found = _value(value, name)
    return found if type(found) is int and abs(found) < _FAR else None


def _chat_id(value: object) -> ChatId | None:
    found = _id(value, "id")
    return None if found is None else ChatId(found)
