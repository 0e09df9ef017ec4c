"""What the running bot keeps elsewhere by itself, and that nothing old stays there."""

import asyncio
import contextlib
import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import chain, repeat
from pathlib import Path

import pytest

from bot import custody, doctor
from bot.backup import COPY, BackupError, Seen, own_copy
from bot.clock import MovableClock, SystemClock
from bot.custody import BACKUP_EVERY, LOOK_EVERY, NAME, Custody
from bot.room import NoRoomError
from coordination import retention
from coordination.retention import By
from coordination.turns import Work
from safety.events import Event
from storage import backups, escrows, events, evidence, keyholders
from storage.ballast import MARGIN
from storage.keyholders import KEYHOLDERS
from storage.lease import OvertakenError
from storage.transaction import Transaction
from storage.vault.errors import VaultError, WrongIdentityError
from storage.vault.keys import KeyKind
from tests.bot.test_ballast import Usage
from tests.bot.test_bundles import names_in
from tests.copies import (
    Holder,
    back_up,
    config_of,
    has_keyholder,
    restored_to,
    set_of,
    stores_files,
    world_of,
)
from tests.harness import Someone, World


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Give a directory for copies."""
    path = tmp_path / "elsewhere"
    path.mkdir()
    return path


def _custody(world: World, folder: Path, elsewhere: Path | None = None) -> Custody:
    config = replace(config_of(folder), copies=elsewhere)
    slots = world._slots  # noqa: SLF001 - the keys of this world
    return Custody(config, world.database, slots, MovableClock(world.now, 1.0))


def _purge(event: Event) -> Callable[[Work], None]:
    def work(work: Work) -> None:
        known = events.get(work.tx, event.id)
        assert known is not None
        retention.purge_event(work, known, By())

    return work


def _people_keys(path: Path, holder: Holder) -> set[int | None]:
    escrow = escrows.read(path, holder.pair.private)
    return {name.event_id for name in escrow.keys if name.kind is KeyKind.PEOPLE}


async def test_the_newest_escrow_follows_each_purge_and_each_new_event(
    world: World, tmp_path: Path
) -> None:
    """A second operator always finds the keys of today, and none of what was purged."""
    await world.has_team()
    first = await world.has_event()
    nora = await has_keyholder(world)
    keeper, files = _custody(world, tmp_path), set_of(tmp_path / "escrow" / NAME)
    await keeper.keep_here()
    assert _people_keys(files.escrow, nora) == {first.id}
    second = await world.has_event()
    await keeper.keep_here()
    assert _people_keys(files.escrow, nora) == {first.id, second.id}
    await world.change(_purge(first))
    await keeper.keep_here()
    assert _people_keys(files.escrow, nora) == {second.id}
    assert f"event {first.id} " in _text(files.purges)
    assert _mode(files.escrow) == 0o600


async def test_an_escrow_holds_the_keys_of_the_moment_that_it_is_of(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is made or purged just before the look: nothing is missing, nothing stays."""
    await world.has_team()
    first = await world.has_event()
    nora = await has_keyholder(world)
    keeper, files = _custody(world, tmp_path), set_of(tmp_path / "escrow" / NAME)
    await keeper.keep_here()
    made: list[Event] = []
    read = world.database.read

    async def read_late(look: Callable[[Transaction], object]) -> object:
        monkeypatch.undo()
        made.append(await world.has_event())
        await world.change(_purge(first))
        return await read(look)

    monkeypatch.setattr(world.database, "read", read_late)
    await keeper.keep_here()
    (second,) = made
    assert _people_keys(files.escrow, nora) == {second.id}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_an_old_escrow_is_overwritten_where_it_lies(world: World, tmp_path: Path) -> None:
    """Its blocks on the disk hold the purged keys no more; a mere rename would leave them."""
    await world.has_team()
    event = await world.has_event()
    await has_keyholder(world)
    keeper, path = _custody(world, tmp_path), set_of(tmp_path / "escrow" / NAME).escrow
    await keeper.keep_here()
    old = tmp_path / "the same blocks"
    _link(path, old)
    await world.change(_purge(event))
    await keeper.keep_here()
    assert set(_content(old)) == {0}


async def test_a_backup_that_a_wrong_clock_dated_ahead_keeps_no_other_from_being_made(
    world: World, tmp_path: Path, elsewhere: Path
) -> None:
    """A clock that was a month ahead and was set right would make none for a month."""
    await world.has_team()
    await has_keyholder(world)
    config, clock = replace(config_of(tmp_path), copies=elsewhere), MovableClock(world.now)
    slots = world._slots  # noqa: SLF001 - the keys of this world
    keeper = Custody(config, world.database, slots, clock)
    clock.set_wall(timedelta(days=30))
    await keeper.keep_elsewhere()
    clock.set_wall(-timedelta(days=30))
    await keeper.keep_elsewhere()
    made_at = await world.database.read(backups.last_made)
    assert made_at is not None
    assert made_at - world.now < BACKUP_EVERY


