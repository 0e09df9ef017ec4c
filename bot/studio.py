"""Where clean copies of pictures are made while a case is given out, and lie until it is written.

They are readable, so they lie beside the bundle, where its reader wants readable files, in a
directory of their own (0700) that goes when the bundle is there, or when it is not.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from coordination.cases import GivenRecord, Picture
from safety.records import CleanCopy
from storage.bundle.contents import EvidenceStream
from storage.bundle.painting import clean_copy
from storage.vault.digests import sha256
from storage.vault.streams import PART, create_private

Read = Callable[[int], Iterator[bytes]]


class Studio:
    """Clean copies of one giving out; use it in a `with` block."""

    def __init__(self, out: Path) -> None:
        """Work beside the bundle that will be written to `out`."""
        self.directory = out.with_name(f"{out.name}.clean{PART}")

    def __enter__(self) -> Self:
        self._remove()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._remove()

    def paint(self, read: Read, pictures: Sequence[Picture]) -> Mapping[int, CleanCopy]:
        """Make clean copies, by number; of what is no picture after all there is none.

        `read` gives the original by the id of its row. Raises: what it raises, and OSError.
        """
        copies = {}
        for picture in pictures:
            content = clean_copy(read(picture.evidence_id))
            if content is not None:
                copies[picture.number] = self._keep(picture.number, content)
        return copies

    def streams(self, records: Iterable[GivenRecord]) -> Iterator[EvidenceStream]:
        """Give the copies that records name, each opened when its turn comes."""
        for record in records:
            for item in record.record.evidence:
                if item.clean is not None:
                    content = (self.directory / item.clean.file).read_bytes()
                    yield EvidenceStream(item.clean.file, (content,))

    def _keep(self, number: int, content: bytes) -> CleanCopy:
        name = f"{number}-clean.jpg"
        self.directory.mkdir(mode=0o700, exist_ok=True)
        with create_private(self.directory / name) as file:
            file.write(content)
        return CleanCopy(name, sha256(content).hex(), len(content))

    def _remove(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)
