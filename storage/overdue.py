"""Whether what is owed goes out: asked by whoever looks after alarms, and mended by them."""

from datetime import datetime, timedelta

from safety.notices import Lane
from safety.people import Recipient
from storage import chats
from storage.chats import chat_digest
from storage.moments import from_row, to_row
from storage.transaction import Transaction


def oldest(tx: Transaction, lane: Lane) -> datetime | None:
    """Give since when a lane's oldest notice waits for the chat, or is being sent, or None."""
    sql = "SELECT MIN(owed_at) FROM outbox WHERE lane = ? AND state IN ('owed', 'sending') "
    sql += "AND channel = 'chat'"
    row = tx.one(tuple[int | None], sql, lane.value)
    return None if row is None or row[0] is None else from_row(row[0])


def has_ahead(tx: Transaction, now: datetime, lane: Lane, pause: timedelta) -> bool:
    """Say whether the clock was set back since something of a lane was owed, or failed.

    It was owed later than now, or waits for its next try for longer than `pause`.
    """
    sql = "SELECT COUNT(*) FROM outbox WHERE lane = ? AND state = 'owed' "
    sql += "AND (owed_at > ? OR not_before + 0 > ?)"
    return tx.number(sql, lane.value, to_row(now), to_row(now + pause)) > 0


def bring_forward(tx: Transaction, now: datetime, lane: Lane) -> None:
    """Have what was owed later than now, or waits for its next try, go out now."""
    sql = "UPDATE outbox SET owed_at = MIN(owed_at, ?), not_before = MIN(not_before, ?) "
    tx.run(f"{sql} WHERE lane = ?", to_row(now), to_row(now), lane.value)
    tx.effects.owes = tx.effects.wakes = True


def shift_pauses(tx: Transaction, now: datetime, by: timedelta) -> None:
    """Let what failed be tried again after as many seconds as before the clock was set."""
    sql = "UPDATE outbox SET not_before = MAX(not_before + ?, ?) WHERE not_before > ?"
    tx.run(sql, by // timedelta(milliseconds=1), to_row(now), to_row(now))
    tx.effects.owes = tx.effects.wakes = True


def is_on_its_way(tx: Transaction, recipient: Recipient, card: str) -> bool:
    """Say whether this card is owed to a chat, or just being sent; so may a silenced one wait."""
    if chats.silence_reason(tx, recipient.chat_id):
        return True
    return _count_cards(tx, recipient, card, "state IN ('owed', 'sending')") > 0


def is_set_aside(tx: Transaction, recipient: Recipient, card: str) -> bool:
    """Say whether this card was owed to a chat and can never be sent."""
    return _count_cards(tx, recipient, card, "state = 'set-aside'") > 0


def drop_set_aside(tx: Transaction, recipient: Recipient, card: str) -> int:
    """Forget what can never be sent of this card; give how many."""
    sql = "DELETE FROM outbox WHERE chat = ? AND card = ? AND state = 'set-aside'"
    return tx.run(sql, chat_digest(tx, recipient.chat_id), card)


def _count_cards(tx: Transaction, recipient: Recipient, card: str, where: str) -> int:
    sql = f"SELECT COUNT(*) FROM outbox WHERE chat = ? AND card = ? AND {where}"  # noqa: S608 - our own words
    return tx.number(sql, chat_digest(tx, recipient.chat_id), card)
