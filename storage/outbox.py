"""What the bot owes people, as rows, from the commit that owes it to the outcome that ends it.

States: *owed* → *sending* (claimed, an attempt is under way) → gone. A row found in *sending* at
the start was cut off by a crash: nobody knows whether it arrived, so it is sent again and says
that it is a repeat.
"""

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from safety.notices import (
    NEVER_A_MESSAGE,
    NOTICES,
    Channel,
    Emptying,
    Lane,
    Notice,
    Removal,
)
from safety.people import ChatId, EventId, Recipient, Unprinted
from safety.undelivered import STUCK_AFTER, STUCK_FOR, Undelivered
from storage import chats, counters
from storage.chats import chat_digest
from storage.moments import EPOCH, from_row, to_row
from storage.sealed import UNREADABLE
from storage.tickets import marks
from storage.transaction import Transaction, Value
from storage.vault.keys import KeyKind
from storage.vault.sealing import open_under, seal

GIVEN_UP = "notices-given-up"  # the number of all that ended without being sent


@dataclass(frozen=True, slots=True, repr=False)
class _Body(Unprinted):
    recipient: Recipient
    kind: str
    notice: bytes
    edits: int | None  # the message to edit rather than to send a new one


@dataclass(frozen=True, slots=True, repr=False)
class Owed(Unprinted):
    """One claimed notice. `chat` is its chat's digest; `edits` the message to change, if any."""

    id: int
    chat: bytes
    recipient: Recipient
    notice: Notice
    edits: int | None
    attempts: int  # this one included
    is_repeat: bool
    owed_at: datetime
    event_id: EventId | None


_Columns = tuple[bytes, int, int, int | None, bytes]


def owe(  # noqa: PLR0913 - each is a column
    tx: Transaction,
    now: datetime,
    recipient: Recipient,
    notice: Notice,
    *,
    event_id: EventId | None = None,
    edits: int | None = None,
) -> None:
    """Owe a notice. An unsent one on the same card in the same chat is replaced by it.

    It takes the place of the one it replaces, so that a card that changes often is not pushed back
    for ever; an unsent alarm stays as old as its first ring. What has still to ring stays owed as
    it is, and shows what is true when it is sent; so does what says the very same. A question on
    what rings is owed beside it.
    A silenced chat (it blocked the bot, or its person was taken) is owed nothing but removals;
    whoever blocked the bot can still be woken by the second channel, nobody who was taken.
    """
    if _is_silent(tx, recipient, notice):
        return
    chat, card, kind = chat_digest(tx, recipient.chat_id), notice.card(), type(notice).__name__
    body = _Body(recipient, kind, msgspec.msgpack.encode(notice), edits)
    unsent = [] if card is None else _unsent(tx, chat, card)
    said = len(unsent) == 1 and _says(tx, unsent[0], event_id, body, to_row(now))  # and no more
    place = _find_place(tx, to_row(now), notice, unsent, unsent[0] if said else None)
    if place is None:
        return
    number, attempts, since = place
    tx.run(
        "INSERT INTO outbox (id, chat, channel, event_id, lane, kind, card, state, attempts, "
        "not_before, owed_at, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, 'owed', ?, 0, ?, ?)",
        number,
        chat,
        notice.channel.value,
        event_id,
        int(notice.lane),
        kind,
        card,
        attempts,
        since,
        seal(tx.key(KeyKind.TRANSIT), msgspec.msgpack.encode(body), table="outbox", row=number),
    )
    tx.effects.owes = True
    tx.effects.alarms = tx.effects.alarms or notice.lane is Lane.ALARM
    tx.effects.wakes = tx.effects.wakes or notice.channel is Channel.SECOND


def _is_silent(tx: Transaction, recipient: Recipient, notice: Notice) -> bool:
    if isinstance(notice, Removal):
        return False
    reason = chats.silence_reason(tx, recipient.chat_id)
    return reason is not None and (notice.channel is Channel.CHAT or reason == chats.TAKEN)


@dataclass(frozen=True, slots=True)
class _Unsent:
    """What is owed on a card in a chat and not under way."""

    id: int
    event_id: int | None
    kind: str
    lane: int
    attempts: int
    not_before: int
    owed_at: int
    blob: bytes