def _link(path: Path, other: Path) -> None:
    os.link(path, other)


def _content(path: Path) -> bytes:
    return path.read_bytes()


async def test_a_removed_key_opens_no_escrow_from_then_on(world: World, tmp_path: Path) -> None:
    """And where nobody could open it, there is none."""
    await world.has_team()
    await world.has_event()
    nora = await has_keyholder(world)
    zarina = await has_keyholder(world, "Zarina")
    keeper, path = _custody(world, tmp_path), set_of(tmp_path / "escrow" / NAME).escrow
    await keeper.keep_here()
    await _removed(world, nora)
    await keeper.keep_here()
    assert _people_keys(path, zarina)
    with pytest.raises(WrongIdentityError):
        escrows.read(path, nora.pair.private)
    await _removed(world, zarina)
    await keeper.keep_here()
    assert _names(path.parent) == ["backup.purges"]


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def _has_people(world: World) -> tuple[Event, Someone, Holder]:
    await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    return event, aliya, await has_keyholder(world)


async def _removed(world: World, holder: Holder) -> None:
    found = await world.look(keyholders.current)
    one = next(one for one in found if one.name == holder.name)
    await world.change(lambda work: KEYHOLDERS.remove(work.tx, "id = ?", one.id))


async def test_evidence_and_a_whole_backup_stand_elsewhere_and_restore(
    world: World, tmp_path: Path, elsewhere: Path
) -> None:
    """The machine is gone: the directory elsewhere and one identity are enough."""
    _, aliya, nora = await _has_people(world)
    keeper = _custody(world, tmp_path, elsewhere)
    await keeper.keep_elsewhere()
    await aliya.writes("/report")
    await aliya.sends_video("at the door")
    (sealed,) = await stores_files(world, tmp_path)
    await keeper.keep_elsewhere()
    assert _content(elsewhere / "evidence" / sealed.name) == _content(sealed)
    world.now += BACKUP_EVERY
    await _custody(world, tmp_path, elsewhere).keep_elsewhere()
    restored = await restored_to(tmp_path / "new", set_of(elsewhere / NAME), nora, world.now)
    assert restored.missing == ()
    assert restored.made_at == world.now


async def test_a_file_and_a_purge_reach_the_copies_at_once(
    world: World, tmp_path: Path, elsewhere: Path
) -> None:
    """Not with the next look, half a minute later: the machine may be carried out by then."""
    event, aliya, nora = await _has_people(world)
    keeper = _custody(world, tmp_path, elsewhere)
    here, there = set_of(tmp_path / "escrow" / NAME), set_of(elsewhere / NAME)
    places = (here.escrow, there.escrow)

    def hold(events: set[int | None]) -> bool:
        return all(path.exists() and _people_keys(path, nora) == events for path in places)

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(part()) for part in (keeper.run, keeper.run_copies)]
        await _until(lambda: hold({event.id}))
        await aliya.writes("/report")
        await aliya.sends_video("at the door")
        (sealed,) = await stores_files(world, tmp_path)
        await _until((elsewhere / "evidence" / sealed.name).exists)
        await world.change(_purge(event))
        await _until(lambda: hold(set()))
        for task in running:
            task.cancel()


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(LOOK_EVERY / 2):
        while True:
            with contextlib.suppress(FileNotFoundError, VaultError):  # it is just being replaced
                if is_so():
                    return
            await SystemClock().sleep(0.02)


@pytest.mark.parametrize("ends_before", ["the keys", "the backup"])
async def test_what_stands_elsewhere_opens_also_where_the_copying_was_cut_off(
    world: World,
    tmp_path: Path,
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    ends_before: str,
) -> None:
    """Newer files and newer keys beside an older backup: it opens as on the day it was made."""
    _, aliya, nora = await _has_people(world)
    await _custody(world, tmp_path, elsewhere).keep_elsewhere()
    await world.has_event()
    await aliya.writes("/report")
    await aliya.sends_video("at the door")
    (sealed,) = await stores_files(world, tmp_path)
    where = "bot.backup.put_keys" if ends_before == "the keys" else "storage.backups.write"
    monkeypatch.setattr(where, _cut_off)
    monkeypatch.setattr("bot.custody.put_keys", _cut_off)
    with pytest.raises(OSError, match="cut off"):
        await _custody(world, tmp_path, elsewhere).keep_elsewhere()
    assert (elsewhere / "evidence" / sealed.name).exists()
    restored = await restored_to(tmp_path / "new", set_of(elsewhere / NAME), nora, world.now)
    assert (restored.settled.unreadable, restored.missing) == (0, ())
    async with world_of(restored, world) as again:
        await again.person("Aliya").writes("sos")
        await again.person("Timur").presses("Show")
        again.person("Timur").sees("Aliya")


