"""Keys, a person and a meeting as most tests have them: each test says only what matters to it."""

import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import cast

import sqlcipher3.dbapi2 as sqlcipher

from safety.events import Event, EventState
from safety.languages import Language
from safety.people import ChatId, EventId, PersonId, Presence, Recipient, Standing, TeamId
from safety.registration import Person
from storage import routes
from storage.connections import set_up
from storage.migrate import migrate
from storage.people import PEOPLE
from storage.transaction import Connection, Transaction
from storage.vault import derivation, keyslots
from storage.vault.keys import Key, KeyKind
from storage.vault.keyslots import KeySlots
from storage.vault.words import UnlockSecret

TITLE = "Evening of tea"
CITY = "Almaty"


@dataclass(frozen=True, slots=True)
class _Keys:
    """A key slot file as it was made, its unlock secret, and the root key that this opens."""

    file: bytes
    secret: UnlockSecret
    root: Key


@cache
def _keys() -> _Keys:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keys"
        slots, secret = keyslots.create(path, derivation.FLOOR)
        slots.close()
        return _Keys(path.read_bytes(), secret, keyslots.find_root(path, secret))


def new_keys(path: Path) -> tuple[KeySlots, UnlockSecret]:
    """Give open keys in a file of their own: derived once for all tests, which takes longest."""
    made = _keys()
    path.touch(mode=0o600)
    path.write_bytes(made.file)
    return keyslots.unlock_with(path, made.root), made.secret


@cache
def _database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "aman.db"
        connection = cast("Connection", sqlcipher.connect(str(path), isolation_level=None))
        slots, _ = new_keys(Path(folder) / "keys")
        with slots:
            set_up(connection, slots.key(KeyKind.DATABASE))
            migrate(connection, path)
            connection.close()
        return path.read_bytes()


def put_database(path: Path) -> None:
    """Put a database of `new_keys`' there, with nothing in it: migrated once for all tests."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(_database())


def gathering(event_id: EventId, starts_at: datetime, lasts: timedelta = timedelta(0)) -> Event:
    """Give an open event."""
    return Event(
        id=event_id,
        state=EventState.OPEN,
        title=TITLE,
        city=CITY,
        zone="Asia/Almaty",
        starts_at=starts_at,
        ends_at=starts_at + lasts,
        capacity=30,
        language=Language.RU,
        created_by=TeamId(0),
        voice_number="+7 700 000 00 00",
    )


def somebody(event_id: EventId, number: int, at: datetime, name: str = "") -> Person:
    """Give somebody who registered at that moment, and is approved."""
    return Person(
        id=PersonId(number),
        event_id=event_id,
        standing=Standing.APPROVED,
        presence=Presence.UNANSWERED,
        group_id=None,
        invitation_id=0,
        language=Language.KK,
        name=name or f"Somebody {number}",
        words=("river", "candle"),
        registered_at=at,
    )


def put_with_chat(tx: Transaction, person: Person) -> None:
    """Store a person and where to reach them: in the chat of their own number."""
    PEOPLE.put(tx, person)
    routes.put(tx, person.event_id, person.id, Recipient(ChatId(person.id), person.language))
