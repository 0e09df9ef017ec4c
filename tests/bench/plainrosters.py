"""Rosters that are not sealed, in bare databases: what reading a sealed one is held against."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from sqlite3 import Row

import aiosqlite
import msgspec

from safety.languages import Language
from safety.people import EventId, PersonId, Presence, Standing
from safety.registration import Consent, Person
from storage.moments import from_row, to_row

_NAMES = tuple(field.name for field in fields(Person))
_INDEX = "CREATE INDEX people_by_event ON people (event_id)"


@asynccontextmanager
async def columns(
    path: Path, people: Sequence[Person]
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Give what reads everybody of an event from a table with a column for each field."""
    names = ", ".join(_NAMES)
    async with aiosqlite.connect(path) as connection:
        await connection.execute(f"CREATE TABLE people ({names}, PRIMARY KEY (id))")
        await connection.execute(_INDEX)
        marks = ", ".join("?" * len(_NAMES))
        rows = (tuple(_plain(getattr(one, name)) for name in _NAMES) for one in people)
        await connection.executemany(f"INSERT INTO people VALUES ({marks})", rows)  # noqa: S608 - our own names
        await connection.commit()

        async def read() -> None:
            sql = f"SELECT {names} FROM people WHERE event_id = ?"  # noqa: S608 - our own names
            found = await connection.execute_fetchall(sql, (people[0].event_id,))
            assert len([_person(row) for row in found]) == len(people)

        yield read


@asynccontextmanager
async def packed(
    path: Path, people: Sequence[Person]
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Give what reads everybody of an event from a table with one value a person."""
    decode = msgspec.msgpack.Decoder(Person).decode
    async with aiosqlite.connect(path) as connection:
        await connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, event_id, body)")
        await connection.execute(_INDEX)
        rows = ((one.id, one.event_id, msgspec.msgpack.encode(one)) for one in people)
        await connection.executemany("INSERT INTO people VALUES (?, ?, ?)", rows)
        await connection.commit()

        async def read() -> None:
            sql = "SELECT body FROM people WHERE event_id = ?"
            found = await connection.execute_fetchall(sql, (people[0].event_id,))
            assert len([decode(row[0]) for row in found]) == len(people)

        yield read


def _plain(value: object) -> object:
    match value:
        case datetime():
            return to_row(value)
        case tuple():
            return " ".join(value)
        case _:
            return value


def _person(row: Row) -> Person:
    """Make a person of a row's columns, which stand in the order of the fields."""
    number, event_id, standing, presence, group_id, invitation_id, *others = row
    seen_at, needs_help, is_unverified, language, name, needs, consent, *others = others
    contact, contact_sentence, words, is_minor, companion, registered_at = others
    return Person(
        id=PersonId(number),
        event_id=EventId(event_id),
        standing=Standing(standing),
        presence=Presence(presence),
        group_id=group_id,
        invitation_id=invitation_id,
        last_seen_at=None if seen_at is None else from_row(seen_at),
        needs_help=bool(needs_help),
        is_unverified=bool(is_unverified),
        language=Language(language),
        name=name,
        needs=needs,
        consent=Consent(consent),
        contact=contact,
        contact_sentence=contact_sentence,
        words=None if words is None else (words.split()[0], words.split()[1]),
        is_minor=bool(is_minor),
        companion=companion,
        registered_at=None if registered_at is None else from_row(registered_at),
    )