def _cut_off(*_: object) -> None:
    raise OSError(errno.EIO, "cut off")


async def test_a_copy_that_failed_is_owed_until_it_is_there(
    world: World, tmp_path: Path, elsewhere: Path
) -> None:
    """A disk that is away, a damaged source: tried again, and counted; nothing else waits."""
    await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await has_keyholder(world)
    for number in range(2):
        await aliya.writes("/report")
        await aliya.sends_document(f"file {number}.pdf", size=1_000 + number)
    one, two = await stores_files(world, tmp_path)
    whole = _content(one)
    one.write_bytes(whole[:-1])
    away = _custody(world, tmp_path, tmp_path / "away")
    with pytest.raises(OSError, match="No such file"):
        await away.keep_elsewhere()
    config = replace(config_of(tmp_path), copies=elsewhere)
    files = await world.look(evidence.kept_files)
    assert len(custody.owed(config, files)) == 2
    keeper = _custody(world, tmp_path, elsewhere)
    await keeper.keep_elsewhere()
    assert [file.number for file in custody.owed(config, files)] == [1]
    assert _content(elsewhere / "evidence" / two.name) == _content(two)
    one.write_bytes(whole)
    await _custody(world, tmp_path, elsewhere).keep_elsewhere()  # after a restart
    assert custody.owed(config, files) == []


async def test_doctor_tells_of_backups_and_copies(
    world: World, tmp_path: Path, elsewhere: Path
) -> None:
    """None before an event is fine; none while one is open is not."""
    config = replace(config_of(tmp_path), copies=elsewhere)

    async def told() -> list[tuple[bool, str]]:
        found = await world.look(lambda tx: list(doctor.look_at_copies(config, tx, world.now)))
        return [(finding.is_good, finding.words) for finding in found]

    await world.has_team()
    assert (await told())[0] == (True, "No backup was made yet: see aman backup.")
    event = await world.has_event()
    assert (await told())[0] == (False, "No backup was made yet: see aman backup.")
    aliya = await world.has_participant(event, "Aliya")
    await has_keyholder(world)
    await aliya.writes("/report")
    await aliya.sends_video("at the door")
    await stores_files(world, tmp_path)
    assert (await told())[-1] == (False, "1 evidence file(s) are still to be copied.")
    assert "same disk" in (await told())[1][1]
    await _custody(world, tmp_path, elsewhere).keep_elsewhere()
    assert (await told())[0] == (True, "The last backup is 0 hours old.")
    assert (await told())[-1] == (True, "0 evidence file(s) are still to be copied.")
    world.now += 2 * doctor.OLDEST_BACKUP
    assert (await told())[0] == (False, "The last backup is 48 hours old.")


async def test_purged_keys_leave_the_copies_even_if_no_backup_can_be_made(
    world: World, tmp_path: Path, elsewhere: Path
) -> None:
    """A full disk, or a backup by hand at that moment, keeps nobody in an old escrow."""
    await world.has_team()
    event = await world.has_event()
    nora = await has_keyholder(world)
    keeper, files = _custody(world, tmp_path, elsewhere), set_of(elsewhere / NAME)
    await keeper.keep_elsewhere()
    assert _people_keys(files.escrow, nora) == {event.id}
    await world.change(_purge(event))
    with own_copy(config_of(tmp_path).directory), pytest.raises(BackupError):
        await keeper.keep_elsewhere()
    assert _people_keys(files.escrow, nora) == set()
    assert f"event {event.id} " in _text(files.purges)
    await keeper.keep_elsewhere()
    restored = await restored_to(tmp_path / "new", files, nora, world.now)
    assert (restored.settled.purged, restored.settled.unreadable) == (0, 0)


async def test_a_backup_takes_no_room_that_the_bot_itself_needs(
    world: World, tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was tried each half minute, filled the disk each time, and the ballast went with it."""
    await has_keyholder(world)
    free = (tmp_path / "aman.db").stat().st_size + MARGIN - 1
    keeper, files = _custody(world, tmp_path, elsewhere), set_of(elsewhere / NAME)
    with monkeypatch.context() as nearly_full:
        nearly_full.setattr(shutil, "disk_usage", lambda _: Usage(2**40, 2**40 - free, free))
        with pytest.raises(NoRoomError, match="no room"):
            await keeper.keep_elsewhere()
    assert not files.backup.exists()
    assert files.escrow.exists()
    await keeper.keep_elsewhere()
    assert files.backup.exists()


async def test_a_backup_beside_the_database_needs_room_besides_the_copy_on_its_way(
    world: World, tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On one disk all is there three times for a while: the last would have filled it."""
    await has_keyholder(world)
    keeper, files = _custody(world, tmp_path, elsewhere), set_of(elsewhere / NAME)
    plenty, little = Usage(2**40, 0, 2**40), Usage(2**40, 2**40 - MARGIN, MARGIN)
    seen = iter((plenty, little))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: next(seen))
    with pytest.raises(NoRoomError, match="no room"):
        await keeper.keep_elsewhere()
    assert not files.backup.exists()
    assert files.escrow.exists()


