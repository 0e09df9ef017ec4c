"""What a disk may hold after the power went: images rebuilt from a record of everything written.

What a flush has acknowledged stays. Of what was written since, a disk may have nothing, all, some
writes and not others, in any order, and of each write any of its sectors. Names follow their
directory's flush; of later changes of names the first few may have arrived, as a journal has them.
"""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults.recording import (
    Create,
    FailedFlush,
    Flush,
    MakeFolder,
    Rename,
    Send,
    Share,
    Step,
    Truncate,
    Unlink,
    Write,
)

SECTORS = (512, 4096)  # bytes; what a disk writes whole


class Fate(enum.Enum):
    """What becomes of the writes to one file that no flush has acknowledged."""

    GONE = enum.auto()
    ARRIVED = enum.auto()
    CUT = enum.auto()  # those before some moment, and the one at it torn
    SOME = enum.auto()  # any of them
    TORN = enum.auto()  # any sectors of any of them


@dataclass(slots=True)
class _Inode:
    """One file's content: what is durable, and what was done since (number of the step, what)."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, Write | Truncate]] = field(default_factory=list)
    size: int = 0

    def flush(self, before: int) -> None:
        for number, step in self.pending:
            if number < before:
                _apply(self.durable, step)
        self.pending = [one for one in self.pending if one[0] >= before]

    def fail(self, before: int, chance: Random) -> None:
        """Lose all, none or any sectors of what a flush did not take; all count as written."""
        lost = [one for one in self.pending if one[0] < before]
        self.pending = [one for one in self.pending if one[0] >= before]
        fate, sector = chance.choice((Fate.GONE, Fate.ARRIVED, Fate.TORN)), chance.choice(SECTORS)
        for _, step in lost if fate is not Fate.GONE else ():
            for part in _sectors(step, sector, chance) if fate is Fate.TORN else [step]:
                _apply(self.durable, part)

    def after(self, chance: Random) -> bytes:
        """Give what it may hold when the power is back."""
        fate = chance.choice(list(Fate))
        sector = chance.choice(SECTORS)
        steps = [step for _, step in self.pending]
        content = bytearray(self.durable)
        cut = chance.randrange(len(steps) + 1)
        for number, step in enumerate(steps):
            if fate is Fate.GONE or (fate is Fate.CUT and number > cut):
                break
            if fate is Fate.SOME and chance.random() < 1 / 2:
                continue
            is_torn = fate is Fate.TORN or (fate is Fate.CUT and number == cut)
            for part in _sectors(step, sector, chance) if is_torn else [step]:
                _apply(content, part)
        return bytes(content)


def _apply(content: bytearray, step: Write | Truncate) -> None:
    match step:
        case Truncate(size=size):
            content[size:] = b""
            content.extend(bytes(size - len(content)))
        case Write(offset=offset, content=written):
            assert offset is not None
            content.extend(bytes(max(offset - len(content), 0)))
            content[offset : offset + len(written)] = written


def _sectors(step: Write | Truncate, size: int, chance: Random) -> Iterator[Write | Truncate]:
    """Give those parts of a write that arrived; borders lie where the disk has them."""
    if isinstance(step, Truncate):
        yield step
        return
    assert step.offset is not None
    start, end = step.offset, step.offset + len(step.content)
    while start < end:
        border = min((start // size + 1) * size, end)
        if chance.random() < 1 / 2:
            part = step.content[start - step.offset : border - step.offset]
            yield Write(step.path, start, part)
        start = border


@dataclass(slots=True)
class Disk:
    """The files below `root` while a record is played; `after` gives what may be left of them."""

    root: Path
    chance: Random
    _inodes: dict[Path, _Inode] = field(default_factory=dict)  # by the names that hold now
    _names: dict[Path, _Inode] = field(default_factory=dict)  # the names that are durable
    _folders: set[Path] = field(default_factory=set)  # that are durable
    _pending: list[tuple[int, Step, _Inode | None]] = field(default_factory=list)

    def put(self, files: Mapping[Path, bytes]) -> None:
        """Have these files below `root` there from the beginning, durable."""
        for path, content in files.items():
            inode = _Inode(bytearray(content), size=len(content))
            self._inodes[path] = self._names[path] = inode
            self._folders |= {path.parent}

    def play(self, number: int, step: Step) -> None:
        """Do what the process did; `number` counts the steps."""
        if not step.path.is_relative_to(self.root) or isinstance(step, Share | Send):
            return  # a shared mapping is SQLite's index of its log, and made anew
        match step:
            case Write() | Truncate():
                self._change(number, step)
            case Flush(path, since):
                self._flush(path, since)
            case FailedFlush(path, since):
                if path in self._inodes:
                    self._inodes[path].fail(since, self.chance)
            case _:
                self._name(number, step)

    def after(self) -> dict[Path, bytes]:
        """Give the files that may be there when the power is back, by their names below `root`."""
        chance = self.chance
        names, folders = dict(self._names), set(self._folders)
        for _, step, inode in self._pending[: chance.randrange(len(self._pending) + 1)]:
            _rename(names, folders, step, inode)
        contents = {id(inode): inode.after(chance) for inode in names.values()}
        return {
            path.relative_to(self.root): contents[id(inode)]
            for path, inode in names.items()
            if path.parent in folders or path.parent == self.root
        }

    def _change(self, number: int, step: Write | Truncate) -> None:
        inode = self._inodes[step.path]
        if isinstance(step, Truncate):
            inode.size = step.size
        else:
            at = inode.size if step.offset is None else step.offset
            step = Write(step.path, at, step.content)
            inode.size = max(inode.size, at + len(step.content))
        inode.pending.append((number, step))

    def _name(self, number: int, step: Step) -> None:
        inode = None
        match step:
            case Create(path, is_emptied) if path in self._inodes:
                if is_emptied:
                    self._change(number, Truncate(path, 0))
                return
            case Create(path):
                inode = self._inodes[path] = _Inode()
            case Rename(path, to):
                inode = self._inodes[to] = self._inodes.pop(path)
            case Unlink(path):
                self._inodes.pop(path, None)
            case _:
                pass
        self._pending.append((number, step, inode))

    def _flush(self, path: Path, since: int) -> None:
        if path in self._inodes:
            self._inodes[path].flush(since)
            return
        left: list[tuple[int, Step, _Inode | None]] = []
        for number, step, inode in self._pending:
            if number < since and step.path.parent == path:
                _rename(self._names, self._folders, step, inode)
            else:
                left.append((number, step, inode))
        self._pending = left


def _rename(
    names: dict[Path, _Inode], folders: set[Path], step: Step, inode: _Inode | None
) -> None:
    match step:
        case Create(path) if inode is not None:
            names[path] = inode
        case MakeFolder(path):
            folders.add(path)
        case Rename(path, to) if inode is not None:
            names.pop(path, None)
            names[to] = inode
        case Unlink(path):
            names.pop(path, None)
        case _:
            raise AssertionError(step)


def images(
    disk: Disk, steps: Sequence[Step], first: int, count: int
) -> Iterator[tuple[int, dict[Path, bytes]]]:
    """Give `count` images of power losses after the step `first`, each with its last step.

    The power goes only between steps that concern the disk's root, each as likely as another.
    """
    concerned = [
        number
        for number, step in enumerate(steps)
        if number >= first and step.path.is_relative_to(disk.root)
    ]
    moments = sorted(disk.chance.choices(concerned, k=count))
    played = 0
    for moment in moments:
        for number in range(played, moment + 1):
            disk.play(number, steps[number])
        played = max(played, moment + 1)
        yield moment, disk.after()
