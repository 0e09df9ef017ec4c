"""What the bot owes people, as rows, from the commit that owes it to the outcome that ends it.

States: *owed* → *sending* (claimed, an attempt is under way) → gone. A row found in *sending* at
the start was cut off by a crash: nobody knows whether it arrived, so it is sent again and says
that it is a repeat.
"""

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import msgspec

from safety.notices import NOTICES, Channel, Emptying, Lane, Notice, Removal
from safety.people import ChatId, EventId, Recipient, Unprinted
from storage import chats, counters
from storage.chats import chat_digest
from storage.moments import EPOCH, from_row, to_row
from storage.sealed import UNREADABLE
from storage.transaction import Transaction
from storage.vault.keys import KeyKind
from storage.vault.sealing import open_under, seal


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


@dataclass(frozen=True, slots=True)
class Ticket:
    """A row that could be claimed: enough to choose by, nothing opened.

    `is_edit`: its card stands in the chat already, and is changed there without ringing.
    """

    id: int
    chat: bytes
    lane: int
    kind: str
    is_edit: bool


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
    it is, and shows what is true when it is sent. A question on it is owed beside it.
    A silenced chat (it blocked the bot, or its person was taken) is owed nothing but removals;
    whoever blocked the bot can still be woken by the second channel, nobody who was taken.
    """
    if _is_silent(tx, recipient, notice):
        return
    chat, card = chat_digest(tx, recipient.chat_id), notice.card()
    number, attempts, since = None, 0, to_row(now)
    if card is not None:
        if notice.replaces or not _has_to_ring(tx, chat, card):
            number, attempts, since = _take_place(tx, chat, card, notice, since)
        elif not notice.asks:
            return
    number = number or counters.next_number(tx, "outbox")
    kind = type(notice).__name__
    body = _Body(recipient, kind, msgspec.msgpack.encode(notice), edits)
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
    tx.effects.wakes = tx.effects.wakes or notice.channel is Channel.SECOND


def _is_silent(tx: Transaction, recipient: Recipient, notice: Notice) -> bool:
    if isinstance(notice, Removal):
        return False
    reason = chats.silence_reason(tx, recipient.chat_id)
    return reason is not None and (notice.channel is Channel.CHAT or reason == chats.TAKEN)


def _take_place(
    tx: Transaction, chat: bytes, card: str, notice: Notice, now: int
) -> tuple[int | None, int, int]:
    """Remove what is unsent on this card; give its place in this lane, its attempts, its age."""
    rows = tx.all(
        tuple[int, int, int, int],
        "DELETE FROM outbox WHERE chat = ? AND card = ? AND state = 'owed' "
        "RETURNING id, lane, attempts, owed_at",
        chat,
        card,
    )
    same = [(row_id, moment) for row_id, lane, _, moment in rows if lane == notice.lane]
    place = min((row_id for row_id, _ in same), default=None)
    since = [moment for _, moment in same if notice.lane is Lane.ALARM]
    return place, max((tried for _, _, tried, _ in rows), default=0), min([now, *since])


def _has_to_ring(tx: Transaction, chat: bytes, card: str) -> bool:
    sql = "SELECT kind FROM outbox WHERE chat = ? AND card = ? AND state = 'owed'"
    return any(_rings_anew(kind) for (kind,) in tx.all(tuple[str], sql, chat, card))


def still_rings(tx: Transaction, chat_id: ChatId, card: str) -> bool:
    """Say whether a card that rings in this chat is owed, or being sent, and has not arrived."""
    sql = "SELECT kind FROM outbox WHERE chat = ? AND card = ? AND state <> 'set-aside'"
    kinds = tx.all(tuple[str], sql, chat_digest(tx, chat_id), card)
    return any(kind in NOTICES and NOTICES[kind].replaces for (kind,) in kinds)


# A release waits until everybody was told that its event's old place holds no more: requests run
# side by side, and a chat that is paced must not fall behind one that learns the place first. A
# message that has failed before is not waited for. One that a crash cut off has not failed: its
# `not_before` is 0. (Here and below it stands in a sum, so that no look goes through all that may
# be tried by now, in the index of moments.)
_AFTER_HOLDS = (
    "AND NOT (lane = ? AND event_id IN (SELECT event_id FROM outbox WHERE lane = ? "
    "AND state IN ('owed', 'sending') AND not_before + 0 <= ? "
    "AND (attempts < 2 OR not_before = 0) AND event_id IS NOT NULL))"
)


# Whether the card that a row changes stands in its chat.
_STANDS = (
    "EXISTS (SELECT 1 FROM messages WHERE messages.chat = outbox.chat "
    "AND messages.card = outbox.card)"
)


def tickets(
    tx: Transaction,
    now: datetime,
    limit: int,
    busy: Collection[bytes] = (),
    *,
    least: Lane = Lane.HOUSEKEEPING,
) -> list[Ticket]:
    """Give what could be sent now, the most urgent first, down to the lane `least`.

    Chats that are `busy` are left out.
    """
    where = f"AND lane <= ? {_AFTER_HOLDS} ORDER BY lane, id"
    holds = (Lane.RELEASE.value, Lane.HOLD.value, to_row(now))
    return _tickets(tx, now, limit, busy, where, least.value, *holds)


def tickets_beside(
    tx: Transaction, now: datetime, limit: int, busy: Collection[bytes], *kinds: type[Notice]
) -> list[Ticket]:
    """Give what could go now without being a new message: `kinds`, and changes of cards.

    However much else is owed, only rows of these kinds are looked at.
    """
    found = []
    for kind in kinds:
        found += _tickets(tx, now, limit, busy, "AND kind = ? ORDER BY id", kind.__name__)
    names = _changing_kinds()
    where = f"AND kind IN ({_marks(names)}) AND {_STANDS} ORDER BY id"
    return found + _tickets(tx, now, limit, busy, where, *names)


@cache
def _changing_kinds() -> tuple[str, ...]:
    """Name the kinds that change a card where it stands; strangers' wait for their turn.

    Every kind is known once all modules are imported, which is before anything is looked for.
    """
    kinds = (kind for kind in NOTICES.values() if kind.lane is not Lane.HOUSEKEEPING)
    kinds = (kind for kind in kinds if not kind.replaces and kind.card is not Notice.card)
    return tuple(kind.__name__ for kind in kinds)


def _tickets(
    tx: Transaction,
    now: datetime,
    limit: int,
    busy: Collection[bytes],
    where: str,
    *values: int | str,
) -> list[Ticket]:
    what = f"SELECT id, chat, lane, kind, {_STANDS} FROM outbox"  # noqa: S608 - a constant
    sql = f"{what} WHERE state = 'owed' AND channel = 'chat' AND not_before + 0 <= ? "
    sql += f"AND chat NOT IN ({_marks(busy)}) "
    parameters = (to_row(now), *busy, *values, limit)
    rows = tx.all(tuple[int, bytes, int, str, int], f"{sql} {where} LIMIT ?", *parameters)
    changing = frozenset(_changing_kinds())
    return [
        Ticket(row_id, chat, lane, kind, is_edit=bool(stands) and kind in changing)
        for row_id, chat, lane, kind, stands in rows
    ]


def _marks(values: Collection[bytes] | Collection[str]) -> str:
    return ", ".join("?" * len(values))


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
    plain = open_under(tx.keys(KeyKind.TRANSIT), blob, table="outbox", row=row_id)
    body = msgspec.msgpack.decode(plain, type=_Body)
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


def is_owed(tx: Transaction, row_id: int) -> bool:
    """Say whether a claimed notice is still owed: it may have been withdrawn meanwhile."""
    return tx.number("SELECT COUNT(*) FROM outbox WHERE id = ?", row_id) > 0


def done(tx: Transaction, row_id: int) -> bool:
    """End a notice: it was sent, or dropped by its own rule; False: it was withdrawn meanwhile."""
    return tx.run("DELETE FROM outbox WHERE id = ?", row_id) > 0


def put_back(tx: Transaction, row_id: int, not_before: datetime, *, was_tried: bool) -> None:
    """Owe a claimed notice again; `was_tried` False takes the attempt back (it never left).

    One that a newer notice on its card has overtaken meanwhile is owed no more: that one knows
    that it may have arrived.
    """
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
    """After a start: owe again what a crash cut off in the middle of sending; give it."""
    rows = tx.all(
        tuple[int],
        "SELECT id FROM outbox WHERE state = 'sending' AND channel = 'chat' ORDER BY id",
    )
    found = look(tx, [row_id for (row_id,) in rows])
    for (row_id,) in rows:
        put_back(tx, row_id, EPOCH, was_tried=True)
    tx.effects.owes = True
    return found


def withdraw_chat(
    tx: Transaction, recipient: Recipient, channels: Collection[Channel] = frozenset(Channel)
) -> None:
    """Owe this chat nothing any more, except what takes messages out of it."""
    tx.run(
        f"DELETE FROM outbox WHERE chat = ? AND kind NOT IN (?, ?) "  # noqa: S608 - marks alone
        f"AND channel IN ({_marks([channel.value for channel in channels])})",
        chat_digest(tx, recipient.chat_id),
        Removal.__name__,
        Emptying.__name__,
        *(channel.value for channel in channels),
    )


def withdraw_kind(tx: Transaction, event_id: EventId, *kinds: type[Notice]) -> int:
    """Withdraw the notices of these kinds about an event; give how many.

    What is under way is taken back when it has arrived.
    """
    names = tuple(kind.__name__ for kind in kinds)
    sql = "DELETE FROM outbox WHERE event_id = ? AND kind IN "
    return tx.run(f"{sql}({_marks(names)})", event_id, *names)


def withdraw_event(tx: Transaction, event_id: EventId) -> int:
    """Withdraw everything owed about an event; give how many. See `withdraw_kind`."""
    return tx.run("DELETE FROM outbox WHERE event_id = ?", event_id)


def forget_old(tx: Transaction, before: datetime) -> None:
    """Drop what was owed earlier and never left, or does not open; never an alarm."""
    tx.run(
        "DELETE FROM outbox WHERE owed_at < ? "
        "AND (state = 'set-aside' OR (state = 'owed' AND lane <> ?))",
        to_row(before),
        Lane.ALARM.value,
    )


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
