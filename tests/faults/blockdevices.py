"""A small disk that is a file: whatever was written on it can be looked for in it."""

import contextlib
import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1024 * 1024
MAKE = "/usr/sbin/mkfs.ext4"


@dataclass(frozen=True, slots=True)
class BlockDevice:
    """A disk of ext4, as its journal and everything else is by default; it holds nothing yet."""

    image: Path
    mounted_at: Path

    @contextlib.contextmanager
    def mounted(self) -> Iterator[Path]:
        """Give the folder that the disk is, for a while; afterwards all of it is on the disk.

        Raises: CalledProcessError where it cannot be mounted: what needs it is not passed over.
        """
        _as_root("mount", "-o", "loop", str(self.image), str(self.mounted_at))
        try:
            _as_root("chown", f"{os.geteuid()}:{os.getegid()}", str(self.mounted_at))
            yield self.mounted_at
        except BaseException:  # what failed is what is to be read, not the files it left open
            _as_root("umount", "--lazy", str(self.mounted_at))
            raise
        _as_root("umount", str(self.mounted_at))

    def count(self, pieces: Iterable[bytes]) -> int:
        """Count how often any of these pieces stands anywhere on the raw disk."""
        content = self.image.read_bytes()
        return sum(content.count(piece) for piece in pieces)


def make_block_device(folder: Path, megabytes: int) -> BlockDevice:
    """Make a disk of this size, in a folder that is there."""
    device = BlockDevice(folder / "disk.image", folder / "disk")
    device.mounted_at.mkdir()
    with device.image.open("xb") as file:
        file.truncate(megabytes * MEGABYTE)
    subprocess.run([MAKE, "-q", "-F", str(device.image)], check=True)  # noqa: S603 - our own words
    return device


def _as_root(*command: str) -> None:
    rights = () if os.geteuid() == 0 else ("sudo", "-n")
    subprocess.run([*rights, *command], check=True)  # noqa: S603 - our own words
