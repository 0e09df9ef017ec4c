"""Alarms, under each event's routing key: neither *Lock* nor a purge of people deafens them."""

from datetime import datetime

from safety.alarms import Alarm, AlarmState
from safety.people import EventId
from storage.sealed import UNREADABLE, Shelf
from storage.transaction import LockedError, Transaction
from storage.vault.keys import KeyKind

ALARMS: Shelf[Alarm] = Shelf(
    "alarms",
    Alarm,
    KeyKind.ROUTING,
    "event_id",
    "number",
    "state",
    team_key=KeyKind.COMMUNITY,
)


def get(tx: Transaction, alarm_id: int) -> Alarm | None:
    """Give an alarm; None if it is unknown, or its event is purged."""
    try:
        return ALARMS.get(tx, alarm_id)
    except LockedError:
        return None


def put(tx: Transaction, alarm: Alarm) -> None:
    """Store an alarm, new or changed."""
    ALARMS.put(tx, alarm)


def unresolved_at(tx: Transaction, event_id: EventId | None) -> Alarm | None:
    """Give the alarm of this event (or of the team without one) that is not resolved.

    One that does not open is passed over: the next call opens another, and the others go on.
    """
    where = "event_id IS ? AND state <> ? ORDER BY number"
    return next(ALARMS.readable(tx, where, event_id, AlarmState.RESOLVED.value), None)


def has_unresolved_at(tx: Transaction, event_id: EventId | None) -> bool:
    """Say whether one of this event is not resolved, also one that does not open."""
    return ALARMS.count(tx, "event_id IS ? AND state <> ?", event_id, AlarmState.RESOLVED) > 0


def unresolved(tx: Transaction) -> list[Alarm]:
    """Give every alarm that is not resolved and can be read, the oldest first."""
    events: list[EventId | None] = [None, *tx.live_events()]
    found = (unresolved_at(tx, event_id) for event_id in events)
    return sorted((one for one in found if one is not None), key=lambda one: one.number)


def damaged(tx: Transaction) -> list[int]:
    """Give the numbers of the alarms that are not resolved and do not open; what is locked may."""
    sql = "SELECT id, number FROM alarms WHERE state <> ? ORDER BY number"
    rows = tx.all(tuple[int, int], sql, AlarmState.RESOLVED.value)
    return [number for alarm_id, number in rows if _is_damaged(tx, alarm_id)]


def _is_damaged(tx: Transaction, alarm_id: int) -> bool:
    try:
        get(tx, alarm_id)
    except UNREADABLE:
        return True
    return False


def recent(tx: Transaction, event_id: EventId | None) -> list[Alarm]:
    """Give this event's latest alarms that open, resolved ones too, the newest first."""
    return list(ALARMS.readable(tx, "event_id IS ? ORDER BY number DESC LIMIT 5", event_id))


def forget_loose(tx: Transaction, before: datetime) -> None:
    """Drop the team's own alarms that were resolved earlier; those of events go with them."""
    for alarm in ALARMS.find(tx, "event_id IS NULL AND state = ?", AlarmState.RESOLVED.value):
        if (alarm.resolved_at or alarm.opened_at) < before:
            ALARMS.remove(tx, "id = ?", alarm.id)
