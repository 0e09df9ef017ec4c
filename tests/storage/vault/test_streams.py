"""A file has its name only once it is on the disk, and loses it once nothing is left there."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.vault import streams
from storage.vault.evidence import EvidenceWriter
from storage.vault.keys import new_case_pair

CONTENT = b"what was said"
Events = list[tuple[str, bytes]]


@pytest.fixture
def events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Events]:
    """Note what reaches the disk, in order: contents that are flushed, and changes of names."""
    noted: Events = []
    flush = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            noted.append(("names", b""))
        else:
            noted.append(("content", Path(f"/proc/self/fd/{descriptor}").read_bytes()))
        flush(descriptor)

    def changes(name: str) -> None:
        real: Callable[..., object] = getattr(Path, name)

        def change(path: Path, *arguments: object, **named: object) -> object:
            if path.exists():
                noted.append((name, path.read_bytes()))
            return real(path, *arguments, **named)

        monkeypatch.setattr(Path, name, change)

    (tmp_path / "old").write_bytes(CONTENT)
    monkeypatch.setattr(os, "fsync", fsync)
    changes("rename")
    changes("unlink")
    yield noted
    monkeypatch.undo()


def _small(folder: Path) -> None:
    streams.write_whole(folder / "new", CONTENT)


def _evidence(folder: Path) -> None:
    with EvidenceWriter(folder / "new", new_case_pair().public, 7) as writer:
        writer.write(CONTENT)
        writer.finish()


@pytest.mark.parametrize("write", [_small, _evidence])
def test_a_file_gets_its_name_when_it_is_whole_on_the_disk(
    tmp_path: Path, events: Events, write: Callable[[Path], None]
) -> None:
    """After a power loss it is there as a whole, or not at all, and stays once it was said."""
    write(tmp_path)
    whole = (tmp_path / "new").read_bytes()
    assert events == [("content", whole), ("rename", whole), ("names", b"")]


def test_a_file_loses_its_name_when_nothing_of_it_is_left(tmp_path: Path, events: Events) -> None:
    """What is written to a file without a name may never reach the disk."""
    streams.wipe(tmp_path / "old")
    nothing = bytes(len(CONTENT))
    assert events == [("content", nothing), ("unlink", nothing)]
    assert not (tmp_path / "old").exists()
