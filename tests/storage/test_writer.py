"""What the writer must survive: faults of every kind, a full disk, crashes, and its own end."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import cast

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safety.people import EventId
from storage import counters
from storage.database import Database
from storage.transaction import (
    Connection,
    Cursor,
    Effects,
    GroupLostError,
    LockedError,
    Transaction,
    Value,
)
from storage.trouble import is_disk_trouble
from storage.vault import derivation, keyslots
from storage.vault.errors import KeyNameTakenError
from storage.vault.keys import KeyKind, KeyName, keys_of_new_event
from storage.vault.keyslots import KeySlots
from storage.vault.sealing import open_under, seal
from storage.writer import ClosedError, Writer

EVENT = EventId(7)
_NOW = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)
FILL = (
    "INSERT INTO tokens (digest, purpose, subject_id, expires_at) VALUES (zeroblob(?), 'x', 0, 0)"
)
TOO_MUCH = 4_000_000  # bytes; more than the pages that these tests leave


class BrokenError(Exception):
    """What a job of these tests fails with."""


def _add_one(tx: Transaction) -> int:
    return counters.next_number(tx, "x")


def _raises(error: BaseException) -> Callable[[Transaction], None]:
    def work(tx: Transaction) -> None:
        counters.next_number(tx, "failed")
        raise error

    return work


async def _value(database: Database, name: str) -> int:
    return await database.read(lambda tx: counters.value(tx, name))


# ------------------------------------------------------------------ faults of every kind


@pytest.mark.parametrize(
    "error",
    [
        StopIteration(),
        StopAsyncIteration(),
        RecursionError(),
        MemoryError(),
        KeyError("x"),
        LockedError(),
        GroupLostError(),
        KeyNameTakenError(),
        AssertionError(),
        sqlcipher.OperationalError("disk I/O error"),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_no_exception_of_a_job_ends_the_writer(database: Database, error: Exception) -> None:
    """Its caller hears of it, nothing of it stays, and the next job runs."""
    async with asyncio.timeout(5):
        with pytest.raises((type(error), RuntimeError)):
            await database.write(_raises(error))
        assert await database.write(_add_one) == 1
    assert await _value(database, "failed") == 0


async def test_a_look_that_stops_in_the_middle_keeps_nobody_waiting(database: Database) -> None:
    """A future takes no StopIteration: whoever waited for one would wait for ever."""

    def look(_tx: Transaction) -> int:
        return next(iter(list[int]()))

    async with asyncio.timeout(5):
        with pytest.raises(RuntimeError):
            await database.read(look)
        assert await _value(database, "x") == 0


async def test_a_listener_that_fails_neither_ends_the_writer_nor_hides_a_commit(
    database: Database,
) -> None:
    """What is woken by commits is nobody's condition for them."""
    heard: list[Effects] = []
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _loop, context: reported.append(context["exception"])
    )

    def breaks(_effects: Effects) -> None:
        raise BrokenError

    database.on_commit(breaks)
    database.on_commit(heard.append)
    async with asyncio.timeout(5):
        assert await database.write(_add_one) == 1
        assert await database.write(_add_one) == 2
    assert len(heard) == 2
    assert [type(error) for error in reported] == [BrokenError, BrokenError]


