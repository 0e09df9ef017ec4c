"""What became of each notice: noted by the bot itself, in the commit in which it happens.

A ring that is lost hides behind the next one on the phone; here it stays without an end.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from bot import recording
from bot.rehearsal.botapi import Call
from bot.requests import NewMessage, Request
from safety.notices import Notice
from safety.people import EventId, Recipient
from storage import outbox
from storage.chats import chat_digest
from storage.outbox import Owed
from storage.transaction import Transaction

WATCHED = frozenset({"AlarmRing", "AlarmAnswer", "RollCallQuestion", "Release"})
_BEGINS = "account:"


class End(IntEnum):
    """How a notice ended; a positive number says at which attempt it was sent.

    One that was put into a message at its second attempt ends one below CHANGED, and so on.
    """

    OWED = 0
    REPLACED = -1  # by a newer one on its card
    DROPPED = -2  # there was nothing to say any more
    CHANGED = -3  # it was put into a message that stood there, at its first attempt


@dataclass(frozen=True, slots=True)
class Entry:
    """One notice: its row, its kind, whose it is, and its end."""

    row: int
    kind: str
    chat_id: int
    end: int


def keep_account() -> None:
    """Have the bot of this process note what becomes of the kinds that are watched."""
    owe, done, put_back, sent = outbox.owe, outbox.done, outbox.put_back, recording.sent

    def owe_and_note(  # noqa: PLR0913 - as what it stands for
        tx: Transaction,
        now: datetime,
        recipient: Recipient,
        notice: Notice,
        *,
        event_id: EventId | None = None,
        edits: int | None = None,
    ) -> None:
        before = set(_rows(tx, recipient))
        owe(tx, now, recipient, notice, event_id=event_id, edits=edits)
        after = set(_rows(tx, recipient))
        for row, _ in before - after:
            _end(tx, row, End.REPLACED)
        for row, kind in after:
            name = f"{_BEGINS}{row}:{kind}:{int(recipient.chat_id)}"
            tx.run("INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)", name, End.OWED.value)

    def done_and_note(tx: Transaction, row_id: int) -> bool:
        _end(tx, row_id, End.DROPPED)
        return done(tx, row_id)

    def put_back_and_note(
        tx: Transaction, row_id: int, not_before: datetime, *, was_tried: bool
    ) -> None:
        put_back(tx, row_id, not_before, was_tried=was_tried)
        if not tx.number("SELECT COUNT(*) FROM outbox WHERE id = ?", row_id):
            _end(tx, row_id, End.REPLACED)

    def sent_and_note(
        tx: Transaction, now: datetime, owed: Owed, request: Request, message_id: int | None
    ) -> None:
        sent(tx, now, owed, request, message_id)
        is_new = isinstance(request, NewMessage)
        _end(tx, owed.id, owed.attempts if is_new else End.CHANGED + 1 - owed.attempts)

    outbox.owe, outbox.done, outbox.put_back = owe_and_note, done_and_note, put_back_and_note
    recording.sent = sent_and_note


def entries(tx: Transaction) -> Iterator[Entry]:
    """Give what was noted so far."""
    sql = f"SELECT name, value FROM meta WHERE name LIKE '{_BEGINS}%'"  # noqa: S608 - ours
    for name, end in tx.all(tuple[str, int], sql):
        _, row, kind, chat_id = name.split(":")
        yield Entry(int(row), kind, int(chat_id), end)


def lost(tx: Transaction) -> Counter[str]:
    """Count, by kind, what was owed, is owed no more, and has no end."""
    still = {row for (row,) in tx.all(tuple[int], "SELECT id FROM outbox")}
    return Counter(one.kind for one in entries(tx) if one.end == End.OWED and one.row not in still)


def most(noted: Iterable[Entry], kind: str) -> Counter[int]:
    """Give how often notices of a kind may have come to each chat as new messages.

    Once for each attempt: all but the last were on their way when they were cut off.
    """
    came: Counter[int] = Counter()
    for one in noted:
        if one.kind == kind:
            came[one.chat_id] += one.end if one.end > 0 else max(0, End.CHANGED - one.end)
    return came


def _rows(tx: Transaction, recipient: Recipient) -> list[tuple[int, str]]:
    return tx.all(
        tuple[int, str],
        "SELECT id, kind FROM outbox WHERE chat = ? AND kind IN (SELECT value FROM json_each(?))",
        chat_digest(tx, recipient.chat_id),
        json.dumps(sorted(WATCHED)),
    )


def _end(tx: Transaction, row: int, end: int) -> None:
    name = f"{_BEGINS}{row}:%"
    tx.run("UPDATE meta SET value = ? WHERE name LIKE ?", end, name)


def unsaid(noted: Iterable[Entry], calls: Iterable[Call], asks: Mapping[str, str]) -> list[Entry]:
    """Give what was sent at a later attempt, and did not say at which.

    `asks`: kinds that ask whether they arrived instead, and how.
    """
    texts: dict[int | None, list[str]] = {}
    for call in calls:
        if call.was_done and call.method == "sendMessage":
            texts.setdefault(call.chat_id, []).append(text_of(call))
    return [
        one
        for one in noted
        if one.end > 1
        and not any(asks.get(one.kind, f"({one.end}).") in text for text in texts[one.chat_id])
    ]


def text_of(call: Call) -> str:
    """Give what a call wanted to be read."""
    return str(call.parameters.get("text", ""))
