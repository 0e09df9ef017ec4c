"""Forgetting an event: all rows about its people go, then the keys that opened their copies.

What is deleted here may survive on a disk for a while; without its key it says nothing. The case
(incidents, entries, evidence) and its keys stay.
"""

from dataclasses import dataclass

from safety.people import ChatId, EventId, Recipient
from storage import chats, resealing, routes
from storage.chats import chat_digest
from storage.traces import TRACES
from storage.transaction import Transaction
from storage.vault.keys import KeyKind

# Every table with an `event_id` but the case's own (incidents, their entries, evidence, receipts),
# the envelopes and the links for reporting: these were left for what comes after.
FORGOTTEN = (
    *TRACES,
    *(
        "detentions",
        "injuries",
        "alarms",
        "invitations",
        "people",
        "tokens",
        "forms",
        "open_reports",
        "report_days",
    ),
    *("proposals", "routes", "outbox", "messages", "timers", "key_replacements"),
    *("identities_owed",),
)
DESTROYED = (KeyKind.PEOPLE, KeyKind.ROUTING)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was forgotten."""

    people: int
    invitations: int
    rows: tuple[tuple[str, int], ...]  # of each other table that had any
    keys: int
    is_epoch_owed: bool  # the key file makes its new epoch when it is opened again


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """One chat of an event's people; `is_only`: the bot knows it from nowhere else."""

    recipient: Recipient
    is_only: bool


def places(tx: Transaction, event_id: EventId) -> list[Place]:
    """Give the chats of everybody at an event."""
    found = []
    for route in routes.of_event(tx, event_id):
        known = routes.of_chat(tx, route.recipient.chat_id)
        is_only = all(one.event_id == event_id for one in known)
        found.append(Place(route.recipient, is_only))
    return found


def forget_chat(tx: Transaction, chat_id: ChatId) -> None:
    """Drop what names a chat that nobody has a place in any more."""
    digest = chat_digest(tx, chat_id)
    chats.forget(tx, digest)
    tx.run("DELETE FROM inbox WHERE chat = ? AND state = 'quarantined'", digest)
    tx.run("DELETE FROM forms WHERE chat = ?", digest)
    tx.run("DELETE FROM open_reports WHERE chat = ?", digest)
    tx.run("DELETE FROM report_days WHERE chat = ?", digest)


def forget_event(tx: Transaction, event_id: EventId) -> Forgotten:
    """Delete every row about an event's people, doom their keys, have the transit key replaced."""
    gone = {table: _delete(tx, table, event_id) for table in FORGOTTEN}
    tx.effects.routes = True
    tx.destroy_keys(event_id, *DESTROYED)
    resealing.ask(tx, KeyKind.TRANSIT)
    return Forgotten(
        people=gone.pop("people"),
        invitations=gone.pop("invitations"),
        rows=tuple((table, number) for table, number in gone.items() if number),
        keys=len(DESTROYED),
        is_epoch_owed=tx.is_locked,
    )


def are_keys_left(tx: Transaction, event_id: EventId) -> bool:
    """Say whether the disk has not let doomed keys of a purged event be overwritten yet."""
    sql = "SELECT COUNT(*) FROM key_destructions WHERE event_id = ?"
    return tx.number(sql, event_id) > 0


def is_known(tx: Transaction, event_id: EventId) -> bool:
    """Say whether the people of an event can still be reached or read."""
    return any(tx.has_key(kind, event_id) for kind in DESTROYED)


def _delete(tx: Transaction, table: str, event_id: EventId) -> int:
    return tx.run(f"DELETE FROM {table} WHERE event_id = ?", event_id)  # noqa: S608 - our own names
