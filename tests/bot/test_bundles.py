"""`aman export` and `aman verify`: what was told through chat comes out, and nothing else does."""

import argparse
import asyncio
import io
import json
import os
import shutil
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from bot import bundles
from bot.bundles import Exported, ExportError, export_case, require_free
from bot.cli import main
from bot.config import Config, ConfigError, environment, load
from bot.room import NoRoomError, Room
from bot.setup import set_up
from bot.unlocking import open_keys
from coordination import retention
from coordination.evidence import Kept, record_stored
from coordination.incidents import record_facts
from coordination.turns import Work
from safety.events import Event
from safety.evidence import EvidenceItem
from safety.facts import Fact, FactKind
from safety.people import EventId, PersonId, Role
from safety.policy import Policy
from safety.registration import Consent
from storage import events, evidence, proofs
from storage.ballast import MARGIN
from storage.database import Database
from storage.events import EVENTS
from storage.people import PEOPLE
from storage.transaction import Transaction
from storage.vault import derivation, verifier
from storage.vault.keys import Key, KeyKind
from tests.bot.test_ballast import Usage
from tests.copies import has_keyholder
from tests.harness import START, Someone, World
from tests.made import gathering

HOSTILE = ("../../../../evil.sh", "/etc/passwd", "a\x00b\n.pdf", "…" * 400)
VIDEO = b"\x00\x01video" * 40_000


def config_of(folder: Path) -> Config:
    """Point a configuration at a world."""
    path = folder / "config.toml"
    path.write_text(f'[storage]\ndirectory = "{folder}"\n', encoding="utf-8")
    path.chmod(0o600)
    return load(path, {})


async def exports(
    world: World, folder: Path, named: str, out: Path, *, is_sealed: bool = False
) -> Exported:
    """Export as the command does, with the keys of this world."""
    slots = world._slots  # noqa: SLF001 - the keys of this world
    return await export_case(config_of(folder), slots, named, out, world.now, is_sealed=is_sealed)


async def stores(world: World, folder: Path, content: bytes = VIDEO) -> None:
    """Do as downloads do: seal what is owed, then record it."""
    for item in await world.look(evidence.owed):
        public = await world.look(partial(_public_key, item))
        with evidence.open_writer(folder / "evidence", public, item.id) as writer:
            writer.write(content)
            kept = Kept.of(writer.finish())
        await world.change(partial(_record, item, kept))


def _public_key(item: EvidenceItem, tx: Transaction) -> Key:
    return evidence.public_key(tx, item)


def _record(item: EvidenceItem, kept: Kept, work: Work) -> None:
    record_stored(work, item.id, kept)


def records_of(out: Path) -> list[dict[str, Any]]:
    """Give the records of a bundle."""
    lines = (out / "data" / "records.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def names_in(folder: Path) -> list[str]:
    """Give the names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


def everything(out: Path) -> bytes:
    """Give all bytes of a folder."""
    return b"".join(path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file())


async def an_evening(world: World, folder: Path) -> tuple[Event, Someone]:
    """Let a report with a video be confirmed, and an alarm be raised."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya-the-pseudonym")
    await aliya.writes("/report")
    await aliya.writes("Two officers came to my parents.")
    await aliya.presses("Something else")
    await aliya.finds("A visit or pressure afterwards")
    await aliya.presses("Visit or summons afterwards")
    await aliya.presses("Yesterday")
    await aliya.presses("I was told")
    await aliya.sends_video("at the door")
    await stores(world, folder)
    await team.organizer.writes("/incidents")
    await team.organizer.presses("? 1")
    await team.organizer.presses("Confirm that it happened")
    await aliya.writes("sos")
    return event, aliya


async def test_what_was_told_in_chat_comes_out_and_verifies(world: World, tmp_path: Path) -> None:
    """Text, file, answers, confirmation: without loss, and nothing is made up."""
    await an_evening(world, tmp_path)
    out = tmp_path / "bundle"
    assert (await exports(world, tmp_path, "evening of TEA", out)).records == 2
    assert verifier.verify(out) == ()
    await world.deliver()
    for name in ("Aigul", "Dana", "Nora"):  # nobody takes a case out in silence
        told = world.person(name).sees("A case was given out on the server, whole").text
        assert "Records: 2." in told
        assert "tea" not in told
    assert not world.person("Saule").shows("given out")
    report, alarm = records_of(out)
    assert report["types"] == ["follow_up_visit"]
    assert report["date"] == {"precision": "day", "value": "2027-05-25"}
    assert "place" not in report
    assert "actors" not in report
    assert [one["by"].split(" ")[0] for one in report["confirmed_by"]] == ["organizer"]
    assert "confirmed_by" not in alarm
    said = {one["value"]: one["certainty"] for one in report["claims"]}
    assert said["Two officers came to my parents."] == "reported"
    (file,) = report["evidence"]
    assert (out / "data" / "evidence" / file["file"]).read_bytes() == VIDEO
    assert [one["what"] for one in file["custody"]] == ["received", "sealed", "given out"]
    assert file["custody"][-1]["by"] == "the server's shell"
    assert stat.S_IMODE(out.stat().st_mode) == 0o700


