"""`aman evidence`: an owed original is brought by hand, bit-exact, and said to have been."""

import asyncio
import fcntl
import hashlib
import io
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from typing_extensions import override

from bot.bringing import BringingError, Taken, list_files, open_original, take
from bot.cli import main
from bot.clock import SystemClock
from bot.opening import open_case
from bot.rehearsal.botapi import Phone
from bot.room import NoRoomError
from bot.setup import set_up
from coordination import retention
from coordination.incidents import incident_of
from coordination.turns import Work
from safety.events import Event
from safety.evidence import LARGEST, EvidenceItem, EvidenceState, MediaKind
from safety.incidents import IncidentKind
from safety.languages import Language
from safety.people import ChatId, EventId, Recipient, Role, TeamId
from safety.policy import Policy
from safety.team import TeamPerson, TeamState
from storage import evidence, incidents, proofs, routes
from storage.ballast import MARGIN
from storage.events import EVENTS
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault import derivation, keyslots, verifier
from storage.vault.evidence import make_directory
from tests.bot.test_ballast import Usage
from tests.bot.test_bundles import (
    config_of,
    everything,
    exports,
    fill,
    names_in,
    records_of,
    stores,
)
from tests.bot.test_opening import _closed
from tests.faults.program import START_WITHIN, program
from tests.harness import World

LARGE = b"\x00\x01a long film" * 40_000


async def _brings(world: World, folder: Path, number: int, path: Path) -> Taken:
    slots = world._slots  # noqa: SLF001 - the keys of this world
    with open_original(path) as original:
        return await take(config_of(folder), lambda: nullcontext(slots), number, original)


async def _lists(world: World, folder: Path) -> list[str]:
    return await list_files(config_of(folder), world._slots)  # noqa: SLF001 - likewise


async def _event(world: World) -> Event:
    (event,) = await world.look(lambda tx: list(EVENTS.find(tx, "1 = 1")))
    return event


async def _owes_a_film(world: World) -> None:
    """Let a film be sent that the service does not give."""
    team, event = await world.has_team(), await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes("We filmed it.")
    await aliya.sends_document("IMG_0001.MOV", size=LARGEST + 1)
    await team.organizer.writes("/case")
    team.organizer.sees("Files missing: 1")


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Lay an original on the disk."""
    path = tmp_path / "film.mp4"
    path.write_bytes(LARGE)
    return path


async def test_an_owed_original_is_brought_and_the_organizers_see_it(
    world: World, tmp_path: Path, film: Path
) -> None:
    """Stored bit-exact, with who brought it; the file that was given stays as it is."""
    await _owes_a_film(world)
    assert await _lists(world, tmp_path) == ["1  document  owed: bring the original  size unknown"]
    taken = await _brings(world, tmp_path, 1, film)
    assert (taken.size, taken.same_as) == (len(LARGE), ())
    assert await _lists(world, tmp_path) == [f"1  document  stored  {len(LARGE)} bytes"]
    organizer = world.person("Aigul")
    await organizer.writes("/case")
    organizer.sees("Files stored: 1")
    await exports(world, tmp_path, "Evening of tea", tmp_path / "out")
    assert verifier.verify(tmp_path / "out") == ()
    (file,) = records_of(tmp_path / "out")[0]["evidence"]
    assert (tmp_path / "out" / "data" / "evidence" / file["file"]).read_bytes() == LARGE
    assert "is_owed" not in file
    sealed = [one for one in file["custody"] if one["what"] == "sealed"]
    assert [one["by"] for one in sealed] == ["the server's shell"]
    assert b"film.mp4" not in everything(tmp_path / "out")


async def test_the_same_bytes_in_two_reports_are_linked(
    world: World, tmp_path: Path, film: Path
) -> None:
    """Each report keeps its own; both records and the command say that they are one film."""
    await _owes_a_film(world)
    dana = await world.has_participant(await _event(world), "Dana")
    await dana.writes("/report")
    await dana.sends_document("film.mp4", size=1_000)
    await stores(world, tmp_path, LARGE)
    assert (await _brings(world, tmp_path, 1, film)).same_as == (2,)
    await exports(world, tmp_path, "Evening of tea", tmp_path / "out")
    one, two = (each["evidence"][0] for each in records_of(tmp_path / "out"))
    assert (one["same_as"], two["same_as"]) == ([2], [1])


async def test_a_film_takes_no_room_that_the_bot_itself_needs(
    world: World, tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It filled the disk up to the last byte; the next alarm cost the ballast, and could be lost.

    Whether it fits is said before a byte is written; what others write meanwhile counts as well.
    """
    await _owes_a_film(world)
    just, little = Usage(2**40, 0, MARGIN + len(LARGE)), Usage(2**40, 0, MARGIN)
    for seen in ([just], [Usage(2**40, 0, 2**40), little]):
        with monkeypatch.context() as nearly_full:
            nearly_full.setattr(shutil, "disk_usage", partial(_next, iter(seen)))
            with pytest.raises(NoRoomError, match="MiB must be free, 16 of them for the bot"):
                await _brings(world, tmp_path, 1, film)
        assert names_in(tmp_path / "evidence") == []
        assert await _lists(world, tmp_path) == [
            "1  document  owed: bring the original  size unknown"
        ]
    assert (await _brings(world, tmp_path, 1, film)).size == len(LARGE)


