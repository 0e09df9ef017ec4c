"""The supervisor's socket: for this user alone, deaf to nonsense, wherever the directory lies."""

import asyncio
import contextlib
import os
import random
import socket
import stat
from pathlib import Path

import pytest

from bot import control, supervisor
from bot.clock import SystemClock
from bot.config import ConfigError
from bot.control import NothingRunsError, UnansweredError
from storage.vault import derivation, keyslots, keywire
from storage.vault.errors import LastSecretError, WrongSecretError
from storage.vault.keys import keys_of_new_event, new_key
from storage.vault.keyslots import KeySlots
from storage.vault.keywire import Lock, Look, Open, Revoke, Store
from tests.faults.program import supervised

NOBODY = 65534  # a user id
SLEEPS = ("sleep", "600")
NONSENSE = {
    "nothing": b"",
    "another protocol": b"GET / HTTP/1.1\r\n\r\n",
    "noise": random.Random(7).randbytes(4096),  # noqa: S311 - the same in each process
    "an empty frame": b"\0\0\0\0",
    "a frame cut short": b"\0\0\0\5abc",
    "a huge frame": (2**32 - 1).to_bytes(4, "big") + b"x" * 100_000,
    "a worker's request": keywire.pack(Store([])),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a directory of our own."""
    path = tmp_path / "data"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture
def slots(folder: Path) -> KeySlots:
    """Make cheap keys, with an event's."""
    made, _ = keyslots.create(folder / "keys", derivation.FLOOR)
    made.store(keys_of_new_event(7))
    return made


async def _ask(path: Path, request: keywire.KeyRequest) -> bool:
    """Have a command ask in a thread of its own; say whether it is locked."""
    return (await asyncio.to_thread(control.ask, path, request)).is_locked


async def test_it_does_what_it_is_asked(slots: KeySlots, folder: Path) -> None:
    """Locked, and told so."""
    async with supervised(slots, folder, *SLEEPS) as path:
        assert not await _ask(path, Look())
        assert await _ask(path, Lock())
        assert slots.is_locked
        with pytest.raises(WrongSecretError):
            await _ask(path, Open(new_key()))
        assert await _ask(path, Look())


async def test_nobody_there_is_told_apart_from_no_answer(folder: Path) -> None:
    """A command then does the work itself, or says that nothing runs."""
    with pytest.raises(NothingRunsError):
        await _ask(folder / "control", Look())
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "control"))
        with pytest.raises(NothingRunsError):
            await _ask(folder / "control", Look())
        listener.listen()
        asking = asyncio.create_task(_ask(folder / "control", Lock()))  # noqa: TID251 - not the bot's loop
        line = (await asyncio.to_thread(listener.accept))[0]
        line.close()
        with pytest.raises(UnansweredError):
            await asking


@pytest.mark.parametrize("sent", NONSENSE.values(), ids=NONSENSE)
async def test_nonsense_is_cut_off_and_changes_nothing(
    slots: KeySlots, folder: Path, sent: bytes
) -> None:
    """The next command is answered as always."""
    before = (folder / "keys").read_bytes()
    async with supervised(slots, folder, *SLEEPS) as path:
        reader, writer = await asyncio.open_unix_connection(path)
        with contextlib.suppress(ConnectionError):
            writer.write(sent)
            writer.write_eof()
            assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
        assert not await _ask(path, Look())
    assert (folder / "keys").read_bytes() == before


