"""Whether the file system under the data directory overwrites in place, as erasing needs.

A key is destroyed by writing over it. A file system that writes elsewhere, or keeps a journal of
contents, leaves the old bytes where nobody can reach them but whoever takes the disk apart.
"""

import os
import re
import uuid
from dataclasses import dataclass
from pathlib import Path

from bot.hardening import PROC

# Kept by another machine; or copies on write, writes in logs, lies above another one.
SHARED = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "glusterfs", "afs", "virtiofs", "fuse", "fuseblk",
    "ocfs2", "gfs2",
})  # fmt: skip
ELSEWHERE = SHARED | {
    "btrfs", "zfs", "bcachefs", "f2fs", "nilfs2", "overlay", "aufs", "reiser4", "apfs",
}  # fmt: skip
_ESCAPED = re.compile(r"\\([0-7]{3})")  # mountinfo writes spaces in paths as \040


@dataclass(frozen=True, slots=True)
class Lasting:
    """A file system that keeps what is overwritten: its kind, and whether its journal is why."""

    kind: str
    is_journal: bool = False

    @property
    def name(self) -> str:
        """Name it as whoever mounts it knows it."""
        return f"{self.kind} with data=journal" if self.is_journal else self.kind

    @property
    def is_far(self) -> bool:
        """Say whether it is kept by another machine, which alone knows what it does."""
        return self.kind.partition(".")[0] in SHARED

    @property
    def warning(self) -> str:
        """Say what that means where keys are kept."""
        return f"The file system ({self.name}) may keep destroyed keys: {self.advice}."

    @property
    def advice(self) -> str:
        """Say what to do."""
        if self.is_journal:
            return "mount it with data=ordered"
        return "use ext4 or xfs on this machine"


@dataclass(frozen=True, slots=True)
class _Mount:
    point: Path
    kind: str
    options: frozenset[str]


def find_lasting(directory: Path, proc: Path = PROC) -> Lasting | None:
    """Give the file system there if it keeps what is overwritten, or None."""
    mount = _mount_of(directory, proc / "self/mountinfo")
    if mount is None:
        return None
    if mount.kind.partition(".")[0] in ELSEWHERE:
        return Lasting(mount.kind)
    return Lasting(mount.kind, is_journal=True) if "data=journal" in mount.options else None


def is_shared(directory: Path, proc: Path = PROC) -> bool:
    """Say whether another machine may use this directory at the same time."""
    mount = _mount_of(directory, proc / "self/mountinfo")
    return mount is not None and mount.kind.partition(".")[0] in SHARED


def running_kernel(proc: Path = PROC) -> int:
    """Give a number for this machine since it was switched on; 0 where the kernel has none."""
    try:
        number = uuid.UUID((proc / "sys/kernel/random/boot_id").read_text().strip())
    except (OSError, ValueError):
        return 0
    return number.int % 2**53


def _mount_of(directory: Path, table: Path) -> _Mount | None:
    """Give the last mount on the longest path above `directory`: it hides those before."""
    try:
        lines = os.fsdecode(table.read_bytes()).splitlines()
    except OSError:
        return None
    place = directory.resolve()
    found = [mount for mount in map(_read, lines) if mount and place.is_relative_to(mount.point)]
    return max(reversed(found), key=lambda mount: len(mount.point.parts), default=None)


def _read(line: str) -> _Mount | None:
    """Read a line as proc(5) describes it: optional fields end with a dash."""
    before, dash, after = line.partition(" - ")
    fields, rest = before.split(" "), after.split(" ")
    if not dash or len(fields) < 6 or len(rest) < 3:  # noqa: PLR2004 - fields of proc(5)
        return None
    point = _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 8)), fields[4])
    options = frozenset([*fields[5].split(","), *rest[2].split(",")])
    return _Mount(Path(point), rest[0], options)
