"""Whether anything was lost at a power loss: images of a record, each opened and looked at."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from storage.vault import derivation, slotseals
from storage.vault.derivation import Parameters
from storage.vault.keys import Key, KeyName
from storage.vault.slotimage import Image
from storage.vault.slotseals import Placed
from storage.vault.words import UnlockSecret
from tests.faults.aftermath import Findings, Said, look
from tests.faults.powerloss import Disk, images
from tests.faults.recording import Step

SEED = 20270528


@dataclass(frozen=True, slots=True)
class Record:
    """What a process has done to the files below `state`, and what it acknowledged meanwhile."""

    state: Path
    steps: list[Step]
    secret: UnlockSecret
    lines: list[tuple[int, str]]  # with the number of the step
    there: Mapping[Path, bytes] = field(default_factory=dict)  # from the beginning

    @property
    def ready(self) -> int:
        """Give the step from which on the power may go."""
        return next(number for number, line in self.lines if line == "ready")


async def judge(record: Record, count: int) -> Findings:
    """Rebuild so many images, and open each in a folder beside the state."""
    findings, said, lines = Findings(), Said(), list(record.lines)
    disk = Disk(record.state, Random(SEED))  # noqa: S311 - to be the same again
    disk.put(record.there)
    for moment, files in images(disk, record.steps, record.ready, count):
        while lines and lines[0][0] <= moment:
            said.hear(lines.pop(0)[1])
        with tempfile.TemporaryDirectory(dir=record.state.parent) as image:
            findings.note(await look(Path(image), files, record.secret, said))
    return findings


def open_once(patch: pytest.MonkeyPatch) -> None:
    """The same bytes give the same keys in a thousand images."""
    derive, open_entries = derivation.derive, slotseals.open_entries
    derived: dict[tuple[str, bytes, Parameters], Key] = {}
    opened: dict[tuple[tuple[bytes, ...], bytes, bytes], Mapping[KeyName, Placed]] = {}

    def derive_once(secret: UnlockSecret, salt: bytes, cost: Parameters) -> Key:
        place = secret.words(), salt, cost
        if place not in derived:
            derived[place] = derive(secret, salt, cost)
        return derived[place]

    def open_entries_once(image: Image, root: Key) -> Mapping[KeyName, Placed]:
        place = image.entries, image.sealed_epoch, root.reveal()
        if place not in opened:
            opened[place] = open_entries(image, root)
        return opened[place]

    patch.setattr(derivation, "derive", derive_once)
    patch.setattr(slotseals, "open_entries", open_entries_once)
