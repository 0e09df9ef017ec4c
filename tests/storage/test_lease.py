"""Two that work on one database: the later one works, the earlier one commits nothing more."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from safety.people import EventId
from safety.standby import LEASE_LASTS, Mark
from storage import counters, lease, standby
from storage.database import Database
from storage.lease import Claimant, Fence, HeldLeaseError, OvertakenError
from storage.transaction import Transaction
from storage.vault import derivation, keyslots
from storage.vault.keys import KeyKind, KeyName
from storage.vault.keyslots import KeySlots
from storage.writer import ClosedError

NOW = datetime(2027, 5, 28, 18, 0, tzinfo=UTC)


@pytest.fixture
def slots(tmp_path: Path) -> KeySlots:
    """Make cheap keys."""
    return keyslots.create(tmp_path / "keys", derivation.FLOOR)[0]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give where the database stands."""
    return tmp_path / "aman.db"


@pytest_asyncio.fixture
async def earlier(path: Path, slots: KeySlots) -> AsyncIterator[tuple[Database, Fence]]:
    """Give a database that somebody works on, and what stands before its commits."""
    fence = Fence()
    async with Database(path, slots, fence=fence) as database:
        yield database, fence


def _read(text: str, tx: Transaction) -> Mark | None:
    return standby.read(tx, text)


def _counts(tx: Transaction) -> int:
    return counters.next_number(tx, "done")


async def test_whoever_was_overtaken_commits_nothing_more(
    earlier: tuple[Database, Fence], path: Path, slots: KeySlots
) -> None:
    """Whatever it wants to store, and whoever else waits with it; it is told once."""
    database, fence = earlier
    told: list[bool] = []
    fence.on_lost = lambda: told.append(fence.is_lost)
    assert await database.write(_counts) == 1
    async with Database(path, slots) as later:
        done = [database.write(_counts) for _ in range(3)]
        results = await asyncio.gather(*done, return_exceptions=True)
        assert {type(result) for result in results} == {OvertakenError}
        assert await later.write(_counts) == 2
    assert told == [True]


