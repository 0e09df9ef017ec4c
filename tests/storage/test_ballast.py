"""Room that is kept for a full disk: really there, ours alone, and given up when it is needed."""

import shutil
import stat
from collections import namedtuple
from pathlib import Path

import pytest

from storage import ballast, counters
from storage.ballast import Ballast
from storage.database import Database
from storage.transaction import GroupLostError, Transaction
from storage.vault.keyslots import KeySlots

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - as shutil's own


@pytest.fixture
def held(tmp_path: Path) -> Ballast:
    """Give a ballast that is held."""
    one = Ballast(tmp_path / "ballast")
    assert one.take()
    return one


def test_it_takes_up_real_room_and_nobody_else_may_read_it(held: Ballast, tmp_path: Path) -> None:
    """A file with holes would give nothing back."""
    found = (tmp_path / "ballast").stat()
    assert held.is_held
    assert found.st_size == ballast.SIZE
    assert found.st_blocks * 512 >= ballast.SIZE
    assert stat.S_IMODE(found.st_mode) == 0o600


@pytest.mark.parametrize("length", [0, 4096, ballast.SIZE])
def test_what_a_crash_or_a_copy_has_left_of_it_is_made_anew(tmp_path: Path, length: int) -> None:
    """Neither a part of it nor a file of holes counts."""
    path = tmp_path / "ballast"
    with path.open("wb") as file:
        file.truncate(length)
    assert not Ballast(path).is_held
    assert Ballast(path).take()


def test_it_is_not_taken_where_that_would_leave_too_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The margin keeps it from going and coming with every few writes."""
    least = ballast.SIZE + ballast.MARGIN
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(least, 1, least - 1))
    assert not Ballast(tmp_path / "ballast").take()
    assert list(tmp_path.iterdir()) == []


def test_it_is_given_up_once(held: Ballast) -> None:
    """Whoever gave it up need not try again for that reason."""
    assert held.give_up()
    assert not held.is_held
    assert not held.give_up()


def _fills(tx: Transaction) -> None:
    tx.run(
        "INSERT INTO tokens (digest, purpose, subject_id, expires_at) "
        "VALUES (zeroblob(4000000), 'x', 0, 0)"
    )


async def test_a_write_that_finds_no_room_gives_it_up(
    tmp_path: Path, slots: KeySlots, held: Ballast
) -> None:
    """SQLite says that it is full: here at a limit of its own, in torture/ on a full disk."""
    async with Database(tmp_path / "aman.db", slots, ballast=held) as database:
        await database.write(lambda tx: tx.run("PRAGMA max_page_count = 200"))
        with pytest.raises(GroupLostError):
            await database.write(_fills)
        assert not held.is_held
        assert await database.write(lambda tx: counters.next_number(tx, "good")) == 1


async def test_a_fault_of_ours_does_not_cost_it(
    tmp_path: Path, slots: KeySlots, held: Ballast
) -> None:
    """A job that fails by itself, even with an error that looks like the machine's."""

    def fails(_tx: Transaction) -> None:
        raise TimeoutError

    async with Database(tmp_path / "aman.db", slots, ballast=held) as database:
        with pytest.raises(TimeoutError):
            await database.write(fails)
    assert held.is_held
