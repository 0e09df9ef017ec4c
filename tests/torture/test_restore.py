"""`kill -9` at every step of a backup and a restore: nothing half looks whole, nothing is plain.

The real command line, in a process that kills itself at its n-th touch of the disk.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.backup import COPY
from bot.clock import SystemClock
from bot.restoring import RestoreError
from bot.setup import Made, set_up
from storage import evidence
from storage.people import PEOPLE
from storage.transaction import Transaction
from storage.vault import derivation, identities, keyslots, words
from tests.copies import Holder, has_keyholder, restored_to, set_of, stores_files
from tests.harness import World
from tests.parts import Part

pytestmark = pytest.mark.torture

ROOT = Path(__file__).parents[2]
KILLED = -9
NEVER = -1  # the step at which nothing dies
STEPS = range(1, 400)  # more than either command takes
AT_LEAST = 12  # steps; fewer would mean that the steps are not seen
LATE = 18  # steps, after which a backup is written
MARKERS = ("Zhanargul-Marker", "Kokshetau-Marker", "video-marker")
SECRET = re.compile(r"\n    ((?:[a-z]{4} ){11}[a-z]{4})\n")

# Counts what the process does to files below a folder, and dies at the n-th.
DYING = """
import os, signal, sys
folder, left, weakness = sys.argv[1], [int(sys.argv[2])], sys.argv[3]
events = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "sqlite3.connect")
def note(event, args):
    if event in events and isinstance(args[0], (str, bytes, os.PathLike)):
        left[0] -= os.fsdecode(args[0]).startswith(folder)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
from bot.cli import main
if weakness == "named at once":
    from bot import backup, restoring
    from storage.vault.streams import StreamWriter
    backup.NEW = restoring.PART = ""
    begin = StreamWriter.__init__
    def begin_named(self, path, *others, **named):
        begin(self, path, *others, **named)
        self._temporary = self._temporary.rename(path)
    StreamWriter.__init__ = begin_named