async def test_an_overtaken_holder_touches_the_keys_no_more(
    earlier: tuple[Database, Fence],
    path: Path,
    slots: KeySlots,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also those that a failed commit had left to be destroyed: it would undo the later one's."""
    database, _ = earlier
    tried: list[object] = []
    held = database._held  # noqa: SLF001 - as a disk that failed would leave it
    held.leave_over(frozenset({KeyName(KeyKind.PEOPLE, EventId(7))}))
    held.commit(frozenset())
    async with Database(path, slots):
        monkeypatch.setattr(slots, "destroy", tried.append)
        with pytest.raises(OvertakenError):
            await database.write(_counts)
    assert tried == []


async def test_whoever_is_overtaken_right_after_a_commit_touches_no_key_either(
    earlier: tuple[Database, Fence], slots: KeySlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program may be suspended just there; the key is destroyed by whoever works now."""
    database, fence = earlier
    tried: list[object] = []
    asked: list[None] = []

    async def knows_later() -> None:
        asked.append(None)
        if len(asked) > 1:
            raise OvertakenError

    await database.write(lambda tx: tx.create_event_keys(EventId(7)))
    monkeypatch.setattr(slots, "destroy", tried.append)
    fence.gate = knows_later
    await database.write(lambda tx: tx.destroy_keys(EventId(7), KeyKind.PEOPLE))
    assert tried == []
    assert fence.is_lost


async def test_a_guest_beside_the_bot_overtakes_nobody(
    earlier: tuple[Database, Fence], path: Path, slots: KeySlots
) -> None:
    """Commands of an operator come and go while the bot works."""
    database, _ = earlier
    async with Database(path, slots, is_guest=True) as guest:
        await guest.write(_counts)
        assert await database.write(_counts) == 2


async def test_a_gate_keeps_a_commit_until_it_is_certain(
    earlier: tuple[Database, Fence],
) -> None:
    """Whoever may have been suspended looks first who works; then it is done, or never."""
    database, fence = earlier
    opens = asyncio.Event()

    async def is_open() -> None:
        await opens.wait()

    fence.gate = is_open
    async with asyncio.TaskGroup() as tasks:
        done = tasks.create_task(database.write(_counts))
        await asyncio.wait([done], timeout=0.1)
        assert not done.done()
        opens.set()
    assert done.result() == 1


async def test_nobody_is_asked_at_the_gate_while_it_is_open(
    earlier: tuple[Database, Fence],
) -> None:
    """Each commit would wait for a round of the loop; in the first doubt it does."""
    database, fence = earlier
    doubts: list[str] = []
    asked: list[str] = []

    async def asks() -> None:
        asked.append("asked")

    fence.gate, fence.is_open = asks, lambda: not doubts
    assert await database.write(_counts) == 1
    assert not asked
    doubts.append("a silence")
    assert await database.write(_counts) == 2
    assert asked


async def test_a_gate_that_breaks_keeps_nothing_from_being_stored(
    earlier: tuple[Database, Fence],
) -> None:
    """A fault of ours keeps no alarm; another copy is still seen in the commit itself."""
    database, fence = earlier
    reported, error = _reported(), RuntimeError()

    async def breaks() -> None:
        raise error

    fence.gate = breaks
    async with asyncio.timeout(10):
        assert await database.write(_counts) == 1
        assert await database.write(_counts) == 2
    assert reported == [error, error]


def _reported() -> list[object]:
    """Give the list of what the running loop reports from now on."""
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _loop, context: reported.append(context["exception"])
    )
    return reported


async def test_nobody_waits_for_ever_where_it_cannot_be_said_whether_the_gate_is_open(
    earlier: tuple[Database, Fence],
) -> None:
    """The next write is served as well."""
    database, fence = earlier
    reported, error = _reported(), RuntimeError()

    async def is_passed() -> None:
        pass

    def breaks() -> bool:
        raise error

    fence.gate, fence.is_open = is_passed, breaks
    async with asyncio.timeout(10):
        assert await database.write(_counts) == 1
        assert await database.write(_counts) == 2
    assert reported == [error, error]


async def test_what_is_lost_while_somebody_waits_at_the_gate_is_not_committed(
    earlier: tuple[Database, Fence],
) -> None:
    """Another look has seen the other copy meanwhile; all who wait hear the same."""
    database, fence = earlier
    opens = asyncio.Event()

    async def opens_late() -> None:
        await opens.wait()

    fence.gate = opens_late
    async with asyncio.timeout(10):
        asked = [asyncio.ensure_future(database.write(_counts)) for _ in range(3)]  # noqa: TID251 - at once
        await asyncio.wait(asked, timeout=0.05)
        fence.lose()
        opens.set()
        results = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(result) for result in results] == [OvertakenError] * 3
    assert await database.read(lambda tx: counters.value(tx, "done")) == 0


@pytest.mark.parametrize("times", [1, 3])
async def test_whoever_loses_patience_at_the_gate_closes_at_once(
    path: Path, slots: KeySlots, times: int
) -> None:
    """What has not begun is not done, and nobody waits for it."""
    fence, has_asked = Fence(), asyncio.Event()
    asked: list[asyncio.Future[int]] = []

    async def never_opens() -> None:
        await asyncio.Event().wait()

    async def opens_and_leaves() -> None:
        async with Database(path, slots, fence=fence) as database:
            fence.gate = never_opens
            asked.extend(asyncio.ensure_future(database.write(_counts)) for _ in range(3))  # noqa: TID251 - at once
            await asyncio.wait(asked, timeout=0.05)
            has_asked.set()

    async with asyncio.timeout(10):
        closing = asyncio.ensure_future(opens_and_leaves())  # noqa: TID251 - to be cancelled
        await has_asked.wait()
        for _ in range(times):
            closing.cancel()
            await asyncio.wait([closing], timeout=0.05)
        results = await asyncio.gather(closing, *asked, return_exceptions=True)
    kinds = [type(result) for result in results]
    assert kinds == [asyncio.CancelledError, ClosedError, ClosedError, ClosedError]
    async with Database(path, slots) as database:
        assert await database.read(lambda tx: counters.value(tx, "done")) == 0


async def test_a_gate_that_is_cancelled_leaves_nobody_waiting(
    earlier: tuple[Database, Fence],
) -> None:
    """As when a program ends that waits for nothing any more."""
    database, fence = earlier

    async def is_cancelled() -> None:
        raise asyncio.CancelledError

    fence.gate = is_cancelled
    async with asyncio.timeout(10):
        with pytest.raises(ClosedError):
            await database.write(_counts)
        with pytest.raises(ClosedError):
            await database.write(_counts)


async def test_a_gate_that_knows_of_another_copy_ends_all_writing(
    earlier: tuple[Database, Fence],
) -> None:
    """Nothing of it is stored."""
    database, fence = earlier

    async def is_shut() -> None:
        raise OvertakenError

    fence.gate = is_shut
    with pytest.raises(OvertakenError):
        await database.write(_counts)
    assert fence.is_lost
    assert await database.read(lambda tx: counters.value(tx, "done")) == 0


def _claimant(machine: int, age: timedelta, *, takes_over: bool = False) -> Claimant:
    return Claimant(machine, lambda: NOW + age, is_shared=True, takes_over=takes_over)


async def test_a_shared_disk_takes_one_machine_at_a_time(path: Path, slots: KeySlots) -> None:
    """It refuses and changes nothing; later, or where a person decides it, it takes over."""
    async with Database(path, slots, fence=Fence(_claimant(1, timedelta()))) as first:
        with pytest.raises(HeldLeaseError):
            async with Database(path, slots, fence=Fence(_claimant(2, timedelta(seconds=5)))):
                pass
        await first.write(lambda tx: lease.renew(tx, NOW + timedelta(minutes=5)))
        with pytest.raises(HeldLeaseError):
            async with Database(path, slots, fence=Fence(_claimant(2, timedelta(minutes=6)))):
                pass
        again = Fence(_claimant(1, timedelta(minutes=6)))
        async with Database(path, slots, fence=again):
            pass
    decided = Fence(_claimant(2, timedelta(minutes=7), takes_over=True))
    async with Database(path, slots, fence=decided):
        pass
    third = Fence(_claimant(3, timedelta(minutes=7) + LEASE_LASTS))
    async with Database(path, slots, fence=third):
        pass


async def test_a_mark_is_read_by_whoever_has_the_key_and_made_by_nobody_else(
    earlier: tuple[Database, Fence], tmp_path: Path
) -> None:
    """Whoever stole the token cannot silence the bot with a mark of their own."""
    database, _ = earlier
    mark = await database.write(lambda tx: standby.choose(tx, None, 4))
    said = await database.read(lambda tx: standby.write(tx, mark))
    assert len(said) <= 90
    assert await database.read(lambda tx: standby.read(tx, said)) == mark
    term, number, signature = said.split(" ")
    forged = [
        f"{int(term) + 1} {number} {signature}",
        f"{term} {number}0 {signature}",
        f"{term} {number} {'0' * 64}",
        f"{term} {number}",
        "",
        "4 zz ж",
    ]
    for text in forged:
        assert await database.read(partial(_read, text)) is None
    other = keyslots.create(tmp_path / "others", derivation.FLOOR)[0]
    async with Database(tmp_path / "others.db", other) as foreign:
        assert await foreign.read(lambda tx: standby.read(tx, said)) is None


async def test_a_start_knows_the_mark_it_found_and_the_one_it_leaves(
    earlier: tuple[Database, Fence],
) -> None:
    """Its own may not arrive: the next start must not take either for another's."""
    database, _ = earlier
    first = await database.write(lambda tx: standby.choose(tx, None, 0))
    second = await database.write(lambda tx: standby.choose(tx, first, 0))
    lineage = await database.read(standby.lineage)
    assert lineage.left == {first.number, second.number}
    await database.write(standby.begin_term)
    assert (await database.read(standby.lineage)).term == 1
    third = await database.write(lambda tx: standby.choose(tx, None, 1))
    assert (await database.read(standby.lineage)).left == {third.number}
    assert third == Mark(1, third.number)
