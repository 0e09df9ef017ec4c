"""The incident store: entries are appended, sealed to the case's public half, and proved.

Adding works while everything is locked; reading takes the private half. What an entry says is one
JSON text; its salted commitment is a leaf of the proof log, and the salt stays in the sealed row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from safety.incidents import (
    Entry,
    Incident,
    IncidentId,
    IncidentKind,
    IncidentState,
)
from safety.people import EventId, PersonId, Unprinted
from storage import casekeys, counters, proofs
from storage.moments import from_row, to_row
from storage.sealed import UNREADABLE
from storage.transaction import Transaction
from storage.vault.digests import commitment, new_salt
from storage.vault.keys import Key
from storage.vault.sealing import open_with, seal_to

_TABLE = "incident_entries"
_NUMBER, _FORGOTTEN = "incident-entry", "forgotten-entries"
_INCIDENT = "SELECT id, event_id, number, kind, subject_id, state, opened_at FROM incidents WHERE "
_Columns = tuple[int, int | None, int, str, int, str, int]


@dataclass(frozen=True, slots=True, repr=False)
class Committed(Unprinted):
    """One text as it was put into the log: its leaf number, salt and exact words."""

    leaf: int
    salt: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """A text that stays in the log and is not told: its leaf number, and the salted commitment.

    The salt is 32 random bytes that are told as little as the text, so no guess can be tried.
    """

    leaf: int
    commitment: bytes

    @classmethod
    def of(cls, committed: Committed) -> "Withheld":
        """Keep of a text only what proves its place."""
        return cls(committed.leaf, commitment(committed.salt, committed.text.encode()))


@dataclass(frozen=True, slots=True, repr=False)
class Stored(Unprinted):
    """An opened entry, and what proves it."""

    entry: Entry
    committed: Committed


@dataclass(frozen=True, slots=True, repr=False)
class SealedEntry(Unprinted):
    """An entry as it lies there: its row, its leaf of the log, and what only the case opens."""

    row: int
    leaf: int
    blob: bytes


@dataclass(frozen=True, slots=True, repr=False)
class _Sealed(Unprinted):
    salt: bytes
    text: str


def open_new(
    tx: Transaction,
    now: datetime,
    event_id: EventId | None,
    kind: IncidentKind,
    subject_id: int,
) -> Incident:
    """Open an incident that nobody has confirmed yet, and give it its number."""
    number = counters.next_number(tx, "incident")
    state = IncidentState.UNCONFIRMED
    incident = Incident(IncidentId(tx.new_id()), event_id, number, kind, subject_id, state, now)
    tx.run(
        "INSERT INTO incidents (id, event_id, number, kind, subject_id, state, opened_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        incident.id,
        event_id,
        number,
        kind.value,
        subject_id,
        state.value,
        to_row(now),
    )
    return incident


def get(tx: Transaction, incident_id: int) -> Incident | None:
    """Give an incident, or None."""
    return next(iter(_find(tx, "id = ?", incident_id)), None)


def of_subject(tx: Transaction, event_id: EventId | None, subject_id: int) -> Incident | None:
    """Give the incident that an alarm, a venue, a detention or a report belongs to, or None."""
    found = _find(tx, "event_id IS ? AND subject_id = ? ORDER BY number", event_id, subject_id)
    return next(iter(found), None)


def at_event(tx: Transaction, event_id: EventId | None) -> list[Incident]:
    """Give all incidents of an event, or of the team without one, the oldest first."""
    return _find(tx, "event_id IS ? ORDER BY number", event_id)


def since(tx: Transaction, moment: datetime, most: int) -> list[Incident]:
    """Give the incidents that were opened since then, wherever: so many, the newest first."""
    return _find(tx, "opened_at >= ? ORDER BY number DESC LIMIT ?", to_row(moment), most)


def set_state(tx: Transaction, incident: Incident, state: IncidentState) -> Incident:
    """Change whether an incident counts; who said so is an entry of its own."""
    tx.run("UPDATE incidents SET state = ? WHERE id = ?", state.value, incident.id)
    return replace(incident, state=state)


def add_entry(
    tx: Transaction,
    now: datetime,
    incident: Incident,
    entry: Entry,
    person_id: PersonId | None = None,
) -> Committed:
    """Append an entry. One with `person_id` says who that is, and goes when they are erased."""
    return add_text(tx, now, incident, _encode(entry), person_id)


def add_text(
    tx: Transaction,
    now: datetime,
    incident: Incident,
    text: str,
    person_id: PersonId | None = None,
) -> Committed:
    """Append a text to an incident: sealed, and its commitment put into the log."""
    row = counters.next_number(tx, _NUMBER)
    salt = new_salt()
    leaf = proofs.append(tx, now, commitment(salt, text.encode()))
    plain = msgspec.msgpack.encode(_Sealed(salt, text))
    sealed = seal_to(casekeys.public(tx, incident.event_id), plain, table=_TABLE, row=row)
    tx.run(
        "INSERT INTO incident_entries (id, incident_id, event_id, leaf, person_id, sealed) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        row,
        incident.id,
        incident.event_id,
        leaf,
        person_id,
        sealed,
    )
    return Committed(leaf, salt, text)


def note_addition(
    tx: Transaction, incident: Incident, committed: Committed, addition: bytes
) -> None:
    """Remember which addition an entry is, so that it is not brought twice."""
    sql = "UPDATE incident_entries SET addition = ? WHERE incident_id = ? AND leaf = ?"
    tx.run(sql, addition, incident.id, committed.leaf)


def is_brought(tx: Transaction, addition: bytes) -> bool:
    """Say whether this addition is an entry already."""
    return tx.number("SELECT COUNT(*) FROM incident_entries WHERE addition = ?", addition) > 0


def count_additions(tx: Transaction, incident_id: int) -> int:
    """Count what was brought to an incident, opening nothing."""
    sql = "SELECT COUNT(*) FROM incident_entries WHERE incident_id = ? AND addition IS NOT NULL"
    return tx.number(sql, incident_id)


def leaves(tx: Transaction, incident: Incident) -> frozenset[int]:
    """Give the numbers in the log of everything that was said of an incident, opening nothing."""
    sql = "SELECT leaf FROM incident_entries WHERE incident_id = ?"
    return frozenset(row[0] for row in tx.all(tuple[int], sql, incident.id))


def entries(tx: Transaction, incident: Incident) -> list[Stored]:
    """Open everything that was said of an incident, in the order it came, but no given out record.

    Raises:
        LockedError: the case is locked, or closed.
    """
    private = casekeys.private(tx, incident.event_id)
    return opened(private, sealed_entries(tx, incident))


def opened(private: Key, sealed: Iterable[SealedEntry]) -> list[Stored]:
    """Open entries with the reading half of their case's key, on whatever machine.

    Raises:
        BrokenSealError: it is another case's, or something was altered.
    """
    found = (_open(private, one) for one in sealed)
    return [one for one in found if one is not None]


def people_of(tx: Transaction, event_id: EventId) -> list[PersonId]:
    """Give the people whom incidents of an event know, opening nothing."""
    rows = tx.all(
        tuple[int],
        "SELECT DISTINCT person_id FROM incident_entries "
        "WHERE event_id = ? AND person_id IS NOT NULL",
        event_id,
    )
    return [PersonId(row[0]) for row in rows]


def has_identity(tx: Transaction, incident: Incident, person_id: PersonId) -> bool:
    """Say whether the incident knows who stands behind this person's reference."""
    sql = "SELECT COUNT(*) FROM incident_entries WHERE incident_id = ? AND person_id = ?"
    return tx.number(sql, incident.id, person_id) > 0


