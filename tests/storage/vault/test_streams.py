"""A file has its name only once it is on the disk, and loses it once nothing is left there."""

import errno
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


def test_a_folder_gets_its_name_when_all_of_it_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was told that a case is written may close it here: it has to be there for good."""
    noted: list[str] = []
    flush, rename = os.fsync, Path.rename

    def fsync(descriptor: int) -> None:
        noted.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        flush(descriptor)

    def renames(path: Path, target: Path) -> Path:
        noted.append(f"rename {target.name}")
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        patch.setattr(Path, "rename", renames)
        (tmp_path / "case").mkdir()  # an empty one may be there
        with streams.whole_directory(tmp_path / "case") as folder:
            (folder / "data").mkdir()
            (folder / "data" / "one").write_bytes(CONTENT)
            (folder / "two").write_bytes(CONTENT)
    at = noted.index("rename case")
    assert sorted(noted[:at]) == ["case.part", "data", "one", "two"]
    assert noted[at + 1 :] == [tmp_path.name]
    assert (tmp_path / "case" / "data" / "one").read_bytes() == CONTENT
    assert stat.S_IMODE((tmp_path / "case").stat().st_mode) == 0o700


@pytest.mark.parametrize("where", ["inside", "flushing"])
def test_a_folder_that_breaks_off_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Half a case looks like a whole one to somebody in a hurry."""

    def breaks(_descriptor: int) -> None:
        raise OSError(where)

    def fill() -> None:
        with streams.whole_directory(tmp_path / "case") as folder:
            (folder / "one").write_bytes(CONTENT)
            if where == "inside":
                breaks(0)

    if where == "flushing":
        monkeypatch.setattr(os, "fsync", breaks)
    with pytest.raises(OSError, match=where):
        fill()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_beside_a_disk_that_is_mounted_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty stick is an empty folder, and what is beside it lies on the server's own disk."""

    def is_busy(_path: Path) -> None:
        raise OSError(errno.EBUSY, "busy")

    (tmp_path / "stick").mkdir()
    monkeypatch.setattr(Path, "rmdir", is_busy)
    with pytest.raises(OSError, match="busy"), streams.whole_directory(tmp_path / "stick"):
        pass
    assert [one.name for one in tmp_path.iterdir()] == ["stick"]


def test_what_is_there_is_never_replaced(tmp_path: Path) -> None:
    """Neither a folder with something in it, nor a file."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "one").write_bytes(CONTENT)
    (tmp_path / "file").write_bytes(CONTENT)
    for name in ("full", "file"):
        with pytest.raises(FileExistsError), streams.whole_directory(tmp_path / name):
            pass
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "full"]


def test_a_file_loses_its_name_when_nothing_of_it_is_left(tmp_path: Path, events: Events) -> None:
    """What is written to a file without a name may never reach the disk."""
    streams.wipe(tmp_path / "old")
    nothing = bytes(len(CONTENT))
    assert events == [("content", nothing), ("unlink", nothing)]
    assert not (tmp_path / "old").exists()
