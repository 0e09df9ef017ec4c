"""The writer: whole transactions, in order, acknowledged only when they are on the disk."""

import asyncio
import stat
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from safety.people import EventId
from storage import counters, resealing
from storage.connections import UnsafeDatabaseError, connected, opened, set_up
from storage.database import Database
from storage.migrate import NewerDatabaseError, OlderDatabaseError
from storage.moments import EPOCH
from storage.transaction import Connection, Effects, LockedError, Transaction
from storage.trouble import is_disk_trouble
from storage.vault import derivation, keyslots
from storage.vault.errors import OvertakenKeySlotsError
from storage.vault.keys import KeyKind, KeyName, new_key
from storage.vault.keyslots import KeySlots
from storage.writer import Writer

T = TypeVar("T")
EVENT = EventId(7)


class BrokenError(Exception):
    """What a job of these tests fails with."""


async def test_jobs_take_effect_in_the_order_they_were_given(database: Database) -> None:
    """The writer is one queue."""
    seen: list[int] = []

    def job(number: int) -> Callable[[Transaction], None]:
        def run(tx: Transaction) -> None:
            seen.append(counters.next_number(tx, "job") - number)

        return run

    await asyncio.gather(*(database.write(job(number)) for number in range(300)))
    assert seen == [1] * 300


async def test_an_urgent_job_overtakes_those_that_wait(database: Database) -> None:
    """Alarms jump the queue."""
    order: list[str] = []
    ordinary = [
        database.write(lambda _tx, n=number: order.append(f"{n}"))  # type: ignore[misc] # a default
        for number in range(300)
    ]
    waiting = [asyncio.ensure_future(one) for one in ordinary]  # noqa: TID251 - all at once
    await asyncio.sleep(0)  # noqa: TID251 - let them queue up
    await database.write(lambda _tx: order.append("alarm"), urgent=True)
    await asyncio.gather(*waiting)
    assert order.index("alarm") <= 64


async def test_an_urgent_job_waits_for_nothing_but_the_one_that_runs(database: Database) -> None:
    """It ends the group that is under way; the others come after it, in their order."""
    order: list[str] = []
    runs, may_end = threading.Event(), threading.Event()

    def slow(_tx: Transaction) -> None:
        runs.set()
        assert may_end.wait(10)
        order.append("slow")

    def note(word: str) -> Callable[[Transaction], None]:
        return lambda _tx: order.append(word)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(database.write(slow))
        for number in range(5):
            tasks.create_task(database.write(note(f"{number}")))
        await asyncio.to_thread(runs.wait, 10)
        tasks.create_task(database.write(note("arrived"), ahead=True))
        tasks.create_task(database.write(note("alarm"), urgent=True))
        await asyncio.sleep(0)  # noqa: TID251 - let them queue up
        may_end.set()
    assert order == ["slow", "alarm", "arrived", "0", "1", "2", "3", "4"]


async def test_an_urgent_job_does_not_wait_until_a_group_that_failed_is_played_again(
    database: Database,
) -> None:
    """It comes right after the job that failed, and everybody else still gets their answer."""
    order: list[str] = []
    runs, may_end = threading.Event(), threading.Event()

    def fails(_tx: Transaction) -> None:
        runs.set()
        assert may_end.wait(10)
        order.append("fails")
        raise BrokenError

    def note(word: str) -> Callable[[Transaction], int]:
        def work(tx: Transaction) -> int:
            order.append(word)
            return counters.next_number(tx, word)

        return work

    works: list[Callable[[Transaction], object]] = [note("before"), fails, note("after")]
    async with asyncio.TaskGroup() as tasks:
        waits = asyncio.gather(*map(database.write, works), return_exceptions=True)
        await asyncio.to_thread(runs.wait, 10)
        alarm = tasks.create_task(database.write(note("alarm"), urgent=True))
        await asyncio.sleep(0)  # noqa: TID251 - let it queue up
        may_end.set()
    before, failed, after = await waits
    assert order[:3] == ["before", "fails", "alarm"]
    assert (before, after, alarm.result()) == (1, 1, 1)
    assert isinstance(failed, BrokenError)