def _unsent(tx: Transaction, chat: bytes, card: str) -> list[_Unsent]:
    rows = tx.all(
        tuple[int, int | None, str, int, int, int, int, bytes],
        "SELECT id, event_id, kind, lane, attempts, not_before, owed_at, sealed FROM outbox "
        "WHERE chat = ? AND card = ? AND state = 'owed'",
        chat,
        card,
    )
    return [_Unsent(*row) for row in rows]


def _says(tx: Transaction, one: _Unsent, event_id: EventId | None, body: _Body, now: int) -> bool:
    """Say whether what is owed already says the same, and may go now."""
    if one.attempts or one.not_before > now or (one.event_id, one.kind) != (event_id, body.kind):
        return False
    with contextlib.suppress(*UNREADABLE):
        return _open_body(tx, one.id, one.blob) == body
    return False


def _find_place(
    tx: Transaction, now: int, notice: Notice, unsent: Sequence[_Unsent], same: _Unsent | None
) -> tuple[int, int, int] | None:
    """Give a notice's place, its attempts and its age; None where what is owed says it all."""
    number, attempts, since = None, 0, now
    if notice.replaces or not any(_rings_anew(one.kind) for one in unsent):
        if same is not None and not notice.replaces:
            if same.lane != Lane.ALARM:  # which stays as old as it is
                tx.run("UPDATE outbox SET owed_at = ? WHERE id = ?", now, same.id)
            return None
        number, attempts, since = _take_place(tx, unsent, notice, now)
    elif not notice.asks:
        return None
    return number or counters.next_number(tx, "outbox"), attempts, since


def _take_place(
    tx: Transaction, unsent: Sequence[_Unsent], notice: Notice, now: int
) -> tuple[int | None, int, int]:
    """Remove what is unsent on this card; give its place in this lane, its attempts, its age."""
    for one in unsent:
        tx.run("DELETE FROM outbox WHERE id = ?", one.id)
    same = [one for one in unsent if one.lane == notice.lane]
    place = min((one.id for one in same), default=None)
    since = [one.owed_at for one in same if notice.lane is Lane.ALARM]
    return place, max((one.attempts for one in unsent), default=0), min([now, *since])


def still_rings(tx: Transaction, chat_id: ChatId, card: str) -> bool:
    """Say whether a card that rings in this chat is owed, or being sent, and has not arrived."""
    sql = "SELECT kind FROM outbox WHERE chat = ? AND card = ? "
    sql += "AND state IN ('owed', 'sending')"
    kinds = tx.all(tuple[str], sql, chat_digest(tx, chat_id), card)
    return any(kind in NOTICES and NOTICES[kind].replaces for (kind,) in kinds)


def claim(tx: Transaction, ids: Sequence[int]) -> list[Owed]:
    """Mark rows as being sent and open them; those gone meanwhile are left out.

    One that does not open can never be sent: it is set aside alone.
    """
    claimed = []
    for row_id in ids:
        row = tx.one(
            tuple[bytes, int, int, int | None, bytes],
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1 "
            "WHERE id = ? AND state = 'owed' "
            "RETURNING chat, attempts, owed_at, event_id, sealed",
            row_id,
        )
        if row is None:
            continue
        try:
            claimed.append(_open(tx, row_id, row))
        except UNREADABLE:
            tx.run("UPDATE outbox SET state = 'set-aside' WHERE id = ?", row_id)
    return claimed


def look(tx: Transaction, ids: Sequence[int]) -> list[Owed]:
    """Open rows without claiming them; what does not open, or is gone, is left out."""
    found: list[Owed] = []
    for row_id in ids:
        row = tx.one(
            tuple[bytes, int, int, int | None, bytes],
            "SELECT chat, attempts + 1, owed_at, event_id, sealed FROM outbox WHERE id = ?",
            row_id,
        )
        with contextlib.suppress(*UNREADABLE):
            found += [] if row is None else [_open(tx, row_id, row)]
    return found


def _open(tx: Transaction, row_id: int, columns: _Columns) -> Owed:
    chat, attempts, owed_at, event, blob = columns
    body = _open_body(tx, row_id, blob)
    return Owed(
        id=row_id,
        chat=chat,
        recipient=body.recipient,
        notice=msgspec.msgpack.decode(body.notice, type=NOTICES[body.kind]),
        edits=body.edits,
        attempts=attempts,
        is_repeat=attempts > 1,
        owed_at=from_row(owed_at),
        event_id=None if event is None else EventId(event),
    )