async def test_a_backup_by_hand_that_comes_to_nothing_leaves_no_keys_beside(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C let it go on to its end; on a full disk an escrow was left that nobody knew of."""
    await has_keyholder(world)
    out = tmp_path / "by-hand" / "backup"
    out.parent.mkdir()
    plenty, little = Usage(2**40, 0, 2**40), Usage(2**40, 0, MARGIN)
    seen = chain([plenty] * 2, repeat(little))
    with monkeypatch.context() as fills:
        fills.setattr(shutil, "disk_usage", lambda _: next(seen))
        with pytest.raises(NoRoomError, match="no room"):
            await back_up(world, tmp_path, out)
    assert names_in(out.parent) == []
    await back_up(world, tmp_path, out)
    assert names_in(out.parent) == ["backup", "backup.escrow", "backup.purges"]


async def test_no_backup_is_made_whose_keys_have_changed_meanwhile(
    world: World, tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its escrow would not open it, or would open what was purged while it was copied."""
    await world.has_team()
    await world.has_event()
    nora = await has_keyholder(world)
    keeper, files = _custody(world, tmp_path, elsewhere), set_of(elsewhere / NAME)
    copy_to = world.database.copy_to
    made: list[Event] = []

    async def copies_slowly(path: Path, look: Callable[[Transaction], Seen]) -> Seen:
        seen = await copy_to(path, look)
        made.append(await world.has_event())
        return seen

    monkeypatch.setattr(world.database, "copy_to", copies_slowly)
    with pytest.raises(BackupError, match="Keys were made or destroyed meanwhile"):
        await keeper.keep_elsewhere()
    assert not files.backup.exists()
    monkeypatch.undo()
    await keeper.keep_elsewhere()
    assert files.backup.exists()
    assert made[0].id in _people_keys(files.escrow, nora)


def test_a_copy_that_a_crash_has_left_is_overwritten_before_it_is_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It opens with a key that is never replaced."""
    (tmp_path / COPY).write_bytes(b"rows that are gone since")
    seen: list[bytes] = []
    truncate = os.ftruncate

    def truncates(descriptor: int, length: int) -> None:
        seen.append(_content(tmp_path / COPY))
        truncate(descriptor, length)

    monkeypatch.setattr(os, "ftruncate", truncates)
    with own_copy(tmp_path):
        pass
    assert set(seen[0]) == {0}


async def test_purged_keys_leave_the_copies_before_any_file_is_copied(
    world: World, tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hours of video over a slow line keep nobody's keys; nor is a file lost where that fails."""
    await world.has_team()
    event = await world.has_event()
    nora = await has_keyholder(world)
    keeper, files = _custody(world, tmp_path, elsewhere), set_of(elsewhere / NAME)
    found: list[set[int | None]] = []

    def copy(*_: object) -> int:
        found.append(_people_keys(files.escrow, nora) if files.escrow.exists() else {None})
        return 0

    monkeypatch.setattr(custody, "copy_evidence", copy)
    await keeper.keep_elsewhere()
    await keeper.keep_elsewhere()
    await world.change(_purge(event))
    with own_copy(config_of(tmp_path).directory), pytest.raises(BackupError):
        await keeper.keep_elsewhere()
    assert found == [{None}, {event.id}, set()]


async def test_whoever_was_overtaken_overwrites_no_newer_copy(
    world: World, tmp_path: Path, elsewhere: Path
) -> None:
    """A machine that slept for a day wakes up with a day-old database, and a backup is due: the
    set of the copy that works now, with what was purged since, stays as it is.
    """
    await world.has_team()
    await has_keyholder(world)
    keeper = _custody(world, tmp_path, elsewhere)
    place = elsewhere / NAME
    place.with_name(f"{NAME}.purges").write_text("of the other copy", encoding="utf-8")
    fence = world.database._fence  # noqa: SLF001 - it stands before each commit of this world

    async def overtaken() -> None:
        raise OvertakenError

    fence.gate = overtaken
    for keep in (keeper.keep_here, keeper.keep_elsewhere):
        with pytest.raises(OvertakenError):
            await keep()
    assert fence.is_lost
    assert _names(elsewhere) == [f"{NAME}.purges"]
    assert _text(place.with_name(f"{NAME}.purges")) == "of the other copy"
    assert not (tmp_path / "escrow").exists()