async def test_nobody_is_named_without_their_word(world: World, tmp_path: Path) -> None:
    """Lawyer only: a reference. Name me: the pseudonym. Never a chat's number."""
    event, aliya = await an_evening(world, tmp_path)
    await exports(world, tmp_path, str(event.id), tmp_path / "one")
    written = everything(tmp_path / "one")
    assert b"Aliya-the-pseudonym" not in written
    assert str(aliya.chat_id).encode() not in written
    assert aliya.person_id is not None
    await consents(world, aliya.person_id, Consent.NAME_ME)
    await exports(world, tmp_path, str(event.id), tmp_path / "two")
    assert b"Aliya-the-pseudonym" in everything(tmp_path / "two")
    await consents(world, aliya.person_id, Consent.LAWYER_ONLY)
    await exports(world, tmp_path, str(event.id), tmp_path / "three")
    # what was committed to before stays in the log; the newest record names nobody
    assert b"Aliya-the-pseudonym" not in everything(tmp_path / "three")
    assert verifier.verify(tmp_path / "three") == ()


async def consents(world: World, person_id: PersonId, consent: Consent) -> None:
    """Let somebody say anew what may be said of them."""

    def change(work: Work) -> None:
        person = PEOPLE.get(work.tx, person_id)
        assert person is not None
        PEOPLE.put(work.tx, replace(person, consent=consent))

    await world.change(change)


async def test_the_case_outlives_the_people(world: World, tmp_path: Path) -> None:
    """After the purge it is exported and verifies; the roster opens for nobody."""
    event, _ = await an_evening(world, tmp_path)

    def purge(work: Work) -> None:
        known = events.get(work.tx, event.id)
        assert known is not None
        retention.purge_event(work, known, retention.By())

    await world.change(purge)
    assert not await world.look(lambda tx: tx.has_key(KeyKind.PEOPLE, event.id))
    out = tmp_path / "bundle"
    assert (await exports(world, tmp_path, "Evening of tea", out)).records == 2
    assert verifier.verify(out) == ()
    assert (out / "data" / "proofs" / "earlier.jsonl").read_text(encoding="utf-8") != ""
    assert b"Aliya-the-pseudonym" not in everything(out)


async def test_a_second_export_continues_the_first_ones_log(world: World, tmp_path: Path) -> None:
    """Exporting is recorded, and breaks nothing."""
    event, _ = await an_evening(world, tmp_path)
    for name in ("one", "two"):
        await exports(world, tmp_path, str(event.id), tmp_path / name)
        assert verifier.verify(tmp_path / name) == ()
    note = (tmp_path / "one" / "data" / "proofs" / "checkpoint.note").read_text(encoding="utf-8")
    assert note.split("\n")[0] in everything(tmp_path / "two").decode("utf-8", "replace")