async def test_a_job_that_fails_leaves_nothing_and_spoils_no_other(database: Database) -> None:
    """Each job of a group has a savepoint of its own."""

    def fails(tx: Transaction) -> None:
        counters.next_number(tx, "failed")
        raise BrokenError

    results = await asyncio.gather(
        database.write(lambda tx: counters.next_number(tx, "good")),
        database.write(fails),
        database.write(lambda tx: counters.next_number(tx, "good")),
        return_exceptions=True,
    )
    assert results[0] == 1
    assert isinstance(results[1], BrokenError)
    assert results[2] == 2
    assert await _value(database, "failed") == 0


async def test_work_is_carried_out_even_if_its_caller_goes_away(database: Database) -> None:
    """Cancelling a caller never cuts a transaction in two."""
    task = asyncio.ensure_future(  # noqa: TID251 - to be cancelled
        database.write(lambda tx: counters.next_number(tx, "kept"))
    )
    await asyncio.sleep(0)  # noqa: TID251 - let it be queued
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await database.write(lambda _tx: None)
    assert await _value(database, "kept") == 1


async def test_a_reader_sees_what_is_committed_and_changes_nothing(database: Database) -> None:
    """Looking is a snapshot on a connection of its own."""
    await database.write(lambda tx: counters.set_value(tx, "x", 5))
    assert await _value(database, "x") == 5
    with pytest.raises(sqlcipher.Error):
        await database.read(lambda tx: counters.set_value(tx, "x", 6))
    assert await _value(database, "x") == 5


@pytest.mark.parametrize("way", ["read", "write"])
async def test_whoever_reads_no_further_holds_nobody_up(
    database: Database, slots: KeySlots, tmp_path: Path, way: str
) -> None:
    """The first of many rows was enough for them: the log can be emptied all the same."""
    for name in ("one", "two", "three"):
        await database.write(lambda tx, name=name: counters.set_value(tx, name, 1))  # type: ignore[misc] # a default

    def first_of_many(tx: Transaction) -> tuple[str, ...] | None:
        return tx.one(tuple[str], "SELECT name FROM meta")

    assert await getattr(database, way)(first_of_many) is not None
    other = opened(tmp_path / "aman.db", slots.keys[KeyName(KeyKind.DATABASE)])
    try:
        other.execute("PRAGMA busy_timeout = 0")
        counters.set_value(Transaction(_begun(other), slots.sight), "four", 1)
        other.execute("COMMIT")
        busy, *_ = cast("tuple[int]", other.execute("PRAGMA wal_checkpoint(RESTART)").fetchone())
    finally:
        other.close()
    assert busy == 0


def test_a_closed_connection_is_let_go_of(slots: KeySlots, tmp_path: Path) -> None:
    """It has hold of its cursor, and its cursor of it: nothing would ever free the two."""
    connection = opened(tmp_path / "aman.db", slots.keys[KeyName(KeyKind.DATABASE)])
    known = weakref.ref(connection)
    connection.close()
    with pytest.raises(sqlcipher.ProgrammingError):
        connection.execute("SELECT 1")
    del connection
    assert known() is None


async def test_a_connection_that_nobody_waits_for_any_more_is_closed(
    slots: KeySlots, tmp_path: Path
) -> None:
    """Somebody has gone while it was opened: it would stay open for as long as the bot runs."""
    begun, may_end = threading.Event(), threading.Event()
    known: list[Connection] = []

    def connect() -> Connection:
        begun.set()
        assert may_end.wait(10)
        known.append(opened(tmp_path / "aman.db", slots.keys[KeyName(KeyKind.DATABASE)]))
        return known[0]

    waiting = asyncio.ensure_future(connected(connect))  # noqa: TID251 - to be cancelled
    assert await asyncio.to_thread(begun.wait, 10)
    waiting.cancel()
    await asyncio.sleep(0)  # noqa: TID251 - until it has heard of it
    may_end.set()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    with pytest.raises(sqlcipher.ProgrammingError):
        known[0].execute("SELECT 1")


