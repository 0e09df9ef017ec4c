"""A copy holds one moment, without what is on its way, and keeps nobody from writing."""

import asyncio
import os
import time
from pathlib import Path
from typing import cast

import sqlcipher3.dbapi2 as sqlcipher

from storage import copying, counters
from storage.database import Database
from storage.places import PLACES
from storage.transaction import Connection, Transaction
from storage.vault.keys import KeyKind, KeyName
from storage.vault.keyslots import KeySlots

ROWS = 100_000
LONGEST = 0.25  # seconds that one write may take meanwhile, on a busy machine too


def _opened(path: Path, slots: KeySlots) -> Connection:
    connection = cast("Connection", sqlcipher.connect(str(path), isolation_level=None))
    key = slots.keys[KeyName(KeyKind.DATABASE)].reveal().hex()
    connection.execute(f"PRAGMA key = \"x'{key}'\"")
    return connection


def _shape(connection: Connection) -> object:
    sql = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY 1, 2"
    return connection.execute(sql).fetchall()


def _fill(tx: Transaction) -> None:
    for number in range(100):
        tx.run("INSERT INTO checkins VALUES (NULL, 1, ?, 'safe', 0, 0)", number)
    tx.run("INSERT INTO inbox VALUES (NULL, 7, 0, x'00', 0, 'waiting', 0, x'00')")
    tx.run("INSERT INTO forms VALUES (1, x'00', NULL, x'00')")
    tx.run("INSERT INTO report_chats (chat, id, link_id) VALUES (x'00', 1, 2)")


async def test_a_copy_has_every_table_and_only_the_rows_that_may_leave(
    database: Database, slots: KeySlots, tmp_path: Path
) -> None:
    """Same shape, same version, same sequences; the transit tables are empty."""
    await database.write(_fill)
    path = tmp_path / "copy"
    await database.copy_to(path, lambda tx: counters.value(tx, "none"))
    original, copy = _opened(tmp_path / "aman.db", slots), _opened(path, slots)
    assert _shape(original) == _shape(copy)
    for table in {*copying.LEFT_BEHIND, "report_chats"}:
        assert copy.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)  # noqa: S608 - our own names
    for sql in ("PRAGMA user_version", "SELECT COUNT(*) FROM checkins"):
        assert original.execute(sql).fetchall() == copy.execute(sql).fetchall()
    places = "SELECT name, seq FROM sqlite_sequence ORDER BY name"
    assert original.execute(places).fetchall() == copy.execute(places).fetchall()
    assert ("inbox", 1) in copy.execute(places).fetchall()  # later updates have later places
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not _names(tmp_path, "copy-*")
    original.close()
    copy.close()


def test_what_stays_behind_is_what_is_on_its_way_and_what_binds_to_this_machine() -> None:
    """The test above goes by the list: here it is what it must be."""
    on_their_way = {place.table for place in PLACES[KeyKind.TRANSIT]}
    assert {"inbox", "outbox", "forms", "messages"} <= on_their_way <= copying.LEFT_BEHIND
    assert {"key_destructions", "kept_keys", "slot_file"} <= copying.LEFT_BEHIND
    assert {"open_reports", "report_chats", "report_days"} <= copying.LEFT_BEHIND


def _names(folder: Path, pattern: str) -> list[str]:
    return [path.name for path in folder.glob(pattern)]


async def test_writing_goes_on_while_a_copy_is_made(database: Database, tmp_path: Path) -> None:
    """An alarm does not wait for a backup; and what comes meanwhile is not in it."""
    await database.write(_fill_much)
    longest, writes = 0.0, 0
    copying_ = asyncio.get_running_loop().create_task(
        database.copy_to(tmp_path / "copy", lambda tx: tx.number("SELECT COUNT(*) FROM checkins"))
    )
    while not copying_.done():
        began = time.perf_counter()
        await database.write(lambda tx: counters.next_number(tx, "alarm"))
        longest = max(longest, time.perf_counter() - began)
        writes += 1
    assert await copying_ == ROWS
    print(f"\n{writes} writes during a copy of {ROWS} rows, the longest {longest * 1000:.0f} ms")  # noqa: T201 - a figure
    assert writes > 1
    assert longest < LONGEST


def _fill_much(tx: Transaction) -> None:
    blob = os.urandom(100).hex()
    for number in range(ROWS):
        tx.run("INSERT INTO checkins VALUES (NULL, 1, ?, ?, 0, 0)", number, blob)
