"""The database's shape: made by numbered steps, forward only, and just what schema.sql says."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from storage import counters, migrate
from storage.database import Database
from storage.transaction import Connection
from storage.vault.keyslots import KeySlots

PATH = Path("nowhere")  # of a database in memory; a new one leaves no copy
SHAPE = (
    "SELECT type, name, tbl_name, sql FROM sqlite_master "
    "WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type, name"
)


@pytest.fixture
def empty() -> Iterator[Connection]:
    """Give a database without any table."""
    connection: Connection = sqlcipher.connect(":memory:", isolation_level=None)
    yield connection
    connection.close()


def _shape(connection: Connection) -> list[tuple[str, str, str, str]]:
    rows = []
    for row in connection.execute(SHAPE).fetchall():
        assert isinstance(row, tuple)
        kind, name, table, sql = row
        rows.append((kind, name, table, _normal(sql)))
    return rows


def _normal(sql: str) -> str:
    """Leave comments and spaces out: they are for people."""
    sql = re.sub(r"--[^\n]*", " ", sql)
    return re.sub(r"\s*([(),])\s*", r"\1", " ".join(sql.split())).strip()


def _version(connection: Connection) -> object:
    return connection.execute("PRAGMA user_version").fetchone()


def _later(folder: Path, sql: str) -> list[Path]:
    """Give the steps there are, copied, and one more."""
    folder.mkdir()
    steps = []
    for script in migrate._scripts():  # noqa: SLF001 - the next release is not here yet
        steps.append(folder / script.name)
        steps[-1].write_text(script.read_text(encoding="utf-8"), encoding="utf-8")
    steps.append(folder / f"{len(steps) + 1:04}_later.sql")
    steps[-1].write_text(sql, encoding="utf-8")
    return steps


def test_schema_sql_says_what_the_migrations_make(empty: Connection) -> None:
    """Whoever looks for a table finds it there as it is; change both together."""
    migrate.migrate(empty, PATH)
    listed: Connection = sqlcipher.connect(":memory:", isolation_level=None)
    listed.executescript((files("storage") / "schema.sql").read_text(encoding="utf-8"))
    made, said = _shape(empty), _shape(listed)
    listed.close()
    assert made == said
    assert len(made) > 40


def test_a_shape_that_differs_is_noticed(empty: Connection) -> None:
    """The comparison above can fail."""
    migrate.migrate(empty, PATH)
    before = _shape(empty)
    empty.execute("ALTER TABLE meta ADD COLUMN more INTEGER")
    assert _shape(empty) != before


def test_the_steps_are_numbered_without_a_gap() -> None:
    """The number in the file is the number in the database."""
    numbers = [int(script.name[:4]) for script in migrate._scripts()]  # noqa: SLF001 - as above
    assert numbers == list(range(1, len(numbers) + 1))


def test_bringing_up_to_date_twice_changes_nothing(empty: Connection) -> None:
    """Every start does it."""
    migrate.migrate(empty, PATH)
    empty.execute("INSERT INTO meta (name, value) VALUES ('kept', 5)")
    before, version = _shape(empty), _version(empty)
    migrate.migrate(empty, PATH)
    assert (_shape(empty), _version(empty)) == (before, version)
    assert empty.execute("SELECT value FROM meta").fetchall() == [(5,)]


async def test_a_later_release_keeps_what_an_earlier_one_has_stored(
    tmp_path: Path, slots: KeySlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forward, with all that is there; and then the earlier program refuses."""
    path = tmp_path / "aman.db"
    async with Database(path, slots) as database:
        await database.write(lambda tx: counters.set_value(tx, "kept", 5))
    steps = _later(tmp_path / "steps", "ALTER TABLE meta ADD COLUMN more INTEGER;")
    with monkeypatch.context() as later:
        later.setattr(migrate, "_scripts", lambda: steps)
        async with Database(path, slots) as database:
            assert await database.read(lambda tx: counters.value(tx, "kept")) == 5
            columns = "SELECT COUNT(*) FROM pragma_table_info('meta')"
            assert await database.read(lambda tx: tx.number(columns)) == 3
    with pytest.raises(migrate.NewerDatabaseError):
        async with Database(path, slots):
            pass


def test_a_step_that_fails_leaves_the_database_as_it_was(
    empty: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a step would fit neither release."""
    migrate.migrate(empty, PATH)
    before, version = _shape(empty), _version(empty)
    steps = _later(
        tmp_path / "steps", "CREATE TABLE half (id INTEGER); INSERT INTO nowhere VALUES (1);"
    )
    monkeypatch.setattr(migrate, "_scripts", lambda: steps)
    with pytest.raises(sqlcipher.Error):
        migrate.migrate(empty, tmp_path / "aman.db")
    assert not empty.in_transaction
    assert (_shape(empty), _version(empty)) == (before, version)
