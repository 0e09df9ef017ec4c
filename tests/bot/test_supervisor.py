"""A crash needs no human, and without the supervisor nothing works on."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from bot import control, supervisor
from bot.clock import SystemClock
from bot.hardening import can_lock_memory
from bot.mounts import Lasting
from bot.rehearsal.botapi import Fault, FaultKind
from bot.supervisor import Supervisor
from storage.vault import derivation, keyslots
from storage.vault.keys import keys_of_new_event
from storage.vault.keyslots import KeySlots
from storage.vault.keywire import Lock, Open
from tests.bot.conftest import Shell
from tests.faults.program import ROOT, START_WITHIN, Stopwatch, is_running, program, supervised

SOON = 3.0  # real seconds: what is promised
EVERYTHING = "case_private case_public community database log_signing people routing transit"
LOCKED = "case_public community database log_signing routing transit"
LOCKED_AT_LEAST = 10_000  # KiB; the interpreter alone is more


async def _until(is_so: Callable[[], bool], within: float = START_WITHIN) -> None:
    async with asyncio.timeout(within):
        while not is_so():
            await SystemClock().sleep(0.01)


def _told(number: int, name: str) -> str:
    """Read what the kernel tells of a process."""
    return Path(f"/proc/{number}/{name}").read_text(errors="replace")


async def test_a_killed_worker_is_followed_by_another_at_once(tmp_path: Path) -> None:
    """Working again within three seconds, without a human and without the unlock secret."""
    async with program(tmp_path) as running:
        await running.starts()
        await running.works()
        await _until(lambda: len(running.workers) == 2)
        first = running.worker
        dana = running.service.person(17, "Dana", language_code="en")
        watch = Stopwatch(running)
        await running.is_killed()
        await dana.opens()
        await dana.sees("", within=START_WITHIN)
        assert running.worker != first
        took = watch.read()
        assert took.seconds < SOON, str(took)


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.torture)]
)
async def test_it_ends_cleanly_and_leaves_nobody_behind(
    tmp_path: Path, number: signal.Signals
) -> None:
    """Exit code 0, the worker stopped as it would stop itself, the socket taken away.

    A line to the server that is cut, or a terminal that is closed, is no such end.
    """
    async with program(tmp_path) as running:
        await running.starts()
        await running.works()
        await _until(lambda: len(running.workers) == 2)
        workers = running.workers
        for one in (running.supervisor, *workers):
            os.kill(one, signal.SIGHUP)
        os.kill(running.supervisor, number)
        assert await running.ends() == 0
        assert running.said("event=stopped") == 1
        assert running.said("worker-ended") == 0
        assert not any(map(is_running, workers))
        assert not (running.made.directory / "control").exists()


async def test_without_the_supervisor_no_worker_works_on(tmp_path: Path) -> None:
    """Nobody could lock it any more; one that only loads the program ends when it has."""
    async with program(tmp_path) as running:
        await running.starts()
        await running.works()
        await _until(lambda: len(running.workers) == 2)
        worker, workers = running.worker, running.workers
        assert worker is not None
        await running.is_over()
        await _until(lambda: not is_running(worker), within=SOON)
        await _until(lambda: not any(map(is_running, workers)))


async def test_a_worker_whose_line_ends_does_not_work_on() -> None:
    """The kernel's promise about parents is Linux's alone; the line's end is everybody's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        waiting = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.worker", "config.toml", str(theirs.fileno())),
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        ours.close()
        assert await asyncio.wait_for(waiting.wait(), START_WITHIN) == 1


async def test_a_refused_configuration_ends_everything_with_one_sentence(tmp_path: Path) -> None:
    """Starting again would not help: the exit code and the words are the worker's."""
    async with program(tmp_path) as running:
        running.service.faults.add(Fault(FaultKind.UNAUTHORIZED, method="getMe"))
        await running.starts()
        assert await running.ends() == 2
        assert running.log.read_text() == (
            "Telegram does not accept the bot token in [telegram].\n"
        )


