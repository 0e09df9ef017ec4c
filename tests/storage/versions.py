"""Databases as earlier releases have left them: their shape from their steps, their rows by hand.

What is written here is written as that release wrote it, whatever the modules do today.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import msgspec
import sqlcipher3.dbapi2 as sqlcipher

from safety.checkins import AskHome
from safety.forms import Draft
from safety.invitations import Invitation, InvitationState
from safety.languages import Language
from safety.notices import Removal
from safety.people import (
    ChatId,
    EventId,
    PersonId,
    Recipient,
    Role,
    TeamId,
)
from safety.team import TeamPerson, TeamState
from storage import migrate
from storage.moments import to_row
from storage.transaction import Connection, Value
from storage.vault.digests import index
from storage.vault.keys import Key, KeyKind, KeyName, keys_of_new_event
from storage.vault.keyslots import KeySlots
from storage.vault.sealing import seal
from tests.made import gathering, somebody

NOW = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)
EVENT, PURGED = EventId(7), EventId(8)
DANA = Recipient(ChatId(17), Language.KK)
PERSON = replace(somebody(EVENT, 21, NOW, "Dana of the fixture"), invitation_id=31)
INVITATION = Invitation(31, EVENT, InvitationState.BOUND, TeamId(41), "a label", NOW, PersonId(21))
TEAM_PERSON = TeamPerson(TeamId(41), Role.ORGANIZER, TeamState.ACTIVE, "Aigul", NOW)
GATHERING = gathering(EVENT, NOW)
DRAFT = Draft(51, "event", "title", EVENT, answers=(("city", "Almaty"),))
TIMER = AskHome(EVENT)


def connect(path: Path, slots: KeySlots) -> Connection:
    """Open a database with its keys and nothing else."""
    path.touch(0o600)
    connection = cast("Connection", sqlcipher.connect(str(path), isolation_level=None))
    key = slots.keys[KeyName(KeyKind.DATABASE)]
    connection.execute(f"PRAGMA key = \"x'{key.reveal().hex()}'\"")
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


def step_to(connection: Connection, version: int) -> None:
    """Bring a database, empty or not, to the shape of an earlier release."""
    found = connection.execute("PRAGMA user_version").fetchone()
    assert isinstance(found, tuple)
    steps = migrate._scripts()[int(found[0]) : version]  # noqa: SLF001 - as a release had them
    for number, script in enumerate(steps, start=int(found[0]) + 1):
        sql = script.read_text(encoding="utf-8")
        connection.executescript(f"BEGIN;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")


def make_version_1(path: Path, slots: KeySlots) -> None:
    """Make a database of the first release, with a row of each kind and a purge cut off."""
    for event in (EVENT, PURGED):
        slots.store(keys_of_new_event(event))
    connection = connect(path, slots)
    step_to(connection, 1)
    _fill_version_1(connection, slots.keys)
    connection.close()


def _fill_version_1(connection: Connection, keys: Mapping[KeyName, Key]) -> None:
    community, transit = keys[KeyName(KeyKind.COMMUNITY)], keys[KeyName(KeyKind.TRANSIT)]
    people, routing = keys[KeyName(KeyKind.PEOPLE, EVENT)], keys[KeyName(KeyKind.ROUTING, EVENT)]
    chat = index(community, DANA.chat_id)

    def put(table: str, columns: str, *values: Value) -> None:
        marks = ", ".join("?" * len(values))
        connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)  # noqa: S608 - ours

    def sealed(key: Key, value: object, table: str, row: int) -> bytes:
        return seal(key, msgspec.msgpack.encode(value), table=table, row=row)

    put("meta", "name, value", "offset", 502)
    put("meta", "name, value", "outbox", 61)
    put(
        "team",
        "id, role, state, sealed",
        41,
        "organizer",
        "active",
        sealed(community, TEAM_PERSON, "team", 41),
    )
    put(
        "events",
        "id, state, starts_at, ends_at, sealed",
        EVENT,
        "open",
        to_row(NOW),
        to_row(NOW),
        sealed(community, GATHERING, "events", EVENT),
    )
    put(
        "people",
        "id, event_id, standing, presence, sealed",
        21,
        EVENT,
        "approved",
        "unanswered",
        sealed(people, PERSON, "people", 21),
    )
    put(
        "invitations",
        "id, event_id, state, inviter_id, sealed",
        31,
        EVENT,
        "bound",
        41,
        sealed(people, INVITATION, "invitations", 31),
    )
    put(
        "routes",
        "digest, id, event_id, holder_id, sealed",
        index(routing, DANA.chat_id),
        71,
        EVENT,
        21,
        sealed(routing, DANA, "routes", 71),
    )
    put(
        "forms", "id, chat, event_id, sealed", 51, chat, EVENT, sealed(transit, DRAFT, "forms", 51)
    )
    put(
        "inbox",
        "update_id, received_at, chat, urgent, state, sealed",
        501,
        to_row(NOW),
        chat,
        0,
        "waiting",
        seal(transit, b"{}", table="inbox", row=501),
    )
    body = (DANA, "Removal", msgspec.msgpack.encode(Removal((5,))), None)
    owed = dict(zip(("recipient", "kind", "notice", "edits"), body, strict=True))
    put(
        "outbox",
        "id, chat, lane, kind, state, not_before, owed_at, sealed",
        61,
        chat,
        int(Removal.lane),
        "Removal",
        "owed",
        0,
        to_row(NOW),
        sealed(transit, owed, "outbox", 61),
    )
    timer = ("AskHome", msgspec.msgpack.encode(TIMER))
    put(
        "timers",
        "key, due_at, event_id, sealed",
        TIMER.key(),
        to_row(NOW),
        EVENT,
        sealed(community, timer, f"timers:{TIMER.key()}", 0),
    )
    put("key_destructions", "kind, event_id", "people", PURGED)
    put("key_destructions", "kind, event_id", "routing", PURGED)