async def test_a_proof_log_that_cannot_be_signed_costs_only_the_jobs_that_add_to_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The group is played again one by one, and whoever did not add a leaf is not touched."""

    def refuses(_tx: Transaction, _now: object) -> None:
        raise LockedError

    def proves(tx: Transaction) -> None:
        counters.next_number(tx, "proved")
        tx.effects.proves = _NOW

    monkeypatch.setattr("storage.proofs.sign_checkpoint", refuses)
    async with asyncio.timeout(5):
        results = await asyncio.gather(
            database.write(_add_one),
            database.write(proves),
            database.write(_add_one),
            return_exceptions=True,
        )
    assert [type(result) for result in results] == [int, LockedError, int]
    assert await _value(database, "x") == 2
    assert await _value(database, "proved") == 0


# ------------------------------------------------------------------ the disk


async def test_work_that_swallows_a_full_disk_commits_nothing_in_pieces(
    database: Database,
) -> None:
    """SQLite has rolled everything back: what followed would each commit by itself."""

    def careless(tx: Transaction) -> int:
        counters.next_number(tx, "before")
        try:
            tx.run(FILL, TOO_MUCH)
        except sqlcipher.Error:
            counters.next_number(tx, "after")
        return 1

    await database.write(lambda tx: tx.run("PRAGMA max_page_count = 200"))
    results = await asyncio.gather(
        database.write(_add_one),
        database.write(careless),
        database.write(_add_one),
        return_exceptions=True,
    )
    assert results[0] == 1
    assert isinstance(results[1], GroupLostError)
    assert is_disk_trouble(results[1])
    assert results[2] == 2
    assert await _value(database, "before") == 0
    assert await _value(database, "after") == 0


async def test_a_full_disk_inside_a_nested_part_is_no_refusal(database: Database) -> None:
    """The savepoint is gone with the transaction, so the whole job is."""

    def nests(tx: Transaction) -> None:
        counters.next_number(tx, "before")
        tx.nested(lambda: tx.run(FILL, TOO_MUCH))

    await database.write(lambda tx: tx.run("PRAGMA max_page_count = 200"))
    results = await asyncio.gather(
        database.write(nests), database.write(_add_one), return_exceptions=True
    )
    assert isinstance(results[0], Exception)
    assert is_disk_trouble(results[0])
    assert results[1] == 1
    assert await _value(database, "before") == 0


async def test_after_a_full_disk_the_same_connection_writes_again(database: Database) -> None:
    """Room that comes back is used, without a restart."""
    await database.write(lambda tx: tx.run("PRAGMA max_page_count = 200"))
    with pytest.raises((GroupLostError, sqlcipher.Error)) as full:
        await database.write(lambda tx: tx.run(FILL, TOO_MUCH))
    assert is_disk_trouble(full.value)
    await database.write(lambda tx: tx.run("PRAGMA max_page_count = 100000"))
    assert await database.write(lambda tx: tx.run(FILL, TOO_MUCH)) == 1


@pytest.mark.parametrize("fails_at", [1, 2, 3])
async def test_a_transaction_that_was_left_open_stops_none_that_follow(
    database: Database, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    """A commit that fails, and a rollback that fails after it, are over with the next job."""
    run_group = Writer._run_group  # noqa: SLF001 - such a disk cannot be made from outside
    calls: list[int] = []

    def leaves_open(self: Writer, connection: Connection, jobs: list[object]) -> int:
        calls.append(1)
        if len(calls) <= fails_at:
            connection.execute("BEGIN IMMEDIATE")
            raise OSError(5, "Input/output error")
        return run_group(self, connection, jobs)  # type: ignore[arg-type] # passed on as it came

    monkeypatch.setattr(Writer, "_run_group", leaves_open)
    async with asyncio.timeout(10):
        for _ in range(4):
            await asyncio.gather(database.write(_add_one), return_exceptions=True)
        assert await database.write(_add_one) > 0


async def test_what_would_end_a_thread_ends_no_writer_and_takes_nothing_else_with_it(
    database: Database,
) -> None:
    """Whoever asked for it hears that it is lost; the others are told what became of theirs."""
    told: list[Effects] = []
    database.on_commit(told.append)

    def ends(_tx: Transaction) -> int:
        raise SystemExit

    async with asyncio.timeout(10):
        results = await asyncio.gather(
            *(database.write(work) for work in (_add_one, ends, _add_one)), return_exceptions=True
        )
        assert [type(result) for result in results] == [int, GroupLostError, int]
        assert await database.write(_add_one) == 3
    assert len(told) == 3


# ------------------------------------------------------------------ savepoints


_STEPS = st.lists(
    st.recursive(
        st.sampled_from(["add", "fail"]),
        lambda inner: st.tuples(st.sampled_from(["nested"]), st.lists(inner, max_size=4)),
        max_leaves=8,
    ),
    max_size=6,
)


def _play(tx: Transaction, steps: object) -> None:
    assert isinstance(steps, list)
    for step in steps:
        if step == "add":
            counters.next_number(tx, "x")
            tx.effects.owes = True
        elif step == "fail":
            raise BrokenError
        else:
            _play_nested(tx, step[1])


def _play_nested(tx: Transaction, steps: object) -> None:
    with contextlib.suppress(BrokenError):
        tx.nested(lambda: _play(tx, steps))


def _expected(steps: object, before: int) -> tuple[int, bool]:
    """Compute what stays: the number, and whether the list got to its end."""
    assert isinstance(steps, list)
    number = before
    for step in steps:
        if step == "add":
            number += 1
        elif step == "fail":
            return before, False
        else:
            number, _ = _expected(step[1], number)
    return number, True


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_STEPS, min_size=1, max_size=4))
async def test_whatever_fails_takes_back_its_own_part_and_no_more(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[object]]
) -> None:
    """Jobs of one group, nested parts in them, and parts in those: rows and effects alike."""
    folder = tmp_path_factory.mktemp("savepoints")
    slots, _ = keyslots.create(folder / "keys", derivation.FLOOR)
    told: list[bool] = []
    with slots:
        async with Database(folder / "aman.db", slots) as database:
            database.on_commit(lambda effects: told.append(effects.owes))
            jobs = [database.write(partial(_play, steps=steps)) for steps in groups]
            await asyncio.gather(*jobs, return_exceptions=True)
            found = await _value(database, "x")
    number, owes = 0, list[bool]()
    for steps in groups:
        after, is_done = _expected(steps, number)
        owes += [after > number] if is_done else []
        number = after
    assert found == number
    assert told == owes


async def test_without_a_failure_each_job_runs_once_and_with_one_the_others_twice(
    database: Database,
) -> None:
    """Savepoints are what a failure costs, once: whoever fails alone is not asked again."""
    runs: list[str] = []

    def runs_as(name: str, error: Exception | None = None) -> Callable[[Transaction], None]:
        def work(tx: Transaction) -> None:
            runs.append(name)
            counters.next_number(tx, name)
            if error is not None:
                raise error

        return work

    await asyncio.gather(*(database.write(runs_as(name)) for name in "ab"))
    assert runs == ["a", "b"]
    runs.clear()
    with pytest.raises(BrokenError):
        await database.write(runs_as("alone", BrokenError()))
    assert runs == ["alone"]
    runs.clear()
    jobs = [runs_as("a"), runs_as("bad", BrokenError()), runs_as("b")]
    ended = await asyncio.gather(*map(database.write, jobs), return_exceptions=True)
    assert runs == ["a", "bad", "a", "bad", "b"]
    assert [type(one) for one in ended] == [type(None), BrokenError, type(None)]
    assert [await _value(database, name) for name in ("a", "b", "bad", "alone")] == [2, 2, 0, 0]


# ------------------------------------------------------------------ keys


async def test_keys_are_on_the_disk_before_the_commit(
    database: Database, slots: KeySlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the moment of the commit, the event's row must already have its keys in the file."""
    kept: list[bool] = []

    def look() -> None:
        kept.append(KeyName(KeyKind.PEOPLE, EVENT) in slots.names)

    at_commits(monkeypatch, database, look)
    await database.write(lambda tx: tx.create_event_keys(EVENT))
    assert kept == [True]


