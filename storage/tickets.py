"""What could be sent now: rows of the outbox to choose among, nothing of them opened."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from safety.notices import NOTICES, Lane, Notice
from storage.moments import to_row
from storage.transaction import Transaction

WAITED_FOR = timedelta(minutes=2)  # by a release, for what tells that an old place is void
BUSY = 32  # chats that a look leaves out are rounded up to so many


@dataclass(frozen=True, slots=True)
class Ticket:
    """A row that could be claimed: enough to choose by, nothing opened.

    `is_edit`: its card stands in the chat already, and is changed there without ringing.
    """

    id: int
    chat: bytes
    lane: int
    kind: str
    card: str | None
    is_edit: bool


# A release waits until everybody was told that its event's old place holds no more: requests run
# side by side, and a chat that is paced must not fall behind one that learns the place first. A
# message that has failed before is not waited for, nor for longer than a while: what the service
# does not serve for one chat has never left, and counts as no try. One that a crash cut off has
# not failed: its `not_before` is 0. (Here and below it stands in a sum, so that no look goes
# through all that may be tried by now, in the index of moments.)
_AFTER_HOLDS = (
    "AND NOT (lane = ? AND event_id IN (SELECT event_id FROM outbox WHERE lane = ? "
    "AND state IN ('owed', 'sending') AND not_before + 0 <= ? "
    "AND (attempts < 2 OR not_before = 0) AND owed_at > ? AND event_id IS NOT NULL))"
)


# Whether the card that a row changes stands in its chat.
_STANDS = (
    "EXISTS (SELECT 1 FROM messages WHERE messages.chat = outbox.chat "
    "AND messages.card = outbox.card)"
)


def ready(  # noqa: PLR0913 - each narrows what is looked for
    tx: Transaction,
    now: datetime,
    limit: int,
    busy: Collection[bytes] = (),
    *,
    least: Lane = Lane.HOUSEKEEPING,
    edits: Lane = Lane.HOUSEKEEPING,
) -> list[Ticket]:
    """Give what could be sent now, the most urgent first, down to the lane `least`.

    Chats that are `busy` are left out, and so are changes of cards below the lane `edits`: where
    hundreds of them wait, they hide nothing that does not wait for them.
    """
    hidden = sorted({*_changing_kinds()} - {*_changing_kinds(edits)})
    shown = f"AND NOT (kind IN ({marks(hidden)}) AND {_STANDS})" if hidden else ""
    where = f"AND lane <= ? {shown} {_AFTER_HOLDS} ORDER BY lane, id"
    holds = (Lane.RELEASE.value, Lane.HOLD.value, to_row(now), to_row(now - WAITED_FOR))
    return _find(tx, now, limit, busy, where, least.value, *hidden, *holds)


def beside(
    tx: Transaction,
    now: datetime,
    limit: int,
    busy: Collection[bytes],
    *kinds: type[Notice],
    edits: Lane = Lane.HOUSEKEEPING,
) -> list[Ticket]:
    """Give what could go now without being a new message: `kinds`, and changes of cards.

    Of changes, those down to the lane `edits`. However much else is owed, only rows of these kinds
    are looked at.
    """
    found = []
    for kind in kinds:
        found += _find(tx, now, limit, busy, "AND kind = ? ORDER BY id", kind.__name__)
    names = _changing_kinds(edits)
    where = f"AND kind IN ({marks(names)}) AND {_STANDS} ORDER BY id"
    return found + _find(tx, now, limit, busy, where, *names)


@cache
def _changing_kinds(least: Lane = Lane.HOUSEKEEPING) -> tuple[str, ...]:
    """Name the kinds that change a card where it stands, down to the lane `least`.

    Strangers' wait for their turn.
    Every kind is known once all modules are imported, which is before anything is looked for.
    """
    kinds = (kind for kind in NOTICES.values() if kind.lane is not Lane.HOUSEKEEPING)
    kinds = (kind for kind in kinds if kind.lane <= least)
    kinds = (kind for kind in kinds if not kind.replaces and kind.card is not Notice.card)
    return tuple(kind.__name__ for kind in kinds)


def _find(
    tx: Transaction,
    now: datetime,
    limit: int,
    busy: Collection[bytes],
    where: str,
    *values: int | str,
) -> list[Ticket]:
    what = f"SELECT id, chat, lane, kind, card, {_STANDS} FROM outbox"  # noqa: S608 - a constant
    sql = f"{what} WHERE state = 'owed' AND channel = 'chat' AND not_before + 0 <= ? "
    chats_out = [*busy, *[b""] * (-len(busy) % BUSY)]  # few lengths are few statements
    sql += f"AND chat NOT IN ({marks(chats_out)}) "
    parameters = (to_row(now), *chats_out, *values, limit)
    sql = f"{sql} {where} LIMIT ?"
    rows = tx.all(tuple[int, bytes, int, str, str | None, int], sql, *parameters)
    changing = frozenset(_changing_kinds())
    return [
        Ticket(row_id, chat, lane, kind, card, is_edit=bool(stands) and kind in changing)
        for row_id, chat, lane, kind, card, stands in rows
    ]


def marks(values: Collection[bytes] | Collection[str]) -> str:
    """Give a question mark for each value."""
    return ", ".join("?" * len(values))