def _open_body(tx: Transaction, row_id: int, blob: bytes) -> _Body:
    plain = open_under(tx.keys(KeyKind.TRANSIT), blob, table="outbox", row=row_id)
    return msgspec.msgpack.decode(plain, type=_Body)


def is_owed(tx: Transaction, row_id: int) -> bool:
    """Say whether a claimed notice is still owed: it may have been withdrawn meanwhile."""
    sql = "SELECT COUNT(*) FROM outbox WHERE id = ? AND state <> 'withdrawn'"
    return tx.number(sql, row_id) > 0


def is_any_owed(tx: Transaction, kind: type[Notice]) -> bool:
    """Say whether a notice of this kind is owed to anybody, or being sent."""
    sql = "SELECT COUNT(*) FROM outbox WHERE kind = ? AND state IN ('owed', 'sending')"
    return tx.number(sql, kind.__name__) > 0


def done(tx: Transaction, row_id: int) -> bool:
    """End a notice: it was sent, or dropped by its own rule; False: it was withdrawn meanwhile."""
    row = tx.one(tuple[str], "DELETE FROM outbox WHERE id = ? RETURNING state", row_id)
    return row is not None and row[0] != "withdrawn"


def give_up(tx: Transaction, row_id: int) -> None:
    """End a notice that can never be sent; unless it was withdrawn, it counts as given up."""
    if done(tx, row_id):
        _count_given_up(tx, 1)


def _count_given_up(tx: Transaction, number: int) -> None:
    counters.set_value(tx, GIVEN_UP, counters.value(tx, GIVEN_UP) + number)


def count_stuck(tx: Transaction, now: datetime) -> int:
    """Count what is urgent, was tried again and again, or for long, and is still owed."""
    return tx.number(
        "SELECT COUNT(*) FROM outbox WHERE state IN ('owed', 'sending') AND channel = 'chat' "
        "AND lane <= ? AND (attempts >= ? OR owed_at <= ?) AND kind <> ?",
        Lane.HOLD.value,
        STUCK_AFTER,
        to_row(now - STUCK_FOR),
        Undelivered.__name__,
    )


def put_back(tx: Transaction, row_id: int, not_before: datetime, *, was_tried: bool) -> None:
    """Owe a claimed notice again; `was_tried` False takes the attempt back (it never left).

    One that a newer notice on its card has overtaken meanwhile is owed no more: that one knows
    that it may have arrived. Nor is one that was withdrawn.
    """
    _end_withdrawn(tx, row_id)
    rows = tx.all(
        tuple[int, int],
        "UPDATE outbox SET state = 'owed', not_before = ?, attempts = attempts - ? "
        "WHERE id = ? AND state = 'sending' RETURNING attempts, owed_at",
        to_row(not_before),
        0 if was_tried else 1,
        row_id,
    )
    newer = _overtaken_by(tx, row_id)
    for attempts, owed_at in rows if newer is not None else ():
        tx.run("DELETE FROM outbox WHERE id = ?", row_id)
        tx.run("UPDATE outbox SET attempts = MAX(attempts, ?) WHERE id = ?", attempts, newer)
        older = "UPDATE outbox SET owed_at = MIN(owed_at, ?) WHERE id = ? AND lane = ?"
        tx.run(older, owed_at, newer, Lane.ALARM.value)
    tx.effects.owes = True


def _overtaken_by(tx: Transaction, row_id: int) -> int | None:
    """Find a newer unsent notice on the same card in the same chat that says all of this one."""
    rows = tx.all(
        tuple[int, str, str],
        "SELECT newer.id, newer.kind, older.kind FROM outbox AS older JOIN outbox AS newer "
        "ON newer.chat = older.chat AND newer.card = older.card AND newer.id > older.id "
        "WHERE older.id = ? AND older.state = 'owed' AND newer.state = 'owed'",
        row_id,
    )
    for newer_id, newer, older in rows:
        if _rings_anew(newer) or not _rings_anew(older):
            return newer_id
    return None


def _rings_anew(name: str) -> bool:
    kind = NOTICES.get(name)
    return kind is not None and kind.replaces


def reclaim(tx: Transaction) -> list[Owed]:
    """After a start: owe again what a crash cut off in the middle of sending; give it.

    What was withdrawn then is given as well, and not owed.
    """
    rows = tx.all(
        tuple[int],
        "SELECT id FROM outbox WHERE state IN ('sending', 'withdrawn') AND channel = 'chat' "
        "ORDER BY id",
    )
    found = look(tx, [row_id for (row_id,) in rows])
    for (row_id,) in rows:
        put_back(tx, row_id, EPOCH, was_tried=True)
    tx.effects.owes = True
    return found


