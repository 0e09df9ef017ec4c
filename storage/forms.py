"""Questions in the middle of being answered: one sealed row a chat; restarts lose none."""

import msgspec

from safety.forms import Draft
from safety.people import ChatId, EventId
from storage.chats import chat_digest
from storage.sealed import UNREADABLE
from storage.transaction import Transaction
from storage.vault.keys import KeyKind
from storage.vault.sealing import open_under, seal


def put(tx: Transaction, chat_id: ChatId, draft: Draft) -> None:
    """Store the one draft of this chat, in place of any other."""
    blob = seal(
        tx.key(KeyKind.TRANSIT), msgspec.msgpack.encode(draft), table="forms", row=draft.id
    )
    digest = chat_digest(tx, chat_id)
    tx.run("DELETE FROM forms WHERE chat = ?", digest)
    tx.run(
        "INSERT INTO forms (id, chat, event_id, sealed) VALUES (?, ?, ?, ?)",
        draft.id,
        digest,
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
    transit = tx.keys(KeyKind.TRANSIT)
    try:
        plain = open_under(transit, row[1], table="forms", row=row[0])
        return msgspec.msgpack.decode(plain, type=Draft)
    except UNREADABLE:
        return None


def remove(tx: Transaction, chat_id: ChatId) -> bool:
    """Drop the draft of this chat; say whether there was one."""
    return tx.run("DELETE FROM forms WHERE chat = ?", chat_digest(tx, chat_id)) > 0


def remove_event(tx: Transaction, event_id: EventId) -> None:
    """Drop all drafts that belong to an event."""
    tx.run("DELETE FROM forms WHERE event_id = ?", event_id)
