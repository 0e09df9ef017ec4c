"""What a process of ours asks of the machine, so that nothing in its memory reaches a disk.

No core dumps, no looking in from other programs of the same user, files for their owner alone,
and memory that is never swapped out, where that is allowed. Linux only; elsewhere what there is.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

OWN_FILES = 0o077  # umask: nothing for anybody else

STANDARD = range(3)  # descriptors: input, output, errors
PROC = Path("/proc")  # where the kernel tells

# Numbers of Linux: <linux/prctl.h>, <linux/mman.h>, <linux/capability.h>.
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_CAP_IPC_LOCK = 14

# proc(5), oom_score_adj: -1000 is never killed, 1000 always first. Raising it takes no privilege.
_GIVEN_UP_SOONER = 100  # as if it used a tenth of the memory more
_MOST_GIVEN_UP = 1000


def be_given_up_first() -> None:
    """Have the kernel, where memory runs out, end this process sooner than the one it came from.

    To be called before `harden`: afterwards the process may no longer say this of itself.
    """
    score = PROC / "self/oom_score_adj"
    with contextlib.suppress(OSError, ValueError):
        score.write_text(str(min(int(score.read_text()) + _GIVEN_UP_SOONER, _MOST_GIVEN_UP)))


def harden() -> None:
    """Keep this process's memory and files from everybody else; first thing in every program."""
    _take_standard_places()
    os.umask(OWN_FILES)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _prctl(_PR_SET_DUMPABLE, 0)


def end_with_parent() -> None:
    """Have this process killed when the thread that started it ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def end_as_by_hand() -> None:
    """Have SIGTERM, and a line to the server that is cut, end this as Ctrl-C does.

    What is half written and readable goes then. A second one of its kind ends nothing sooner: a
    cut line brings two, and the clearing must come to its end.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)
    interrupt = signal.getsignal(signal.SIGINT)  # a loop that runs has its own way to end
    if not callable(interrupt):
        raise KeyboardInterrupt
    interrupt(signal.SIGINT, frame)


def lock_memory() -> bool:
    """Keep all memory, of now and later, out of the swap; say whether the machine does that.

    Not before a key is derived: its 256 MiB would be locked too.
    """
    if not can_lock_memory():
        return False
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (_memory_limit(), _memory_limit()))
    return _call("mlockall", _MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT) == 0


def can_lock_memory(proc: Path = PROC) -> bool:
    """Say whether the machine lets this user lock as much memory as it takes.

    A limit that is only large is not enough: beyond it, memory would be refused in the middle of
    the work.
    """
    return _has_capability(proc, _CAP_IPC_LOCK) or _memory_limit() == resource.RLIM_INFINITY


def is_memory_locked(proc: Path = PROC) -> bool:
    """Say whether this process's memory is kept out of the swap, not only whether it may be."""
    return _told(proc, "VmLck:", 10) > 0


def has_swap(proc: Path = PROC) -> bool:
    """Say whether memory may be swapped out to a disk."""
    return len(list(_lines(proc / "swaps"))) > 1  # the first line names the columns


def _take_standard_places() -> None:
    """Open what is closed of input, output and errors, or a file of ours would take its place.

    Nothing can be read or written there: what is said is not taken for heard.
    """
    for number in STANDARD:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)  # the lowest number that is free: this one
    sys.stdin = sys.stdin or os.fdopen(STANDARD[0], closefd=False)
    sys.stdout = sys.stdout or os.fdopen(STANDARD[1], "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(STANDARD[2], "w", closefd=False)


def _memory_limit() -> int:
    return resource.getrlimit(resource.RLIMIT_MEMLOCK)[1]


def _has_capability(proc: Path, number: int) -> bool:
    return bool(_told(proc, "CapEff:", 16) >> number & 1)


def _told(proc: Path, name: str, base: int) -> int:
    """Give a number that the kernel tells of this process; 0 where it tells none."""
    found = [line.split()[1] for line in _lines(proc / "self/status") if line.startswith(name)]
    return int(found[0], base) if found else 0


def _lines(path: Path) -> Iterator[str]:
    try:
        yield from path.read_text().splitlines()
    except OSError:
        return


def _prctl(option: int, value: int) -> None:
    _call("prctl", option, value, 0, 0, 0)


def _call(name: str, *arguments: int) -> int:
    """Call a function of the C library; -1 where there is none of that name."""
    try:
        function = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError):
        return -1
    return int(function(*map(ctypes.c_ulong, arguments)))