async def test_a_worker_gets_no_unlock_secret(tmp_path: Path) -> None:
    """It needs none, and it is the one that reads what strangers send."""
    async with program(tmp_path) as running:
        await running.starts()
        await running.works()
        await _until(lambda: len(running.workers) == 2)
        for worker in running.workers:
            command = partial(_told, worker, "cmdline")
            await _until(lambda told=command: "bot.worker" in told())  # type: ignore[misc] # it has just begun: until then it is the supervisor's double
            surroundings = _told(worker, "environ")
            assert "AMAN_TELEGRAM_TOKEN" in surroundings
            assert "AMAN_VAULT_SECRET" not in surroundings


async def test_no_process_leaves_a_core_or_files_for_others_or_memory_in_the_swap(
    tmp_path: Path,
) -> None:
    """The supervisor, the worker, and the one that waits."""
    async with program(tmp_path) as running:
        await running.starts()
        await running.works()
        await _until(lambda: len(running.workers) == 2)
        spare = next(number for number in running.workers if number != running.worker)
        await _until(lambda: "Umask:\t0077" in _told(spare, "status"))
        for number in (running.supervisor, *running.workers):
            limits = _told(number, "limits")
            assert "Max core file size        0                    0" in limits
            assert "Umask:\t0077" in _told(number, "status")
            await _until(partial(_locks_memory, number))


def _locks_memory(number: int) -> bool:
    """Say whether a process keeps all of its memory from the swap, where it may."""
    told = dict(line.split(":\t") for line in _told(number, "status").splitlines())
    return not can_lock_memory() or int(told["VmLck"].split()[0]) > LOCKED_AT_LEAST


async def test_where_memory_runs_out_a_worker_is_given_up_before_the_supervisor(
    tmp_path: Path,
) -> None:
    """A worker comes back by itself; the keys come back with a person only."""
    async with program(tmp_path) as running:
        await running.starts()
        await running.works()
        await _until(lambda: len(running.workers) == 2)
        kept = int(_told(running.supervisor, "oom_score_adj"))
        for number in running.workers:
            told = partial(_told, number, "oom_score_adj")
            await _until(lambda told=told: int(told()) > kept)  # type: ignore[misc] # it has just begun


def test_the_supervisor_carries_no_bot() -> None:
    """What speaks to the internet and reads strangers' words is in the worker alone."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import bot.cli, bot.supervisor, sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "storage.vault.keyslots" in loaded
    assert {"telegram", "httpx", "sqlcipher3", "aiosqlite", "handlers"}.isdisjoint(loaded)


def test_a_start_says_what_the_machine_does_not_keep(
    shell: Shell, unlocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system that keeps what is overwritten, and memory that may be swapped out."""

    async def works(_self: Supervisor, _listener: socket.socket) -> int:
        return 0

    monkeypatch.setattr(Supervisor, "run", works)
    monkeypatch.setattr(supervisor, "lock_memory", lambda: False)
    monkeypatch.setattr(supervisor, "find_lasting", lambda _directory: Lasting("btrfs"))
    former = signal.getsignal(signal.SIGHUP)
    try:
        assert shell.aman("run", "--config", str(unlocked / "config.toml")) == 0
    finally:
        signal.signal(signal.SIGHUP, former)
    assert "event=memory-not-locked" in shell.err
    assert "event=destroyed-keys-may-last file_system=btrfs" in shell.err


# ---------------------------------------------------------------- with a worker that only listens


@pytest.fixture
def slots(tmp_path: Path) -> KeySlots:
    """Make cheap keys, with an event's."""
    made, secret = keyslots.create(tmp_path / "keys", derivation.FLOOR)
    made.store(keys_of_new_event(7))
    made.close()
    return keyslots.unlock(tmp_path / "keys", secret)


def _lines(written: Path) -> list[str]:
    return written.read_text().splitlines() if written.exists() else []