async def test_keys_that_cannot_be_stored_fail_only_the_job_that_makes_them(
    database: Database, slots: KeySlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its keys an event does not exist."""

    def refuses(_new: object) -> None:
        raise OSError(28, "No space left on device")

    def creates(tx: Transaction) -> None:
        tx.create_event_keys(EVENT)
        counters.next_number(tx, "events")

    monkeypatch.setattr(slots, "store", refuses)
    results = await asyncio.gather(
        database.write(_add_one),
        database.write(creates),
        database.write(_add_one),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [int, OSError, int]
    assert await _value(database, "events") == 0
    assert not await database.read(lambda tx: tx.has_key(KeyKind.PEOPLE, EVENT))


async def test_keys_of_a_commit_that_failed_do_not_stay_in_the_file(
    database: Database, slots: KeySlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Played again, the same event gets new keys, and all is sealed under those.

    The first ones would block their names, and are destroyed.
    """
    fail_commits(monkeypatch, database, times=1)

    def creates(tx: Transaction) -> bytes:
        tx.create_event_keys(EVENT)
        counters.next_number(tx, "events")
        return seal(tx.key(KeyKind.PEOPLE, EVENT), b"Dana", table="people", row=1)

    blob = await database.write(creates)
    assert await _value(database, "events") == 1
    keys = await database.read(lambda tx: tx.keys(KeyKind.PEOPLE, EVENT))
    assert open_under(keys, blob, table="people", row=1) == b"Dana"
    assert {name.kind for name in slots.names if name.event_id == EVENT} == {
        KeyKind.ROUTING,
        KeyKind.PEOPLE,
        KeyKind.CASE_PUBLIC,
        KeyKind.CASE_PRIVATE,
    }
    before = slots.names
    fail_commits(monkeypatch, database, times=2)  # with the others, and alone
    with pytest.raises(sqlcipher.OperationalError):
        await database.write(lambda tx: tx.create_event_keys(EventId(8)))
    assert EventId(8) in {name.event_id for name in slots.names}
    await database.write(_add_one)  # from now on nothing can bring the failed commit back
    assert slots.names == before


async def test_a_lock_holds_before_its_commit_and_where_that_fails(
    database: Database, slots: KeySlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wanted it locked gets that, whatever the disk does; the work is played again."""
    slots.store(keys_of_new_event(EVENT))
    seen: list[bool] = []

    def lock(tx: Transaction) -> None:
        seen.append(tx.is_locked)
        tx.effects.locks = True

    fail_commits(monkeypatch, database, times=1)
    await database.write(lock)
    assert slots.is_locked
    assert seen == [False, True]


def fail_commits(monkeypatch: pytest.MonkeyPatch, database: Database, times: int) -> None:
    """Let the next commits fail as on a broken disk."""
    left = [times]

    def fail() -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise sqlcipher.OperationalError("disk I/O error")

    at_commits(monkeypatch, database, fail)


def at_commits(
    monkeypatch: pytest.MonkeyPatch, database: Database, act: Callable[[], None]
) -> None:
    """Do something right before each commit: what happens there cannot be seen from outside."""
    connection = database._writer._connection  # noqa: SLF001 - as above
    raw = cast("Connection", connection._conn)  # noqa: SLF001 - as above
    monkeypatch.setattr(connection, "_connection", _Watched(raw, act))


class _Watched:
    """A connection whose commits are preceded by something."""

    def __init__(self, connection: Connection, before_commit: Callable[[], None]) -> None:
        self._raw, self._before_commit = connection, before_commit

    def __getattr__(self, name: str) -> object:
        return getattr(self._raw, name)

    def execute(self, sql: str, *parameters: tuple[Value, ...]) -> Cursor:
        """Carry out a statement."""
        if sql == "COMMIT":
            self._before_commit()
        return self._raw.execute(sql, *parameters)


async def test_a_doomed_key_opens_nothing_even_while_the_disk_refuses_to_destroy_it(
    database: Database, slots: KeySlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of sight with the commit; out of the file as soon as the disk takes it."""

    def refuses(_names: object) -> None:
        raise OSError(5, "Input/output error")

    await database.write(lambda tx: tx.create_event_keys(EVENT))
    with monkeypatch.context() as broken:
        broken.setattr(slots, "destroy", refuses)
        await database.write(lambda tx: tx.destroy_keys(EVENT, KeyKind.PEOPLE))
        assert not await database.read(lambda tx: tx.has_key(KeyKind.PEOPLE, EVENT))
        assert not await database.write(lambda tx: tx.has_key(KeyKind.PEOPLE, EVENT))
        assert KeyName(KeyKind.PEOPLE, EVENT) in slots.names
    await database.write(_add_one)
    assert KeyName(KeyKind.PEOPLE, EVENT) not in slots.names
    assert await database.read(lambda tx: tx.has_key(KeyKind.ROUTING, EVENT))


async def test_a_crash_between_commit_and_destruction_is_made_up_for_at_the_start(
    tmp_path: Path, slots: KeySlots
) -> None:
    """The row that names a doomed key outlives the crash, and the key does not outlive the row."""
    path = tmp_path / "aman.db"
    async with Database(path, slots) as database:
        await database.write(lambda tx: tx.create_event_keys(EVENT))
        # As if the process had died right after the commit that dooms the key.
        await database.write(
            lambda tx: tx.run(
                "INSERT INTO key_destructions (kind, event_id, version) VALUES ('people', ?, 1)",
                EVENT,
            )
        )
        assert KeyName(KeyKind.PEOPLE, EVENT) in slots.names
    async with Database(path, slots) as database:
        assert KeyName(KeyKind.PEOPLE, EVENT) not in slots.names
        assert (
            await database.read(lambda tx: tx.number("SELECT COUNT(*) FROM key_destructions")) == 0
        )


async def test_a_key_doomed_by_a_job_that_failed_stays(
    database: Database, slots: KeySlots
) -> None:
    """A purge that did not happen destroys nothing."""
    await database.write(lambda tx: tx.create_event_keys(EVENT))

    def fails(tx: Transaction) -> None:
        tx.destroy_keys(EVENT, KeyKind.PEOPLE)
        raise BrokenError

    with pytest.raises(BrokenError):
        await database.write(fails)
    await database.write(lambda tx: tx.key(KeyKind.PEOPLE, EVENT))
    assert KeyName(KeyKind.PEOPLE, EVENT) in slots.names


# ------------------------------------------------------------------ the end


async def test_closing_finishes_what_was_asked_for(tmp_path: Path, slots: KeySlots) -> None:
    """Whoever was queued is served, and hears of it."""
    async with asyncio.timeout(10):
        async with Database(tmp_path / "aman.db", slots) as database:
            asked = [
                asyncio.ensure_future(database.write(_add_one))  # noqa: TID251 - all at once
                for _ in range(300)
            ]
            await asyncio.sleep(0)  # noqa: TID251 - let them queue up
        assert [await one for one in asked] == list(range(1, 301))
        async with Database(tmp_path / "aman.db", slots) as database:
            assert await _value(database, "x") == 300


async def test_what_is_asked_for_while_closing_is_done_or_refused(
    tmp_path: Path, slots: KeySlots
) -> None:
    """Nobody waits for ever for a writer that has gone."""
    followed: list[asyncio.Task[int]] = []
    async with asyncio.timeout(10):
        async with Database(tmp_path / "aman.db", slots) as database:

            async def writes_twice() -> int:
                await database.write(_add_one)
                return await database.write(_add_one)

            followed.append(asyncio.ensure_future(writes_twice()))  # noqa: TID251 - in between
            await asyncio.sleep(0)  # noqa: TID251 - let it be queued
        results = await asyncio.gather(*followed, return_exceptions=True)
    assert results == [2] or isinstance(results[0], ClosedError)


async def test_a_closed_database_refuses_at_once(tmp_path: Path, slots: KeySlots) -> None:
    """Both before it was opened and after it was closed."""
    database = Database(tmp_path / "aman.db", slots)
    async with asyncio.timeout(5):
        with pytest.raises(ClosedError):
            await database.write(_add_one)
        with pytest.raises(ClosedError):
            await database.read(_add_one)
        async with database:
            pass
        with pytest.raises(ClosedError):
            await database.write(_add_one)


async def test_a_writer_that_is_cut_off_leaves_nobody_waiting(
    tmp_path: Path, slots: KeySlots
) -> None:
    """Whoever closes loses patience: those in the queue are told so."""

    async def opens_and_leaves(asked: list[asyncio.Future[int]]) -> None:
        async with Database(tmp_path / "aman.db", slots) as database:
            asked += [
                asyncio.ensure_future(database.write(_add_one))  # noqa: TID251 - all at once
                for _ in range(500)
            ]
            await asyncio.sleep(0)  # noqa: TID251 - let them queue up
            has_asked.set()

    asked: list[asyncio.Future[int]] = []
    has_asked = asyncio.Event()
    async with asyncio.timeout(10):
        closing = asyncio.ensure_future(opens_and_leaves(asked))  # noqa: TID251 - to be cancelled
        await has_asked.wait()
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)
        results = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(result, int | ClosedError) for result in results)