async def test_a_path_in_a_file_name_is_only_words(world: World, tmp_path: Path) -> None:
    """Nothing is written outside of the bundle, whatever the phone called its file."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    for number, name in enumerate(
        ("../../../../evil.sh", "/etc/passwd", "a\x00b\n.pdf", "…" * 400)
    ):
        await aliya.writes("/report")
        await aliya.sends_document(name, size=1_000 + number)
        await stores(world, tmp_path, b"content")
    out = tmp_path / "bundle"
    await exports(world, tmp_path, str(event.id), out)
    assert verifier.verify(out) == ()
    assert names_in(out / "data" / "evidence") == ["1.sh", "2", "3.pdf", "4"]
    assert "evil.sh" not in names_in(tmp_path)


async def test_a_directory_that_is_in_use_is_refused(world: World, tmp_path: Path) -> None:
    """Nothing is overwritten; an empty directory will do."""
    event, _ = await an_evening(world, tmp_path)
    full, empty = tmp_path / "full", tmp_path / "empty"
    full.mkdir()
    (full / "thing").write_text("mine", encoding="utf-8")
    empty.mkdir()
    link = tmp_path / "link"
    link.symlink_to(empty)
    for out in (full, link, tmp_path / "no" / "where"):
        with pytest.raises(ConfigError):
            await exports(world, tmp_path, str(event.id), out)
    assert (full / "thing").read_text(encoding="utf-8") == "mine"
    await exports(world, tmp_path, str(event.id), empty)
    assert verifier.verify(empty) == ()


@pytest.mark.parametrize("is_sealed", [False, True])
async def test_a_case_takes_no_room_that_the_bot_itself_needs(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_sealed: bool
) -> None:
    """It filled the disk of the bot. Now it is refused before it is noted that the case has left;
    what others write while it is written counts as well, and leaves no half case.
    """
    event, _ = await an_evening(world, tmp_path)
    await has_keyholder(world, role=Role.ORGANIZER)
    little, out = Usage(2**40, 0, MARGIN), tmp_path / "out"
    plenty, before = Usage(2**40, 0, 2**40), await world.look(lambda tx: proofs.tree(tx).size)
    for seen, has_left in ((repeat(little), False), (chain([plenty], repeat(little)), True)):
        with monkeypatch.context() as nearly_full:
            nearly_full.setattr(shutil, "disk_usage", partial(_next, seen))
            with pytest.raises(NoRoomError, match="MiB must be free, 16 of them for the bot"):
                await exports(world, tmp_path, str(event.id), out, is_sealed=is_sealed)
        assert not [name for name in names_in(tmp_path) if name.startswith("out")]
        assert (await world.look(lambda tx: proofs.tree(tx).size) > before) == has_left
    await exports(world, tmp_path, str(event.id), out, is_sealed=is_sealed)


async def test_a_case_that_is_stopped_in_the_middle_does_not_leave(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C said *Stopped*, and the readable case was there all the same, some seconds later."""
    event, _ = await an_evening(world, tmp_path)
    writes, goes_on = threading.Event(), threading.Event()
    read = evidence.read

    def slowly(directory: Path, private: Key, evidence_id: int) -> Iterator[bytes]:
        for piece in read(directory, private, evidence_id):
            writes.set()
            goes_on.wait()
            yield piece

    monkeypatch.setattr(evidence, "read", slowly)
    async with asyncio.TaskGroup() as tasks:
        given = exports(world, tmp_path, str(event.id), tmp_path / "out")
        exporting = tasks.create_task(given)
        await asyncio.to_thread(writes.wait)
        exporting.cancel()
    assert exporting.cancelled()
    goes_on.set()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert not [name for name in names_in(tmp_path) if name.startswith("out")]


@pytest.mark.parametrize("left", ["out.part", "out.clean.part"])
async def test_what_a_crash_has_left_of_a_case_is_named(
    world: World, tmp_path: Path, left: str
) -> None:
    """It is readable, and has to go; it was called a fault of Aman's."""
    event, _ = await an_evening(world, tmp_path)
    (tmp_path / left).mkdir()
    with pytest.raises(ExportError, match=rf"{left} is left of a try that was cut off"):
        await exports(world, tmp_path, str(event.id), tmp_path / "out")


def _next(seen: Iterator[Usage], _directory: Path) -> Usage:
    return next(seen)


def test_another_disk_may_be_filled(tmp_path: Path) -> None:
    """A stick is there to be filled: what is kept free is kept where the bot writes."""
    places = (Path(__file__).parent, Path("/dev/shm"))  # noqa: S108 - looked at only
    others = (
        one for one in places if one.is_dir() and one.stat().st_dev != tmp_path.stat().st_dev
    )
    other = next(others, None)
    if other is None:
        pytest.skip("no second file system here")
    assert (Room.beside(tmp_path, tmp_path).left, Room.beside(tmp_path, other).left) == (MARGIN, 0)
    with pytest.raises(NoRoomError, match=r"MiB must be free, and \d+ are\. Nothing was written"):
        Room.beside(tmp_path, other).require(2**60)


async def test_a_case_goes_nowhere_where_this_user_may_not_write(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was called a fault of Aman's, after everybody had been told that a case has left."""
    event, _ = await an_evening(world, tmp_path)
    before = await world.look(lambda tx: proofs.tree(tx).size)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ConfigError, match=r"This user may not write to .*: nothing was written"):
        await exports(world, tmp_path, str(event.id), tmp_path / "out")
    assert await world.look(lambda tx: proofs.tree(tx).size) == before