def _next(seen: Iterator[Usage], _directory: Path) -> Usage:
    return next(seen)


def _missing(folder: Path) -> Path:
    return folder / "nothing"


def _directory(folder: Path) -> Path:
    return folder


def _link(folder: Path) -> Path:
    (folder / "link").symlink_to(folder / "film.mp4")
    return folder / "link"


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def _empty(folder: Path) -> Path:
    (folder / "empty").touch()
    return folder / "empty"


def _device(folder: Path) -> Path:
    del folder
    return Path(os.devnull)


@pytest.mark.parametrize("lay", [_missing, _directory, _link, _pipe, _empty, _device])
def test_what_is_no_file_of_its_own_is_refused(
    tmp_path: Path, film: Path, lay: Callable[[Path], Path]
) -> None:
    """At once, in one sentence, without waiting for a pipe."""
    assert film.exists()
    path = lay(tmp_path)
    with pytest.raises(BringingError) as told, open_original(path):
        pass
    assert str(told.value).endswith(": nothing was stored.")


async def test_a_file_that_nobody_waits_for_is_refused(
    world: World, tmp_path: Path, film: Path
) -> None:
    """A wrong number, one that is still being fetched, one that is there: nothing changes."""
    await _owes_a_film(world)
    aliya = world.person("Aliya")
    await aliya.sends_voice()
    for number, why in ((0, "no file 0"), (-1, "no file -1"), (9, "no file 9"), (2, "fetched")):
        with pytest.raises(BringingError, match=why):
            await _brings(world, tmp_path, number, film)
    assert not (tmp_path / "evidence").exists() or names_in(tmp_path / "evidence") == []
    await _brings(world, tmp_path, 1, film)
    with pytest.raises(BringingError, match="stored already"):
        await _brings(world, tmp_path, 1, film)
    assert len(names_in(tmp_path / "evidence")) == 1


