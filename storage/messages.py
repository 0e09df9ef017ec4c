"""Messages that stand in chats, in both directions: what can be edited, and what must go away.

A bot may delete under 48 hours only, so every message has its time, except anchors (the message
that holds the permanent key) which go when their moment has come, not by age.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from safety.people import ChatId, EventId, Recipient, Unprinted
from storage import counters
from storage.chats import chat_digest, is_quiet
from storage.moments import EPOCH, from_row, to_row
from storage.sealed import UNREADABLE
from storage.transaction import Transaction
from storage.vault.keys import Key, KeyKind
from storage.vault.sealing import open_under, seal

NAMELESS = -1  # the id of a message that may stand in a chat without our knowing which it is
AT_ONCE = from_row(1)  # long ago; 0 means that nothing is due


@dataclass(frozen=True, slots=True, repr=False)
class Standing(Unprinted):
    """One message in one chat."""

    recipient: Recipient
    message_id: int
    can_go_until: datetime | None = None  # see NewMessage


@dataclass(frozen=True, slots=True, repr=False)
class NewMessage(Unprinted):
    """What is to be remembered of a message that has just appeared.

    `can_go_until` is the last moment at which the service surely lets us delete it.
    """

    recipient: Recipient
    message_id: int
    delete_at: datetime | None
    is_incoming: bool = False
    event_id: EventId | None = None
    card: str | None = None
    tag: str | None = None
    can_go_until: datetime | None = None
    is_protected: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class _Body(Unprinted):
    recipient: Recipient
    message_id: int
    can_go_until: datetime | None
    is_protected: bool


def add(tx: Transaction, message: NewMessage) -> None:
    """Remember a message; an older one on the same card is no longer that card.

    In a quiet chat nothing stays: whatever still arrives there goes at once.
    """
    chat = chat_digest(tx, message.recipient.chat_id)
    if is_quiet(tx, message.recipient.chat_id):
        message = replace(message, delete_at=AT_ONCE)
    if message.card is not None:
        sql = "UPDATE messages SET card = NULL WHERE chat = ? AND card = ?"
        tx.run(sql, chat, message.card)
    number = counters.next_number(tx, "message")
    body = _Body(message.recipient, message.message_id, message.can_go_until, message.is_protected)
    plain = msgspec.msgpack.encode(body)
    tx.run(
        "INSERT INTO messages (id, chat, event_id, card, tag, incoming, delete_at, sealed) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        number,
        chat,
        message.event_id,
        message.card,
        message.tag,
        int(message.is_incoming),
        None if message.delete_at is None else to_row(message.delete_at),
        seal(tx.key(KeyKind.TRANSIT), plain, table="messages", row=number),
    )
    if message.delete_at is not None:
        tx.falls_due(message.delete_at)


def add_nameless(tx: Transaction, message: NewMessage) -> None:
    """Remember that a copy may stand which nobody can take back, for as long as one could."""
    nameless = replace(
        message, message_id=NAMELESS, card=None, delete_at=message.can_go_until or AT_ONCE
    )
    add(tx, nameless)


def nameless_in(tx: Transaction, chat_id: ChatId) -> int:
    """Count the copies in a chat that nobody can take back."""
    return _count_nameless(tx, "chat = ?", chat_digest(tx, chat_id))


def nameless_tagged(tx: Transaction, tag: str) -> int:
    """Count the copies with this tag, in all chats, that nobody can take back."""
    return _count_nameless(tx, "tag = ?", tag)


def _count_nameless(tx: Transaction, where: str, value: str | bytes) -> int:
    bodies = (body for _, body in _rows(tx, f"{where} AND card IS NULL", value))
    return sum(body is not None and body.message_id == NAMELESS for body in bodies)


def change(tx: Transaction, message: NewMessage) -> None:
    """Remember a message that was edited: what it is now, never staying longer than it can go."""
    chat = chat_digest(tx, message.recipient.chat_id)
    for row_id, old in _rows(tx, "chat = ? AND incoming = 0", chat):
        if old is not None and old.message_id == message.message_id:
            tx.run("DELETE FROM messages WHERE id = ?", row_id)
            message = replace(
                message,
                can_go_until=old.can_go_until,
                is_protected=old.is_protected,
                delete_at=_earlier(message.delete_at, old.can_go_until),
            )
    add(tx, message)


def is_protected(tx: Transaction, chat_id: ChatId, message_id: int) -> bool:
    """Say whether a message of ours was sent so that it cannot be forwarded or saved."""
    rows = _rows(tx, "chat = ? AND incoming = 0", chat_digest(tx, chat_id))
    bodies = [body for _, body in rows if body is not None]
    return any(body.message_id == message_id and body.is_protected for body in bodies)


def on_card(tx: Transaction, chat_id: ChatId, card: str) -> int | None:
    """Give the id of the message that is this card in this chat, or None."""
    rows = _rows(tx, "chat = ? AND card = ?", chat_digest(tx, chat_id), card)
    found = [body.message_id for _, body in rows if body is not None]
    return found[-1] if found else None


def is_anywhere(tx: Transaction, card: str) -> bool:
    """Say whether a message stands in any chat that is this card."""
    return tx.number("SELECT COUNT(*) FROM messages WHERE card = ?", card) > 0


def tag_of(tx: Transaction, chat_id: ChatId, message_id: int) -> tuple[str, EventId | None] | None:
    """Give the tag of a message that a person wrote, and the event it stands with; None: none."""
    sql = "SELECT id, sealed, tag, event_id FROM messages "
    sql += "WHERE chat = ? AND incoming = 1 AND tag IS NOT NULL ORDER BY id DESC"
    keys = tx.keys(KeyKind.TRANSIT)
    rows = tx.all(tuple[int, bytes, str, int | None], sql, chat_digest(tx, chat_id))
    for row_id, blob, tag, event_id in rows:
        body = _opened(keys, row_id, blob)
        if body is not None and body.message_id == message_id:
            return tag, None if event_id is None else EventId(event_id)
    return None


def chats_with(tx: Transaction, card: str) -> list[Recipient]:
    """Give everybody in whose chat this card stands."""
    return [body.recipient for _, body in _rows(tx, "card = ?", card) if body is not None]


def take_due(tx: Transaction, now: datetime, limit: int = 500) -> list[Standing]:
    """Take the messages whose time is over off the list."""
    return _take(tx, "delete_at <= ? ORDER BY delete_at LIMIT ?", to_row(now), limit)


def take_tagged(tx: Transaction, tag: str, chat_id: ChatId | None = None) -> list[Standing]:
    """Take all messages with this tag off the list, in every chat or in one."""
    if chat_id is None:
        return _take(tx, "tag = ?", tag, keeps_nameless=True)
    digest = chat_digest(tx, chat_id)
    return _take(tx, "tag = ? AND chat = ?", tag, digest, keeps_nameless=True)


def take_chat(tx: Transaction, chat_id: ChatId, *, anchors: bool = False) -> list[Standing]:
    """Take a chat's messages off the list, both directions; `anchors` too only if said."""
    where = "chat = ?" if anchors else "chat = ? AND (delete_at IS NOT NULL OR incoming = 1)"
    return _take(tx, where, chat_digest(tx, chat_id), keeps_nameless=not anchors)