async def test_an_event_that_nobody_knows_is_no_case(world: World, tmp_path: Path) -> None:
    """One sentence; and two events of one title have to be told apart."""
    await world.has_event()
    await world.has_event()
    for named in ("no such", "1", "", "Evening of tea"):
        with pytest.raises(ExportError):
            await exports(world, tmp_path, named, tmp_path / "out")
    assert not (tmp_path / "out").exists()


async def test_a_spoilt_evidence_file_is_left_out_and_said_to_be_damaged(
    world: World, tmp_path: Path
) -> None:
    """A changed byte on the disk costs that file; the rest of the case does not wait for it."""
    event, aliya = await an_evening(world, tmp_path)
    (spoilt,) = (tmp_path / "evidence").iterdir()
    await aliya.writes("/report")
    await aliya.sends_photo()
    await stores(world, tmp_path, b"whole")
    content = bytearray(spoilt.read_bytes())
    content[len(content) // 2] ^= 1
    spoilt.write_bytes(content)
    out = tmp_path / "out"
    exported = await exports(world, tmp_path, str(event.id), out)
    assert (exported.records, exported.damaged) == (2, (1,))
    assert verifier.verify(out) == ()
    assert names_in(out / "data" / "evidence") == ["2"]
    (file,) = records_of(out)[0]["evidence"]
    assert "file" not in file
    assert file["custody"][-1]["what"] == "damaged or lost on the disk"
    spoilt.unlink()
    again = await exports(world, tmp_path, str(event.id), tmp_path / "again")
    assert again.damaged == (1,)


def test_the_commands_carry_a_case_from_the_data_directory_to_a_checked_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    """`aman export` and `aman verify`, with their exit codes; a wrong secret opens nothing."""
    del log
    made = set_up(tmp_path / "home", {}, derivation.FLOOR)
    other = set_up(tmp_path / "other", {}, derivation.FLOOR)
    monkeypatch.setenv("AMAN_VAULT_UNLOCK", "env")
    monkeypatch.setenv("AMAN_VAULT_SECRET", made.words)
    asyncio.run(fill(tmp_path / "home" / "config.toml"))
    config, out = str(made.config_path), tmp_path / "case"
    command = ["export", "--config", config, "Evening of tea", "--out", str(out)]
    assert main(command) == 0
    assert main(["verify", str(out)]) == 0
    assert main(command) == 2  # it is there already
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert main([*command[:-1], "."]) == 0
    assert main(["export", "--config", config, "No such", "--out", str(tmp_path / "x")]) == 2
    (out / "data" / "records.jsonl").write_bytes(b"")
    assert main(["verify", str(out)]) == 1
    monkeypatch.setenv("AMAN_VAULT_SECRET", other.words)
    assert main([*command[:-1], str(tmp_path / "y")]) == 3


async def fill(path: Path) -> None:
    """Make an installation know one event with one incident."""
    config = load(path, environment())
    with open_keys(config) as slots:
        async with Database(config.database_path, slots) as database:
            await database.write(_record_one)


def _record_one(tx: Transaction) -> None:
    work = Work(tx, START, Policy())
    event = gathering(EventId(tx.new_id()), START)
    tx.create_event_keys(event.id)
    EVENTS.put(tx, event)
    work.record(Fact(FactKind.REPORT, START, 1, event.id, details=(("text", "They came."),)))
    record_facts(work)


async def test_verify_names_the_first_thing_that_is_wrong(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, and one sentence."""
    event, _ = await an_evening(world, tmp_path)
    out = tmp_path / "bundle"
    await exports(world, tmp_path, str(event.id), out)
    asked = argparse.Namespace(directory=out)
    assert bundles.verify(asked) == 0
    records = out / "data" / "records.jsonl"
    records.write_bytes(records.read_bytes().replace(b"Two officers", b"Six officers"))
    assert bundles.verify(asked) == 1
    assert "data/records.jsonl" in capsys.readouterr().err
    assert bundles.verify(argparse.Namespace(directory=tmp_path / "nothing")) == 1


def test_nothing_is_exported_to_where_a_disk_is_mounted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it has its name a case stands beside that place: on the server's own disk."""
    require_free(tmp_path)
    monkeypatch.setattr(Path, "is_mount", lambda path: path == tmp_path)
    with pytest.raises(ExportError, match="a disk of its own"):
        require_free(tmp_path)
    require_free(tmp_path / "case")
