"""Nothing is stored that the table of lives does not name: no table, no file."""

import re
from importlib.resources import files
from pathlib import Path

from safety.lives import LIVES
from safety.people import EventId
from storage import evidence
from storage.database import Database
from storage.retention import FORGOTTEN
from storage.vault.keys import Key, KeyKind
from storage.vault.keyslots import KeySlots

NAMED = {place for life in LIVES for place in life.stands_in}
KEPT = {  # the case, what was left for later, and the list of keys
    *("incidents", "incident_entries", "evidence", "receipts", "envelopes", "report_links"),
    *("kept_keys", "key_destructions"),
}
BARE = {"keys", "tries", "control", "ballast"}  # files whose names have no ending
FILES = {place for place in NAMED if "." in place or place in BARE}


def test_every_table_has_its_line() -> None:
    """Whoever adds a table says how long its rows live, or this fails."""
    schema = (files("storage") / "schema.sql").read_text(encoding="utf-8")
    tables = set(re.findall(r"^CREATE TABLE (\w+)", schema, re.MULTILINE))
    assert len(tables) > 25
    assert tables == NAMED - FILES


def test_every_table_that_knows_an_event_goes_with_it_or_is_to_stay() -> None:
    """Whoever adds one decides: it goes with a purge, or it says nothing of the people."""
    schema = (files("storage") / "schema.sql").read_text(encoding="utf-8")
    tables = re.findall(r"^CREATE TABLE (\w+) \((.*?)^\)", schema, re.MULTILINE | re.DOTALL)
    known = {name for name, columns in tables if " event_id " in columns}
    assert known - set(FORGOTTEN) == KEPT


async def test_every_file_in_the_data_directory_has_its_line(
    tmp_path: Path, slots: KeySlots
) -> None:
    """Key slots, database, evidence, and what is there while something is being written."""
    event = EventId(5)
    async with Database(tmp_path / "aman.db", slots) as database:
        await database.write(lambda tx: tx.create_event_keys(event))
        public: Key = await database.read(lambda tx: tx.key(KeyKind.CASE_PUBLIC, event))
        with evidence.open_writer(tmp_path / "evidence", public, 1) as writer:
            writer.write(b"look")
            writer.finish()
        with evidence.open_writer(tmp_path / "evidence", public, 2):
            found = _files(tmp_path)
    assert found >= {
        "aman.db",
        "aman.db-wal",
        "keys",
        "evidence/*.sealed",
        "evidence/*.sealed.part",
    }
    assert found - FILES == set()


def _files(folder: Path) -> set[str]:
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {re.sub(r"\d+\.", "*.", path) for path in paths}
