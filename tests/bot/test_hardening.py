"""Nothing in our memory reaches a disk or another program, as far as the machine allows it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot import hardening, newsecret
from bot.config import environment
from bot.keyholders import make
from storage.vault.derivation import Parameters
from storage.vault.keyslots import KeySlots
from storage.vault.slotseals import Named
from storage.vault.words import UnlockSecret
from tests.bot.conftest import Shell

ROOT = Path(__file__).parents[2]

ASK = """
import ctypes, os, resource
from bot import hardening
{do}
libc = ctypes.CDLL(None)
print(libc.prctl(3, 0, 0, 0, 0))  # PR_GET_DUMPABLE
print(resource.getrlimit(resource.RLIMIT_CORE))
print(os.umask(0))
print(open("/proc/self/status").read().split("VmLck:")[1].split()[0])
"""


def _after(do: str) -> list[str]:
    """Give what a fresh program says of itself after it did `do`."""
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", ASK.format(do=do)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_a_hardened_program_cannot_be_dumped_or_looked_into() -> None:
    """No core, no debugger of the same user, files for the owner alone."""
    told = _after("hardening.harden()")
    assert told[:3] == ["0", "(0, 0)", str(0o077)]


WORK = """
import sys
from bot import worker
sys.argv = ["worker", "config.toml", "999"]  # no such line: it ends at once
worker.main()
number = ctypes.c_int()
ctypes.CDLL(None).prctl(2, ctypes.byref(number))  # PR_GET_PDEATHSIG
print(number.value)
"""


def test_a_worker_is_closed_before_it_is_told_a_key_and_goes_with_its_supervisor() -> None:
    """A limit is handed on to whatever is started; that nobody may look inside is not."""
    assert _after(WORK)[:4] == [str(int(signal.SIGKILL)), "0", "(0, 0)", str(0o077)]


def test_without_it_all_of_that_would_be_otherwise() -> None:
    """The test above can fail."""
    told = _after("pass")
    assert told[0] == "1"
    assert told[3] == "0"


def test_whoever_is_given_up_first_has_said_so_before_it_is_closed() -> None:
    """Also for a user who may not lower it again, and never beyond what the kernel takes."""
    read = "print(open('/proc/self/oom_score_adj').read().strip())"
    here = int(_after(read)[0])
    told = _after(f"hardening.be_given_up_first(); hardening.harden(); {read}")
    assert int(told[0]) == here + 100
    told = _after(f"[hardening.be_given_up_first() for _ in range(21)]; {read}")
    assert told[0] == "1000"


def test_ci_may_lock_memory() -> None:
    """Elsewhere those who look for locked memory, here and at the supervisor, find nothing."""
    assert hardening.can_lock_memory() or "CI" not in environment()


def test_memory_is_locked_where_that_is_allowed() -> None:
    """Nothing of it can be swapped out."""
    told = _after(
        "is_locked = hardening.is_memory_locked; "
        "print(is_locked(), hardening.lock_memory(), is_locked())"
    )
    may = hardening.can_lock_memory()
    assert told[0] == f"False {may} {may}"
    assert (int(told[-1]) > 1000) == hardening.can_lock_memory()  # KiB


def test_memory_that_is_taken_later_is_locked_as_well() -> None:
    """Keys come and go for weeks."""
    lock = "hardening.lock_memory(); "
    before, after = _after(lock), _after(f"{lock}later = bytearray(64 << 20)")
    grown = int(after[-1]) - int(before[-1])  # KiB
    assert (grown > 60_000) == hardening.can_lock_memory()


COMMANDS = (
    "init --dir {new} --yes",
    "keys new {new}",
    "rekey --config {config}",
    "rekey --config {config} --add second",
    "export 1 --out {new} --config {config}",
    "open {new} --identity {identity}",
    "open {new} --identity {identity} --edit",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_whatever_holds_a_key_stays_out_of_the_swap(
    unlocked: Path, tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens, makes or changes keys beside the bot holds what the bot holds."""
    monkeypatch.setenv("AMAN_VAULT_MEMORY_MEBIBYTES", "19")
    identity = tmp_path / "identity"
    make(identity)
    place = {"config": unlocked / "config.toml", "new": tmp_path / "new", "identity": identity}
    arguments = command.format(**place).split()
    told = _after(f"from bot.cli import main; main({arguments!r})")
    assert (int(told[-1]) > 1000) == hardening.can_lock_memory()  # KiB


def test_memory_is_locked_only_after_another_key_is_derived(
    shell: Shell, unlocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its 256 MiB would be locked too, beside a bot that must not run out of memory."""
    steps: list[str] = []
    derive = KeySlots.new_secret

    def derives(slots: KeySlots, name: str, cost: Parameters) -> tuple[UnlockSecret, Named]:
        steps.append("derived")
        return derive(slots, name, cost)

    for place in ("bot.rekeying", "bot.unlocking"):
        monkeypatch.setattr(f"{place}.lock_memory", lambda: steps.append("locked"))
    monkeypatch.setattr(KeySlots, "new_secret", derives)
    monkeypatch.setattr(newsecret, "check_note", lambda _words: None)
    monkeypatch.setenv("AMAN_VAULT_MEMORY_MEBIBYTES", "19")
    assert shell.aman("rekey", "--config", str(unlocked / "config.toml"), "--add", "second") == 0
    assert steps == ["derived", "locked"]


def test_where_it_is_not_allowed_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Below a limit that is merely large, memory would be refused in the middle of the work."""
    tried: list[str] = []
    monkeypatch.setattr(hardening, "can_lock_memory", lambda: False)
    monkeypatch.setattr(hardening, "_call", lambda name, *_: tried.append(name))
    assert not hardening.lock_memory()
    assert tried == []