def owe_identity(
    tx: Transaction, incident: Incident, event_id: EventId, person_id: PersonId
) -> None:
    """Note that an incident has still to be told what may be said of a person: it is locked."""
    tx.run(
        "INSERT OR IGNORE INTO identities_owed (incident_id, person_id, event_id) "
        "VALUES (?, ?, ?)",
        incident.id,
        person_id,
        event_id,
    )


def take_owed_identities(tx: Transaction) -> list[tuple[int, PersonId]]:
    """Take what is owed to be told, now that it can be: of which incident, and of whom."""
    rows = tx.all(tuple[int, int], "DELETE FROM identities_owed RETURNING incident_id, person_id")
    return [(incident_id, PersonId(person_id)) for incident_id, person_id in rows]


def forget_person(tx: Transaction, person_id: PersonId) -> int:
    """Drop what says who a person is; the leaves stay, so every proof holds. Give how many."""
    tx.run("DELETE FROM identities_owed WHERE person_id = ?", person_id)
    gone = tx.run("DELETE FROM incident_entries WHERE person_id = ?", person_id)
    counters.set_value(tx, _FORGOTTEN, counters.value(tx, _FORGOTTEN) + gone)
    return gone


def count_entries(tx: Transaction, incidents: Sequence[Incident]) -> int:
    """Count the entries of these incidents, opening none."""
    sql = "SELECT COUNT(*) FROM incident_entries WHERE incident_id = ?"
    return sum(tx.number(sql, incident.id) for incident in incidents)