def withdraw_chat(
    tx: Transaction, recipient: Recipient, channels: Collection[Channel] = frozenset(Channel)
) -> None:
    """Owe this chat nothing any more but what takes messages out of it; see `withdraw_kind`."""
    _withdraw(
        tx,
        "chat = ? AND kind NOT IN (?, ?) "
        f"AND channel IN ({marks([channel.value for channel in channels])})",
        chat_digest(tx, recipient.chat_id),
        Removal.__name__,
        Emptying.__name__,
        *(channel.value for channel in channels),
    )


def withdraw_kind(tx: Transaction, event_id: EventId, *kinds: type[Notice]) -> int:
    """Withdraw the notices of these kinds about an event; give how many.

    What is under way is taken back when it has arrived: its row stays until that is known.
    """
    names = tuple(kind.__name__ for kind in kinds)
    return _withdraw(tx, f"event_id = ? AND kind IN ({marks(names)})", event_id, *names)


def withdraw_event(tx: Transaction, event_id: EventId) -> int:
    """Withdraw everything owed about an event, also what is under way: nothing of it may stay."""
    return tx.run("DELETE FROM outbox WHERE event_id = ?", event_id)


def _withdraw(tx: Transaction, where: str, *parameters: Value) -> int:
    """Take back what was not begun; what is under way is known until it has ended."""
    under_way = "UPDATE outbox SET state = 'withdrawn' "
    under_way += "WHERE state = 'sending' AND channel = 'chat' AND "
    not_begun = "DELETE FROM outbox WHERE state <> 'withdrawn' AND "
    begun = tx.run(under_way + where, *parameters)
    return begun + tx.run(not_begun + where, *parameters)


def _end_withdrawn(tx: Transaction, row_id: int) -> None:
    tx.run("DELETE FROM outbox WHERE id = ? AND state = 'withdrawn'", row_id)


def forget_old(tx: Transaction, before: datetime) -> None:
    """Give up what was owed earlier and never left, or does not open; never an alarm.

    Counted are new messages to a chat, and what does not open and may have been one.
    """
    dropped = "DELETE FROM outbox WHERE owed_at < ? AND "
    tx.run(dropped + "state = 'withdrawn'", to_row(before))
    lost = "(state = 'set-aside' OR (state = 'owed' AND lane <> ?)) "
    rows = tx.all(
        tuple[int, str, str, bytes],
        dropped + lost + "RETURNING id, channel, kind, sealed",
        to_row(before),
        Lane.ALARM.value,
    )
    _count_given_up(tx, sum(_was_message(tx, *row) for row in rows))


def _was_message(tx: Transaction, row_id: int, channel: str, kind: str, blob: bytes) -> bool:
    if channel != Channel.CHAT or issubclass(NOTICES.get(kind, Notice), NEVER_A_MESSAGE):
        return False
    with contextlib.suppress(*UNREADABLE):
        return _open_body(tx, row_id, blob).edits is None
    return True


def next_moment(tx: Transaction, after: datetime) -> datetime | None:
    """Give when the next owed notice may be tried that may not be tried yet, or None."""
    sql = "SELECT MIN(not_before) FROM outbox WHERE state = 'owed' AND channel = 'chat' "
    sql += "AND not_before > ?"
    row = tx.one(tuple[int | None], sql, to_row(after))
    return None if row is None or row[0] is None else from_row(row[0])


def waiting(tx: Transaction) -> int:
    """Count what is owed or being sent."""
    return tx.number("SELECT COUNT(*) FROM outbox WHERE state IN ('owed', 'sending')")


def send_anew(tx: Transaction, owed: Owed) -> None:
    """Owe a claimed notice as a new message: the one that it was to change is not there."""
    _end_withdrawn(tx, owed.id)
    number = owed.id
    kind = type(owed.notice).__name__
    body = _Body(owed.recipient, kind, msgspec.msgpack.encode(owed.notice), None)
    tx.run(
        "UPDATE outbox SET state = 'owed', not_before = 0, attempts = attempts - 1, sealed = ? "
        "WHERE id = ? AND state = 'sending'",
        seal(tx.key(KeyKind.TRANSIT), msgspec.msgpack.encode(body), table="outbox", row=number),
        number,
    )
    tx.effects.owes = True