async def test_a_worker_that_follows_a_crash_is_locked_like_the_one_before(
    slots: KeySlots, tmp_path: Path
) -> None:
    """Nobody opens what was locked by crashing the bot; opening again reaches it at once."""
    written, root_path = tmp_path / "written", tmp_path / "keys"
    secret = slots.add_secret("second", derivation.FLOOR)
    listening = (sys.executable, "-m", "tests.faults.listening", str(written))
    async with supervised(slots, tmp_path, *listening) as path:
        await _until(lambda: len(_lines(written)) == 2)
        assert {line.split(" ", 1)[1] for line in _lines(written)} == {EVERYTHING}
        await asyncio.to_thread(control.ask, path, Lock())
        await _until(lambda: len(_lines(written)) == 3)
        number, kinds = _lines(written)[2].split(" ", 1)
        assert kinds == LOCKED
        os.kill(int(number), signal.SIGKILL)
        await _until(lambda: len(_lines(written)) == 5)
        assert not _lines(written)[4].startswith(number)
        assert {line.split(" ", 1)[1] for line in _lines(written)[3:]} == {LOCKED}
        root = await asyncio.to_thread(keyslots.find_root, root_path, secret)
        assert not (await asyncio.to_thread(control.ask, path, Open(root))).is_locked
        await _until(lambda: len(_lines(written)) == 6)
        assert _lines(written)[5].split(" ", 1)[1] == EVERYTHING


async def test_a_lock_that_was_committed_holds_though_the_worker_died_with_the_commit(
    slots: KeySlots, tmp_path: Path
) -> None:
    """Everybody is about to be told that it is locked, so the next worker must not open it."""
    written = tmp_path / "written"
    dying = (sys.executable, "-m", "tests.faults.dying", str(written))
    async with supervised(slots, tmp_path, *dying):
        await _until(lambda: bool(_lines(written)))
        assert _lines(written) == ["locked"]
        assert slots.is_locked


async def test_starts_that_fail_are_tried_again_with_growing_pauses(
    slots: KeySlots, tmp_path: Path
) -> None:
    """A full disk may have room again; until then the machine has other things to do."""
    begun = tmp_path / "begun"
    fails = f"open({str(begun)!r}, 'a').write('x'); raise SystemExit(1)"
    async with supervised(slots, tmp_path, sys.executable, "-c", fails):
        await _until(lambda: begun.exists() and begun.stat().st_size >= 3)
        await SystemClock().sleep(1.0)
        assert begun.stat().st_size <= 4


async def test_a_start_that_fails_leaves_nothing_open(slots: KeySlots) -> None:
    """A machine without room is tried for hours: its descriptors must not run out meanwhile."""
    with slots:
        supervisor = Supervisor(slots, ["/no/such/program"])
        before = _count_open()
        for _ in range(3):
            assert await supervisor._start() is None  # noqa: SLF001 - what is repeated
        await SystemClock().sleep(0)
        assert _count_open() == before


def _count_open() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize(
    "says",
    [
        "b'nonsense' * 10",
        pytest.param("(2**31).to_bytes(4, 'big')", marks=pytest.mark.torture),
    ],
)
async def test_a_worker_that_makes_no_sense_is_ended(
    slots: KeySlots, tmp_path: Path, says: str
) -> None:
    """Whoever has taken it over gets nothing more; the next one starts clean."""
    begun = tmp_path / "begun"
    babbles = (
        f"import socket, sys, time; open({str(begun)!r}, 'a').write('x'); "
        f"line = socket.socket(fileno=int(sys.argv[1])); line.sendall({says}); time.sleep(600)"
    )
    keys = dict(slots.keys)
    async with supervised(slots, tmp_path, sys.executable, "-c", babbles):
        await _until(lambda: begun.exists() and begun.stat().st_size >= 2)
        assert dict(slots.keys) == keys


async def test_what_was_made_unusable_while_it_worked_does_not_end_it(
    slots: KeySlots, tmp_path: Path
) -> None:
    """Somebody puts the file right, and it goes on; the unlock secret may be far away."""
    begun = tmp_path / "begun"
    works_once = (
        "import socket, sys\nfrom pathlib import Path\n"
        "from storage.vault import keywire\n"
        "line = socket.socket(fileno=int(sys.argv[1]))\n"
        "keywire.receive(line, keywire.TOLD)\n"
        f"begun = Path({str(begun)!r})\n"
        "if not begun.exists():\n"
        "    line.sendall(keywire.pack(keywire.Started()))\n"
        "    keywire.receive(line, keywire.TOLD)\n"
        "begun.open('a').write('x')\n"
        "raise SystemExit(2)\n"
    )
    async with supervised(slots, tmp_path, sys.executable, "-c", works_once):
        await _until(lambda: begun.exists() and begun.stat().st_size >= 3)
