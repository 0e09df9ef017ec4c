"""What goes into a case bundle: plain values, with everything that proves them."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from safety.exporting import ExportLevel
from safety.records import Record
from storage.vault.keys import Key
from storage.vault.prooflog import Tree

_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")


class BundleError(Exception):
    """The parts of a bundle do not belong together; nothing was written."""


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One committed state of a record: its leaf number (from 0), salt and exact text."""

    leaf: int
    salt: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """A committed text that is not told: its leaf number, and the commitment (32 bytes)."""

    leaf: int
    commitment: bytes


@dataclass(frozen=True, slots=True, repr=False)
class ProvedRecord:
    """A record with what was committed of it, oldest first; the last is `codec.canonical(record)`.

    In a case that was opened from its seal it is not: its statements are committed, one by one.
    """

    record: Record
    entries: tuple[Entry | Hidden, ...]


@dataclass(frozen=True, slots=True, repr=False)
class EvidenceStream:
    """The original bytes of one evidence file, under the name that its record gives."""

    file: str
    chunks: Iterable[bytes]


@dataclass(frozen=True, slots=True, repr=False)
class Opening:
    """What a sealed case says of its log: the log's own key stays on the server.

    `certificate` is a note, signed by the log's key, that lets the opener's key sign for the list
    of contents of this one case. Records were put together by whoever opened it.
    """

    key: str  # the log's public key, as C2SP notes write it
    checkpoint: str
    certificate: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """An authority's time stamp of the checkpoint, and the roots (PEM) it was held against."""

    answer: bytes
    roots: bytes


@dataclass(frozen=True, slots=True)
class Log:
    """The whole proof log, its name, and the key that signs for it.

    With an `opening`, `signing_key` is the opener's and signs for the list of contents alone.
    """

    tree: Tree
    origin: str
    signing_key: Key
    key_name: str
    earlier: tuple[str, ...] = ()  # signed checkpoints that were sent out before
    opening: Opening | None = None
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CaseBundle:
    """A whole bundle. `text` gives the dossier's words by their key, in one language.

    `level` says for whom it was made: texts are hidden, and records left out, only below the
    lawyer's.
    """

    title: str
    language: str
    made_on: date
    records: tuple[ProvedRecord, ...]
    evidence: Iterable[EvidenceStream]
    log: Log
    text: Callable[[str], str]
    level: ExportLevel = ExportLevel.LAWYER


def evidence_file_name(evidence_id: int, original_name: str | None) -> str:
    """Name an evidence file: its id, and the ending of the original where that is harmless."""
    suffix = PurePosixPath((original_name or "").lower()).suffix
    return f"{evidence_id}{suffix if _SUFFIX.fullmatch(suffix) else ''}"