def count_altered(tx: Transaction) -> int:
    """Count the entries that do not open, are not what was put into the log, or are missing.

    Of cases that cannot be read here only the missing ones are counted.
    """
    readable = (one for one in _find(tx, "1 = 1") if casekeys.can_read(tx, one.event_id))
    altered = sum(_count_unsound(tx, one) for one in readable)
    kept = tx.number("SELECT COUNT(*) FROM incident_entries") + counters.value(tx, _FORGOTTEN)
    return altered + abs(counters.value(tx, _NUMBER) - kept)


def _count_unsound(tx: Transaction, incident: Incident) -> int:
    private = casekeys.private(tx, incident.event_id)
    found = sealed_entries(tx, incident)
    return sum(not _is_sound(tx, private, entry) for entry in found)


def _is_sound(tx: Transaction, private: Key, entry: SealedEntry) -> bool:
    try:
        sealed = _unseal(private, entry)
    except UNREADABLE:
        return False
    return proofs.is_leaf(tx, entry.leaf, commitment(sealed.salt, sealed.text.encode()))


def sealed_entries(tx: Transaction, incident: Incident) -> tuple[SealedEntry, ...]:
    """Give the entries of an incident as they lie there, in the order they came."""
    rows = tx.all(
        tuple[int, int, bytes],
        "SELECT id, leaf, sealed FROM incident_entries WHERE incident_id = ? ORDER BY id",
        incident.id,
    )
    return tuple(SealedEntry(*row) for row in rows)


def _open(private: Key, entry: SealedEntry) -> Stored | None:
    sealed = _unseal(private, entry)
    committed = Committed(entry.leaf, sealed.salt, sealed.text)
    if "what" not in msgspec.json.decode(sealed.text, type=dict[str, object]):
        return None  # a record as it was given out
    return Stored(msgspec.json.decode(sealed.text, type=Entry), committed)


def _unseal(private: Key, entry: SealedEntry) -> _Sealed:
    plain = open_with(private, entry.blob, table=_TABLE, row=entry.row)
    return msgspec.msgpack.decode(plain, type=_Sealed)


def _encode(entry: Entry) -> str:
    """Write an entry as one JSON text; what is unknown is left out."""
    plain = msgspec.to_builtins(entry)
    known = {name: value for name, value in plain.items() if value not in (None, (), [])}
    return msgspec.json.encode(known, order="sorted").decode()


def _find(tx: Transaction, where: str, *parameters: int | None) -> list[Incident]:
    rows = tx.all(tuple[int, int | None, int, str, int, str, int], _INCIDENT + where, *parameters)
    return [_read(row) for row in rows]


def _read(row: _Columns) -> Incident:
    row_id, event, number, kind, subject_id, state, opened_at = row
    return Incident(
        id=IncidentId(row_id),
        event_id=None if event is None else EventId(event),
        number=number,
        kind=IncidentKind(kind),
        subject_id=subject_id,
        state=IncidentState(state),
        opened_at=from_row(opened_at),
    )
