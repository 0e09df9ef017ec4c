"""A chat as rows name it: a keyed digest of the Telegram id, never the id itself."""

from datetime import datetime

from safety.people import ChatId, EventId
from storage.moments import from_row, to_row
from storage.transaction import Transaction
from storage.vault.digests import index
from storage.vault.keys import KeyKind


def chat_digest(tx: Transaction, chat_id: ChatId) -> bytes:
    """Name a chat in queues and in the list of messages; made once in each transaction."""
    known = tx.chat_names.get(chat_id)
    if known is None:
        known = tx.chat_names[chat_id] = index(tx.key(KeyKind.COMMUNITY), chat_id)
    return known


def route_digests(tx: Transaction, chat_id: ChatId, event_id: EventId | None) -> list[bytes]:
    """Name a chat in the routing index of one event, or of the team where `event_id` is None.

    The name to store it by comes first; while the key is being replaced, the older ones follow.
    """
    if event_id is None:
        return [chat_digest(tx, chat_id)]
    return [index(key, chat_id) for key in tx.keys(KeyKind.ROUTING, event_id)]


BLOCKED = "blocked"  # the person has blocked the bot
TAKEN = "taken"  # somebody else may be holding the phone


def silence(tx: Transaction, chat_id: ChatId, reason: str, since: int) -> None:
    """Write to this chat no more: it blocked the bot, or the person was taken.

    Whoever holds a taken person's phone cannot end the quiet by blocking and unblocking.
    """
    tx.run(
        "INSERT INTO silences (chat, reason, since) VALUES (?, ?, ?) "
        "ON CONFLICT (chat) DO UPDATE SET reason = excluded.reason WHERE reason <> ?",
        chat_digest(tx, chat_id),
        reason,
        since,
        TAKEN,
    )
    tx.silences.clear()


def unsilence(tx: Transaction, chat_id: ChatId, reason: str) -> bool:
    """Write to this chat again if `reason` was why not; say whether that changed anything."""
    if silence_reason(tx, chat_id) != reason:
        return False
    forget(tx, chat_digest(tx, chat_id))
    return True


def forget(tx: Transaction, chat: bytes) -> None:
    """Know nothing any more of why the chat with this digest must not be written to."""
    tx.run("DELETE FROM silences WHERE chat = ?", chat)
    tx.silences.clear()


def forget_blocked(tx: Transaction, before: datetime) -> None:
    """Drop the refusals of chats since earlier than that: the next message asks anew."""
    tx.run("DELETE FROM silences WHERE reason = ? AND since < ?", BLOCKED, to_row(before))
    tx.silences.clear()


def silence_reason(tx: Transaction, chat_id: ChatId) -> str | None:
    """Give why this chat must not be written to, or None; looked up once in each transaction."""
    chat, known = chat_digest(tx, chat_id), tx.silences
    if chat not in known:
        row = tx.one(tuple[str], "SELECT reason FROM silences WHERE chat = ?", chat)
        known[chat] = None if row is None else row[0]
    return known[chat]


def has_blocked(tx: Transaction) -> bool:
    """Say whether anybody has blocked the bot."""
    return tx.number("SELECT COUNT(*) FROM silences WHERE reason = ?", BLOCKED) > 0


def is_quiet(tx: Transaction, chat_id: ChatId) -> bool:
    """Say whether this chat's person was taken, so that nothing may be said or stay in it."""
    return silence_reason(tx, chat_id) == TAKEN


def silent_since(tx: Transaction, chat_id: ChatId) -> datetime | None:
    """Give since when this chat must not be written to, or None."""
    sql = "SELECT since FROM silences WHERE chat = ?"
    row = tx.one(tuple[int], sql, chat_digest(tx, chat_id))
    return None if row is None else from_row(row[0])
