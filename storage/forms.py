"""Questions in the middle of being answered: one sealed row a chat; restarts lose none."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from safety.forms import Draft
from safety.people import ChatId, EventId
from storage.chats import chat_digest
from storage.sealed import UNREADABLE
from storage.transaction import Transaction
from storage.vault.keys import Key, KeyKind
from storage.vault.sealing import open_under, seal


def put(tx: Transaction, chat_id: ChatId, draft: Draft) -> None:
    """Store the one draft of this chat, in place of any other."""
    blob = seal(
        tx.key(KeyKind.TRANSIT), msgspec.msgpack.encode(draft), table="forms", row=draft.id
    )
    tx.run(
        "INSERT OR REPLACE INTO forms (chat, id, event_id, sealed) VALUES (?, ?, ?, ?)",
        chat_digest(tx, chat_id),
        draft.id,
        draft.event_id,
        blob,
    )


def get(tx: Transaction, chat_id: ChatId) -> Draft | None:
    """Give the draft of this chat, or None; one that does not open counts as none."""
    row = tx.one(
        tuple[int, bytes], "SELECT id, sealed FROM forms WHERE chat = ?", chat_digest(tx, chat_id)
    )
    if row is None:
        return None
    return _opened(tx.keys(KeyKind.TRANSIT), *row)


def remove(tx: Transaction, chat_id: ChatId) -> bool:
    """Drop the draft of this chat; say whether there was one."""
    return tx.run("DELETE FROM forms WHERE chat = ?", chat_digest(tx, chat_id)) > 0


def take(tx: Transaction, chat: bytes, form: str) -> Draft | None:
    """Drop the draft of the chat with this digest if it is of this form, and give it."""
    row = tx.one(tuple[int, bytes], "SELECT id, sealed FROM forms WHERE chat = ?", chat)
    draft = None if row is None else _opened(tx.keys(KeyKind.TRANSIT), *row)
    if draft is None or draft.form != form:
        return None
    tx.run("DELETE FROM forms WHERE chat = ?", chat)
    return draft


def forget_old(tx: Transaction, before: datetime) -> None:
    """Drop the drafts that were begun earlier, and those that do not open."""
    transit = tx.keys(KeyKind.TRANSIT)
    rows = tx.all(tuple[bytes, int, bytes], "SELECT chat, id, sealed FROM forms")
    for chat, row_id, blob in rows:
        draft = _opened(transit, row_id, blob)
        if draft is None or draft.begun_at is None or draft.begun_at < before:
            tx.run("DELETE FROM forms WHERE chat = ?", chat)


def remove_event(tx: Transaction, event_id: EventId) -> None:
    """Drop all drafts that belong to an event."""
    tx.run("DELETE FROM forms WHERE event_id = ?", event_id)


def _opened(transit: Sequence[Key], row_id: int, blob: bytes) -> Draft | None:
    try:
        plain = open_under(transit, blob, table="forms", row=row_id)
        return msgspec.msgpack.decode(plain, type=Draft)
    except UNREADABLE:
        return None
