"""A small disk of its own, to be filled to the last byte without anybody else noticing."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LARGEST = 128 * 1024 * 1024  # bytes; nothing larger is ever filled here
PIECE = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A file system in memory, mounted at `path`."""

    path: Path

    def fill(self) -> None:
        """Leave no room at all, as a log of somebody else's might."""
        found = os.statvfs(self.path)
        assert self.path.is_mount(), "only a disk of its own is filled"
        assert found.f_blocks * found.f_frsize <= LARGEST
        descriptor = os.open(self._filler, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for size in (PIECE, 4096, 1):
                with contextlib.suppress(OSError):
                    while os.write(descriptor, bytes(size)):
                        pass
        finally:
            os.close(descriptor)

    def clear(self) -> None:
        """Give the room back."""
        self._filler.unlink(missing_ok=True)

    @property
    def _filler(self) -> Path:
        return self.path / "filler"


@contextlib.contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a disk of this size at `path`; it takes root's rights, or sudo that asks nothing.

    Raises:
        CalledProcessError: it cannot be mounted; what needs it must not be passed over.
    """
    path.mkdir(mode=0o700, parents=True)
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    options = f"size={megabytes}m,mode=0700,uid={os.geteuid()},gid={os.getegid()}"
    mount = [*rights, "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
    subprocess.run(mount, check=True)  # noqa: S603 - our own words
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run([*rights, "umount", "--lazy", str(path)], check=True)  # noqa: S603 - as above