sys.addaudithook(note)
sys.exit(main(sys.argv[4:]))
"""
AS_IT_IS, NAMED_AT_ONCE = "as it is", "named at once"  # nothing has a name before it is whole


@dataclass(frozen=True, slots=True)
class Dying:
    """The command line in a process that dies at a step; with its protection, or without."""

    folder: Path
    weakness: str = AS_IT_IS

    def at(self, step: int, made_words: str, *arguments: str) -> tuple[int, str]:
        """Carry out one command; give its code, and what it said."""
        surroundings = dict(os.environ)  # noqa: TID251 - a program needs its path
        surroundings |= {
            "AMAN_VAULT_UNLOCK": "env",
            "AMAN_VAULT_SECRET": made_words,
            "AMAN_VAULT_MEMORY_MEBIBYTES": "19",  # cheap keys
            "PYTHONPATH": str(ROOT),
        }
        how = str(self.folder), str(step), self.weakness
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", DYING, *how, *arguments],
            env=surroundings,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return done.returncode, done.stdout + done.stderr


def _require_no_plaintext(*folders: Path) -> None:
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert not [one for one in MARKERS if one.encode() in content], path.name


async def _filled(folder: Path) -> tuple[Made, Holder]:
    """Set up an installation with people, a place and a file with unmistakable content."""
    made = await asyncio.to_thread(set_up, folder, {}, derivation.FLOOR)
    secret = words.parse(made.words)
    slots = keyslots.unlock(made.directory / "keys", secret)
    async with World(made.directory, keys=(slots, secret)) as world:
        team = await world.has_team()
        event = await world.has_event()
        person = await world.has_participant(event, MARKERS[0])
        await world.has_participant(event, MARKERS[1])
        await person.writes("/report")
        await person.sends_video("at the door")
        await stores_files(world, made.directory, MARKERS[2].encode() * 20_000)
        await team.organizer.writes("/board")
        holder = await has_keyholder(world)
    return made, holder


async def test_a_killed_backup_leaves_nothing_that_looks_whole(tmp_path: Path, part: Part) -> None:
    """Either the backup has its name, and restores, or it is not there; the copy goes later."""
    await _back_up_and_die(Dying(tmp_path), part.among(STEPS))


async def test_a_killed_restore_leaves_nothing_that_looks_whole(
    tmp_path: Path, part: Part
) -> None:
    """A data directory that is there opens with the words that were shown; else it is repeated."""
    await _restore_and_die(Dying(tmp_path), part.among(STEPS))


async def test_a_backup_that_has_its_name_at_once_looks_whole_and_is_not(tmp_path: Path) -> None:
    """A check that cannot fail promises nothing."""
    with pytest.raises(RestoreError, match=r"is no sealed backup|cut short"):
        await _back_up_and_die(Dying(tmp_path, NAMED_AT_ONCE), STEPS[LATE:])


async def test_a_restore_that_has_its_name_at_once_looks_whole_and_is_not(tmp_path: Path) -> None:
    """As above: whoever finds it has no unlock secret for it."""
    with pytest.raises(AssertionError, match="it looks whole"):
        await _restore_and_die(Dying(tmp_path, NAMED_AT_ONCE), STEPS[AT_LEAST:])


async def _back_up_and_die(dying: Dying, steps: Sequence[int]) -> None:
    folder, now = dying.folder, SystemClock().now()
    made, holder = await _filled(folder / "home")
    out = folder / "out"
    for step in steps:
        out.mkdir()
        arguments = ("backup", "--config", str(made.config_path), "--out", str(out / "set"))
        code, said = await asyncio.to_thread(dying.at, step, made.words, *arguments)
        _require_no_plaintext(folder)
        if (out / "set").exists():
            restored = await restored_to(folder / "new", set_of(out / "set"), holder, now)
            assert restored.missing == ()
            shutil.rmtree(folder / "new")
        shutil.rmtree(out)
        if code != KILLED:
            assert code == 0, said
            assert step > AT_LEAST
            print(f"\n{step} steps of a backup")  # noqa: T201 - a figure
            assert not (made.directory / COPY).exists()
            return
    raise AssertionError("the backup never came to its end")


async def _restore_and_die(dying: Dying, steps: Sequence[int]) -> None:
    folder = dying.folder
    made, holder = await _filled(folder / "home")
    out, new = folder / "out", folder / "new"
    out.mkdir()
    making = ("backup", "--config", str(made.config_path), "--out", str(out / "set"))
    assert (await asyncio.to_thread(Dying(folder).at, NEVER, made.words, *making))[0] == 0
    identity = out / "nora.key"
    identity.write_text(identities.private_text(holder.pair.private))
    arguments = ("restore", str(out / "set"), "--identity", str(identity), "--dir", str(new))
    for step in steps:
        code, said = await asyncio.to_thread(dying.at, step, "", *arguments)
        _require_no_plaintext(out, new)
        if not (new / "data").exists():
            assert code == KILLED, said
            continue  # what is half made does not hinder the next one
        shown = SECRET.search(said)
        assert shown is not None, "it looks whole, and nobody has its unlock secret"
        secret = words.parse(shown[1])
        slots = keyslots.unlock(new / "data" / "keys", secret)
        async with World(new / "data", keys=(slots, secret)) as world:
            await world.look(_everybody_is_there)
        if code != KILLED:
            assert code == 0, said
            assert step > AT_LEAST
            print(f"\n{step} steps of a restore")  # noqa: T201 - a figure
            return
        shutil.rmtree(new)
    raise AssertionError("the restore never came to its end")


def _everybody_is_there(tx: Transaction) -> None:
    names = {person.name for person in PEOPLE.find(tx, "1 = 1")}
    assert names == {MARKERS[0], MARKERS[1]}
    assert len(evidence.kept_files(tx)) == 1