async def test_lines_that_say_nothing_are_cut_after_a_while(
    slots: KeySlots, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half-open connections do not keep anybody from locking the bot."""
    monkeypatch.setattr(supervisor, "SPEAK_WITHIN", 0.3)
    async with supervised(slots, folder, *SLEEPS) as path:
        silent = [await asyncio.open_unix_connection(path) for _ in range(supervisor.TALKS)]
        silent[0][1].write(b"\0\0")
        with pytest.raises(UnansweredError):  # all places are taken
            await _ask(path, Lock())
        for reader, _ in silent:
            assert await asyncio.wait_for(reader.read(), 10) == b""
        assert await _ask(path, Lock())
        for _, writer in silent:
            writer.close()


async def test_a_command_that_hangs_up_early_is_carried_out_or_not_and_nothing_breaks(
    slots: KeySlots, folder: Path
) -> None:
    """Ctrl-C at the wrong moment."""
    async with supervised(slots, folder, *SLEEPS) as path:
        for _ in range(20):
            _, writer = await asyncio.open_unix_connection(path)
            writer.write(keywire.pack(Lock()))
            writer.transport.abort()
        assert await _ask(path, Lock())


async def test_the_last_secret_cannot_be_revoked_from_outside(
    slots: KeySlots, folder: Path
) -> None:
    """A refusal keeps its type across the socket."""
    root = slots.add_secret("second", derivation.FLOOR)
    async with supervised(slots, folder, *SLEEPS) as path:
        found = await asyncio.to_thread(keyslots.find_root, folder / "keys", root)
        await _ask(path, Revoke(found, keyslots.FIRST))
        with pytest.raises(WrongSecretError):  # a revocation makes a new root
            await _ask(path, Revoke(found, "second"))
        found = await asyncio.to_thread(keyslots.find_root, folder / "keys", root)
        with pytest.raises(LastSecretError):
            await _ask(path, Revoke(found, "second"))


def test_the_socket_is_its_owners_alone(folder: Path) -> None:
    """Mode 0600, whatever the umask; and it goes away."""
    path = folder / "control"
    before = os.umask(0)
    try:
        with control.listening(path):
            found = path.stat().st_mode
            assert stat.S_ISSOCK(found)
            assert stat.S_IMODE(found) == 0o600
    finally:
        os.umask(before)
    assert not path.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("opened", [False, True], ids=["as it is", "with everything opened"])
async def test_another_user_is_not_heard(
    slots: KeySlots,
    folder: Path,
    opened: bool,  # noqa: FBT001 - a table of cases
) -> None:
    """Permissions keep them out; if somebody has loosened those, the kernel tells who it is."""
    async with supervised(slots, folder, *SLEEPS) as path:
        if opened:
            for place in (folder, *list(folder.parents)[:-1]):
                place.chmod(place.stat().st_mode | 0o055)
            path.chmod(0o666)
        child = os.fork()
        if child == 0:
            _be_somebody_else(path)
        code = os.waitstatus_to_exitcode((await asyncio.to_thread(os.waitpid, child, 0))[1])
        assert code == (4 if opened else 3)
        assert not await _ask(path, Look())


def test_a_listener_that_is_somebody_elses_is_told_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What opens the keys is said there: whoever could put a socket in its place would have it."""
    monkeypatch.setattr(control, "is_ours", lambda _line, _owner: False)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "control"))
        listener.listen()
        with pytest.raises(UnansweredError):
            control.ask(folder / "control", Open(new_key()))
        line = listener.accept()[0]
        with line:
            assert line.recv(1) == b""


def _be_somebody_else(path: Path) -> None:
    """Try to lock the bot as another user: 3 where nobody is there, 4 where nobody answers."""
    code = 5
    try:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        control.ask(path, Lock())
    except NothingRunsError:
        code = 3
    except UnansweredError:
        code = 4
    finally:
        os._exit(code)


@pytest.mark.parametrize("length", [80, 99, 100, 101, 107, 108, 109, 200, 2000])
async def test_a_long_directory_works(tmp_path: Path, length: int) -> None:
    """A socket's path takes 107 bytes; a data directory may lie deeper."""
    folder = tmp_path
    while len(str(folder / "control")) < length:
        folder /= "d" * max(1, min(200, length - len(str(folder / "control")) - 1))
    folder.mkdir(parents=True, exist_ok=True)
    slots, _ = keyslots.create(folder / "keys", derivation.FLOOR)
    async with supervised(slots, folder, *SLEEPS) as path:
        assert not await _ask(path, Look())


def test_what_a_killed_supervisor_left_is_taken_away(folder: Path) -> None:
    """The key slot file says that nobody else runs."""
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(folder / "control"))
    with control.listening(folder / "control"):
        pass


def test_what_is_no_socket_stays_and_refuses(folder: Path) -> None:
    """One sentence; somebody's file is not deleted."""
    (folder / "control").write_text("mine")
    with pytest.raises(ConfigError, match="control socket"), control.listening(folder / "control"):
        pass
    assert (folder / "control").read_text() == "mine"


async def test_a_crowd_of_commands_is_answered_or_cut_off_and_none_waits_for_ever(
    slots: KeySlots, folder: Path
) -> None:
    """Many at once, as a script gone wild would."""
    async with supervised(slots, folder, *SLEEPS) as path:
        asked = [asyncio.to_thread(control.ask, path, Look()) for _ in range(40)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        refused = (UnansweredError, NothingRunsError)
        assert all(isinstance(answer, (keywire.Done, *refused)) for answer in answers)
        await SystemClock().sleep(0.05)
        assert not await _ask(path, Look())
