"""A case as it leaves the server unread: everything sealed to people's keys, and a guide.

One parcel holds the rows as they lie there, the log, and the reading half of the case's key, which
is itself sealed to each keyholder; beside it lie the evidence files, still sealed. Outside of the
parcel nothing tells what the case is about.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from safety.cases import Identity
from safety.closing import CaseSeal
from safety.envelopes import Envelope
from safety.evidence import EvidenceItem
from safety.incidents import Incident
from safety.languages import Language
from safety.people import EventId, Unprinted
from storage import evidence, proofs
from storage.additions import Desk
from storage.bundle.contents import Opening, Stamp
from storage.incidents import SealedEntry
from storage.transaction import Transaction
from storage.vault import prooflog, verifier
from storage.vault.errors import BrokenParcelError, ForeignParcelError
from storage.vault.evidence import sealed_digest
from storage.vault.keys import Key, new_key
from storage.vault.parcels import ParcelWriter, read_parcel
from storage.vault.prooflog import Checkpoint, Tree
from storage.vault.streams import create_private, pieces, whole_directory

LANGUAGES = ("en", "ru", "kk")
PARCEL = "case.sealed"
EVIDENCE = "evidence"
PURPOSE = "case"
OPENER = "opener-1"  # neutral, like the name of the log's key

Watch = Callable[[Iterable[bytes]], Iterator[bytes]]


@dataclass(frozen=True, slots=True, repr=False)
class SealedIncident(Unprinted):
    """One incident: its row, its entries unread, and its files' rows."""

    incident: Incident
    entries: tuple[SealedEntry, ...]
    evidence: tuple[EvidenceItem, ...]


@dataclass(frozen=True, slots=True, repr=False)
class SealedLog(Unprinted):
    """The whole proof log, and the key that may sign for what is opened of this case."""

    origin: str
    hashes: bytes  # 32 of each leaf
    key: str
    checkpoint: str
    earlier: tuple[str, ...]
    opener: bytes  # seed of an Ed25519 key that was made for this export
    certificate: str

    @property
    def tree(self) -> Tree:
        """Give the log as a tree."""
        step = verifier.HASH_BYTES
        starts = range(0, len(self.hashes), step)
        return Tree(self.hashes[start : start + step] for start in starts)

    @property
    def opening(self) -> Opening:
        """Give what a bundle says of a log whose own key stays on the server."""
        return Opening(self.key, self.checkpoint, self.certificate)


@dataclass(frozen=True, slots=True, repr=False)
class SealedCase(Unprinted):
    """What the parcel holds. `identities` are the newest words on consent, where they are known.

    `files` names each evidence file that is there, with the SHA-256 of it as it is sealed.
    """

    event_id: EventId
    title: str
    language: Language
    zone: str
    incidents: tuple[SealedIncident, ...]
    identities: tuple[tuple[str, Identity], ...]
    seals: tuple[CaseSeal, ...]
    envelopes: tuple[Envelope, ...]
    log: SealedLog
    files: tuple[tuple[int, bytes], ...] = ()
    stamp: Stamp | None = None
    desk: Desk | None = None  # none where another release has sealed it


def seal_log(tx: Transaction, records: int, earlier: tuple[str, ...]) -> SealedLog:
    """Sign the log as it is, and certify a fresh key for whoever opens a case of `records`."""
    signing, origin, tree = proofs.signing_key(tx), proofs.origin(tx), proofs.tree(tx)
    opener = new_key()
    public = prooflog.verifier_key(opener, OPENER)
    certificate = verifier.certificate_text(origin, records, public)
    now = Checkpoint(origin, tree.size, tree.root(tree.size))
    return SealedLog(
        origin=origin,
        hashes=b"".join(tree.hashes),
        key=proofs.verifier_key(tx),
        checkpoint=prooflog.sign(signing, proofs.KEY_NAME, now),
        earlier=earlier,
        opener=opener.reveal(),
        certificate=prooflog.sign_note(signing, proofs.KEY_NAME, certificate),
    )


def write(
    directory: Path, case: SealedCase, kept: Mapping[int, Path], watch: Watch = iter
) -> None:
    """Write a sealed case to `directory`, which is empty or not there yet (mode 0700, files 0600).

    `kept` are the sealed evidence files by id; they are copied as they are, piece by piece through
    `watch`, which may end it.
    Raises: FileExistsError and other OSErrors, whatever `watch` raises.
    """
    with whole_directory(directory) as unfinished:
        (unfinished / EVIDENCE).mkdir(mode=0o700)
        copied = partial(_copied, unfinished, watch)
        found = tuple((number, copied(number, path)) for number, path in kept.items())
        _put_parcel(unfinished, replace(case, files=found))
        for language in LANGUAGES:
            guide = files("storage.bundle").joinpath(f"read-me-sealed.{language}.txt")
            with create_private(unfinished / f"READ-ME.{language}.txt") as file:
                file.write(guide.read_bytes())


def read(directory: Path, private: Key) -> SealedCase:
    """Open the parcel of a sealed case, and make sure that its evidence files are all there.

    Raises: WrongIdentityError, BrokenParcelError, ForeignParcelError, OSError.
    """
    if not (directory / PARCEL).is_file():
        raise FileNotFoundError(PARCEL)
    content = b"".join(read_parcel(directory / PARCEL, private, PURPOSE))
    try:
        case = msgspec.msgpack.decode(content, type=SealedCase)
        ZoneInfo(case.zone)
    except (msgspec.MsgspecError, ValueError, KeyError):
        raise ForeignParcelError("this case was sealed by another release") from None
    for number, digest in case.files:
        path = path_of(directory, number)
        if not path.is_file() or sealed_digest(path) != digest:  # nor a pipe, that nobody writes
            raise BrokenParcelError(f"evidence file {number} of this case is missing or altered")
    return case


def path_of(directory: Path, evidence_id: int) -> Path:
    """Name an evidence file of a sealed case."""
    return evidence.path_of(directory / EVIDENCE, evidence_id)


def _copied(directory: Path, watch: Watch, evidence_id: int, path: Path) -> bytes:
    target = path_of(directory, evidence_id)
    with path.open("rb") as source, create_private(target) as file:
        file.writelines(watch(pieces(source)))
        file.flush()
        os.fsync(file.fileno())  # with each: whoever waits can still give up in between
    return sealed_digest(target)


def _put_parcel(directory: Path, case: SealedCase) -> None:
    publics = dict.fromkeys(seal.public for seal in case.seals)
    publics |= dict.fromkeys(seal.public for one in case.envelopes for seal in one.seals)
    with ParcelWriter(directory / PARCEL, [Key(one) for one in publics], PURPOSE) as parcel:
        parcel.write(msgspec.msgpack.encode(case))
        parcel.finish()
