"""Every byte that a process and its children ever wrote to files, in order, as strace saw it.

The order of the lines is the order of the effects: a thread that learns of another one's write
does so after its end was noted. What a shared mapping changes is not seen, so those are named too.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_CALLS = (
    *("open", "openat", "openat2", "creat", "mkdir", "mkdirat", "mmap"),
    *("write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile", "copy_file_range"),
    *("truncate", "ftruncate", "fallocate", "fsync", "fdatasync", "sync_file_range", "msync"),
    *("rename", "renameat", "renameat2", "unlink", "unlinkat", "link", "linkat", "symlink"),
)
_LONGEST = 64 * 1024 * 1024  # bytes of one write that are kept

_LINE = re.compile(r"(\d+) +(.*)")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(.*)")
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\w+)(?:<(.*?)>)?.*")
_OPENED = re.compile(r"\S+, \"(.*?)\", (\S+?)(?:, |$)")
_FILE = re.compile(r"\d+<(.*?)>(?:\(deleted\))?(?:, (.*))?")
_STRINGS = re.compile(r'"([^"]*)"')
_MAPPED = re.compile(r"\S+, \S+, (\S+), (\S+), \d+<(.*?)>(?:\(deleted\))?, .*")


@dataclass(frozen=True, slots=True)
class Create:
    """A file was made, or emptied if it was there."""

    path: Path
    is_emptied: bool


@dataclass(frozen=True, slots=True)
class MakeFolder:
    """A directory was made."""

    path: Path


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes were written; without `offset` at the end of what came before."""

    path: Path
    offset: int | None
    content: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file was cut, or made longer, to `size` bytes."""

    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Flush:
    """A file or a directory was flushed, successfully: what stood before `since` is durable."""

    path: Path
    since: int  # the number of the step before which it was asked for


@dataclass(frozen=True, slots=True)
class FailedFlush:
    """A flush failed: of what stood before `since` nobody knows, and no later flush asks again."""

    path: Path
    since: int


@dataclass(frozen=True, slots=True)
class Rename:
    """A file got another name."""

    path: Path
    to: Path


@dataclass(frozen=True, slots=True)
class Unlink:
    """A name was taken away."""

    path: Path


@dataclass(frozen=True, slots=True)
class Share:
    """A file was mapped so that it can be changed without a call."""

    path: Path


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes were handed over to whoever is at the other end of a socket."""

    path: Path  # strace's name of the socket
    content: bytes


Step = (
    Create | MakeFolder | Write | Truncate | Flush | FailedFlush | Rename | Unlink | Share | Send
)


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    arguments: str
    result: str
    since: int  # how many steps there were when it began


class UnknownStepError(Exception):
    """Something was done to files that is not understood here: the record would not be whole."""


def recorded(
    command: Sequence[str], log: Path, *, failing: str | None = None, has_sent: bool = False
) -> list[str]:
    """Give the command that runs `command` and records into `log`.

    `failing` says which calls fail, in strace's words (`fsync:error=EIO:when=60+7`); `has_sent`
    has what goes into sockets recorded as well.

    Raises:
        FileNotFoundError: strace is not there; what it should show is never passed over.
    """
    strace = shutil.which("strace")
    if strace is None:
        raise FileNotFoundError("strace")
    options = ("-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", f"{_LONGEST}", "-o", f"{log}")
    faults = [] if failing is None else ["-e", f"inject={failing}"]
    calls = (*_CALLS, "sendto") if has_sent else _CALLS
    return [strace, *options, "-e", f"trace={','.join(calls)}", *faults, *command]


def read(log: Path) -> list[Step]:
    """Give the steps of a record, in order; of failed calls only flushes, for they have effects.

    Raises:
        UnknownStepError: a call is not understood.
    """
    steps: list[Step] = []
    for call in _calls(log, steps):
        if call.result.startswith("-") or call.result == "?":
            if _READERS.get(call.name) is _flushed:
                steps.append(FailedFlush(_file(call.arguments)[0], call.since))
            continue
        if call.name not in _READERS:
            raise UnknownStepError(call.name)
        steps += _READERS[call.name](call)
    return steps