def take_event(
    tx: Transaction, event_id: EventId, chat_id: ChatId | None = None
) -> list[Standing]:
    """Take all messages about an event off the list, anchors too, in every chat or in one."""
    if chat_id is None:
        return _take(tx, "event_id = ?", event_id)
    return _take(tx, "event_id = ? AND chat = ?", event_id, chat_digest(tx, chat_id))


def count(tx: Transaction) -> int:
    """Count the messages that are known to stand in any chat."""
    return tx.number("SELECT COUNT(*) FROM messages")


def forget(tx: Transaction, chat_id: ChatId, message_ids: Sequence[int]) -> None:
    """Drop messages that are gone from a chat already."""
    gone = set(message_ids)
    for row_id, standing in _rows(tx, "chat = ?", chat_digest(tx, chat_id)):
        if standing is not None and standing.message_id in gone:
            tx.run("DELETE FROM messages WHERE id = ?", row_id)


def next_due(tx: Transaction, after: datetime = EPOCH) -> datetime | None:
    """Give when the next message has to go, of those that stay beyond `after`, or None."""
    sql = "SELECT MIN(delete_at) FROM messages WHERE delete_at > ?"
    row = tx.one(tuple[int | None], sql, to_row(after))
    return None if row is None or row[0] is None else from_row(row[0])


def shift_ends(tx: Transaction, now: datetime, by: timedelta) -> None:
    """Let what stands in chats stay no longer because the clock was set back (`by` < 0)."""
    sql = "UPDATE messages SET delete_at = MAX(delete_at + ?, ?) WHERE delete_at > ?"
    tx.run(sql, by // timedelta(milliseconds=1), to_row(now), to_row(now))
    tx.falls_due(now)


def _take(
    tx: Transaction, where: str, *parameters: int | str | bytes, keeps_nameless: bool = False
) -> list[Standing]:
    """Take rows away and give what can be deleted from chats; a nameless copy cannot.

    It is still shown, where `keeps_nameless`, until its own time is over.
    """
    taken = []
    for row_id, body in _rows(tx, where, *parameters):
        is_nameless = body is not None and body.message_id == NAMELESS
        if not (is_nameless and keeps_nameless):
            tx.run("DELETE FROM messages WHERE id = ?", row_id)
        if body is not None and not is_nameless:
            taken.append(Standing(body.recipient, body.message_id, body.can_go_until))
    return taken


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return other if one is not None and other is not None and other < one else one


def _rows(
    tx: Transaction, where: str, *parameters: int | str | bytes
) -> list[tuple[int, _Body | None]]:
    """Find rows; one that does not open gives None, so that it keeps no other from going."""
    sql = f"SELECT id, sealed FROM messages WHERE {where}"  # noqa: S608 - constants of this file
    keys = tx.keys(KeyKind.TRANSIT)
    rows = tx.all(tuple[int, bytes], sql, *parameters)
    return [(row_id, _opened(keys, row_id, blob)) for row_id, blob in rows]


def _opened(keys: Sequence[Key], row_id: int, blob: bytes) -> _Body | None:
    try:
        plain = open_under(keys, blob, table="messages", row=row_id)
        return msgspec.msgpack.decode(plain, type=_Body)
    except UNREADABLE:
        return None