async def test_two_commands_never_write_at_once(world: World, tmp_path: Path, film: Path) -> None:
    """The second one is told to wait."""
    await _owes_a_film(world)
    make_directory(tmp_path / "evidence")
    descriptor = os.open(tmp_path / "evidence", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with pytest.raises(BringingError, match="Another file"):
            await _brings(world, tmp_path, 1, film)
    finally:
        os.close(descriptor)
    await _brings(world, tmp_path, 1, film)


class _Growing(io.FileIO):
    """A file to which somebody writes while it is read."""

    @override
    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(-1 if size is None else size) or b""
        if piece:
            with Path(str(self.name)).open("ab") as more:
                more.write(b"x")
        return piece


async def test_a_file_that_changes_while_it_is_read_is_not_stored(
    world: World, tmp_path: Path, film: Path
) -> None:
    """What is sealed is one state of it, or nothing is."""
    await _owes_a_film(world)
    slots = world._slots  # noqa: SLF001 - the keys of this world
    with _Growing(film) as original, pytest.raises(BringingError, match="changed"):
        await take(config_of(tmp_path), lambda: nullcontext(slots), 1, original)
    assert names_in(tmp_path / "evidence") == []
    assert await _lists(world, tmp_path) == ["1  document  owed: bring the original  size unknown"]


class _Long(io.FileIO):
    """A film that takes long: before its end, `meanwhile` happens."""

    def __init__(self, path: Path, meanwhile: Callable[[], None]) -> None:
        super().__init__(path)
        self._meanwhile = meanwhile

    @override
    def read(self, size: int | None = -1) -> bytes:
        self._meanwhile()
        return super().read(-1 if size is None else size) or b""


async def test_keys_may_change_while_a_long_film_is_sealed(
    world: World, tmp_path: Path, film: Path
) -> None:
    """An event is created meanwhile: nobody has to wait for the film once more."""
    await _owes_a_film(world)
    loop = asyncio.get_running_loop()

    def create_event() -> None:
        creating = world.change(lambda work: work.tx.create_event_keys(EventId(work.tx.new_id())))
        asyncio.run_coroutine_threadsafe(creating, loop).result(10)

    open_ = partial(keyslots.unlock, tmp_path / "keys", world.secret, to_write=False)
    with _Long(film, create_event) as original:
        taken = await take(config_of(tmp_path), open_, 1, original)
    assert taken.size == len(LARGE)
    assert await _lists(world, tmp_path) == [f"1  document  stored  {len(LARGE)} bytes"]


async def test_a_brought_original_outlives_the_purge(
    world: World, tmp_path: Path, film: Path
) -> None:
    """Weeks later, when nobody's roster is left, the case still takes what it is owed."""
    await _owes_a_film(world)
    event = await _event(world)
    await world.change(lambda work: retention.purge_event(work, event, retention.By()))
    assert (await _brings(world, tmp_path, 1, film)).size == len(LARGE)


async def test_a_closed_case_takes_what_it_is_owed(
    world: World, tmp_path: Path, film: Path
) -> None:
    """Nobody here can read it any more; the keyholder finds every byte."""
    event, aliya, private, _ = await _closed(world, tmp_path)
    await aliya.writes("/report")
    await aliya.sends_document("IMG_0002.MOV", size=LARGEST + 1)
    assert (await _brings(world, tmp_path, 2, film)).same_as == ()
    await exports(world, tmp_path, str(event.id), tmp_path / "sealed")
    open_case(tmp_path / "sealed", private, tmp_path / "open")
    case = tmp_path / "open" / "case"
    assert verifier.verify(case) == ()
    files = [path.read_bytes() for path in _files(case / "data" / "evidence")]
    assert LARGE in files


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def _owe_one(tx: Transaction) -> None:
    """Have a steward, and a file that only a hand can bring."""
    now = SystemClock().now()
    work = Work(tx, now, Policy())
    steward = TeamPerson(TeamId(1), Role.STEWARD, TeamState.ACTIVE, "Madi", now)
    TEAM.put(tx, steward)
    routes.put(tx, None, steward.id, Recipient(ChatId(17), Language.EN))
    incident = incident_of(work, None, 1, IncidentKind.REPORT)
    number, state = evidence.next_number(tx), EvidenceState.BY_HAND
    item = EvidenceItem(tx.new_id(), None, incident.id, number, state, MediaKind.VIDEO, now)
    evidence.owe(tx, item)


@dataclass(frozen=True, slots=True)
class _Kept:
    entries: Counter[tuple[str, str | None]]
    states: tuple[EvidenceState, ...]
    is_whole: bool


def _look(tx: Transaction) -> _Kept:
    said = [
        stored.entry
        for incident in incidents.at_event(tx, None)
        for stored in incidents.entries(tx, incident)
    ]
    return _Kept(
        Counter((one.what, one.detail("text") or one.detail("sha256")) for one in said),
        tuple(item.state for item in evidence.every(tx)),
        proofs.is_whole(tx),
    )


@pytest.mark.torture
async def test_an_original_is_brought_while_the_bot_works_and_people_write(
    tmp_path: Path, film: Path
) -> None:
    """Two processes, one database: each word and file once, and the log of proofs is whole."""
    async with program(tmp_path / "home") as running:
        await running.stores(_owe_one)
        await running.starts()
        await running.works()
        madi = running.service.person(17, "Madi", language_code="en")
        await madi.opens()
        await madi.writes("/report")
        await madi.sees("What happened?", within=START_WITHIN)
        words: list[str] = []
        is_brought = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_writes(madi, words, is_brought))
            ended = await running.aman("evidence", "add", "--owed", "1", str(film))
            is_brought.set()
        await running.service.settles(within=START_WITHIN)
        os.kill(running.supervisor, signal.SIGTERM)
        assert await running.ends() == 0
        kept = await running.stores(_look)
    assert (ended.code, ended.err) == (0, "")
    digest = hashlib.sha256(LARGE).hexdigest()
    said = Counter[tuple[str, str | None]](
        [("file-stored", digest), *(("report", one) for one in words)]
    )
    assert kept == _Kept(said, (EvidenceState.STORED,), is_whole=True)


async def _writes(phone: Phone, words: list[str], is_over: asyncio.Event) -> None:
    """Write without a pause until it is over; `words` are what was written."""
    while not is_over.is_set():
        words.append(f"Word {len(words)}")
        await phone.writes(words[-1])
        await SystemClock().sleep(0.1)


def test_the_command_refuses_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong usage is exit code 2; no traceback."""
    assert main(["evidence"]) == 2
    assert main(["evidence", "add", "--owed", "x", str(tmp_path)]) == 2
    assert main(["evidence", "list", "--config", str(tmp_path / "none")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 3


def test_the_commands_work_on_an_installation(
    tmp_path: Path,
    film: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the unlock secret of this machine, and without a running bot."""
    made = set_up(tmp_path / "home", {}, derivation.FLOOR)
    monkeypatch.setenv("AMAN_VAULT_UNLOCK", "env")
    monkeypatch.setenv("AMAN_VAULT_SECRET", made.words)
    config = ["--config", str(made.config_path)]
    asyncio.run(fill(made.config_path))
    assert main(["evidence", "list", *config]) == 0
    assert capsys.readouterr().out == "There is no evidence.\n"
    assert main(["evidence", "add", "--owed", "1", str(film), *config]) == 2
    assert "There is no file 1" in capsys.readouterr().err