async def test_closing_is_cut_off_after_what_is_under_way(tmp_path: Path, slots: KeySlots) -> None:
    """Even twice: a commit that dooms a key is over first, and its caller hears of it."""
    asked: list[asyncio.Future[object]] = []
    has_asked, goes_on = asyncio.Event(), threading.Event()

    def dooms(tx: Transaction) -> str:
        goes_on.wait(5)
        tx.destroy_keys(EVENT, KeyKind.PEOPLE)
        return "done"

    async def opens_and_leaves() -> None:
        async with Database(tmp_path / "aman.db", slots) as database:
            await database.write(lambda tx: tx.create_event_keys(EVENT))
            asked.append(asyncio.ensure_future(database.write(dooms)))  # noqa: TID251 - under way
            await asyncio.wait(asked, timeout=0.05)
            asked.append(asyncio.ensure_future(database.write(_add_one)))  # noqa: TID251 - waits
            await asyncio.wait(asked, timeout=0.05)
            has_asked.set()

    async with asyncio.timeout(10):
        closing = asyncio.ensure_future(opens_and_leaves())  # noqa: TID251 - to be cancelled
        await has_asked.wait()
        for _ in range(2):
            closing.cancel()
            await asyncio.wait([closing], timeout=0.05)
        goes_on.set()
        results = await asyncio.gather(closing, *asked, return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError, str, ClosedError]
    assert KeyName(KeyKind.PEOPLE, EVENT) not in slots.names


async def test_a_database_that_is_open_is_not_opened_again(database: Database) -> None:
    """And goes on as if nobody had tried."""
    with pytest.raises(RuntimeError):
        await database.__aenter__()
    assert await database.write(_add_one) == 1
    assert await _value(database, "x") == 1


async def test_a_reader_never_sees_the_inside_of_a_group(database: Database) -> None:
    """Two numbers that change together are never seen apart."""

    def both(tx: Transaction) -> None:
        counters.next_number(tx, "one")
        counters.next_number(tx, "two")

    def look(tx: Transaction) -> tuple[int, int]:
        return counters.value(tx, "one"), counters.value(tx, "two")

    writing = [asyncio.ensure_future(database.write(both)) for _ in range(200)]  # noqa: TID251 - beside
    seen = [await database.read(look) for _ in range(100)]
    await asyncio.gather(*writing)
    assert all(one == two for one, two in seen)
    assert await database.read(look) == (200, 200)
