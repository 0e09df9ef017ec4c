"""Letting go of an update that was set aside: its chat is told the first time, and never again.

Of the others of that chat nobody hears, and no button waits for an answer.
"""

from collections.abc import Callable
from datetime import datetime

from bot import logs
from storage import inbox
from storage.transaction import Transaction

GiveUp = Callable[[Transaction, datetime, bytes, bool], None]  # whether it is the chat's first


def let_go(tx: Transaction, now: datetime, seq: int, raw: bytes, give_up: GiveUp) -> None:
    """Owe what is said of the update at this place, in the same commit; never raises."""
    logs.warn("update-set-aside", seq=seq)
    is_first = inbox.is_first_set_aside(tx, seq)
    try:
        tx.nested(lambda: give_up(tx, now, raw, is_first))
    except Exception as error:  # noqa: BLE001 - a border: what cannot be said is not tried again
        logs.fault("apology-fault", error, seq=seq)