def _calls(log: Path, steps: Sequence[Step]) -> Iterator[_Call]:
    """Give the calls that have ended; `steps` is what they have come to so far."""
    begun: dict[str, tuple[str, int]] = {}
    with log.open(encoding="ascii") as lines:
        for line in lines:
            found = _LINE.fullmatch(line.rstrip("\n"))
            if found is None:
                raise UnknownStepError(line[:100])
            thread, text = found.groups()
            since = len(steps)
            if text.endswith(" <unfinished ...>"):
                begun[thread] = (text.removesuffix(" <unfinished ...>"), since)
                continue
            if resumed := _RESUMED.fullmatch(text):
                start, since = begun.pop(thread)
                text = start + resumed[1]
            if call := _CALL.fullmatch(text):
                yield _Call(call[1], call[2], call[3], since)


def _opened(call: _Call) -> list[Step]:
    found = _OPENED.match(call.arguments)
    if found is None:
        raise UnknownStepError(call.arguments[:100])
    flags = set(found[2].split("|"))
    path = Path(_text(found[1]))
    return [Create(path, "O_TRUNC" in flags)] if flags & {"O_CREAT", "O_TRUNC"} else []


def _written(call: _Call) -> list[Step]:
    path, rest = _file(call.arguments)
    strings = _STRINGS.match(rest)
    if strings is None or rest[strings.end() :].startswith("..."):
        raise UnknownStepError(f"a write to {path} is not whole")
    content = _bytes(strings[1])[: int(call.result)]
    parts = rest[strings.end() :].split(", ")
    return [Write(path, int(parts[2]) if len(parts) > 2 else None, content)]


def _sent(call: _Call) -> list[Step]:
    path, rest = _file(call.arguments)
    strings = _STRINGS.match(rest)
    if strings is None:
        raise UnknownStepError(f"what was sent to {path} is not whole")
    return [Send(path, _bytes(strings[1])[: int(call.result)])]


def _cut(call: _Call) -> list[Step]:
    path, size = _file(call.arguments)
    return [Truncate(path, int(size))] if path.is_absolute() else []


def _flushed(call: _Call) -> list[Step]:
    return [Flush(_file(call.arguments)[0], call.since)]


def _renamed(call: _Call) -> list[Step]:
    old, new = _paths(call.arguments)
    return [Rename(old, new)]


def _unlinked(call: _Call) -> list[Step]:
    return [Unlink(_paths(call.arguments)[0])]


def _made(call: _Call) -> list[Step]:
    return [MakeFolder(_paths(call.arguments)[0])]


def _written_elsehow(call: _Call) -> list[Step]:
    """Sockets are written to in these ways; files are not, or the record would not be whole."""
    target = _file(call.arguments)[0]
    if target.is_absolute():
        raise UnknownStepError(f"{call.name} on {target}")
    return []


def _mapped(call: _Call) -> list[Step]:
    found = _MAPPED.fullmatch(call.arguments)
    if found is None or "PROT_WRITE" not in found[1] or "MAP_SHARED" not in found[2]:
        return []
    return [Share(Path(_text(found[3])))]


def _file(arguments: str) -> tuple[Path, str]:
    found = _FILE.fullmatch(arguments)
    if found is None:
        raise UnknownStepError(arguments[:100])
    return Path(_text(found[1])), found[2] or ""


def _paths(arguments: str) -> list[Path]:
    return [Path(_text(one)) for one in _STRINGS.findall(arguments)]


_READERS: dict[str, Callable[[_Call], list[Step]]] = {
    **dict.fromkeys(("open", "openat", "creat"), _opened),
    **dict.fromkeys(("write", "pwrite64"), _written),
    **dict.fromkeys(("fsync", "fdatasync"), _flushed),
    **dict.fromkeys(("rename", "renameat", "renameat2"), _renamed),
    **dict.fromkeys(("unlink", "unlinkat"), _unlinked),
    **dict.fromkeys(("mkdir", "mkdirat"), _made),
    **dict.fromkeys(("writev", "pwritev", "pwritev2"), _written_elsehow),
    "ftruncate": _cut,
    "sendto": _sent,
    "mmap": _mapped,
}


def _text(written: str) -> str:
    return os.fsdecode(_bytes(written)) if written.startswith("\\x") else written


def _bytes(written: str) -> bytes:
    return bytes.fromhex(written.replace("\\x", ""))
