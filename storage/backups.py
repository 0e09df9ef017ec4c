"""A backup: one parcel with the copied database and the sealed evidence files in it.

Inside the seal it is a tar stream, so nothing of it is ever whole in memory. Its members are
encrypted as they lie on the disk; without the escrow a holder of an identity has noise.
"""

import io
import os
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, cast

import msgspec

from storage import counters
from storage.evidence import path_of
from storage.moments import from_row, to_row
from storage.transaction import Transaction
from storage.vault.errors import BrokenParcelError
from storage.vault.evidence import make_directory
from storage.vault.keys import Key
from storage.vault.parcels import ParcelWriter, read_parcel
from storage.vault.streams import create_private

PURPOSE = "backup"
FORMAT = 1
ABOUT, DATABASE = "about.json", "database"
LONGEST_ABOUT = 1_000_000  # bytes
PIECE = 1_048_576  # bytes
_LAST = "last-backup"
_EVIDENCE = re.compile(r"evidence/([1-9][0-9]{0,18})", re.ASCII)

Settings = Mapping[str, Mapping[str, str | int | list[str]]]


@dataclass(frozen=True, slots=True)
class About:
    """What a backup says of itself: when it was made, and the settings that are no secret."""

    made_at: datetime
    settings: Settings


@dataclass(frozen=True, slots=True)
class Files:
    """What a backup is made of: a copy of the database, and sealed evidence files."""

    database: Path
    evidence: Sequence[Path]


class _About(msgspec.Struct, frozen=True):
    format: int
    made_at: int
    settings: dict[str, dict[str, str | int | list[str]]]


def note_made(tx: Transaction, at: datetime) -> None:
    """Remember when the newest backup was made."""
    counters.set_value(tx, _LAST, to_row(at))


def last_made(tx: Transaction) -> datetime | None:
    """Give the moment of the newest backup, None where there is none."""
    at = counters.value(tx, _LAST)
    return from_row(at) if at else None


def write(
    path: Path,
    recipients: Sequence[Key],
    about: About,
    files: Files,
    check: Callable[[int], None] = lambda _size: None,
) -> None:
    """Make the parcel; it appears under its name only when it is whole.

    `check` is told how many bytes come next, and may end it.
    Raises: FileExistsError where `path` is taken, OSError, whatever `check` raises.
    """
    said = _About(FORMAT, to_row(about.made_at), {k: dict(v) for k, v in about.settings.items()})
    with ParcelWriter(path, recipients, PURPOSE) as parcel:
        target = cast("IO[bytes]", parcel)  # a stream is only ever written to
        with tarfile.open(mode="w|", fileobj=target, format=tarfile.PAX_FORMAT) as tar:
            encoded = msgspec.json.encode(said)
            tar.addfile(_member(ABOUT, len(encoded)), io.BytesIO(encoded))
            _add(tar, DATABASE, files.database, check)
            for file in files.evidence:
                _add(tar, f"evidence/{file.stem}", file, check)
        parcel.finish()


def unpack(path: Path, private: Key, database: Path, evidence: Path) -> About:
    """Write the database and the evidence files where they are to be; give what it says of itself.

    What stands there is to be kept only if nothing is raised: a cut is known at the end.
    Raises: WrongIdentityError, BrokenParcelError, ForeignParcelError, OSError.
    """
    about: About | None = None
    make_directory(evidence)
    reader = _Reader(read_parcel(path, private, PURPOSE))
    try:
        stream = cast("IO[bytes]", reader)  # and a stream is only ever read
        with tarfile.open(mode="r|", fileobj=stream) as tar:
            for member in tar:
                content = tar.extractfile(member)
                file = _EVIDENCE.fullmatch(member.name)
                if content is None:
                    raise BrokenParcelError("this backup holds something strange")
                if member.name == ABOUT:
                    about = _about(content.read(LONGEST_ABOUT))
                elif member.name == DATABASE:
                    _keep(content, database)
                elif file is not None:
                    _keep(content, path_of(evidence, int(file[1])))
        reader.finish()
    except tarfile.TarError:
        raise BrokenParcelError("this backup is cut short or altered") from None
    if about is None or not database.exists():
        raise BrokenParcelError("this backup holds no database")
    return about


def _about(encoded: bytes) -> About:
    try:
        said = msgspec.json.decode(encoded, type=_About)
    except msgspec.MsgspecError:
        raise BrokenParcelError("this backup was written by a newer program") from None
    if said.format != FORMAT:
        raise BrokenParcelError("this backup was written by a newer program")
    return About(from_row(said.made_at), said.settings)


def _add(tar: tarfile.TarFile, name: str, file: Path, check: Callable[[int], None]) -> None:
    with file.open("rb") as content:
        checked = cast("IO[bytes]", _Checked(content, check))
        tar.addfile(_member(name, file.stat().st_size), checked)


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Name a member and its size, and nothing else: no owner, no time."""
    member = tarfile.TarInfo(name)
    member.size = size
    return member


def _keep(content: IO[bytes], path: Path) -> None:
    with create_private(path) as file:
        while piece := content.read(PIECE):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


class _Checked:
    """A file that asks before each piece whether it is to be read on."""

    def __init__(self, content: IO[bytes], check: Callable[[int], None]) -> None:
        self._content = content
        self._check = check

    def read(self, size: int) -> bytes:
        """Give the next bytes."""
        self._check(size)
        return self._content.read(size)


class _Reader:
    """The content of a parcel as a stream that is read once, from its start to its end."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, _size: int) -> bytes:
        """Give the next piece, of whatever size; nothing at the end."""
        return next(self._pieces, b"")

    def finish(self) -> None:
        """Read on to the end: only there a cut is noticed."""
        for _ in self._pieces:
            pass
