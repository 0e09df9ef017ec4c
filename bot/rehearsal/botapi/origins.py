"""Where a forwarded message was first said, as the service writes it (`MessageOrigin`)."""

from datetime import datetime

from bot.rehearsal.botapi.messages import stamp
from bot.rehearsal.botapi.shapes import JsonObject, present


def from_user(at: datetime, user: JsonObject) -> JsonObject:
    """Say that somebody wrote it whose account shows; `user` as the service writes it."""
    return {"type": "user", "date": stamp(at), "sender_user": user}


def from_hidden_user(at: datetime, name: str) -> JsonObject:
    """Say that somebody wrote it whose account does not show: only what they are called."""
    return {"type": "hidden_user", "date": stamp(at), "sender_user_name": name}


def from_chat(at: datetime, chat: JsonObject, signature: str | None = None) -> JsonObject:
    """Say that a group wrote it; `chat` as the service writes it."""
    sent: JsonObject = {"type": "chat", "date": stamp(at), "sender_chat": chat}
    return present({**sent, "author_signature": signature})


def from_channel(
    at: datetime, channel: JsonObject, message_id: int, signature: str | None = None
) -> JsonObject:
    """Say that it stood in a channel under this number."""
    sent: JsonObject = {"type": "channel", "date": stamp(at), "chat": channel}
    return present({**sent, "message_id": message_id, "author_signature": signature})