async def test_effects_are_told_after_the_commit_and_not_of_what_failed(
    database: Database,
) -> None:
    """Whoever is woken finds what it was woken for."""
    told: list[Effects] = []
    database.on_commit(told.append)

    def owes(tx: Transaction) -> None:
        tx.effects.owes = True

    def fails(tx: Transaction) -> None:
        tx.falls_due(EPOCH)
        raise BrokenError

    await database.write(owes)
    with pytest.raises(BrokenError):
        await database.write(fails)
    assert [(effects.owes, effects.due_at) for effects in told] == [(True, None)]


async def test_what_was_acknowledged_is_there_after_a_start(
    tmp_path: Path, slots: KeySlots
) -> None:
    """Closing and opening loses nothing."""
    async with Database(tmp_path / "aman.db", slots) as database:
        await database.write(lambda tx: counters.set_value(tx, "x", 5))
    async with Database(tmp_path / "aman.db", slots) as database:
        assert await _value(database, "x") == 5


async def test_a_full_disk_fails_the_job_and_nothing_else(database: Database) -> None:
    """SQLite may roll a whole group back; then each job gets a try alone."""

    def fill(tx: Transaction) -> None:
        tx.run(
            "INSERT INTO tokens (digest, purpose, subject_id, expires_at) "
            "VALUES (zeroblob(4000000), 'x', 0, 0)"
        )

    await database.write(lambda tx: tx.run("PRAGMA max_page_count = 200"))
    results = await asyncio.gather(
        database.write(lambda tx: counters.next_number(tx, "good")),
        database.write(fill),
        database.write(lambda tx: counters.next_number(tx, "good")),
        return_exceptions=True,
    )
    assert results[0] == 1
    assert isinstance(results[1], Exception)
    assert is_disk_trouble(results[1])
    assert results[2] == 2
    assert await _value(database, "good") == 2


@pytest.mark.parametrize(
    ("error", "is_disk"),
    [
        (OSError(28, "full"), True),
        (sqlcipher.IntegrityError("constraint"), False),
        (ValueError(), False),
        (LockedError(), False),
    ],
)
def test_the_machines_trouble_is_told_apart_from_a_fault(
    error: Exception,
    is_disk: bool,  # noqa: FBT001 - a table of cases
) -> None:
    """What the disk refused will go well later; what is wrong will not."""
    assert is_disk_trouble(error) is is_disk


async def test_a_constraint_that_is_broken_is_a_fault(database: Database) -> None:
    """It must be set aside, not tried for ever."""
    insert = "INSERT INTO meta (name, value) VALUES ('x', 1)"
    await database.write(lambda tx: tx.run(insert))
    with pytest.raises(sqlcipher.IntegrityError) as broken:
        await database.write(lambda tx: tx.run(insert))
    assert not is_disk_trouble(broken.value)


async def test_a_nested_part_that_fails_takes_only_itself_back(database: Database) -> None:
    """A refusal undoes what the use case had begun, effects and keys included."""

    def job(tx: Transaction) -> None:
        counters.next_number(tx, "outer")

        def part() -> None:
            counters.next_number(tx, "inner")
            tx.create_event_keys(EVENT)
            tx.effects.owes = True
            raise BrokenError

        with pytest.raises(BrokenError):
            tx.nested(part)
        assert not tx.effects.owes
        assert not tx.has_key(KeyKind.PEOPLE, EVENT)

    await database.write(job)
    assert await _value(database, "outer") == 1
    assert await _value(database, "inner") == 0


async def test_an_events_keys_are_durable_with_its_commit(
    database: Database, slots: KeySlots
) -> None:
    """A row never stands without the key that opens it."""
    await database.write(lambda tx: tx.create_event_keys(EVENT))
    assert KeyName(KeyKind.PEOPLE, EVENT) in slots.names
    assert await database.read(lambda tx: tx.live_events()) == [EVENT]


async def test_keys_of_a_job_that_failed_are_not_kept(database: Database, slots: KeySlots) -> None:
    """Nothing is stored of what was rolled back."""

    def fails(tx: Transaction) -> None:
        tx.create_event_keys(EVENT)
        raise BrokenError

    with pytest.raises(BrokenError):
        await database.write(fails)
    assert EVENT not in {name.event_id for name in slots.names}


