"""Rows of a copy that a restored installation must not go on with as they are."""

import contextlib
from dataclasses import fields
from itertools import product

from safety.people import EventId, PersonId
from safety.policy import Policy
from safety.registration import Person
from storage import counters, people, routes
from storage.chats import chat_digest
from storage.escrows import PEOPLE_KEYS
from storage.people import PEOPLE
from storage.places import PLACES, Place
from storage.tokens import Purpose
from storage.transaction import Transaction
from storage.vault.errors import BrokenSealError
from storage.vault.keys import KeyKind
from storage.vault.sealing import opener

SAID_ALOUD = (  # series of numbers
    *("alarm", "detention", "injury", "incident", "evidence", "complaint"),
)


def skip_numbers(tx: Transaction, by: int) -> None:
    """Go on with later numbers: those that were given after the copy are not given again."""
    for name in SAID_ALOUD:
        counters.set_value(tx, name, counters.value(tx, name) + by)


def revoke_team_links(tx: Transaction) -> None:
    """Let no link make anybody part of the team that may have been used or revoked meanwhile."""
    kept = (Purpose.INVITATION.value, Purpose.REPORT.value)
    tx.run("DELETE FROM tokens WHERE purpose NOT IN (?, ?)", *kept)


def unreadable_events(tx: Transaction) -> list[EventId]:
    """Give the events that have people whom no key opens any more."""
    rows = tx.all(
        tuple[int],
        "SELECT DISTINCT event_id FROM people UNION SELECT DISTINCT event_id FROM routes "
        "WHERE event_id IS NOT NULL ORDER BY event_id",
    )
    events = [EventId(row[0]) for row in rows]
    return [event for event in events if not all(_opens(tx, kind, event) for kind in PEOPLE_KEYS)]


def _opens(tx: Transaction, kind: KeyKind, event_id: EventId) -> bool:
    """Say whether the key is there and opens a row, if any is sealed under it.

    A later version of it is there and opens none where it was replaced after the copy was made.
    """
    if not tx.has_key(kind, event_id):
        return False
    is_empty = True
    for place in PLACES[kind]:
        open_row = opener(tx.keys(kind, event_id), place.table)
        sql = f"SELECT {place.row}, sealed FROM {place.table} WHERE event_id = ?"  # noqa: S608 - our own names
        for row, blob in tx.all(tuple[int, bytes], sql, event_id):
            is_empty = False
            with contextlib.suppress(BrokenSealError):
                open_row(row, blob)
                return True
    return is_empty


def keep_what_opens(tx: Transaction) -> tuple[int, int]:
    """Go on where part of the rows was sealed under a version that was destroyed since the copy.

    Of a person stays what stands beside their row, with the number in place of the name; any other
    such row goes. Give how many of either.
    """
    nameless = dropped = 0
    for kind, event_id in product((KeyKind.ROUTING, KeyKind.PEOPLE), tx.live_events()):
        for place in PLACES[kind] if tx.has_key(kind, event_id) else ():
            for row in _unreadable(tx, kind, event_id, place):
                if place.table == PEOPLE.table:
                    _keep_nameless(tx, PersonId(row))
                    nameless += 1
                else:
                    sql = f"DELETE FROM {place.table} WHERE {place.row} = ?"  # noqa: S608 - our own names
                    dropped += tx.run(sql, row)
    return nameless, dropped


def _unreadable(tx: Transaction, kind: KeyKind, event_id: EventId, place: Place) -> list[int]:
    open_row = opener(tx.keys(kind, event_id), place.table)
    sql = f"SELECT {place.row}, sealed FROM {place.table} WHERE event_id = ?"  # noqa: S608 - our own names
    found = []
    for row, blob in tx.all(tuple[int, bytes], sql, event_id):
        try:
            open_row(row, blob)
        except BrokenSealError:
            found.append(row)
    return found


def _keep_nameless(tx: Transaction, person_id: PersonId) -> None:
    now = people.situation(tx, person_id)
    if now is None:
        return
    recipient = routes.of_holder(tx, person_id)
    language = Policy().default_language if recipient is None else recipient.language
    known = {field.name: getattr(now, field.name) for field in fields(now)}
    PEOPLE.put(tx, Person(**known, language=language, name=now.number))


def forget_unknown_chats(tx: Transaction) -> None:
    """Drop what names chats that have no place any more."""
    known = {
        chat_digest(tx, route.recipient.chat_id)
        for event in (None, *tx.live_events())
        for route in routes.at(tx, event)
    }
    for table in ("silences", "open_reports", "report_chats", "report_days"):
        rows = tx.all(tuple[bytes], f"SELECT chat FROM {table}")  # noqa: S608 - our own names
        for (chat,) in rows:
            if chat not in known:
                tx.run(f"DELETE FROM {table} WHERE chat = ?", chat)  # noqa: S608 - our own names
    tx.silences.clear()