async def test_doomed_keys_are_gone_for_the_next_look_and_from_the_file(
    database: Database, slots: KeySlots
) -> None:
    """A purge that has committed cannot be read behind."""
    await database.write(lambda tx: tx.create_event_keys(EVENT))
    await database.write(lambda tx: tx.destroy_keys(EVENT, KeyKind.PEOPLE))
    with pytest.raises(LockedError):
        await database.read(lambda tx: tx.key(KeyKind.PEOPLE, EVENT))
    assert KeyKind.PEOPLE not in {name.kind for name in slots.names}
    assert await database.read(lambda tx: tx.has_key(KeyKind.ROUTING, EVENT))


async def test_a_destruction_that_the_disk_refused_is_made_up_for_and_loses_no_commit(
    tmp_path: Path, slots: KeySlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit stands; the key goes at the next start at the latest."""

    def refuses(_names: object) -> None:
        raise OSError(5, "Input/output error")

    async with Database(tmp_path / "aman.db", slots) as database:
        await database.write(lambda tx: tx.create_event_keys(EVENT))
        monkeypatch.setattr(slots, "destroy", refuses)

        def purge(tx: Transaction) -> int:
            tx.destroy_keys(EVENT, KeyKind.PEOPLE)
            return counters.next_number(tx, "purges")

        assert await database.write(purge) == 1
        monkeypatch.undo()
    async with Database(tmp_path / "aman.db", slots) as database:
        assert await _value(database, "purges") == 1
    assert KeyKind.PEOPLE not in {name.kind for name in slots.names}


async def test_the_file_is_encrypted_and_ours_alone(tmp_path: Path, slots: KeySlots) -> None:
    """Neither its contents nor its name as an SQLite file can be read."""
    async with Database(tmp_path / "aman.db", slots) as database:
        await database.write(lambda tx: counters.set_value(tx, "a-telling-name", 5))
        for path, content in _files(tmp_path):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
            assert b"a-telling-name" not in content
            assert not content.startswith(b"SQLite format")


async def test_other_keys_do_not_open_it(tmp_path: Path, slots: KeySlots) -> None:
    """A foreign key file is noticed at once, and no thread is left behind."""
    async with Database(tmp_path / "aman.db", slots):
        pass
    other, _ = keyslots.create(tmp_path / "other", derivation.FLOOR)
    with other, pytest.raises(sqlcipher.DatabaseError):
        async with Database(tmp_path / "aman.db", other):
            pass


@pytest.mark.parametrize(
    ("pragma", "expected"),
    [("journal_mode", "wal"), ("synchronous", 2), ("temp_store", 2), ("secure_delete", 1)],
)
async def test_it_is_set_up_so_that_nothing_leaks_or_is_lost(
    database: Database, pragma: str, expected: object
) -> None:
    """FULL loses no acknowledged commit; temporary tables stay in memory."""
    found = await database.write(lambda tx: tx.one(tuple[object], f"PRAGMA {pragma}"))
    assert found == (expected,)


def test_a_database_that_ignores_a_setting_is_not_worked_with() -> None:
    """SQLite answers what it cannot do with what it does instead, and with no error."""
    in_memory = cast("Connection", sqlcipher.connect(":memory:", isolation_level=None))
    with pytest.raises(UnsafeDatabaseError, match="journal_mode"):
        set_up(in_memory, new_key())
    in_memory.close()


async def test_a_guest_writes_beside_the_running_bot(
    database: Database, tmp_path: Path, slots: KeySlots
) -> None:
    """`aman owner-link` works while the bot runs."""
    async with Database(tmp_path / "aman.db", slots, is_guest=True) as guest:
        results = await asyncio.gather(
            *(guest.write(lambda tx: counters.next_number(tx, "guest")) for _ in range(50)),
            *(database.write(lambda tx: counters.next_number(tx, "host")) for _ in range(50)),
        )
    assert results[49] == 50
    assert results[99] == 50
    assert await _value(database, "guest") == 50


async def test_only_the_connection_that_writes_for_the_bot_empties_the_log(
    database: Database, tmp_path: Path, slots: KeySlots
) -> None:
    """Two that do so at once could damage it (as SQLite up to 3.51.2 did)."""

    def pages(tx: Transaction) -> int:
        return tx.number("PRAGMA wal_autocheckpoint")

    async with Database(tmp_path / "aman.db", slots, is_guest=True) as guest:
        assert await database.write(pages) > 0
        assert [await database.read(pages), await guest.read(pages)] == [0, 0]
        assert await guest.write(pages) == 0


async def test_a_guest_seals_nothing_under_a_key_that_was_replaced_meanwhile(
    tmp_path: Path,
) -> None:
    """The organizers' notice of an added key would open with nothing; a visit begins anew."""
    kept, secret = keyslots.create(tmp_path / "keys", derivation.FLOOR)
    path = tmp_path / "aman.db"
    with kept:
        async with Database(path, kept) as host:
            with keyslots.unlock(tmp_path / "keys", secret, to_write=False) as seen:
                async with Database(path, seen, is_guest=True) as guest:
                    await guest.write(lambda tx: counters.next_number(tx, "guest"))
                    await host.write(lambda tx: resealing.ask(tx, KeyKind.TRANSIT))
                    await host.write(resealing.step)
                    with pytest.raises(OvertakenKeySlotsError):
                        await guest.write(lambda tx: counters.next_number(tx, "guest"))
                    with pytest.raises(OvertakenKeySlotsError):
                        await guest.read(lambda tx: counters.value(tx, "guest"))
                with pytest.raises(OvertakenKeySlotsError):  # and not: an old file, restore
                    async with Database(path, seen, is_guest=True):
                        pass
            assert await _value(host, "guest") == 1


async def test_a_guest_touches_no_database_of_another_shape(
    tmp_path: Path, slots: KeySlots
) -> None:
    """It neither upgrades an older one nor guesses at a newer one."""
    path = tmp_path / "aman.db"
    async with Database(path, slots) as database:
        await database.write(lambda tx: tx.run("PRAGMA user_version = 0"))
    with pytest.raises(OlderDatabaseError):
        async with Database(path, slots, is_guest=True):
            pass


async def test_a_newer_programs_database_is_left_alone(tmp_path: Path, slots: KeySlots) -> None:
    """An older program would write what the newer one cannot read."""
    path = tmp_path / "aman.db"
    async with Database(path, slots) as database:
        await database.write(lambda tx: tx.run("PRAGMA user_version = 1000"))
    with pytest.raises(NewerDatabaseError):
        async with Database(path, slots):
            pass


async def test_a_thousand_writers_lose_nothing(database: Database) -> None:
    """Many at once share commits, and each hears of its own."""

    async def writer() -> None:
        for _ in range(5):
            await database.write(lambda tx: counters.next_number(tx, "all"))

    await asyncio.gather(*(writer() for _ in range(200)))
    assert await _value(database, "all") == 1000


async def test_a_replayed_group_runs_each_job_on_a_clean_slate(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A group whose commit fails is played again, one by one, from nothing."""
    run_group = Writer._run_group  # noqa: SLF001 - the commit cannot be broken from outside
    broken: list[int] = []

    def breaks_once(self: Writer, connection: Connection, jobs: list[object]) -> int:
        if not broken:
            broken.append(1)
            raise OSError(28, "No space left on device")
        return run_group(self, connection, jobs)  # type: ignore[arg-type] # as is

    monkeypatch.setattr(Writer, "_run_group", breaks_once)
    results = await asyncio.gather(
        *(database.write(lambda tx: counters.next_number(tx, "again")) for _ in range(5))
    )
    assert results == [1, 2, 3, 4, 5]


async def _value(database: Database, name: str) -> int:
    return await database.read(lambda tx: counters.value(tx, name))


def _files(folder: Path) -> list[tuple[Path, bytes]]:
    return [(path, path.read_bytes()) for path in folder.glob("aman.db*")]


def _begun(connection: Connection) -> Connection:
    connection.execute("BEGIN IMMEDIATE")
    return connection
